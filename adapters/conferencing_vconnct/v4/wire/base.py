"""What all replies of v4 share: the decoder, times, durations, refusals."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from attrs import define

from conferencing.http import Decoder, Failure, Reply

WIRE: Final = Decoder(
    secret=frozenset({"final_link", "invitation_link", "invitation_url", "url", "webhook_url"})
)

Moment = int | str
"""Seconds since 1970 as a number or a string, ISO 8601, or an HTTP date; `to_time` reads it."""

Seconds = int | float | str
"""A duration in seconds, as a number or a string; `to_duration` reads it."""

_NO_ROOM: Final = "no active room found"
_NEVER: Final = 1970
"""The engine writes the year 1 for a time that it does not have."""


def to_time(value: Moment | None) -> datetime | None:
    """Return the time, or None for a value that is not one."""
    text = str(value if value is not None else "")
    if text.isascii() and text.isdigit() and len(text) <= 11:  # noqa: PLR2004
        return datetime.fromtimestamp(int(text), UTC)
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text)
        except (ValueError, TypeError, IndexError):
            continue
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment if moment.year >= _NEVER else None
    return None


def to_duration(value: Seconds | None) -> timedelta | None:
    """Return the duration, or None for a value that is not one."""
    if isinstance(value, str):
        value = float(value) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", value) else None
    return timedelta(seconds=value) if value is not None and 0 <= value < 10**9 else None


@define
class Acknowledgement:
    status: bool


def read_acknowledgement(reply: Reply) -> None:
    """Check the reply to a call without a result: a status, or no body."""
    if reply.body.strip():
        WIRE.read(reply, Acknowledgement)


@define
class FailureRow:
    """What a refusal has: `status` false, and a text under one of four names."""

    status: Any = None
    message: Any = None
    error: Any = None
    msg: Any = None
    detail: Any = None
    rooms: Any = None


def read_failure(reply: Reply) -> Failure | None:
    """Return what a refusal says: by the HTTP status, or by a `status` that is false with 200.

    An account without a running room is no failure, although its `status` is false.
    """
    row = WIRE.peek(reply, FailureRow)
    if not isinstance(row, FailureRow):
        row = FailureRow()
    idle = row.rooms == [] or row.msg == _NO_ROOM
    if reply.status < 400 and (row.status is not False or idle):  # noqa: PLR2004
        return None
    texts = (row.message, row.error, row.msg, row.detail)
    return Failure(problems=tuple(text for text in texts if isinstance(text, str))[:1])

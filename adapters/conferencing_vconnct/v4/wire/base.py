"""What all replies of v4 share: the decoder, times, durations, metadata, failures."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar, cast

import msgspec
from attrs import define

from conferencing.errors import MalformedResponse
from conferencing.http import Decoder, Failure, Reply

R = TypeVar("R")

WIRE: Final = Decoder(
    secret=frozenset({"final_link", "invitation_link", "invitation_url", "url", "webhook_url"})
)

Moment = int | str
"""Seconds since 1970 as a number or a string, ISO 8601, or an HTTP date; `to_time` reads it."""

NO_ROOMS: Final = "no active room found"
"""The code of a failure that means that no room is running: the engine's text, since the vendor has
no codes (docs/vendors/vconnct.md#v4-oddity-5)."""

_EPOCH_YEAR: Final = 1970
MAX_TIME: Final = 100
"""A time has fewer characters; the error of a parser would repeat all of a longer text."""


def to_time(value: Moment | None) -> datetime | None:
    """Return the time, or None for a value that is not one.

    The engine's zero time is in the year 1 (docs/vendors/vconnct.md#v4-rooms).
    """
    text = str(value if value is not None else "")[:MAX_TIME]
    if text.isascii() and text.isdigit() and len(text) <= 11:  # noqa: PLR2004
        return datetime.fromtimestamp(int(text), UTC)
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        # Past rooms have times without an offset: docs/vendors/vconnct.md#v4-rooms
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment if moment.year >= _EPOCH_YEAR else None
    return None


def to_duration(value: object) -> timedelta | None:
    """Return the duration of a number of seconds or the string of one, None for any other value."""
    if isinstance(value, str):
        value = float(value) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", value) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**9:
        return None
    return timedelta(seconds=value)


def to_object(value: object) -> dict[str, Any]:
    """Return a JSON object, or an empty one for any other value."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def to_metadata(value: object, row: type[R]) -> R:
    """Return the metadata of a room or a person, with unknown fields where it cannot be read.

    It is a string of JSON, an object, or free text of whoever created the room
    (docs/vendors/vconnct.md#v4-participants).
    """
    try:
        if isinstance(value, str):
            value = msgspec.json.decode(value)
        return WIRE.convert_value(value, row)
    except (msgspec.MsgspecError, ValueError, RecursionError, MalformedResponse):
        return row()


@define
class Acknowledgement:
    status: bool


def read_acknowledgement(reply: Reply) -> None:
    """Check the reply to a call without a result: an envelope, `true`, or no body."""
    if reply.body.strip() not in {b"", b"true"}:
        WIRE.read(reply, Acknowledgement)


@define
class Reason:
    """What a failure has: `status` false, and a text under one of four names."""

    status: bool | None = None
    message: str | None = None
    error: str | None = None
    msg: str | None = None
    detail: str | None = None
    rooms: Any = None

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts that are there, the one that the vendor's own client shows first."""
        return tuple(filter(None, (self.message, self.error, self.msg, self.detail)))


@define
class FailureRow(Reason):
    """A failure; v3 wraps some of its replies in `response`."""

    response: Reason | None = None


def read_failure(reply: Reply) -> Failure | None:
    """Return what a failure says: by the HTTP status, or by a `status` that is false with 200."""
    row = WIRE.peek(reply, FailureRow)
    rows = [row, row.response or Reason()] if isinstance(row, FailureRow) else []
    if reply.is_success and all(reason.status is not False for reason in rows):
        return None
    texts = [text for reason in rows for text in reason.texts]
    return Failure(
        # An idle account looks like a failure: docs/vendors/vconnct.md#v4-oddity-5
        code=NO_ROOMS if reply.status in {200, 404} and _is_idle(rows, texts) else None,
        problems=tuple(texts[:1]),
    )


def _is_idle(rows: list[Reason], texts: list[str]) -> bool:
    """Return whether nothing is running, which the engine reports as a failure."""
    empty = any(reason.rooms == [] for reason in rows)
    return empty or any(NO_ROOMS in text.casefold() for text in texts)

"""What all replies of v4 share: numbers as texts, epochs in seconds, refusals."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, NewType, cast

from attrs import define
from cattrs import Converter

from conferencing.http import (
    Failure,
    Reply,
    Wire,
)
from conferencing.http.structure import Mismatch

Moment = NewType("Moment", datetime)
"""An instant: seconds since 1970 as a number or its text, ISO 8601, or a date as HTTP has it."""

Seconds = NewType("Seconds", timedelta)
"""A length of time in seconds, as a number or its text."""

SECRET: Final = frozenset({"final_link", "invitation_link", "invitation_url", "url", "webhook_url"})


def _moment(value: Any, _: Any) -> Moment:
    text = str(value) if value.__class__ in {int, str} else ""
    if text.isascii() and text.isdigit() and len(text) <= 11:  # noqa: PLR2004
        return Moment(datetime.fromtimestamp(int(text), UTC))
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
        except (ValueError, TypeError, IndexError):
            continue
        return Moment(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    raise Mismatch("a time in seconds, in ISO 8601 or as a date of HTTP", value)


def _seconds(value: Any, _: Any) -> Seconds:
    plain = value.__class__ is str and re.fullmatch(r"[0-9]+(\.[0-9]+)?", value)
    number = float(value) if plain or value.__class__ in {int, float} else -1.0
    if not 0 <= number < 10**9:
        raise Mismatch("a number of seconds", value)
    return Seconds(timedelta(seconds=number))


def _readers(converter: Converter) -> None:
    converter.register_structure_hook(Moment, _moment)
    converter.register_structure_hook(Seconds, _seconds)


WIRE: Final = Wire(_readers)


@define
class Done:
    status: bool


def done(payload: Any) -> None:
    """Read a reply that tells of success alone."""
    WIRE.read(payload, Done)


def failure(reply: Reply) -> Failure | None:
    """Read a refusal: by the HTTP status, or by a `status` that is false in a reply of 200."""
    try:
        payload: Any = json.loads(reply.body)
    except (ValueError, RecursionError):
        payload = None
    fields = cast("dict[str, Any]", payload) if isinstance(payload, dict) else {}
    if reply.status < 400 and fields.get("status") is not False:  # noqa: PLR2004
        return None
    texts = (fields.get(name) for name in ("message", "error", "msg", "detail"))
    return Failure(problems=tuple(text for text in texts if isinstance(text, str))[:1])

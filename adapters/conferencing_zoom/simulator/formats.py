"""Zoom's forms of times, ids and run ids: docs/vendors/zoom.md#general"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final
from urllib.parse import unquote

from .errors import no_room, refuse_field

__all__ = [
    "RUN",
    "instant",
    "minutes",
    "read_date",
    "read_run_id",
    "read_time",
    "seconds",
]

_EQUALS: Final = "(?:=|%3[dD]|%253[dD])"
RUN: Final = rf".*?{_EQUALS}{_EQUALS}|[^/]+"
"""The pattern of a number or uuid in a path that is not decoded; a uuid may hold bare slashes."""

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")


def instant(moment: datetime) -> str:
    """Return a time in UTC with `Z`, in whole seconds."""
    utc = moment.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    return f"{utc.isoformat()}Z"


def minutes(length: timedelta | None) -> int:
    """Return a length in minutes, rounded up."""
    return -(-(length or timedelta()) // timedelta(minutes=1))


def seconds(length: timedelta) -> int:
    return length // timedelta(seconds=1)


def read_time(text: str | None, zone: tzinfo, field: str = "start_time") -> datetime | None:
    """Return a time in UTC; one without `Z` is local to `zone`. An empty text counts as absent."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text) if _TIME.fullmatch(text) else None
        local = moment.replace(tzinfo=moment.tzinfo or zone) if moment else None
        utc = local.astimezone(UTC) if local else None
    except (ValueError, OverflowError):  # there is no year 0, and none after 9999
        utc = None
    if utc is None:
        raise refuse_field(field)
    return utc


def read_date(text: str | None, field: str) -> date | None:
    """Return a date as in `from` and `to`; a time counts as its date."""
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise refuse_field(field) from error


def read_run_id(part: str, kind: str = "meeting") -> str:
    """Return a number or uuid from a part of a path that was decoded once.

    A uuid that begins with `/` or contains `//` has to be encoded twice; one that is not is looked
    for without its slashes: docs/vendors/zoom.md#double-encoding
    """
    if re.search("%2[fF]", part):
        return unquote(part)
    text = unquote(part)
    if text.startswith("/") or "//" in text:
        raise no_room(kind, text.lstrip("/").replace("//", "/"))
    return text

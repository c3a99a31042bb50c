"""Times, lengths and names as people read them. English, whatever the machine's locale is."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Final

from conferencing.model.attendance import MatchedBy, MergedBy

from .values import Attendee

__all__ = [
    "UNKNOWN",
    "clock",
    "count",
    "date",
    "day",
    "known_by",
    "length",
    "minutes",
    "moment",
    "percent",
    "printable",
    "right_to_left",
    "zone_label",
]

UNKNOWN: Final = "\u2013"
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_MATCHED: Final = {
    MatchedBy.REGISTRATION: "registration",
    MatchedBy.EMAIL: "registered e-mail",
}
_MERGED: Final = {
    MergedBy.REGISTRATION: "registration",
    MergedBy.ID: "id",
    MergedBy.EMAIL: "e-mail",
    MergedBy.NAME: "name",
}
# What no file format can hold, or what would end a line: controls, halves of characters, and the
# two characters that Unicode promises never to use.
_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\u2028\u2029]")


def printable(text: str | None) -> str:
    """Return the text in one line: white space for breaks, a mark for what cannot be shown."""
    return _UNPRINTABLE.sub(lambda found: " " if found[0].isspace() else "\ufffd", text or "")


def right_to_left(text: str) -> bool:
    """Return whether the first letter with a direction is written from right to left."""
    for letter in text:
        direction = unicodedata.bidirectional(letter)
        if direction in {"L", "R", "AL"}:
            return direction != "L"
    return False


def count(number: int, one: str, many: str) -> str:
    """Return a number and its noun."""
    return f"{number:,} {one if number == 1 else many}"


def date(at: datetime) -> str:
    """Return the date in full."""
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def day(at: datetime) -> str:
    """Return the day in short, as one word."""
    return f"{at.day}\u00a0{_MONTHS[at.month - 1][:3]}"


def clock(at: datetime | None, *, dated: bool = False) -> str:
    """Return the time of day to the minute, with the day where that is not clear."""
    if at is None:
        return UNKNOWN
    return f"{day(at)} {at:%H:%M}" if dated else f"{at:%H:%M}"


def moment(at: datetime | None) -> str:
    """Return date and time of day."""
    return UNKNOWN if at is None else f"{date(at)}, {at:%H:%M}"


def minutes(duration: timedelta | None) -> str:
    """Return a length in whole minutes; less than half of one, but something, is `<1`."""
    if duration is None:
        return UNKNOWN
    whole = round(duration.total_seconds() / 60)
    return "<1" if not whole and duration else f"{whole:,}"


def length(duration: timedelta | None) -> str:
    """Return a length in hours, minutes and, if it is short, seconds."""
    if duration is None:
        return UNKNOWN
    seconds = round(duration.total_seconds())
    if seconds and seconds < 60:  # noqa: PLR2004 - seconds in a minute
        return f"{seconds} s"
    hours, rest = divmod(round(seconds / 60), 60)
    parts = [f"{hours:,} h" if hours else "", f"{rest} min" if rest or not hours else ""]
    return " ".join(filter(None, parts))


def percent(share: float | None) -> str:
    """Return a share in whole percent."""
    return UNKNOWN if share is None else f"{share * 100:.0f} %"


def known_by(person: Attendee, *, registered: bool) -> str:
    """Say how a person was found among the registrations, if there are any, and in several rows."""
    found = _MATCHED[person.matched_by] if person.matched_by else ""
    if not found and registered:
        found = "registration" if person.participant_id else "not registered"
    # Who has one registration has one e-mail: the weaker reason says nothing more.
    joined = next((_MERGED[one] for one in MergedBy if one in person.merged_by), "")
    return "; ".join(filter(None, (found, joined and f"joined by {joined}"))) or UNKNOWN


def zone_label(at: datetime) -> str:
    """Return the offset from UTC that holds at a moment."""
    offset = at.utcoffset() or timedelta()
    sign = "\u2212" if offset < timedelta() else "+"
    hours, rest = divmod(abs(int(offset.total_seconds())) // 60, 60)
    return f"UTC{sign}{hours}:{rest:02}" if offset else "UTC"

"""Times, durations, counts and names as people read them: in English, whatever the locale is.

Times are formatted as they are: convert them to the zone of the reader first.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

__all__ = [
    "UNKNOWN",
    "clean_line",
    "format_count",
    "format_date",
    "format_day",
    "format_duration",
    "format_minutes",
    "format_moment",
    "format_percent",
    "format_short_duration",
    "format_size",
    "format_time",
    "format_utc_offset",
]

UNKNOWN: Final = "\u2013"
"""What is shown for None."""

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
# Control characters, line ends, marks that change the direction of what follows, and what no file
# format can hold: halves of characters and the two code points that Unicode never assigns.
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_MEGABYTE: Final = 1_000_000


def clean_line(text: str | None) -> str:
    """Return the text as one line that no terminal, spreadsheet or page obeys.

    Names are hostile input. White space becomes a blank, any other unsafe character a replacement
    character.
    """
    return _UNSAFE.sub(lambda match: " " if match[0].isspace() else "\ufffd", text or "")


def format_count(number: int, singular: str, plural: str) -> str:
    """Return a number and its noun: 1 person, 2,000 people."""
    return f"{number:,} {singular if number == 1 else plural}"


def format_percent(fraction: float | None) -> str:
    """Return a fraction as whole percent: 85 %."""
    return UNKNOWN if fraction is None else f"{fraction * 100:.0f} %"


def format_size(size: int) -> str:
    """Return a number of bytes: 4.1 kB, 1.2 MB."""
    return f"{size / _MEGABYTE:.1f} MB" if size >= _MEGABYTE else f"{size / 1000:.1f} kB"


# ------------------------------------------------------------------------------------------ times


def format_date(at: datetime) -> str:
    """Return the date: 1 October 2026."""
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def format_day(at: datetime) -> str:
    """Return day and month as one word: 1 Oct."""
    return f"{at.day}\u00a0{_MONTHS[at.month - 1][:3]}"


def format_time(at: datetime | None, *, with_day: bool = False) -> str:
    """Return the time of day to the minute: 10:02, or 1 Oct 10:02."""
    if at is None:
        return UNKNOWN
    return f"{format_day(at)} {at:%H:%M}" if with_day else f"{at:%H:%M}"


def format_moment(at: datetime | None) -> str:
    """Return date and time of day: 1 October 2026, 10:02."""
    return UNKNOWN if at is None else f"{format_date(at)}, {at:%H:%M}"


def format_utc_offset(at: datetime) -> str:
    """Return the offset from UTC at a moment: UTC, UTC+2:00."""
    offset = at.utcoffset() or timedelta()
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    sign = "\u2212" if offset < timedelta() else "+"
    return f"UTC{sign}{hours}:{minutes:02}" if offset else "UTC"


# -------------------------------------------------------------------------------------- durations


def format_minutes(duration: timedelta | None) -> str:
    """Return a duration in whole minutes: 51; `<1` if it is less than half of one, but not zero."""
    if duration is None:
        return UNKNOWN
    minutes = round(duration.total_seconds() / 60)
    return "<1" if not minutes and duration else f"{minutes:,}"


def format_duration(duration: timedelta | None) -> str:
    """Return a duration in hours and minutes, or in seconds if it is short: 1 h 30 min, 45 s."""
    if duration is None:
        return UNKNOWN
    seconds = round(duration.total_seconds())
    if seconds and seconds < 60:  # noqa: PLR2004 - seconds in a minute
        return f"{seconds} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    parts = [f"{hours:,} h" if hours else "", f"{minutes} min" if minutes or not hours else ""]
    return " ".join(filter(None, parts))


def format_short_duration(duration: timedelta) -> str:
    """Return a duration to the second, as the command line reads it: 1h30m, 45s, 0m."""
    minutes, seconds = divmod(round(duration.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0m"

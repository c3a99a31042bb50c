"""Times, sizes, shares and names as people read them, independent of language and locale.

Times are formatted as they are: convert them to the zone of the reader first.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

__all__ = [
    "UNKNOWN",
    "clean_line",
    "format_percent",
    "format_short_duration",
    "format_size",
    "format_time",
    "format_utc_offset",
    "replace_surrogates",
]

UNKNOWN: Final = "\u2013"
"""What is shown for None."""

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


def format_percent(fraction: float | None) -> str:
    """Return a fraction as whole percent, rounded down: 79 % for 0.799."""
    # The decimal form of the float, since 0.29 * 100 is less than 29.
    return UNKNOWN if fraction is None else f"{int(Decimal(repr(fraction)) * 100)} %"


def format_size(size: int) -> str:
    """Return a number of bytes: 4.1 kB, 1.2 MB."""
    return f"{size / _MEGABYTE:.1f} MB" if size >= _MEGABYTE else f"{size / 1000:.1f} kB"


# ------------------------------------------------------------------------------------------ times


def format_time(at: datetime | None) -> str:
    """Return the time of day to the minute: 10:02."""
    return UNKNOWN if at is None else f"{at:%H:%M}"


def format_utc_offset(at: datetime) -> str:
    """Return the offset from UTC at a moment: UTC, UTC+2:00."""
    offset = at.utcoffset() or timedelta()
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    sign = "\u2212" if offset < timedelta() else "+"
    return f"UTC{sign}{hours}:{minutes:02}" if offset else "UTC"


# -------------------------------------------------------------------------------------- durations


def format_short_duration(duration: timedelta) -> str:
    """Return a duration in whole seconds, rounded down, as the command line reads it: 1h30m, 45s."""
    minutes, seconds = divmod(duration // timedelta(seconds=1), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0m"


def replace_surrogates(text: str) -> str:
    """Return text that UTF-8 can hold, with a replacement character for each lone surrogate."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

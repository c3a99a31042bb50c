"""The presence from which a person counts as present: a share of the sessions, or a time."""

from __future__ import annotations

import re
from datetime import timedelta
from fractions import Fraction
from typing import Final

from conferencing.errors import InvalidRequest

__all__ = ["AtLeast", "parse_at_least"]

AtLeast = str | float | timedelta
"""`"80%"`, `0.8`, `"45m"`, `"1h30m"` or `timedelta(minutes=45)`."""

_PERCENT: Final = re.compile(r"(\d{1,3}(?:[.,]\d{1,9})?)\s*%", re.ASCII)
_LENGTH: Final = re.compile(
    r"(?:(\d{1,4})\s*h)?\s*(?:(\d{1,6})\s*m(?:in)?)?\s*(?:(\d{1,6})\s*s)?", re.ASCII
)


def parse_at_least(value: AtLeast | None) -> float | timedelta | None:
    """Return a threshold as a share, more than 0 and at most 1, or as a time of more than 0.

    Raises `InvalidRequest` for anything else: a bare 80 could be percent or minutes.
    """
    threshold = _parse_text(value) if isinstance(value, str) else value
    if threshold is None:
        return None
    if isinstance(threshold, timedelta):
        if threshold > timedelta():
            return threshold
    elif type(threshold) in {int, float, Fraction} and 0 < threshold <= 1:
        return float(threshold)
    raise InvalidRequest(
        f"at_least is {value!r}; write a share such as '80%' or 0.8, or a time such as '45m' or"
        " timedelta(minutes=45)",
        field="at_least",
    )


def _parse_text(text: str) -> Fraction | timedelta:
    """Return the threshold in a text; zero, which is not a threshold, for any other text."""
    percent = _PERCENT.fullmatch(text.strip())
    if percent is not None:
        return Fraction(percent[1].replace(",", ".")) / 100
    length = _LENGTH.fullmatch(text.strip())
    if length is None:
        return timedelta()
    hours, minutes, seconds = (int(number or 0) for number in length.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)

"""Recurrence rules (RFC 5545, section 3.3.10): the part of them that plans rooms.

A draft takes the text of a rule, such as `FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10`. Adapters read it with
`parse_recurrence` and express what their vendor can; `plan_dates` computes the dates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from typing import Any, Final

from attrs import frozen

from conferencing.errors import InvalidRequest

__all__ = ["Frequency", "Recurrence", "Weekday", "parse_recurrence", "plan_dates"]

MAX_PLANNED: Final = 1000
"""How many dates `plan_dates` returns at most: a rule without an end has infinitely many."""


class Frequency(StrEnum):
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    YEARLY = "YEARLY"


@frozen
class Weekday:
    """A day of the week, `MO` to `SU`; with `ordinal`, the n-th of a month (-1 is the last)."""

    day: str
    ordinal: int | None = None

    def __str__(self) -> str:
        return f"{self.ordinal or ''}{self.day}"


@frozen(kw_only=True)
class Recurrence:
    """A recurrence rule in parts. Without `count` and `until` it has no end.

    `until` is inclusive and in UTC if it has a time zone; a date means the whole of that day.
    """

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: datetime | None = None
    by_day: tuple[Weekday, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_month: tuple[int, ...] = ()
    by_set_pos: tuple[int, ...] = ()
    week_start: str = "MO"

    def __str__(self) -> str:
        """Return the rule as text, its parts in the order of the RFC's grammar."""
        parts: Mapping[str, object] = {
            "FREQ": self.frequency,
            "UNTIL": self.until and _write_time(self.until),
            "COUNT": self.count,
            "INTERVAL": self.interval if self.interval != 1 else None,
            "BYDAY": ",".join(map(str, self.by_day)),
            "BYMONTHDAY": ",".join(map(str, self.by_month_day)),
            "BYMONTH": ",".join(map(str, self.by_month)),
            "BYSETPOS": ",".join(map(str, self.by_set_pos)),
            "WKST": self.week_start if self.week_start != "MO" else None,
        }
        return ";".join(f"{name}={value}" for name, value in parts.items() if value)


def parse_recurrence(text: str) -> Recurrence:
    """Return the rule in parts.

    Reads upper and lower case and a leading `RRULE:`. Raises `InvalidRequest` that names the part
    for a malformed rule, an hourly or finer one, and parts that plan no dates.
    """
    parts = _split(text.strip().upper().removeprefix("RRULE:"))
    if "FREQ" not in parts:
        raise _invalid("it needs FREQ, such as FREQ=WEEKLY")
    if "COUNT" in parts and "UNTIL" in parts:
        raise _invalid("COUNT and UNTIL exclude each other")
    values: dict[str, Any] = {_FIELDS[name]: _READ[name](value) for name, value in parts.items()}
    return Recurrence(**values)


def plan_dates(rule: Recurrence | str, start: datetime, limit: int = MAX_PLANNED) -> list[datetime]:
    """Return the first `limit` dates of a series that starts at `start`, an aware datetime.

    Dates keep the wall clock of `start`'s zone. `start` itself is the first one only if the rule
    matches it, as most calendars do it.
    """
    from dateutil.rrule import rrulestr  # noqa: PLC0415 - few programs plan series

    rule = parse_recurrence(rule) if isinstance(rule, str) else rule
    zone = start.tzinfo
    text = str(rule)
    if rule.until is not None:
        until = rule.until.astimezone(zone) if rule.until.tzinfo else rule.until
        text = re.sub(r"UNTIL=[^;]*", f"UNTIL={until:%Y%m%dT%H%M%S}", text)
    dates = rrulestr(text, dtstart=start.replace(tzinfo=None))
    return [date.replace(tzinfo=zone) for date in islice(dates, min(limit, MAX_PLANNED))]


def _split(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in filter(None, text.split(";")):
        name, equals, value = part.partition("=")
        if name not in _READ or not equals or not value:
            raise _invalid(f"{part!r} is not one of its parts; they are {', '.join(_READ)}")
        if name in parts:
            raise _invalid(f"it has {name} twice")
        parts[name] = value
    return parts


def _invalid(problem: str) -> InvalidRequest:
    return InvalidRequest(f"recurrence is not a usable rule: {problem}", field="recurrence")


def _read_frequency(value: str) -> Frequency:
    if value not in Frequency.__members__:
        raise _invalid(f"FREQ is {value!r}; it must be one of {', '.join(Frequency)}")
    return Frequency(value)


def _number(name: str, low: int, high: int, *, negative: bool = False) -> Callable[[str], int]:
    """Return a reader of whole numbers in a range; with `negative`, also counted from the end."""

    def read(value: str) -> int:
        number = int(value) if re.fullmatch(r"[+-]?\d{1,6}", value) else 0
        if not low <= (abs(number) if negative else number) <= high:
            raise _invalid(f"{name} is {value!r}; it must be a number from {low} to {high}")
        return number

    return read


def _numbers(name: str, high: int, *, negative: bool = False) -> Callable[[str], tuple[int, ...]]:
    read = _number(name, 1, high, negative=negative)
    return lambda value: tuple(map(read, value.split(",")))


def _read_day(value: str) -> Weekday:
    match = re.fullmatch(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)", value)
    ordinal = int(match[1]) if match and match[1] else None
    if match is None or (ordinal is not None and not 1 <= abs(ordinal) <= 53):  # noqa: PLR2004
        raise _invalid(f"BYDAY has {value!r}; it takes MO to SU, or -1MO for the last Monday")
    return Weekday(match[2], ordinal)


def _read_week_start(value: str) -> str:
    return _read_day(value).day


def _read_until(value: str) -> datetime:
    for form in ("%Y%m%dT%H%M%SZ", "%Y%m%dT%H%M%S", "%Y%m%d"):
        try:
            moment = datetime.strptime(value, form)  # noqa: DTZ007 - a local time has no zone
        except ValueError:
            continue
        if form == "%Y%m%d":
            moment = moment.replace(hour=23, minute=59, second=59)
        return moment.replace(tzinfo=UTC) if value.endswith("Z") else moment
    raise _invalid(f"UNTIL is {value!r}; it must be like 20271231T180000Z or 20271231")


def _write_time(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%S}" + ("Z" if moment.tzinfo else "")


_READ: Final[Mapping[str, Callable[[str], object]]] = {
    "FREQ": _read_frequency,
    "INTERVAL": _number("INTERVAL", 1, 999),
    "COUNT": _number("COUNT", 1, 9999),
    "UNTIL": _read_until,
    "BYDAY": lambda value: tuple(map(_read_day, value.split(","))),
    "BYMONTHDAY": _numbers("BYMONTHDAY", 31, negative=True),
    "BYMONTH": _numbers("BYMONTH", 12),
    "BYSETPOS": _numbers("BYSETPOS", 366, negative=True),
    "WKST": _read_week_start,
}
_FIELDS: Final[Mapping[str, str]] = {
    "FREQ": "frequency",
    "INTERVAL": "interval",
    "COUNT": "count",
    "UNTIL": "until",
    "BYDAY": "by_day",
    "BYMONTHDAY": "by_month_day",
    "BYMONTH": "by_month",
    "BYSETPOS": "by_set_pos",
    "WKST": "week_start",
}

"""Recurrence: Graph's pattern and range as a rule of RFC 5545, and back.

docs/vendors/teams.md#recurrence
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any, Final

from attrs import define

from conferencing.errors import UnsupportedOption
from conferencing.http import LaxInt, to_int, without_none
from conferencing.model import Frequency, Recurrence, Weekday

from .zones import parse_instant

__all__ = ["RecurrenceRow", "read_recurrence", "write_recurrence"]

DAYS: Final = {
    "SU": "sunday",
    "MO": "monday",
    "TU": "tuesday",
    "WE": "wednesday",
    "TH": "thursday",
    "FR": "friday",
    "SA": "saturday",
}
CODES: Final = {word: code for code, word in DAYS.items()}
INDEXES: Final = {1: "first", 2: "second", 3: "third", 4: "fourth", -1: "last"}
ORDINALS: Final = {word: number for number, word in INDEXES.items()}
FREQUENCIES: Final = {
    "daily": Frequency.DAILY,
    "weekly": Frequency.WEEKLY,
    "absoluteMonthly": Frequency.MONTHLY,
    "relativeMonthly": Frequency.MONTHLY,
    "absoluteYearly": Frequency.YEARLY,
    "relativeYearly": Frequency.YEARLY,
}
ENDLESS: Final = ("noEnd", "numbered")  # ranges without an end date


@define
class PatternRow:
    """How often an event recurs. A number that is not used is 0."""

    type: str
    interval: LaxInt | None = None
    daysOfWeek: list[str] | None = None  # noqa: N815 - Graph's spelling
    dayOfMonth: LaxInt | None = None  # noqa: N815 - Graph's spelling
    month: LaxInt | None = None
    index: str | None = None
    firstDayOfWeek: str | None = None  # noqa: N815 - Graph's spelling


@define
class RangeRow:
    """From when to when it recurs. A date that is not used is `0001-01-01`."""

    type: str
    endDate: str | None = None  # noqa: N815 - Graph's spelling
    numberOfOccurrences: LaxInt | None = None  # noqa: N815 - Graph's spelling


@define
class RecurrenceRow:
    """The recurrence of an event."""

    pattern: PatternRow
    range: RangeRow


# ------------------------------------------------------------------------------------------ reading


def read_recurrence(row: RecurrenceRow | None) -> str | None:
    """Return the rule as text, or None for one that cannot be read."""
    frequency = FREQUENCIES.get(row.pattern.type) if row else None
    if row is None or frequency is None:
        return None
    pattern, count = row.pattern, to_int(row.range.numberOfOccurrences)
    end = _read_end(row.range.endDate) if row.range.type == "endDate" else None
    if (row.range.type == "numbered" and not count) or (
        row.range.type not in ENDLESS and end is None
    ):
        return None  # without its end, the rule would be another one
    days, positions = _read_days(pattern)
    rule = Recurrence(
        frequency=frequency,
        interval=to_int(pattern.interval) or 1,
        count=count if row.range.type == "numbered" else None,
        until=end,
        by_day=days,
        by_month_day=_number(pattern.dayOfMonth, absolute=pattern.type.startswith("absolute")),
        by_month=_number(pattern.month, absolute=pattern.type.endswith("Yearly")),
        by_set_pos=positions,
        # The first day of the week matters to weekly rules only (RFC 5545, section 3.3.10).
        week_start=CODES.get(pattern.firstDayOfWeek or "", "MO")
        if frequency is Frequency.WEEKLY
        else "MO",
    )
    return str(rule)


def _number(value: int | str | None, *, absolute: bool) -> tuple[int, ...]:
    number = to_int(value)
    return (number,) if number and absolute else ()


def _read_end(text: str | None) -> datetime | None:
    """Return the end of the last day, in the local time of the event."""
    day = parse_instant(text)
    return datetime.combine(day.date(), time(23, 59, 59)) if day and day.year > 1 else None


def _read_days(pattern: PatternRow) -> tuple[tuple[Weekday, ...], tuple[int, ...]]:
    """Return the days, and which of them in a month: one day has its number in itself."""
    codes = [CODES[word] for word in pattern.daysOfWeek or () if word in CODES]
    if pattern.type == "weekly":
        return tuple(map(Weekday, codes)), ()
    if not pattern.type.startswith("relative"):
        return (), ()
    ordinal = ORDINALS.get(pattern.index or "first", 1)
    if len(codes) == 1:
        return (Weekday(codes[0], ordinal),), ()
    return tuple(map(Weekday, codes)), (ordinal,)


# ------------------------------------------------------------------------------------------ writing


def write_recurrence(rule: Recurrence, start: datetime, zone: str) -> dict[str, Any]:
    """Return Graph's fields for a rule that begins at `start`, a time in the zone named `zone`.

    Raises `UnsupportedOption` for a rule that they cannot express. Where the rule names no day, that
    of `start` is sent, as the rule means it.
    """
    pattern: dict[str, Any] = {"interval": rule.interval, **_write_days(rule, start)}
    return {"pattern": pattern, "range": _write_range(rule, start, zone)}


def _write_days(rule: Recurrence, start: datetime) -> dict[str, Any]:
    match rule.frequency:
        case Frequency.DAILY:
            if rule.by_day or rule.by_month_day or rule.by_month or rule.by_set_pos:
                raise _build_refusal("a daily rule has no days; write FREQ=WEEKLY;BYDAY=MO,TU")
            return {"type": "daily"}
        case Frequency.WEEKLY:
            return _write_week(rule, start)
        case Frequency.MONTHLY:
            if rule.by_month:
                raise _build_refusal("a monthly rule has no BYMONTH; write FREQ=YEARLY")
            return _write_month(rule, start, "Monthly")
        case Frequency.YEARLY:
            month, *others = rule.by_month or (start.month,)
            if others:
                raise _build_refusal("a yearly rule has one month")
            return {**_write_month(rule, start, "Yearly"), "month": month}


def _write_week(rule: Recurrence, start: datetime) -> dict[str, Any]:
    if rule.by_month_day or rule.by_month or rule.by_set_pos or _has_ordinals(rule):
        raise _build_refusal("a weekly rule has plain days only, such as BYDAY=MO,WE")
    codes = [day.day for day in rule.by_day] or [_code_of(start)]
    return {
        "type": "weekly",
        "daysOfWeek": [DAYS[code] for code in codes],
        "firstDayOfWeek": DAYS[rule.week_start],
    }


def _write_month(rule: Recurrence, start: datetime, unit: str) -> dict[str, Any]:
    if len(rule.by_set_pos) == 1 and rule.by_set_pos[0] in INDEXES:
        return _write_one_of(rule, unit)
    match rule.by_day, rule.by_month_day, rule.by_set_pos:
        case (), (), ():
            return {"type": f"absolute{unit}", "dayOfMonth": start.day}
        case (), (day,), () if day > 0:
            return {"type": f"absolute{unit}", "dayOfMonth": day}
        case (Weekday(day, week),), (), () if week in INDEXES:
            return {"type": f"relative{unit}", "daysOfWeek": [DAYS[day]], "index": INDEXES[week]}
        case _:
            raise _build_refusal(
                "a month has one day: BYMONTHDAY=15, BYDAY=2TU (1 to 4, or -1), or"
                " BYDAY=MO,TU;BYSETPOS=1"
            )


def _write_one_of(rule: Recurrence, unit: str) -> dict[str, Any]:
    """Return the first, second or last of several days of the week in a month."""
    if not rule.by_day or rule.by_month_day or _has_ordinals(rule):
        raise _build_refusal("BYSETPOS goes with plain days, such as BYDAY=MO,TU;BYSETPOS=1")
    words = [DAYS[day.day] for day in rule.by_day]
    return {"type": f"relative{unit}", "daysOfWeek": words, "index": INDEXES[rule.by_set_pos[0]]}


def _write_range(rule: Recurrence, start: datetime, zone: str) -> dict[str, Any]:
    end = _last_day(rule.until, start) if rule.until else None
    return without_none(
        type="numbered" if rule.count else "endDate" if end else "noEnd",
        startDate=start.date().isoformat(),
        endDate=end,
        numberOfOccurrences=rule.count,
        recurrenceTimeZone=zone,
    )


def _last_day(until: datetime, start: datetime) -> str:
    """Return the last day on which an event may begin: `until` is an instant, Graph has a date."""
    local = until.astimezone(start.tzinfo) if until.tzinfo else until
    early = local.time() < start.time()
    return (local.date() - timedelta(days=early)).isoformat()


def _has_ordinals(rule: Recurrence) -> bool:
    return any(day.ordinal for day in rule.by_day)


def _code_of(start: datetime) -> str:
    return [*DAYS][start.isoweekday() % 7]


def _build_refusal(reason: str) -> UnsupportedOption:
    return UnsupportedOption(
        f"Teams does not support this recurrence: {reason}", field="recurrence", provider="teams"
    )

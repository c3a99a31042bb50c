"""Recurrence: Zoom's fields as a rule of RFC 5545, and back (docs/vendors/zoom.md#recurrence)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from attrs import define, evolve

from conferencing.errors import UnsupportedOption
from conferencing.http import Aware, LaxInt, to_int, without_none, write_utc
from conferencing.model import Frequency, Recurrence, RoomKind, Weekday

__all__ = ["RecurrenceRow", "read_recurrence", "write_recurrence"]

DAYS: Final = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
TYPES: Final = {Frequency.DAILY: 1, Frequency.WEEKLY: 2, Frequency.MONTHLY: 3}
FREQUENCIES: Final = {number: frequency for frequency, number in TYPES.items()}
# Zoom's limits, which are lower for webinars (docs/vendors/zoom.md#recurrence).
WEEKS: Final = frozenset({-1, 1, 2, 3, 4})
INTERVALS: Final = {
    RoomKind.MEETING: {Frequency.DAILY: 99, Frequency.WEEKLY: 50, Frequency.MONTHLY: 10},
    RoomKind.WEBINAR: {Frequency.DAILY: 90, Frequency.WEEKLY: 12, Frequency.MONTHLY: 3},
}
MOST_DATES: Final = 60


@define
class RecurrenceRow:
    """How a room recurs. Weeks begin on Sunday, which is day 1."""

    type: LaxInt
    repeat_interval: LaxInt | None = None
    weekly_days: int | str | None = None  # one digit, or a list (docs/vendors/zoom.md#oddity-13)
    monthly_day: LaxInt | None = None
    monthly_week: int | None = None
    monthly_week_day: LaxInt | None = None
    end_times: LaxInt | None = None
    end_date_time: Aware | None = None


def read_recurrence(row: RecurrenceRow | None) -> str | None:
    """Return the rule as text, or None for one that cannot be read."""
    frequency = FREQUENCIES.get(to_int(row.type) or 0) if row else None
    if row is None or frequency is None or not (row.end_times or row.end_date_time):
        return None  # a rule without an end would repeat for ever, which Zoom does not
    month_day = to_int(row.monthly_day) if frequency is Frequency.MONTHLY else None
    rule = Recurrence(
        frequency=frequency,
        interval=to_int(row.repeat_interval) or 1,
        count=to_int(row.end_times) or None,
        until=None if row.end_times else _to_utc(row.end_date_time),
        by_day=_read_days(row, frequency),
        by_month_day=(month_day,) if month_day else (),
    )
    return str(evolve(rule, week_start="SU") if _depends_on_week(rule) else rule)


def _depends_on_week(rule: Recurrence) -> bool:
    """Return whether the first day of the week matters: to every n-th week with Sunday and others."""
    days = {day.day for day in rule.by_day}
    return (
        rule.frequency is Frequency.WEEKLY and rule.interval > 1 and "SU" in days and len(days) > 1
    )


def _read_days(row: RecurrenceRow, frequency: Frequency) -> tuple[Weekday, ...]:
    if frequency is Frequency.WEEKLY:
        numbers = str(row.weekly_days or "").split(",")
        return tuple(Weekday(day) for number in numbers if (day := _day(number.strip())))
    day = _day(str(to_int(row.monthly_week_day) or ""))
    if frequency is Frequency.MONTHLY and row.monthly_week and day:
        return (Weekday(day, row.monthly_week),)
    return ()


def _day(number: str) -> str | None:
    return DAYS[int(number) - 1] if number in {"1", "2", "3", "4", "5", "6", "7"} else None


def _to_utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None


def write_recurrence(
    rule: Recurrence, start: datetime | None, kind: RoomKind = RoomKind.MEETING
) -> dict[str, Any]:
    """Return Zoom's fields. Raises `UnsupportedOption` for a rule that they cannot express.

    Where the rule names no day, that of `start` in its own zone is sent, as the rule means it.
    """
    if rule.frequency not in TYPES:
        raise _build_unsupported("it repeats by days, weeks or months")
    if rule.by_month or rule.by_set_pos:
        raise _build_unsupported("it has no BYMONTH and BYSETPOS")
    # MO is the default of RFC 5545, and harmless where Sunday gives the same dates.
    if rule.week_start != "SU" and (_depends_on_week(rule) or rule.week_start != "MO"):
        raise _build_unsupported("its weeks begin on Sunday: WKST=SU")
    _check_limits(rule, INTERVALS[kind][rule.frequency], kind)
    return without_none(
        type=TYPES[rule.frequency],
        repeat_interval=rule.interval,
        end_times=rule.count,
        end_date_time=_write_end(rule.until, start),
        **_write_days(rule, start),
    )


def _check_limits(rule: Recurrence, interval: int, kind: RoomKind) -> None:
    # What Zoom plans without an end is not documented (docs/vendors/zoom.md#recurrence).
    if rule.count is None and rule.until is None:
        raise _build_unsupported("it needs an end, COUNT or UNTIL")
    if rule.interval > interval:
        raise _build_unsupported(
            f"INTERVAL is at most {interval} for {rule.frequency} {kind.value}s"
        )
    if (rule.count or 0) > MOST_DATES:
        raise _build_unsupported(f"COUNT is at most {MOST_DATES}")


def _write_days(rule: Recurrence, start: datetime | None) -> dict[str, Any]:
    if rule.frequency is Frequency.DAILY:
        if rule.by_day or rule.by_month_day:
            raise _build_unsupported("a daily rule has no BYDAY and BYMONTHDAY")
        return {}
    if rule.frequency is Frequency.WEEKLY:
        if rule.by_month_day or any(day.ordinal for day in rule.by_day):
            raise _build_unsupported("a weekly rule has plain days only, such as BYDAY=MO,WE")
        return {"weekly_days": _write_weekdays(rule, start)}
    return _write_month(rule, start)


def _write_weekdays(rule: Recurrence, start: datetime | None) -> str | None:
    days = [day.day for day in rule.by_day]
    if not days and start is not None:
        days = [DAYS[start.isoweekday() % 7]]
    return ",".join(str(number) for number in sorted(DAYS.index(day) + 1 for day in days)) or None


def _write_month(rule: Recurrence, start: datetime | None) -> dict[str, Any]:
    match rule.by_day, rule.by_month_day:
        case (), ():
            return without_none(monthly_day=start.day if start else None)
        case (), (day,) if day > 0:
            return {"monthly_day": day}
        case (Weekday(day, week),), () if week in WEEKS:
            return {"monthly_week": week, "monthly_week_day": DAYS.index(day) + 1}
        case _:
            raise _build_unsupported(
                "a monthly rule has one day: BYMONTHDAY=15, or BYDAY=2TU (1 to 4, or -1)"
            )


def _write_end(until: datetime | None, start: datetime | None) -> str | None:
    if until is None:
        return None
    if until.tzinfo is None:  # a local time, or the whole of a day
        until = until.replace(tzinfo=start.tzinfo if start else UTC)
    return write_utc(until)


def _build_unsupported(reason: str) -> UnsupportedOption:
    return UnsupportedOption(
        f"Zoom does not support this recurrence: {reason}", field="recurrence", provider="zoom"
    )

"""Recurring rooms: reading `recurrence`, and the dates that follow: docs/vendors/zoom.md#recurrence"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import count, islice
from typing import Any, Final
from zoneinfo import ZoneInfo

from conferencing.sandbox.kit import Fields

from .errors import refuse_field
from .formats import instant, read_time
from .state import PlannedRun

__all__ = ["plan_runs", "read_recurrence", "write_rule"]

DAILY, WEEKLY, MONTHLY = 1, 2, 3
INTERVALS: Final = {
    "meeting": {DAILY: 99, WEEKLY: 50, MONTHLY: 10},
    "webinar": {DAILY: 90, WEEKLY: 12, MONTHLY: 3},
}
MOST: Final = 60
WEEKDAYS: Final = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
FIELDS: Final = (
    *("type", "repeat_interval", "weekly_days", "monthly_day", "monthly_week"),
    *("monthly_week_day", "end_times", "end_date_time"),
)

Row = dict[str, Any]


def read_recurrence(fields: Fields, kind: str) -> Row:
    """Return a checked `recurrence`; how often it repeats by default is a guess (once)."""
    fields.only(*FIELDS)
    fields.require("type")
    rule = fields.number("type", DAILY, MONTHLY) or DAILY
    interval = fields.number("repeat_interval", 1, INTERVALS[kind][rule]) or 1
    row: Row = {"type": rule, "repeat_interval": interval}
    if rule == WEEKLY:
        row["weekly_days"] = _read_days(fields)
    if rule == MONTHLY:
        row |= _read_month(fields)
    end = read_time(fields.text("end_date_time"), UTC, "recurrence.end_date_time")
    times = fields.number("end_times", 1, MOST)
    if end is not None:
        return row | {"end_date_time": instant(end)}
    return row | {"end_times": times or 1}


def _read_days(fields: Fields) -> str | None:
    """Return the comma list of days, 1 for Sunday: docs/vendors/zoom.md#oddity-13"""
    days = fields.text("weekly_days")
    if days is not None and not re.fullmatch(r"[1-7](,[1-7])*", days):
        raise refuse_field("recurrence.weekly_days")
    return days


def _read_month(fields: Fields) -> Row:
    week = fields.number("monthly_week", -1, 4)
    if week is None:
        return {"monthly_day": fields.number("monthly_day", 1, 31) or 1}
    if week == 0:
        raise refuse_field("recurrence.monthly_week")
    return {"monthly_week": week, "monthly_week_day": fields.number("monthly_week_day", 1, 7) or 1}


def plan_runs(
    rule: Row, starts_at: datetime, duration: timedelta, zone: ZoneInfo
) -> list[PlannedRun]:
    """Return the planned runs. Wall clock time stays the same when the offset of the zone changes."""
    local = starts_at.astimezone(zone)
    end = rule.get("end_date_time")
    last = datetime.fromisoformat(end) if end else None
    moments: list[datetime] = []
    with suppress(OverflowError, ValueError):  # there are no dates after 9999
        for day in islice(_days(rule, local.date()), rule.get("end_times", MOST)):
            moment = datetime.combine(day, local.timetz())
            if last is not None and moment > last:
                break
            moments.append(moment.astimezone(UTC))
    return [PlannedRun(starts_at=moment, duration=duration) for moment in moments]


def _days(rule: Row, first: date) -> Iterator[date]:
    """Yield the days of a rule from the first one on."""
    interval = rule["repeat_interval"]
    match rule["type"]:
        case 1:
            yield from (first + timedelta(days=step) for step in count(0, interval))
        case 2:
            yield from _weekly_days(rule, first)
        case _:
            for step in count(0, interval):
                day = _day_of_month(rule, first, step)
                if day is not None and day >= first:
                    yield day


def _weekly_days(rule: Row, first: date) -> Iterator[date]:
    days = rule.get("weekly_days") or str(_number_of(first))
    numbers = sorted(int(day) for day in days.split(","))
    sunday = first - timedelta(days=_number_of(first) - 1)
    for week in count(0, rule["repeat_interval"]):
        for number in numbers:
            day = sunday + timedelta(weeks=week, days=number - 1)
            if day >= first:
                yield day


def _number_of(day: date) -> int:
    """Return the vendor's number of a weekday: 1 is Sunday."""
    return day.isoweekday() % 7 + 1


def _day_of_month(rule: Row, first: date, step: int) -> date | None:
    """Return the day in the month that is `step` months later, or None if it has no such day."""
    months = first.month - 1 + step
    year, month = first.year + months // 12, months % 12 + 1
    length = monthrange(year, month)[1]
    if "monthly_day" in rule:
        day = rule["monthly_day"]
        return date(year, month, day) if day <= length else None
    weekday, week = rule["monthly_week_day"], rule["monthly_week"]
    days = [date(year, month, day) for day in range(1, length + 1)]
    matching = [day for day in days if _number_of(day) == weekday]
    place: int = week if week < 0 else week - 1
    return matching[place]


def write_rule(rule: Row) -> str:
    """Return a rule in the form of RFC 5545, for the neutral `Room` of the world."""
    parts = [f"FREQ={('DAILY', 'WEEKLY', 'MONTHLY')[rule['type'] - 1]}"]
    if rule["repeat_interval"] != 1:
        parts.append(f"INTERVAL={rule['repeat_interval']}")
    if rule.get("weekly_days"):
        days = [WEEKDAYS[int(day) - 1] for day in rule["weekly_days"].split(",")]
        parts.append(f"BYDAY={','.join(days)}")
    if "monthly_day" in rule:
        parts.append(f"BYMONTHDAY={rule['monthly_day']}")
    if "monthly_week" in rule:
        parts.append(f"BYDAY={rule['monthly_week']}{WEEKDAYS[rule['monthly_week_day'] - 1]}")
    if "end_date_time" in rule:
        parts.append(f"UNTIL={rule['end_date_time'].replace('-', '').replace(':', '')}")
    else:
        parts.append(f"COUNT={rule['end_times']}")
    return ";".join(parts)

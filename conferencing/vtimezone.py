"""Time zones: by their name, and in calendar files as Outlook reads them.

Exchange and Outlook look at one STANDARD and one DAYLIGHT part of a zone, each with a yearly rule, and
at no list of dates (MS-OXCICAL 2.1.3.1.1.19); libraries write a zone's whole history, which is many
parts and hundreds of dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from attrs import frozen

__all__ = ["vtimezone", "zones_of"]

_YEARS: Final = 6  # that a rule is tried on
_LAST: Final = -1
_WEEK: Final = 7
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_SECOND: Final = timedelta(seconds=1)


@frozen
class Change:
    """Hold one change of a zone's clocks: when it comes on the old clock, and both offsets."""

    local: datetime
    before: timedelta
    after: timedelta
    name: str

    def rule(self, week: int) -> tuple[int, int, int, datetime]:
        """Return month, weekday, which of these in the month it is, and the time of day."""
        time_of_day = self.local.replace(year=2000, month=1, day=1)
        return self.local.month, self.local.weekday(), week, time_of_day


def vtimezone(zone: ZoneInfo, moments: Sequence[datetime], icalendar: Any) -> Any:
    """Return the VTIMEZONE component of a zone, true for the moments of the events in the file.

    A zone whose clocks change by no yearly rule has its one offset at these moments, or, if there
    are several, its history around them, which Google and Apple read.
    """
    rules = _rules(zone, min(moments).astimezone(zone).year - 1)
    if rules:
        parts = [_yearly(change, week, icalendar) for change, week in rules]
    elif len({_offset(zone, at) for at in moments}) == 1:
        parts = [_fixed(zone, moments[0], icalendar)]
    else:
        return _history(zone, moments, icalendar)
    whole = icalendar.Timezone()
    whole.add("tzid", zone.key)
    for part in parts:
        whole.add_component(part)
    return whole


def _history(zone: ZoneInfo, moments: Sequence[datetime], icalendar: Any) -> Any:
    around = timedelta(days=366)
    return icalendar.Timezone.from_tzinfo(
        zone, first_date=(min(moments) - around).date(), last_date=(max(moments) + around).date()
    )


def _rules(zone: ZoneInfo, year: int) -> list[tuple[Change, int]]:
    """Return a year's changes, each with its week, if they are two and the same in years to come."""
    changes = _changes(zone, year)
    weeks = [_week(zone, number, year) for number in range(len(changes))]
    rules = [(change, week) for change, week in zip(changes, weeks, strict=True) if week]
    return rules if len(changes) == len(rules) == 2 else []  # noqa: PLR2004 - there and back


def _changes(zone: ZoneInfo, year: int) -> list[Change]:
    """Return the changes of a zone's clocks in a year, in order."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    days = [start + timedelta(days=day) for day in range(367)]
    return [
        _change(zone, early, late)
        for early, late in pairwise(days)
        if _offset(zone, early) != _offset(zone, late) and late.year == year
    ]


def _change(zone: ZoneInfo, early: datetime, late: datetime) -> Change:
    """Find the change between two moments by halving, to the second."""
    before, after = _offset(zone, early), _offset(zone, late)
    while late - early > _SECOND:
        middle = early + (late - early) // 2
        middle = middle.replace(microsecond=0)
        early, late = (middle, late) if _offset(zone, middle) == before else (early, middle)
    local = (late + before).replace(tzinfo=None)
    return Change(local, before, after, late.astimezone(zone).tzname() or "")


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _week(zone: ZoneInfo, number: int, year: int) -> int | None:
    """Return which weekday of its month a change comes on, the same for years to come."""
    yearly = [_changes(zone, one) for one in range(year, year + _YEARS)]
    if any(len(changes) != len(yearly[0]) for changes in yearly):
        return None
    changes = [found[number] for found in yearly]
    for week in (_LAST, 1, 2, 3, 4):
        at_week = all(_comes(change.local, week) for change in changes)
        if at_week and len({change.rule(week) for change in changes}) == 1:
            return week
    return None


def _comes(day: datetime, week: int) -> bool:
    if week == _LAST:
        return (day + timedelta(days=_WEEK)).month != day.month
    return (day.day - 1) // _WEEK + 1 == week


def _yearly(change: Change, week: int, icalendar: Any) -> Any:
    # Ireland's law calls winter the exception; whoever reads a calendar wants the later clock.
    part = _part(change, icalendar, summer=change.after > change.before)
    weekday = f"{week}{_DAYS[change.local.weekday()]}"
    part.add("rrule", {"freq": "yearly", "bymonth": change.local.month, "byday": weekday})
    return part


def _fixed(zone: ZoneInfo, at: datetime, icalendar: Any) -> Any:
    offset = _offset(zone, at)
    since = datetime(1970, 1, 1)  # noqa: DTZ001 - on the zone's own clock
    name = at.astimezone(zone).tzname() or ""
    return _part(Change(since, offset, offset, name), icalendar, summer=False)


def _part(change: Change, icalendar: Any, *, summer: bool) -> Any:
    part = icalendar.TimezoneDaylight() if summer else icalendar.TimezoneStandard()
    part.add("dtstart", change.local)
    part.add("tzoffsetfrom", change.before)
    part.add("tzoffsetto", change.after)
    part.add("tzname", change.name)
    return part


def zones_of(moments: Iterable[datetime]) -> set[ZoneInfo]:
    """Return the zones that moments are told in, UTC left out, which needs no component."""
    zones = {at.tzinfo for at in moments}
    return {zone for zone in zones if isinstance(zone, ZoneInfo) and zone.key != "UTC"}

"""VTIMEZONE components with one yearly rule each for winter and summer, as Exchange and Outlook need.

They read one STANDARD and one DAYLIGHT part and no lists of dates (MS-OXCICAL 2.1.3.1.1.19), and
some readers take only the first date of a list. So the rule is read from the footer of the zone's
TZif file (RFC 8536, section 3.3); where there is none that fits, the caller writes times in UTC.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from struct import Struct, iter_unpack
from typing import Any, Final
from zoneinfo import ZoneInfo

from attrs import frozen

__all__ = ["build_vtimezone"]

_FIRST_YEAR: Final = 1970
_DAY: Final = timedelta(days=1)
_WEEKDAYS: Final = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")  # as POSIX counts them
_HEADER: Final = Struct(">4sc15x6l")
_NAME: Final = r"([A-Za-z]+|<[\w+-]+>)"
_TIME: Final = r"([+-]?\d+(?::\d\d){0,2})"
_DATE: Final = rf",M(\d+)\.(\d)\.(\d)(?:/{_TIME})?"
_FOOTER: Final = re.compile(rf"{_NAME}{_TIME}(?:{_NAME}{_TIME}?{_DATE}{_DATE})?", re.ASCII)


@frozen
class Change:
    """A yearly change of the clocks. `week` 5 is the last of the month, `weekday` 0 is Sunday."""

    name: str
    before: timedelta
    after: timedelta
    month: int = 1
    week: int = 1
    weekday: int = 0
    time_of_day: timedelta = timedelta()

    def in_year(self, year: int) -> datetime:
        """Return when the change comes in a year, on the clock before the change."""
        first = datetime(year, self.month, 1)  # noqa: DTZ001 - on the zone's own clock
        day = first + ((self.weekday - first.isoweekday()) % 7 + 7 * (self.week - 1)) * _DAY
        return (day if day.month == self.month else day - 7 * _DAY) + self.time_of_day


def build_vtimezone(zone: ZoneInfo, moments: Sequence[datetime], icalendar: Any) -> Any | None:
    """Return the VTIMEZONE component of a zone, right for the moments of a calendar file.

    Return None if the zone has no yearly rule that can be written: a change comes at a time outside
    0 to 24 h, as in Cairo or Jerusalem, or the zone's file lists other changes after the first
    moment.
    """
    data = _read_tzif(zone.key)
    changes = _read_footer(data)
    first = min(moments)
    later = [at for at in _read_transitions(data) if at > first]
    checks = [*moments, *later, *(at - timedelta(seconds=1) for at in later)]
    if not changes or first.year <= _FIRST_YEAR:
        return None
    if any(_offset_at(at, changes) != at.astimezone(zone).utcoffset() for at in checks):
        return None
    component = icalendar.Timezone()
    component.add("tzid", zone.key)
    for change in changes:
        component.add_component(_build_part(change, icalendar, yearly=len(changes) > 1))
    return component


def _build_part(change: Change, icalendar: Any, *, yearly: bool) -> Any:
    # Irish law calls winter time the exception; calendars expect the later clock in DAYLIGHT.
    summer = change.after > change.before
    part = icalendar.TimezoneDaylight() if summer else icalendar.TimezoneStandard()
    part.add("dtstart", change.in_year(_FIRST_YEAR))
    part.add("tzoffsetfrom", change.before)
    part.add("tzoffsetto", change.after)
    part.add("tzname", change.name)
    if yearly:
        week = -1 if change.week == 5 else change.week  # noqa: PLR2004 - the last, in POSIX
        weekday = f"{week}{_WEEKDAYS[change.weekday]}"
        part.add("rrule", {"freq": "yearly", "bymonth": change.month, "byday": weekday})
    return part


def _offset_at(at: datetime, changes: Sequence[Change]) -> timedelta:
    moment = at.astimezone(UTC).replace(tzinfo=None)
    starts = sorted(
        (change.in_year(moment.year) - change.before, change.after) for change in changes
    )
    return ([after for start, after in starts if start <= moment] or [starts[-1][1]])[-1]


# ------------------------------------------------------------------------------------- TZif files


def _read_tzif(key: str) -> bytes:
    """Return the file that `zoneinfo` reads for a zone: of the system, else of `tzdata`."""
    for folder in zoneinfo.TZPATH:
        path = Path(folder, key)
        if path.is_file():
            return path.read_bytes()
    return files("tzdata").joinpath("zoneinfo", *key.split("/")).read_bytes()


def _read_footer(data: bytes) -> tuple[Change, ...]:
    """Return the two yearly changes of a zone, one without a rule if its clocks never change.

    Return nothing for a file of version 1, which has no footer, and for rules of other forms.
    """
    footer = _FOOTER.fullmatch(
        data.rpartition(b"\n")[0].rpartition(b"\n")[2].decode("ascii", "replace")
    )
    if footer is None:
        return ()
    name, offset, summer_name, summer_offset, *dates = footer.groups()
    standard = -_parse_time(offset)  # POSIX counts offsets to the west
    if summer_name is None:
        return (Change(name.strip("<>"), standard, standard),)
    summer = -_parse_time(summer_offset) if summer_offset else standard + timedelta(hours=1)
    changes = (
        _build_change(summer_name, standard, summer, dates[:4]),
        _build_change(name, summer, standard, dates[4:]),
    )
    return changes if all(timedelta() <= change.time_of_day < _DAY for change in changes) else ()


def _build_change(
    name: str, before: timedelta, after: timedelta, date: Sequence[str | None]
) -> Change:
    month, week, weekday = (int(number or 0) for number in date[:3])
    return Change(name.strip("<>"), before, after, month, week, weekday, _parse_time(date[3]))


def _parse_time(text: str | None) -> timedelta:
    if text is None:
        return timedelta(hours=2)  # what POSIX means where no time is written
    hours, minutes, seconds = (*map(int, text.lstrip("+-").split(":")), 0, 0)[:3]
    time = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    return -time if text.startswith("-") else time


def _read_transitions(data: bytes) -> list[datetime]:
    """Return the changes that the file lists one by one, those until the year 2100."""
    _, version, *counts = _HEADER.unpack_from(data)
    isut, isstd, leap, times, types, chars = counts
    if version == b"\0":
        return []
    start = _HEADER.size + times * 5 + types * 6 + chars + leap * 8 + isstd + isut
    times = _HEADER.unpack_from(data, start)[5]
    start += _HEADER.size
    moments = iter_unpack(">q", data[start : start + 8 * times])
    last = datetime(2100, 1, 1, tzinfo=UTC).timestamp()
    return [datetime.fromtimestamp(at, UTC) for (at,) in moments if 0 < at < last]

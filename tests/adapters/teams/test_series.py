"""Recurrence: written and read back, over both changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from conferencing import InvalidRequest, UnsupportedOption
from conferencing.model import parse_recurrence, plan_dates
from conferencing_teams.wire.recurrence import (
    PatternRow,
    RangeRow,
    RecurrenceRow,
    read_recurrence,
    write_recurrence,
)

WARSAW = ZoneInfo("Europe/Warsaw")
START = datetime(2026, 11, 3, 9, 30, tzinfo=WARSAW)  # a Tuesday
HALF = timedelta(minutes=30)


def to_row(body: dict[str, Any]) -> RecurrenceRow:
    """Return what Graph sends back for a body."""
    return RecurrenceRow(
        PatternRow(**body["pattern"]),
        RangeRow(**{name: body["range"].get(name) for name in ("type", "endDate", "numberOfOccurrences")}),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "pattern"),
    [
        ("FREQ=DAILY;INTERVAL=2;COUNT=3", {"type": "daily", "interval": 2}),
        ("FREQ=WEEKLY;COUNT=3;INTERVAL=2;BYDAY=TU,TH;WKST=SU",
         {"type": "weekly", "interval": 2, "daysOfWeek": ["tuesday", "thursday"], "firstDayOfWeek": "sunday"}),
        ("FREQ=MONTHLY;COUNT=3;BYMONTHDAY=15", {"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 15}),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=-1FR",
         {"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["friday"], "index": "last"}),
        ("FREQ=MONTHLY;COUNT=3;BYDAY=MO,TU;BYSETPOS=1",
         {"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["monday", "tuesday"], "index": "first"}),
        ("FREQ=YEARLY;COUNT=3;BYMONTHDAY=3;BYMONTH=11",
         {"type": "absoluteYearly", "interval": 1, "dayOfMonth": 3, "month": 11}),
        ("FREQ=YEARLY;COUNT=3;BYDAY=2TU;BYMONTH=11",
         {"type": "relativeYearly", "interval": 1, "daysOfWeek": ["tuesday"], "index": "second", "month": 11}),
    ],
)  # fmt: skip
def test_rule_is_written_and_read_back(rule, pattern) -> None:
    body = write_recurrence(parse_recurrence(rule), START, "Central European Standard Time")
    assert body["pattern"] == pattern
    assert body["range"]["startDate"] == "2026-11-03"
    text = read_recurrence(to_row(body))
    assert text is not None
    assert parse_recurrence(text) == parse_recurrence(rule)


@pytest.mark.parametrize(
    ("rule", "filled"),
    [
        ("FREQ=WEEKLY;COUNT=2", "FREQ=WEEKLY;COUNT=2;BYDAY=TU"),
        ("FREQ=MONTHLY;COUNT=2", "FREQ=MONTHLY;COUNT=2;BYMONTHDAY=3"),
        ("FREQ=YEARLY;COUNT=2", "FREQ=YEARLY;COUNT=2;BYMONTHDAY=3;BYMONTH=11"),
        ("FREQ=DAILY", "FREQ=DAILY"),
        ("FREQ=DAILY;UNTIL=20261110", "FREQ=DAILY;UNTIL=20261110T235959"),
        # The last day is that of the last start: at 9:30 in Warsaw it is over by 8:00 UTC.
        ("FREQ=DAILY;UNTIL=20261110T080000Z", "FREQ=DAILY;UNTIL=20261109T235959"),
        ("FREQ=DAILY;UNTIL=20261110T083000Z", "FREQ=DAILY;UNTIL=20261110T235959"),
    ],
)
def test_rule_is_completed_by_its_start(rule, filled) -> None:
    text = read_recurrence(to_row(write_recurrence(parse_recurrence(rule), START, "UTC")))
    assert text is not None
    assert parse_recurrence(text) == parse_recurrence(filled)


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYDAY=MO",
        "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;BYMONTH=3",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=MONTHLY;BYMONTHDAY=1,15",
        "FREQ=MONTHLY;BYDAY=5MO",
        "FREQ=MONTHLY;BYDAY=1MO,2TU",
        "FREQ=MONTHLY;BYMONTH=3",
        "FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=1",
        "FREQ=YEARLY;BYMONTH=3,4",
    ],
)
def test_rule_without_a_form_is_refused(rule) -> None:
    with pytest.raises(UnsupportedOption, match="does not support this recurrence") as caught:
        write_recurrence(parse_recurrence(rule), START, "UTC")
    assert caught.value.field == "recurrence"


@pytest.mark.parametrize(
    ("pattern", "range_"),
    [
        (PatternRow("hourly"), RangeRow("noEnd")),
        (PatternRow("daily"), RangeRow("numbered")),
        (PatternRow("daily"), RangeRow("endDate", "0001-01-01")),
        (PatternRow("daily"), RangeRow("unknownFutureValue")),
    ],
)
def test_rule_that_cannot_be_read_is_unknown(pattern, range_) -> None:
    assert read_recurrence(RecurrenceRow(pattern, range_)) is None


ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Australia/Sydney",
    "Africa/Casablanca",
]
"""Clocks change at both ends of the year in either half of the world, by less than an hour, and around Ramadan."""


@pytest.mark.parametrize("name", ZONES)
async def test_series_keeps_its_wall_clock_all_year(conference, name) -> None:
    zone = ZoneInfo(name)
    start = datetime(2026, 2, 2, 9, 30, tzinfo=zone)
    room = await conference.create_room(
        "Standup", starts_at=start, duration=HALF, recurrence="FREQ=WEEKLY;COUNT=52"
    )
    fetched = await conference.get_room(room.id)
    assert fetched.recurrence is not None
    assert fetched.starts_at == start
    assert fetched.timezone == name
    planned = plan_dates(fetched.recurrence, start)
    starts = [date.starts_at for date in fetched.occurrences]
    assert starts == planned
    assert {moment.astimezone(zone).strftime("%H:%M %a") for moment in starts} == {"09:30 Mon"}
    assert {date.duration for date in fetched.occurrences} == {HALF}
    assert len({moment.astimezone(zone).utcoffset() for moment in starts}) == 2
    assert len({date.id for date in fetched.occurrences}) == 52


async def test_series_without_end_has_dates_of_a_year(conference, world) -> None:
    start = world.now.replace(hour=12)
    room = await conference.create_room(
        "Daily", starts_at=start, duration=HALF, recurrence="FREQ=DAILY"
    )
    dates = (await conference.get_room(room.id)).occurrences
    assert 365 <= len(dates) <= 367


@pytest.mark.parametrize(
    ("start", "zone"),
    [
        (datetime(2026, 7, 1, 9, tzinfo=ZoneInfo("Antarctica/Troll")), None),
        (datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")), None),
        (datetime.fromisoformat("2026-07-01T09:00:00+02:00"), None),
        (datetime(2026, 7, 1, 9, tzinfo=UTC), "Antarctica/Troll"),
    ],
)
async def test_series_whose_zone_cannot_be_said_is_refused(conference, served, start, zone) -> None:
    with pytest.raises(InvalidRequest, match="pass timezone") as caught:
        await conference.create_room(
            "A", starts_at=start, timezone=zone, recurrence="FREQ=DAILY;COUNT=2"
        )
    assert caught.value.field == "timezone"
    assert served.requests == []


async def test_series_in_utc_needs_no_zone(conference) -> None:
    start = datetime(2026, 7, 1, 9, tzinfo=UTC)
    room = await conference.create_room("A", starts_at=start, recurrence="FREQ=DAILY;COUNT=2")
    assert [date.starts_at for date in (await conference.get_room(room.id)).occurrences] == [
        start,
        start + timedelta(days=1),
    ]


async def test_single_room_in_a_zone_without_name_keeps_its_instant(conference) -> None:
    start = datetime(2026, 7, 1, 9, tzinfo=ZoneInfo("Antarctica/Troll"))
    for kind in ("meeting", "webinar"):
        room = await conference.create_room("A", kind=kind, starts_at=start)
        assert (await conference.get_room(room.id)).starts_at == start

"""Rules of RFC 5545 as Zoom's fields and back, and the dates that Zoom plans by them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from samples import reply_of

from conferencing import InvalidRequest, RoomKind, UnsupportedOption
from conferencing.http.provider import read_reply
from conferencing.model import Room, parse_recurrence, plan_dates
from conferencing_zoom.wire.base import split_room_id
from conferencing_zoom.wire.recurrence import write_recurrence
from conferencing_zoom.wire.rooms import read_room

WARSAW = ZoneInfo("Europe/Warsaw")
TUESDAY = datetime(2026, 10, 20, 9, tzinfo=WARSAW)
"""Five days before the clocks go back."""

FORMS: dict[str, dict[str, Any]] = {
    "FREQ=DAILY;COUNT=5": {"type": 1, "repeat_interval": 1, "end_times": 5},
    "FREQ=DAILY;COUNT=60;INTERVAL=99": {"type": 1, "repeat_interval": 99, "end_times": 60},
    "FREQ=DAILY;UNTIL=20261101T080000Z;INTERVAL=2": {
        "type": 1, "repeat_interval": 2, "end_date_time": "2026-11-01T08:00:00Z",
    },
    "FREQ=WEEKLY;COUNT=4;BYDAY=TU": {
        "type": 2, "repeat_interval": 1, "end_times": 4, "weekly_days": "3",
    },
    "FREQ=WEEKLY;COUNT=4;BYDAY=SU,MO,SA": {
        "type": 2, "repeat_interval": 1, "end_times": 4, "weekly_days": "1,2,7",
    },
    "FREQ=WEEKLY;COUNT=6;INTERVAL=2;BYDAY=TU,TH": {
        "type": 2, "repeat_interval": 2, "end_times": 6, "weekly_days": "3,5",
    },
    "FREQ=WEEKLY;COUNT=6;INTERVAL=2;BYDAY=SU,TU;WKST=SU": {
        "type": 2, "repeat_interval": 2, "end_times": 6, "weekly_days": "1,3",
    },
    "FREQ=WEEKLY;UNTIL=20261231T225959Z;INTERVAL=50;BYDAY=FR": {
        "type": 2, "repeat_interval": 50, "end_date_time": "2026-12-31T22:59:59Z", "weekly_days": "6",
    },
    "FREQ=MONTHLY;COUNT=3;BYMONTHDAY=20": {
        "type": 3, "repeat_interval": 1, "end_times": 3, "monthly_day": 20,
    },
    "FREQ=MONTHLY;COUNT=3;BYMONTHDAY=31": {
        "type": 3, "repeat_interval": 1, "end_times": 3, "monthly_day": 31,
    },
    **{
        f"FREQ=MONTHLY;COUNT=3;INTERVAL=10;BYDAY={week}TU": {
            "type": 3, "repeat_interval": 10, "end_times": 3, "monthly_week": week,
            "monthly_week_day": 3,
        }
        for week in (1, 2, 3, 4, -1)
    },
    "FREQ=MONTHLY;COUNT=2;BYDAY=-1SU": {
        "type": 3, "repeat_interval": 1, "end_times": 2, "monthly_week": -1, "monthly_week_day": 1,
    },
}  # fmt: skip
OTHER_SPELLINGS = {
    "rrule:freq=weekly;count=4;byday=tu": "FREQ=WEEKLY;COUNT=4;BYDAY=TU",
    "FREQ=WEEKLY;COUNT=4": "FREQ=WEEKLY;COUNT=4;BYDAY=TU",  # the day of the start
    "FREQ=WEEKLY;COUNT=4;BYDAY=TU;WKST=SU": "FREQ=WEEKLY;COUNT=4;BYDAY=TU",
    "FREQ=WEEKLY;COUNT=6;BYDAY=TH,TU;INTERVAL=2": "FREQ=WEEKLY;COUNT=6;INTERVAL=2;BYDAY=TU,TH",
    "FREQ=MONTHLY;COUNT=3": "FREQ=MONTHLY;COUNT=3;BYMONTHDAY=20",
    "FREQ=WEEKLY;UNTIL=20261231;INTERVAL=50;BYDAY=FR": (  # the whole day, in Warsaw
        "FREQ=WEEKLY;UNTIL=20261231T225959Z;INTERVAL=50;BYDAY=FR"
    ),
}
REFUSED = {
    "FREQ=YEARLY;COUNT=2": "days, weeks or months",
    "FREQ=DAILY": "an end",
    "FREQ=WEEKLY;BYDAY=TU": "an end",
    "FREQ=DAILY;COUNT=61": "COUNT is at most 60",
    "FREQ=DAILY;COUNT=5;BYDAY=MO,TU": "a daily rule",
    "FREQ=DAILY;COUNT=5;BYMONTHDAY=1": "a daily rule",
    "FREQ=WEEKLY;COUNT=5;BYDAY=1MO": "a weekly rule|BYDAY",
    "FREQ=WEEKLY;COUNT=4;INTERVAL=2;BYDAY=SU,TU": "WKST=SU",
    "FREQ=WEEKLY;COUNT=4;INTERVAL=2;BYDAY=TU;WKST=WE": "WKST=SU",
    "FREQ=MONTHLY;COUNT=3;BYMONTHDAY=1,15": "one day",
    "FREQ=MONTHLY;COUNT=3;BYMONTHDAY=-1": "one day",
    "FREQ=MONTHLY;COUNT=3;BYDAY=TU": "one day",
    "FREQ=MONTHLY;COUNT=3;BYDAY=1TU,3TU": "one day",
    "FREQ=MONTHLY;COUNT=3;BYDAY=5TU": "one day",
    "FREQ=MONTHLY;COUNT=3;BYDAY=-2TU": "one day",
    "FREQ=MONTHLY;COUNT=3;BYDAY=FR;BYMONTHDAY=13": "one day",
    "FREQ=MONTHLY;COUNT=3;BYMONTH=5": "BYMONTH",
    "FREQ=MONTHLY;COUNT=3;BYDAY=MO,TU;BYSETPOS=1": "BYSETPOS",
}
INTERVALS = {
    (RoomKind.MEETING, "DAILY"): 99,
    (RoomKind.MEETING, "WEEKLY"): 50,
    (RoomKind.MEETING, "MONTHLY"): 10,
    (RoomKind.WEBINAR, "DAILY"): 90,
    (RoomKind.WEBINAR, "WEEKLY"): 12,
    (RoomKind.WEBINAR, "MONTHLY"): 3,
}


def written(rule: str, kind: RoomKind = RoomKind.MEETING) -> dict[str, Any]:
    return write_recurrence(parse_recurrence(rule), TUESDAY, kind)


def read(fields: dict[str, Any], **more: Any) -> Room:
    body = {"id": 81234567890, "type": 8, "timezone": "Europe/Warsaw", "recurrence": fields, **more}
    reply = reply_of(body)
    return read_reply(reply, lambda r: read_room(r, kind=RoomKind.MEETING, now=TUESDAY))


@pytest.mark.parametrize("rule", FORMS)
def test_rule_is_written_and_read_back(rule) -> None:
    assert written(rule) == FORMS[rule]
    assert read(FORMS[rule]).recurrence == rule


@pytest.mark.parametrize("rule", OTHER_SPELLINGS)
def test_other_spelling_is_written_alike(rule) -> None:
    assert written(rule) == FORMS[OTHER_SPELLINGS[rule]]


@pytest.mark.parametrize("rule", REFUSED)
def test_what_zoom_cannot_express_is_refused(rule) -> None:
    with pytest.raises((UnsupportedOption, InvalidRequest), match=REFUSED[rule]) as caught:
        written(rule)
    assert caught.value.field == "recurrence"


@pytest.mark.parametrize(("kind", "frequency"), INTERVALS)
def test_interval_above_the_limit_is_refused(kind, frequency) -> None:
    most = INTERVALS[kind, frequency]
    assert written(f"FREQ={frequency};COUNT=2;INTERVAL={most}", kind)["repeat_interval"] == most
    with pytest.raises(UnsupportedOption, match=f"INTERVAL is at most {most}") as caught:
        written(f"FREQ={frequency};COUNT=2;INTERVAL={most + 1}", kind)
    assert caught.value.field == "recurrence"


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"type": "2", "repeat_interval": "1", "weekly_days": 3, "end_times": "4"}, "FREQ=WEEKLY;COUNT=4;BYDAY=TU"),
        ({"type": 2, "weekly_days": "3, 5", "end_times": 4}, "FREQ=WEEKLY;COUNT=4;BYDAY=TU,TH"),
        ({"type": 2, "weekly_days": "", "end_times": 4}, "FREQ=WEEKLY;COUNT=4"),
        ({"type": 1, "end_times": 0}, None),
        ({"type": 3, "monthly_day": 0, "monthly_week": 0, "end_times": 2}, "FREQ=MONTHLY;COUNT=2"),
        ({"type": 4, "end_times": 2}, None),
        ({"type": "x"}, None),
        ({"type": None}, None),
        ({}, None),
        (None, None),
        ([], None),
    ],
)  # fmt: skip
def test_odd_fields_are_read_or_unknown(fields, rule) -> None:
    assert read(fields).recurrence == rule


# --------------------------------------------------------------------------------- dates, on a room


@pytest.mark.parametrize("kind", ["meeting", "webinar"])
async def test_dates_keep_the_time_of_day_across_a_clock_change(conference, kind) -> None:
    rule = "FREQ=WEEKLY;COUNT=3;BYDAY=TU"
    room = await conference.create_room(
        "Weekly", kind=kind, starts_at=TUESDAY, duration=timedelta(minutes=30), recurrence=rule
    )
    assert (room.recurrence, room.timezone, room.permanent) == (rule, "Europe/Warsaw", False)
    assert [date.starts_at for date in room.occurrences] == [
        datetime(2026, 10, 20, 7, tzinfo=UTC),
        datetime(2026, 10, 27, 8, tzinfo=UTC),
        datetime(2026, 11, 3, 8, tzinfo=UTC),
    ]
    assert {f"{date.starts_at:%H:%M}" for date in room.occurrences if date.starts_at} == {"09:00"}
    assert {date.duration for date in room.occurrences} == {timedelta(minutes=30)}
    assert room.occurrences[0].id == str(int(TUESDAY.timestamp()) * 1000)
    assert (await conference.get_room(room.id)).occurrences == room.occurrences


BIG_STEPS = {rule for rule in FORMS if "INTERVAL=50" in rule or "COUNT=60" in rule}


@pytest.mark.parametrize("rule", sorted(FORMS.keys() - BIG_STEPS))
async def test_planned_dates_are_those_of_the_rule(conference, rule) -> None:
    """The dates of Zoom's fields are those that RFC 5545 gives for the rule."""
    room = await conference.create_room("x", starts_at=TUESDAY, recurrence=rule)
    assert room.recurrence == rule
    assert [date.starts_at for date in room.occurrences] == plan_dates(rule, TUESDAY)


async def test_cancelled_date_is_marked(conference, simulator) -> None:
    room = await conference.create_room("x", starts_at=TUESDAY, recurrence="FREQ=DAILY;COUNT=3")
    number = split_room_id(room.id)[1]
    simulator.details[number].occurrences[1].status = "deleted"
    dates = (await conference.get_room(room.id)).occurrences
    assert [date.cancelled for date in dates] == [False, True, False]


async def test_start_without_a_zone_is_refused_for_a_series(conference, served) -> None:
    """Zoom would take the days in the zone of the host."""
    start = TUESDAY.astimezone(timezone(timedelta(hours=2)))
    with pytest.raises(InvalidRequest) as caught:
        await conference.create_room("x", starts_at=start, recurrence="FREQ=WEEKLY;COUNT=3")
    assert caught.value.field == "timezone"
    assert not served.requests
    room = await conference.create_room(
        "x", starts_at=start, timezone="Europe/Warsaw", recurrence="FREQ=WEEKLY;COUNT=3"
    )
    assert room.timezone == "Europe/Warsaw"


async def test_day_of_the_start_is_that_of_its_zone(conference, served) -> None:
    """Late on Tuesday in UTC is Wednesday in Warsaw."""
    start = datetime(2026, 10, 20, 22, 30, tzinfo=UTC)
    await conference.create_room(
        "x", starts_at=start, timezone="Europe/Warsaw", recurrence="FREQ=WEEKLY;COUNT=3"
    )
    assert b'"weekly_days":"4"' in served.requests[-1].body
    await conference.create_room("x", starts_at=start, recurrence="FREQ=WEEKLY;COUNT=3")
    assert b'"timezone":"UTC"' in served.requests[-1].body
    assert b'"weekly_days":"3"' in served.requests[-1].body


async def test_permanent_room_does_not_recur(conference, served) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await conference.create_room("x", permanent=True, recurrence="FREQ=DAILY;COUNT=2")
    assert caught.value.field == "recurrence"
    assert not served.requests


async def test_rule_of_a_room_is_changed(conference) -> None:
    room = await conference.create_room("x", starts_at=TUESDAY, recurrence="FREQ=DAILY;COUNT=3")
    rule = "FREQ=WEEKLY;COUNT=2;BYDAY=TU"
    changed = await conference.update_room(room, recurrence=rule)
    assert changed.recurrence == rule
    assert len(changed.occurrences) == 2

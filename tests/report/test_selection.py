"""Which sessions a report is about."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from crowd import START, session

from conferencing import Conference, InvalidRequest
from conferencing.report import collect_report
from conferencing.report.selection import check_options, select_sessions
from conferencing.sandbox import ServedSimulator, World

DAY = timedelta(days=1)
WEEK = [session(n, days=n) for n in range(4)]


@pytest.mark.parametrize(
    ("since", "until", "numbers"),
    [
        (None, None, [0, 1, 2, 3]),
        (1, None, [1, 2, 3]),
        (None, 2, [0, 1]),
        (1, 3, [1, 2]),
        (1.001, 3.001, [2, 3]),
        (9, None, []),
    ],
)
def test_sessions_are_selected_by_start(
    since: float | None, until: float | None, numbers: list[int]
) -> None:
    ends = [None if day is None else START + day * DAY for day in (since, until)]
    selected = select_sessions(WEEK, since=ends[0], until=ends[1])
    assert selected == [WEEK[number] for number in numbers]


def test_ends_may_be_in_any_zone() -> None:
    since = (START + DAY).astimezone(ZoneInfo("Asia/Kolkata"))
    assert select_sessions(WEEK, since=since, until=None) == WEEK[1:]


def test_session_without_start_cannot_be_selected() -> None:
    unknown = session(7, started_at=None)
    assert select_sessions([unknown], since=None, until=None) == [unknown]
    with pytest.raises(InvalidRequest, match="'s7' has no known start") as caught:
        select_sessions([unknown], since=None, until=START)
    assert caught.value.field == "until"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"session": "s1", "since": START}, "since"),
        ({"session": ["s1"], "until": START}, "until"),
        ({"since": datetime(2026, 10, 1)}, "since"),  # noqa: DTZ001 - without a zone
        ({"since": START, "until": START}, "until"),
        ({"timezone": "Nowhere"}, "timezone"),
        ({"at_least": "80"}, "at_least"),
    ],
)
def test_option_that_cannot_be_used_raises(options: dict[str, Any], field: str) -> None:
    usual: dict[str, Any] = dict.fromkeys(("session", "since", "until", "timezone", "at_least"))
    with pytest.raises(InvalidRequest) as caught:
        check_options(**usual | options)
    assert caught.value.field == field


@pytest.fixture
async def room_id(conference: Conference, world: World) -> str:
    """Hold three sessions of a meeting, a day apart, each with another person."""
    room = await conference.create_room("Course", kind="meeting", timezone="Europe/Warsaw")
    for name in ("Ann", "Bob", "Cid"):
        world.enter(room.id, name, f"{name.lower()}@example.com")
        world.advance(timedelta(hours=1))
        world.end_session(room.id)
        world.advance(DAY)
    return room.id


async def test_several_sessions_make_one_report(conference: Conference, room_id: str) -> None:
    first, second, _ = await conference.sessions(room_id).collect()
    for chosen in ([first, second.id], (first.id, second.id, first.id)):
        report = await conference.attendance_report(room_id, chosen, at_least="50%")
        assert [each.id for each in report.sessions] == [first.id, second.id]
        assert [person.share for person in report.people] == [0.5, 0.5]
        assert report.summary.reached == 2


async def test_time_selects_sessions(conference: Conference, room_id: str) -> None:
    sessions = sorted(
        await conference.sessions(room_id).collect(), key=lambda each: each.started_at
    )
    since = sessions[1].started_at
    report = await collect_report(conference, room_id, since=since)
    assert {each.id for each in report.sessions} == {each.id for each in sessions[1:]}
    report = await collect_report(conference, room_id, until=since)
    assert {each.id for each in report.sessions} == {sessions[0].id}


async def test_session_of_another_room_raises(conference: Conference, room_id: str) -> None:
    session_id = (await conference.sessions(room_id).collect())[0].id
    other = await conference.create_room("Other", kind="meeting")
    with pytest.raises(InvalidRequest, match="not of") as caught:
        await collect_report(conference, other, session_id)
    assert caught.value.field == "session"
    with pytest.raises(InvalidRequest, match="session is empty"):
        await collect_report(conference, other, [])


async def test_wrong_threshold_sends_nothing(
    conference: Conference, room_id: str, served: ServedSimulator
) -> None:
    seen = len(served.requests)
    with pytest.raises(InvalidRequest, match="at_least"):
        await conference.attendance_report(room_id, at_least="80")
    assert len(served.requests) == seen

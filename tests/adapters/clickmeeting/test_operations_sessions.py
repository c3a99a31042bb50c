"""Sessions, who was there, and what they thought of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conferencing import (
    Conference,
    InvalidRequest,
    MergedBy,
    NotFound,
    Precision,
    Role,
    Segment,
    SessionStatus,
    UnsupportedOption,
)
from conferencing.sandbox import World

MINUTE = timedelta(minutes=1)
ATTENDEES = "/conferences/2632001/sessions/5342001/attendees"


# -------------------------------------------------------------------------------------- sessions


async def test_sessions_are_told_to_the_minute(
    conference: Conference, world: World, scenario: Any
) -> None:
    (told,) = await conference.sessions(scenario.room).collect()
    (kept,) = world.sessions_of(scenario.room.id)
    assert told.status is SessionStatus.ENDED
    assert kept.started_at.second == 30
    assert told.started_at == kept.started_at.replace(second=0)
    assert told.ended_at == kept.ended_at.replace(second=0)
    assert (told.people, told.peak) == (kept.people, kept.peak) == (1, 1)
    assert told.room_id == scenario.room.id


async def test_one_session_is_fetched_by_its_opaque_id(
    conference: Conference, scenario: Any
) -> None:
    session = await conference.get_session(scenario.session.id)
    assert session == scenario.session
    assert "pdf" in session.native


async def test_a_running_session_has_no_end(
    conference: Conference, world: World, scenario: Any
) -> None:
    world.enter(scenario.locked.id, "Ben", "ben@example.com")
    (session,) = await conference.sessions(scenario.locked).collect()
    assert session.status is SessionStatus.RUNNING
    assert (session.ended_at, session.duration) == (None, None)
    (ben,) = await conference.attendance(session).collect()
    assert (ben.left_at, ben.duration) == (None, None)
    assert ben.joined_at == world.now.replace(second=0)


@pytest.mark.parametrize("missing", ["2632001:1", "1:5342001", "2632002:5342001"])
async def test_a_session_that_is_not_there_or_not_in_this_room_is_not_found(
    conference: Conference, scenario: Any, missing: str
) -> None:
    with pytest.raises(NotFound):
        await conference.get_session(missing)
    with pytest.raises(NotFound):
        await conference.attendance(missing).collect()


@pytest.mark.parametrize("strange", ["5342001", "a:b:c", ":", "2632001:"])
async def test_an_id_of_another_make_is_no_session(
    conference: Conference, scenario: Any, strange: str
) -> None:
    with pytest.raises(InvalidRequest):
        await conference.get_session(strange)
    assert scenario.lines() == []


# ------------------------------------------------------------------------------------ attendance


async def test_who_came_back_is_one_record_that_says_why(
    conference: Conference, world: World, scenario: Any
) -> None:
    room = scenario.locked.id
    first = world.enter(room, "Ben &amp; Co", "ben@example.com")
    world.enter(room, "Host", "host@example.com", Role.HOST)
    world.advance(10 * MINUTE)
    world.leave(first.id)
    world.advance(10 * MINUTE)
    world.enter(room, "Ben again", "BEN@example.com")
    world.advance(10 * MINUTE)
    world.end_session(room)
    (session,) = await conference.sessions(room).collect()
    ben, host = await conference.attendance(session).collect()
    assert ben.display_name == "Ben &amp; Co"
    assert ben.merged_by == (MergedBy.EMAIL,)
    assert ben.duration == 20 * MINUTE
    start = first.joined_at.replace(second=0)
    assert ben.segments == (
        Segment(joined_at=start, left_at=start + 10 * MINUTE),
        Segment(joined_at=start + 20 * MINUTE, left_at=start + 30 * MINUTE),
    )
    assert ben.precision is Precision.SEGMENTS
    assert (host.role, host.merged_by, host.duration) == (Role.HOST, (), 30 * MINUTE)


async def test_people_without_an_address_are_never_taken_for_one(
    conference: Conference, world: World, scenario: Any
) -> None:
    for _ in range(2):
        world.enter(scenario.locked.id, "Same name")
    (session,) = await conference.sessions(scenario.locked).collect()
    told = await conference.attendance(session).collect()
    assert [one.id for one in told] == [one.id for one in world.visits_of("5342002")]
    assert [one.email for one in told] == [None, None]


async def test_attendance_of_a_room_goes_over_all_its_sessions(
    conference: Conference, world: World, scenario: Any
) -> None:
    world.enter(scenario.room.id, "Ann Lee", "ann@example.com")
    world.end_session(scenario.room.id)
    told = await conference.attendance(scenario.room).collect()
    assert len({one.session_id for one in told}) == 2
    assert [one.email for one in told] == ["ann@example.com"] * 2


async def test_attendance_costs_one_call_where_rows_have_times(
    conference: Conference, scenario: Any
) -> None:
    await conference.attendance(scenario.session).collect()
    assert len(scenario.lines()) == 1


async def test_times_that_rows_lack_are_taken_from_the_detail(
    conference: Conference, scenario: Any
) -> None:
    rows = (await conference.request("GET", ATTENDEES)).json()
    bare = [{"uid": row["uid"], "email": row["email"]} for row in rows]
    scenario.served.requests.clear()
    scenario.served.fail("body", match="/attendees", body=json.dumps(bare))
    (ann,) = await conference.attendance(scenario.session).collect()
    (visit,) = scenario.world.visits_of("5342001")
    assert ann.joined_at == visit.joined_at.replace(second=0)
    assert ann.left_at == visit.left_at.replace(second=0)
    assert ann.duration == 30 * MINUTE
    assert [line.rpartition("/")[2] for line in scenario.lines()] == ["attendees", "5342001"]


async def test_times_that_nobody_tells_stay_unknown(conference: Conference, scenario: Any) -> None:
    scenario.served.fail("body", match="/attendees", body='[{"uid":"1"}]')
    (ghost,) = await conference.attendance(scenario.session).collect()
    assert (ghost.segments, ghost.joined_at, ghost.duration) == ((), None, None)
    assert ghost.role is Role.UNKNOWN
    assert (ghost.display_name, ghost.email) == (None, None)


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("listener", Role.ATTENDEE),
        ("presenter", Role.PRESENTER),
        ("host", Role.HOST),
        ("moderator", Role.PRESENTER),
        ("guest_speaker", Role.PRESENTER),
        ("interpreter", Role.UNKNOWN),
    ],
)
async def test_roles_beyond_the_first_three_are_understood_or_unknown(
    conference: Conference, scenario: Any, word: str, role: Role
) -> None:
    row = f'[{{"uid":"1","role":"{word}","start_date":"2026-10-01T10:00:00+02:00"}}]'
    scenario.served.fail("body", body=row)
    (one,) = await conference.attendance(scenario.session).collect()
    assert one.role is role
    assert one.native["role"] == word


# -------------------------------------------------------------------------------------- feedback


async def test_feedback_is_what_attendees_said(
    conference: Conference, world: World, scenario: Any
) -> None:
    silent = world.enter(scenario.locked.id, "Silent", "silent@example.com")
    world.leave(silent.id)
    cross = world.enter(scenario.locked.id, "Cross", "cross@example.com")
    world.leave(cross.id, rating=1)
    world.end_session(scenario.locked.id)
    good, bad = await conference.feedback().collect()
    assert (good.rating, good.text, good.person.email) == (5, "fine\nthanks", "ann@example.com")
    assert (bad.rating, bad.text, bad.person.display_name) == (1, None, "Cross")
    assert (good.session_id, good.room_id) == (scenario.session.id, scenario.room.id)
    assert good.given_at == scenario.session.ended_at


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        (None, None, 1),
        (0, None, 1),
        (None, 0, 1),
        (24, None, 0),
        (None, -24, 0),
        (-24, 24, 1),
        (-48, -24, 0),
    ],
)
async def test_feedback_of_a_range_asks_only_sessions_within_it(
    conference: Conference, scenario: Any, since: int | None, until: int | None, found: int
) -> None:
    middle = scenario.session.started_at + 15 * MINUTE
    bounds = [
        None if hours is None else middle + timedelta(hours=hours) for hours in (since, until)
    ]
    told = await conference.feedback(*bounds).collect()
    assert len(told) == found
    assert sum(line.endswith("/attendees") for line in scenario.lines()) == found


async def test_feedback_has_no_tenants_and_no_range_that_runs_backwards(
    conference: Conference, scenario: Any
) -> None:
    with pytest.raises(UnsupportedOption):
        await conference.feedback(tenant="x").collect()
    with pytest.raises(InvalidRequest):
        conference.feedback(datetime(2027, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(InvalidRequest):
        conference.feedback(datetime(2027, 1, 1))  # noqa: DTZ001 - naive on purpose
    assert scenario.lines() == []

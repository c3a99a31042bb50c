"""Sessions, attendance and feedback."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from conferencing import (
    InvalidRequest,
    MergedBy,
    NotFound,
    Precision,
    Role,
    Segment,
    SessionStatus,
    UnsupportedOption,
)

MINUTE = timedelta(minutes=1)
ATTENDEES = "/conferences/2632001/sessions/5342001/attendees"


# -------------------------------------------------------------------------------------- sessions


async def test_session_times_are_whole_minutes(conference, world, scenario) -> None:
    (session,) = await conference.sessions(scenario.room).collect()
    (stored,) = world.sessions_of(scenario.room.id)
    assert session.status is SessionStatus.ENDED
    assert stored.started_at.second == 30
    assert session.started_at == stored.started_at.replace(second=0)
    assert session.ended_at == stored.ended_at.replace(second=0)
    assert (session.people, session.peak) == (stored.people, stored.peak) == (1, 1)
    assert session.room_id == scenario.room.id


async def test_session_is_fetched_by_id(conference, scenario) -> None:
    session = await conference.get_session(scenario.session.id)
    assert session == scenario.session
    assert "pdf" in session.native


async def test_running_session_has_no_end(conference, world, scenario) -> None:
    world.enter(scenario.locked.id, "Ben", "ben@example.com")
    (session,) = await conference.sessions(scenario.locked).collect()
    assert session.status is SessionStatus.RUNNING
    assert (session.ended_at, session.duration) == (None, None)
    (ben,) = await conference.attendance(session).collect()
    assert (ben.left_at, ben.duration) == (None, None)
    assert ben.joined_at == world.now.replace(second=0)


@pytest.mark.parametrize("missing", ["2632001:1", "1:5342001", "2632002:5342001"])
async def test_missing_session_is_not_found(conference, scenario, missing) -> None:
    with pytest.raises(NotFound):
        await conference.get_session(missing)
    with pytest.raises(NotFound):
        await conference.attendance(missing).collect()


@pytest.mark.parametrize("session_id", ["5342001", "a:b:c", ":", "2632001:"])
async def test_malformed_session_id_is_not_sent(conference, scenario, session_id) -> None:
    with pytest.raises(InvalidRequest):
        await conference.get_session(session_id)
    assert scenario.lines() == []


# ------------------------------------------------------------------------------------ attendance


async def test_returning_person_has_one_record(conference, world, scenario) -> None:
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


async def test_people_without_address_stay_apart(conference, world, scenario) -> None:
    for _ in range(2):
        world.enter(scenario.locked.id, "Same name")
    (session,) = await conference.sessions(scenario.locked).collect()
    records = await conference.attendance(session).collect()
    assert [record.id for record in records] == [visit.id for visit in world.visits_of("5342002")]
    assert [record.email for record in records] == [None, None]


async def test_attendance_of_a_room_has_all_sessions(conference, world, scenario) -> None:
    world.enter(scenario.room.id, "Ann Lee", "ann@example.com")
    world.end_session(scenario.room.id)
    records = await conference.attendance(scenario.room).collect()
    assert len({record.session_id for record in records}) == 2
    assert [record.email for record in records] == ["ann@example.com"] * 2


async def test_attendance_with_times_needs_one_call(conference, scenario) -> None:
    await conference.attendance(scenario.session).collect()
    assert len(scenario.lines()) == 1


async def test_missing_times_are_those_of_the_detail(conference, scenario) -> None:
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


async def test_times_missing_everywhere_are_unknown(conference, scenario) -> None:
    scenario.served.fail("body", match="/attendees", body='[{"uid":"1"}]')
    (record,) = await conference.attendance(scenario.session).collect()
    assert (record.segments, record.joined_at, record.duration) == ((), None, None)
    assert record.role is Role.UNKNOWN
    assert (record.display_name, record.email) == (None, None)


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
async def test_other_role_is_read_or_unknown(conference, scenario, word, role) -> None:
    row = f'[{{"uid":"1","role":"{word}","start_date":"2026-10-01T10:00:00+02:00"}}]'
    scenario.served.fail("body", body=row)
    (record,) = await conference.attendance(scenario.session).collect()
    assert record.role is role
    assert record.native["role"] == word


# -------------------------------------------------------------------------------------- feedback


async def test_feedback_has_ratings_and_comments(conference, world, scenario) -> None:
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
    ("since", "until", "count"),
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
async def test_feedback_of_a_range_reads_its_sessions(
    conference, scenario, since, until, count
) -> None:
    middle = scenario.session.started_at + 15 * MINUTE
    bounds = [
        None if hours is None else middle + timedelta(hours=hours) for hours in (since, until)
    ]
    feedback = await conference.feedback(*bounds).collect()
    assert len(feedback) == count
    assert sum(line.endswith("/attendees") for line in scenario.lines()) == count


async def test_feedback_with_invalid_range_raises(conference, scenario) -> None:
    with pytest.raises(UnsupportedOption):
        await conference.feedback(tenant="x").collect()
    with pytest.raises(InvalidRequest):
        conference.feedback(datetime(2027, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(InvalidRequest):
        conference.feedback(datetime(2027, 1, 1))  # noqa: DTZ001 - naive on purpose
    assert scenario.lines() == []

"""Usage, feedback and sessions say what really happened in the rooms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conferencing import (
    InvalidRequest,
    NotFound,
    Precision,
    SessionStatus,
    UnsupportedOperation,
    connect,
)
from conferencing.sandbox import Visit, World
from conferencing_meetrs.simulator.reports import measure_seconds

MINUTE = timedelta(minutes=1)
MONTH = timedelta(days=31)


async def test_person_alone_is_not_billed(conference, world) -> None:
    room = await conference.create_room("Alone")
    visit = world.enter(room.id, "Ann")
    world.advance(90 * MINUTE)
    world.leave(visit.id)
    (usage,) = await conference.usage().collect()
    assert (usage.people, usage.duration, usage.billable) == (1, 90 * MINUTE, timedelta())
    assert usage.free is True


@pytest.mark.parametrize(
    ("together", "free"),
    [
        (timedelta(minutes=19, seconds=59), True),
        (timedelta(minutes=19, seconds=59, milliseconds=1), False),
        (timedelta(minutes=20), False),
    ],
)
async def test_twenty_minutes_together_are_billed(conference, world, together, free) -> None:
    room = await conference.create_room("Interview")
    visits = [world.enter(room.id, name) for name in ("Ann", "Ben")]
    world.advance(together)
    for visit in visits:
        world.leave(visit.id)
    (usage,) = await conference.usage().collect()
    assert usage.free is free
    assert usage.billable == timedelta(seconds=-(-together // timedelta(seconds=1)))


async def test_two_devices_count_as_a_person(conference, world) -> None:
    room = await conference.create_room("Alone")
    visits = [world.enter(room.id, "Ann", email) for email in ("a@b.c", "A@b.c")]
    world.advance(MINUTE)
    for visit in visits:
        world.leave(visit.id)
    (usage,) = await conference.usage().collect()
    assert (usage.duration, usage.billable) == (MINUTE, timedelta())


async def test_usage_appears_when_all_have_left(conference, world) -> None:
    room = await conference.create_room("Break")
    assert await conference.usage().collect() == []
    first = world.enter(room.id, "Ann", "ann@example.com")
    world.advance(MINUTE)
    assert await conference.usage().collect() == []
    world.leave(first.id)
    assert (await conference.usage().collect())[0].duration == MINUTE
    world.advance(10 * MINUTE)
    again = world.enter(room.id, "Ann", "ann@example.com")
    assert await conference.usage().collect() == []
    world.advance(MINUTE)
    world.leave(again.id)
    (usage,) = await conference.usage().collect()
    assert usage.duration == 2 * MINUTE
    assert usage.ended_at - usage.started_at == 12 * MINUTE


async def test_deleted_meeting_stays_in_reports(daring, world) -> None:
    room = await daring.create_room("Gone", description="soon")
    held(world, room.id)
    await daring.delete_room(room)
    assert [usage.title for usage in await daring.usage().collect()] == ["Gone"]
    assert len(await daring.feedback().collect()) == 1


async def test_report_without_range_is_of_this_month(conference, world) -> None:
    room = await conference.create_room("October")
    held(world, room.id)
    assert len(await conference.usage().collect()) == 1
    start = world.now
    world.advance(MONTH)
    later = await conference.create_room("November")
    held(world, later.id)
    assert [usage.title for usage in await conference.usage().collect()] == ["November"]
    assert len(await conference.feedback().collect()) == 1
    both = await conference.usage(start - MINUTE, world.now).collect()
    assert [record.title for record in both] == ["October", "November"]
    assert len(await conference.feedback(start - MINUTE, world.now).collect()) == 2
    assert await conference.usage(start + MINUTE, start + 2 * MINUTE).collect() == []


@pytest.mark.parametrize("end", ["since", "until"])
async def test_half_a_range_is_not_sent(conference, served, end) -> None:
    missing = {"since": "until", "until": "since"}[end]
    for listing in (conference.usage, conference.feedback):
        with pytest.raises(InvalidRequest) as caught:
            await listing(**{end: datetime(2026, 10, 1, tzinfo=UTC)}).collect()
        assert caught.value.field == missing
    assert served.requests == []


async def test_tenant_sees_only_tenants_below(sandbox, served, conference, clock) -> None:
    simulator, world = served.simulator, served.simulator.world
    own, below = simulator.tenants.values()
    account = {"provider": "meetrs", **simulator.settings_of(below)}
    room = await conference.create_room("Above")
    held(world, room.id)
    async with connect(account, clock=clock) as child:
        inner = await child.create_room("Below")
        held(world, inner.id)
        assert titles(await child.usage().collect()) == ["Below"]
        with pytest.raises(NotFound):
            await child.usage(tenant=own.code).collect()
    assert titles(await conference.usage().collect()) == ["Above", "Below"]
    assert len(await conference.feedback().collect()) == 2
    for name in (below.code, below.id):
        assert titles(await conference.usage(tenant=name).collect()) == ["Below"]
        (feedback,) = await conference.feedback(tenant=name).collect()
        assert feedback.native["tenantId"] == below.id
    assert titles(await conference.usage(tenant=own.code).collect()) == ["Above"]


async def test_feedback_is_listed_if_rated(conference, world) -> None:
    room = await conference.create_room("Interview")
    ann, ben, zoe = (world.enter(room.id, name) for name in ("Ann", "Ben", "Zoë"))
    world.advance(MINUTE)
    world.leave(ann.id, rating=0)
    world.leave(ben.id, comment="no rating")
    world.leave(zoe.id, rating=10, comment="dziękuję 👍")
    feedback = await conference.feedback().collect()
    assert [(record.rating, record.text) for record in feedback] == [(0, ""), (10, "dziękuję 👍")]
    assert {record.room_id for record in feedback} == {room.id}
    assert all(record.given_at == world.now for record in feedback)
    assert (
        len({record.id for record in feedback} | {record.native["userId"] for record in feedback})
        == 4
    )


# -------------------------------------------------------------------------------------- sessions


async def test_sessions_are_read_from_usage(conference, world) -> None:
    room, other = await conference.create_room("A"), await conference.create_room("B")
    held(world, room.id)
    held(world, other.id)
    (session,) = await conference.sessions(room).collect()
    assert session.room_id == room.id
    assert session.status is SessionStatus.ENDED
    assert (session.people, session.duration) == (2, 30 * MINUTE)
    assert await conference.get_session(session.id) == session
    assert await conference.sessions("nowhere").collect() == []
    with pytest.raises(NotFound, match="last 365 days"):
        await conference.get_session("0f6e2f3c-6f1d-4a52-8c0e-08d82d522f18")


async def test_sessions_are_searched_from_creation(sandbox, served, clock) -> None:
    account = {**sandbox.account("meetrs"), "history": 7, "unverified": True}
    async with connect(account, clock=clock) as client:
        room = await client.create_room("A")
        await client.sessions(room).collect()
        assert served.requests[-1].target.startswith("/v1/usage?from=2026-09-24T08%3A00%3A00")
        whole = await client.get_room(room.id)
        await client.sessions(whole).collect()
        assert served.requests[-1].target.startswith("/v1/usage?from=2026-10-01T08%3A00%3A00")


async def test_sessions_are_found_by_the_vendor_clock(sandbox, world, clock) -> None:
    clock.time -= 400 * 86400
    async with connect(sandbox.account("meetrs"), clock=clock) as client:
        room = await client.create_room("A")
        held(world, room.id)
        assert len(await client.sessions(room).collect()) == 1


async def test_attendance_is_a_number(conference, served) -> None:
    assert conference.capabilities.features.attendance is Precision.COUNT
    with pytest.raises(UnsupportedOperation):
        await conference.attendance("0f6e2f3c-6f1d-4a52-8c0e-08d82d522f18").collect()
    assert served.requests == []


# ----------------------------------------------------------------------------------- arithmetic

START = datetime(2026, 10, 1, 8, tzinfo=UTC)
stays = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(0, 40), st.integers(0, 20)), max_size=8
)


@given(stays=stays)
def test_seconds_are_counted_by_people_present(stays) -> None:
    visits = [visit(place, *stay) for place, stay in enumerate(stays)]
    for people in (1, 2, 3):
        present = [
            len({who for who, start, length in stays if start <= second < start + length})
            for second in range(70)
        ]
        assert measure_seconds(visits, people) == sum(count >= people for count in present)


def visit(place: int, who: str, start: int, length: int) -> Visit:
    joined = START + timedelta(seconds=start)
    return Visit(
        id=str(place),
        session_id="s",
        name=who,
        email=f"{who}@example.com",
        role="attendee",
        joined_at=joined,
        left_at=joined + timedelta(seconds=length),
    )


# --------------------------------------------------------------------------------------- helpers


def held(world: World, room_id: str) -> None:
    """Let two meet for half an hour, and one of them say how it was."""
    visits = [world.enter(room_id, name, f"{name}@example.com") for name in ("ann", "ben")]
    world.advance(30 * MINUTE)
    world.leave(visits[0].id)
    world.leave(visits[1].id, rating=7, comment="good")


def titles(rows: Any) -> list[str]:
    return [row.title for row in rows]

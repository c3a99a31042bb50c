"""What happens in a world of simulated people, and the events of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from conferencing import Attendance, Conference, Room
from conferencing.webhooks import (
    Event,
    ParticipantJoined,
    ParticipantLeft,
    SessionEnded,
    SessionStarted,
    attendance_from_events,
)
from conferencing.world import World


def play_story(world: World, chance: Random, people_count: int) -> None:
    """Play two sessions in one room, in which people come, go, return, and use two devices."""
    room = world.add_room(name="Launch")
    for _ in range(2):
        world.start_session(room.id)
        inside: list[str] = []
        for _ in range(people_count * 3):
            world.advance(timedelta(seconds=chance.randrange(1, 60)))
            if inside and chance.random() < 0.4:
                world.leave(inside.pop(chance.randrange(len(inside))))
            else:
                number = chance.randrange(people_count)
                email = f"p{number}@example.com" if number % 4 else None
                inside.append(world.enter(room.id, f"Person {number}", email).id)
        world.advance(timedelta(minutes=1))
        world.end_session(room.id)
        world.advance(timedelta(minutes=10))


def events_of(world: World) -> Iterable[Event]:
    """Yield the events of all that happened in a world."""
    for session in world.sessions.values():
        ids: dict[str, Any] = {"session_id": session.id, "room_id": session.room_id}
        yield SessionStarted(id=f"{session.id} started", started_at=session.started_at, **ids)
        yield SessionEnded(id=f"{session.id} ended", ended_at=session.ended_at, **ids)
        for visit in world.visits_of(session.id):
            who: dict[str, Any] = {
                "visit_id": visit.id,
                "display_name": visit.name,
                "email": visit.email,
                "role": visit.role,
            }
            yield ParticipantJoined(
                id=f"{visit.id} joined", joined_at=visit.joined_at, **ids, **who
            )
            yield ParticipantLeft(id=f"{visit.id} left", left_at=visit.left_at, **ids, **who)


LAST = "Last"
REGISTERED = (LAST, *(f"P {number}" for number in range(40)))
"""Names of the people who register before."""


def address_of(name: str) -> str:
    """Return the e-mail address of a person."""
    return f"{name.replace(' ', '').lower()}@example.com"


def play_session(simulator: Any, room_id: str, chance: Random) -> None:
    """Let people come and go, and end the session with one person inside, whose "left" is lost."""
    world = simulator.world
    inside: list[str] = []
    waiting: list[str] = []
    for _ in range(120):
        world.advance(timedelta(seconds=chance.randrange(1, 30)))
        step = chance.random()
        if waiting and step < 0.15:
            inside.append(world.move(waiting.pop(0)).id)
        elif waiting and step < 0.2:
            world.leave(waiting.pop())
        elif inside and step < 0.5:
            world.leave(inside.pop(chance.randrange(len(inside))))
        else:
            name = f"P {chance.randrange(60)}"
            waits = chance.random() < 0.3
            visit = world.enter(room_id, name, address_of(name), waits=waits)
            (waiting if waits else inside).append(visit.id)
    world.enter(room_id, LAST, address_of(LAST))
    world.advance(timedelta(minutes=1))
    for visit_id in [*inside, *waiting]:
        world.leave(visit_id)
    world.advance(timedelta(minutes=1))
    simulator.quirks["lose_left"] = True
    world.end_session(room_id)
    simulator.quirks["lose_left"] = False


async def fetch_attendance(conference: Conference, room: Room) -> list[Attendance]:
    """Return the attendance of a room's two sessions."""
    sessions = await conference.sessions(room).collect()
    assert len(sessions) == 2
    rows = [await conference.attendance(session).collect() for session in sessions]
    return [row for listed in rows for row in listed]


LATE = ("duplicate_webhooks", "reorder_webhooks", "delay_webhooks")
"""Quirks by which a vendor sends its events late, twice and in any order."""


def send_late(simulator: Any) -> None:
    """Have a vendor send its events late, twice and in any order from now on."""
    simulator.quirks.update(dict.fromkeys(LATE, True))


async def deliver_all(simulator: Any, clock: Any) -> None:
    """Set the client's clock to that of the world, and have all events delivered."""
    clock.time = (simulator.world.now - clock.start).total_seconds()
    while simulator.webhooks.pending or await simulator.webhooks.deliver():
        await simulator.webhooks.deliver()


def expect_in_any_order(
    received: Sequence[Event], expected: list[Attendance], **untold: Any
) -> None:
    """Check that events give the expected attendance in any order, and if some come twice.

    `untold` are fields that are not compared, with the values that stand in for them.
    """

    @settings(max_examples=20, deadline=None)
    @given(st.randoms(use_true_random=False))
    def check_order(order: Random) -> None:
        copies = [*received, *order.sample(received, len(received) // 2)]
        order.shuffle(copies)
        folded = in_order(attendance_from_events(copies))
        assert [evolve(row, **untold) for row in folded] == expected

    check_order()


def in_order(rows: Iterable[Attendance]) -> list[Attendance]:
    """Return records in an order that does not depend on their source."""
    return sorted(rows, key=lambda row: (row.session_id or "", row.id))

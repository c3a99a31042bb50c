"""The story of 60 people on GoTo Webinar: its report gives who was there, and when, to the second.

40 of them registered before; the others do so as they come. Some use two devices at a time, and they
go and return; the webinar is ended and started again. Organizers are in no report, and nothing waits
to be let in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from scenarios import catch_up

from conferencing import Attendance, MatchedBy, Person, Precision, Role, connect
from conferencing.attendance import merge
from conferencing.sandbox import Sandbox
from conferencing.world import World

LAST = "P Last"


def address_of(name: str) -> str:
    """Return the e-mail address of a person."""
    return f"{name.replace(' ', '').lower()}@example.com"


def play_session(world: World, room_id: str, chance: Random) -> None:
    """Let people come and go, and end the session with one person and the organizer inside."""
    world.enter(room_id, "Olga Host", "olga@example.com", Role.HOST)
    inside: list[str] = []
    for _ in range(120):
        world.advance(timedelta(seconds=chance.randrange(1, 30)))
        if inside and chance.random() < 0.4:
            world.leave(inside.pop(chance.randrange(len(inside))))
        else:
            name = f"P {chance.randrange(60)}"
            inside.append(world.enter(room_id, name, address_of(name)).id)
    world.enter(room_id, LAST, address_of(LAST))
    world.advance(timedelta(minutes=1))
    for visit_id in inside:
        world.leave(visit_id)
    world.advance(timedelta(minutes=1))
    world.end_session(room_id)


def _presence(rows: Iterable[Attendance]) -> list[tuple[Any, ...]]:
    """Return who was there and when, in an order that does not depend on the source."""
    return sorted((row.email, row.display_name, row.segments, row.duration) for row in rows)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.exhaustive)])
async def test_report_tells_the_story(seed: int, clock: Any) -> None:
    chance = Random(seed)
    async with (
        Sandbox(["gotowebinar"]) as sandbox,
        connect(sandbox.account("gotowebinar"), clock=clock) as conference,
    ):
        world = sandbox["gotowebinar"].simulator.world
        room = await conference.create_room(
            "Launch", starts_at=world.now, duration=timedelta(hours=3)
        )
        registered: dict[str, str | None] = {}
        for name in (LAST, *(f"P {number}" for number in range(40))):
            first, _, last = name.partition(" ")
            person = Person(first_name=first, last_name=last, email=address_of(name))
            registered[address_of(name)] = (await conference.register(room, person)).id
        play_session(world, room.id, chance)
        world.advance(timedelta(minutes=2))
        play_session(world, room.id, chance)
        catch_up(conference, world)
        sessions = await conference.sessions(room).collect()
        assert len(sessions) == 2
        for session in sessions:
            rows = await conference.attendance(session).collect()
            real = world.attendance(session.id.rpartition(":")[2])
            expected = merge(row for row in real if row.role is not Role.HOST)
            assert session.people == len(rows) > 30
            assert _presence(rows) == _presence(expected)
            assert {row.precision for row in rows} == {Precision.SEGMENTS}
            assert {row.matched_by for row in rows} == {MatchedBy.REGISTRATION}
            for row in rows:
                assert registered.get(row.email or "", row.participant_id) == row.participant_id

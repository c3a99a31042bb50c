"""One story of 60 people, held on five vendors: all of them report the same attendance.

Some come with two devices at a time, go and return, or stay to the end. What a vendor does not say,
such as addresses, is unknown and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from scenarios import catch_up

from conferencing import Attendance, Person, Precision, Room, Session, connect
from conferencing.attendance import merge_segments
from conferencing.sandbox import Sandbox
from conferencing.testing.clock import FakeClock
from conferencing.world import World

PEOPLE = 60
ROOMS: Mapping[str, Mapping[str, Any]] = {
    "zoom": {"registration": True},  # without, nothing tells that a guest came back
    "teams": {},
    "googlemeet": {},
    "webex": {},
    "gotowebinar": {"kind": "webinar"},
}
"""The fields of a room by vendor."""

WITHOUT_ADDRESSES = {"googlemeet", "teams"}
"""Vendors that name no address of somebody who is not of the organization."""

Stays = tuple[tuple[timedelta, timedelta], ...]


def person(number: int) -> Person:
    """Return one of the people."""
    return Person(
        first_name="Person", last_name=f"{number:02}", email=f"person{number}@example.com"
    )


def play(world: World, place: str, chance: Random) -> None:
    """Let people come, with up to two devices each, go and return; the last ones stay to the end."""
    inside: list[str] = []
    newcomers = [*range(PEOPLE)]
    for _ in range(4 * PEOPLE):
        world.advance(timedelta(seconds=chance.randrange(1, 30)))
        if inside and chance.random() < 0.45:
            world.leave(inside.pop(chance.randrange(len(inside))))
        else:
            returns = not newcomers or chance.random() < 0.3
            who = person(chance.randrange(PEOPLE) if returns else newcomers.pop())
            inside.append(world.enter(place, who.display_name or "", who.email).id)
    world.advance(timedelta(minutes=1))
    world.end_session(place)


async def hold(provider: str) -> tuple[Session, Sequence[Attendance], datetime]:
    """Hold the session on a vendor's simulator; return it, its attendance, and when it began."""
    clock = FakeClock()
    async with (
        Sandbox([provider]) as sandbox,
        connect(sandbox.account(provider), clock=clock) as conference,
    ):
        world = sandbox[provider].simulator.world
        room = await conference.create_room(
            "Launch", starts_at=world.now, duration=timedelta(hours=3), **ROOMS[provider]
        )
        await register_all(conference, room)
        began = world.now
        play(world, next(reversed(world.rooms)), Random(3))
        world.advance(timedelta(days=1))  # every vendor has its report by then
        catch_up(conference, world)
        [session] = await conference.sessions(room).collect()
        return session, await conference.attendance(session).collect(), began


async def register_all(conference: Any, room: Room) -> None:
    """Register everybody where only registered people can come."""
    if room.registration:
        for number in range(PEOPLE):
            await conference.register(room, person(number))


def stays_of(rows: Sequence[Attendance], began: datetime) -> dict[str, Stays]:
    """Return by name when somebody was there, whatever the device, from the beginning on."""
    assert len({row.display_name for row in rows}) == len(rows)
    return {
        row.display_name or "": tuple(
            (part.joined_at - began, part.left_at - began)
            for part in merge_segments(row.segments)
            if part.left_at is not None
        )
        for row in rows
    }


@pytest.fixture(scope="module")
def expected() -> dict[str, Stays]:
    """What really happened."""
    world = World()
    room = world.add_room(name="Launch")
    began = world.now
    play(world, room.id, Random(3))
    stays: dict[str, list[Any]] = {}
    for session in world.sessions.values():
        for record in world.attendance(session.id):
            stays.setdefault(record.display_name or "", []).extend(record.segments)
    return {
        name: tuple(
            (part.joined_at - began, part.left_at - began)
            for part in merge_segments(segments)
            if part.left_at
        )
        for name, segments in stays.items()
    }


@pytest.mark.parametrize("provider", ROOMS)
async def test_every_vendor_tells_the_same_story(provider, expected) -> None:
    session, rows, began = await hold(provider)
    assert len(expected) == PEOPLE
    assert stays_of(rows, began) == expected
    assert {row.precision for row in rows} == {Precision.SEGMENTS}
    assert all(row.session_id == session.id for row in rows)
    addresses = {row.email for row in rows}
    known = {person(number).email for number in range(PEOPLE)}
    assert addresses == ({None} if provider in WITHOUT_ADDRESSES else known)

"""A client of Zoom's simulator, and a room in which there was a session, as a meeting and as a webinar."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from attrs import frozen
from exact import request_lines

from conferencing import Conference, Participant, Person, Recording, Role, Room, Session, connect
from conferencing.sandbox import Sandbox, ServedSimulator, World
from conferencing.testing import FakeClock
from conferencing_zoom.simulator import ZoomSimulator
from conferencing_zoom.wire.base import split_room_id

BEA = Person(first_name="Bea", last_name="Nowak", email="bea@example.org")
HOUR = timedelta(hours=1)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(["zoom"]) as running:
        yield running


@pytest.fixture
def served(sandbox: Sandbox) -> ServedSimulator:
    return sandbox["zoom"]


@pytest.fixture
def simulator(served: ServedSimulator) -> ZoomSimulator:
    assert isinstance(served.simulator, ZoomSimulator)
    return served.simulator


@pytest.fixture
def world(simulator: ZoomSimulator) -> World:
    return simulator.world


@pytest.fixture
async def conference(
    sandbox: Sandbox, served: ServedSimulator, clock: FakeClock
) -> AsyncIterator[Conference]:
    """A client that has its token already, so that the requests are those of the test."""
    async with connect(sandbox.account("zoom"), clock=clock) as client:
        await client.check()
        served.requests.clear()
        yield client


@frozen(kw_only=True)
class Scenario:
    """A room for which Bea is registered, and a recorded session in which she was for half an hour."""

    conference: Conference
    served: ServedSimulator
    room: Room
    participant: Participant
    session: Session
    recording: Recording

    @property
    def world(self) -> World:
        return self.served.simulator.world

    @property
    def number(self) -> int:
        return int(split_room_id(self.room.id)[1])

    def lines(self) -> list[str]:
        """Return the received requests, each as a line."""
        return request_lines(self.served)

    def tally(self) -> dict[str, int]:
        """Count the objects in the world."""
        world = self.world
        return {
            "rooms": len(world.rooms),
            "mails": len(world.outbox),
            "templates": len(world.templates),
            "people": len(world.participants[str(self.number)]),
            "recordings": len(world.recordings),
            "links": len(self.served.simulator.invite_links),  # type: ignore[attr-defined]
        }

    def catch_up(self) -> None:
        """Set the client's clock to that of the world."""
        clock: Any = self.conference.provider.context.clock
        clock.time = (self.world.now - clock.start).total_seconds()


@pytest.fixture(params=["meeting", "webinar"])
async def scenario(
    request: pytest.FixtureRequest, conference: Conference, served: ServedSimulator, world: World
) -> Scenario:
    room = await conference.create_room(
        "Launch", kind=request.param, registration=True, starts_at=world.now, duration=5 * HOUR
    )
    participant = await conference.register(room, BEA)
    number = split_room_id(room.id)[1]
    world.enter(number, "Olga Host", "olga@example.com", Role.HOST)
    visit = world.enter(number, "Bea Nowak", BEA.email)
    world.advance(HOUR / 2)
    world.leave(visit.id)
    world.end_session(number)
    world.record(number, HOUR / 3)
    world.advance(HOUR)
    clock: Any = conference.provider.context.clock
    clock.time = (world.now - clock.start).total_seconds()
    (session,) = await conference.sessions(room).collect()
    (recording,) = await conference.recordings(session).collect()
    served.requests.clear()
    return Scenario(
        conference=conference,
        served=served,
        room=room,
        participant=participant,
        session=session,
        recording=recording,
    )

"""A client of the simulator, and rooms of both forms in which there was a session."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from attrs import frozen
from exact import request_lines

from conferencing import Conference, Participant, Person, Recording, Room, Session, connect
from conferencing.sandbox import Sandbox, ServedSimulator, World
from conferencing.testing import FakeClock
from conferencing_googlemeet.simulator import GoogleMeetSimulator
from conferencing_googlemeet.simulator.state import Space

BEA = Person(name="Bea Nowak", email="bea@example.org")
HOUR = timedelta(hours=1)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(["googlemeet"]) as running:
        yield running


@pytest.fixture
def served(sandbox: Sandbox) -> ServedSimulator:
    return sandbox["googlemeet"]


@pytest.fixture
def simulator(served: ServedSimulator) -> GoogleMeetSimulator:
    assert isinstance(served.simulator, GoogleMeetSimulator)
    return served.simulator


@pytest.fixture
def world(simulator: GoogleMeetSimulator) -> World:
    return simulator.world


@pytest.fixture
async def conference(
    sandbox: Sandbox, served: ServedSimulator, clock: FakeClock
) -> AsyncIterator[Conference]:
    """A client that has its token already, so that the requests are those of the test."""
    async with connect(sandbox.account("googlemeet"), clock=clock) as client:
        await client.check()
        served.requests.clear()
        yield client


@frozen(kw_only=True)
class Scenario:
    """A room, and a recorded session in which Bea was for half an hour; events have her as a guest."""

    conference: Conference
    served: ServedSimulator
    simulator: GoogleMeetSimulator
    room: Room
    participant: Participant
    session: Session
    recording: Recording

    @property
    def world(self) -> World:
        return self.simulator.world

    @property
    def key(self) -> str:
        """The id of the room in the world: that of the event, or of the space."""
        return self.room.id.rpartition(":")[2]

    @property
    def space(self) -> Space:
        space = self.simulator.space_of_room(self.key)
        assert space is not None
        return space

    def lines(self) -> list[str]:
        """Return the received requests, each as a line."""
        return request_lines(self.served)

    def tally(self) -> dict[str, int]:
        """Count the objects in the world."""
        world = self.world
        return {
            "rooms": len(world.rooms),
            "mails": len(world.outbox),
            "people": len(world.participants[self.key]),
            "recordings": len(world.recordings),
            "running": sum(session.ended_at is None for session in world.sessions.values()),
            "subscriptions": len(self.simulator.subscriptions),
        }


@pytest.fixture(params=["event", "space"])
async def scenario(
    request: pytest.FixtureRequest,
    conference: Conference,
    served: ServedSimulator,
    simulator: GoogleMeetSimulator,
    world: World,
) -> Scenario:
    participant = Participant(id=BEA.email, email=BEA.email)
    if request.param == "event":
        room = await conference.create_room("Launch", starts_at=world.now, duration=5 * HOUR)
        participant = await conference.register(room, BEA)
    else:
        room = await conference.create_room(permanent=True)
    key = room.id.rpartition(":")[2]
    world.enter(key, "Olga Host", "olga@example.com")
    visit = world.enter(key, "Bea Nowak", BEA.email)
    world.advance(HOUR / 2)
    world.leave(visit.id)
    world.end_session(key)
    world.record(key, HOUR / 3)
    world.advance(HOUR / 6)
    clock: Any = conference.provider.context.clock
    clock.time = (world.now - clock.start).total_seconds()
    (session,) = await conference.sessions(room).collect()
    (recording,) = await conference.recordings(session).collect()
    served.requests.clear()
    return Scenario(
        conference=conference,
        served=served,
        simulator=simulator,
        room=room,
        participant=participant,
        session=session,
        recording=recording,
    )

"""A client of Webex's simulator, and a room in which there was a session, as a meeting and as a webinar."""

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
from conferencing_webex.simulator import WebexSimulator

BEA = Person(first_name="Bea", last_name="Nowak", email="bea@example.org")
HOUR = timedelta(hours=1)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(["webex"]) as running:
        yield running


@pytest.fixture
def served(sandbox: Sandbox) -> ServedSimulator:
    return sandbox["webex"]


@pytest.fixture
def simulator(served: ServedSimulator) -> WebexSimulator:
    assert isinstance(served.simulator, WebexSimulator)
    return served.simulator


@pytest.fixture
def world(simulator: WebexSimulator) -> World:
    return simulator.world


@pytest.fixture
async def conference(
    sandbox: Sandbox, served: ServedSimulator, clock: FakeClock
) -> AsyncIterator[Conference]:
    """A client that has its token already, so that the requests are those of the test."""
    async with connect(sandbox.account("webex"), clock=clock) as client:
        await client.check()
        served.requests.clear()
        yield client


def catch_up(conference: Conference, world: World) -> None:
    """Set the client's clock to that of the world."""
    clock: Any = conference.provider.context.clock
    clock.time = (world.now - clock.start).total_seconds()


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
    def simulator(self) -> WebexSimulator:
        assert isinstance(self.served.simulator, WebexSimulator)
        return self.served.simulator

    @property
    def world(self) -> World:
        return self.simulator.world

    def lines(self) -> list[str]:
        """Return the received requests, each as a line."""
        return request_lines(self.served)

    def tally(self) -> dict[str, int]:
        """Count the objects in the world."""
        return {
            "rooms": len(self.world.rooms),
            "mails": len(self.world.outbox),
            "people": len(self.world.participants[self.room.id]),
            "recordings": len(self.world.recordings),
            "invitees": sum(len(plan.invitees) for plan in self.simulator.plans.values()),
            "hooks": len(self.simulator.hooks),
        }


@pytest.fixture(params=["meeting", "webinar"])
async def scenario(
    request: pytest.FixtureRequest, conference: Conference, served: ServedSimulator, world: World
) -> Scenario:
    room = await conference.create_room(
        "Launch", kind=request.param, registration=True, starts_at=world.now, duration=5 * HOUR
    )
    participant = await conference.register(room, BEA)
    world.advance(HOUR / 30)
    world.enter(room.id, "Ada Host", "ada@example.com", Role.HOST)
    visit = world.enter(room.id, "Bea Nowak", BEA.email)
    world.advance(HOUR / 2)
    world.leave(visit.id)
    world.end_session(room.id)
    world.record(room.id, HOUR / 3)
    world.advance(HOUR)
    catch_up(conference, world)
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

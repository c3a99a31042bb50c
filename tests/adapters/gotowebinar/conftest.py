"""A client of GoTo's simulator, and a webinar in which there was a session."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from attrs import frozen
from exact import request_lines
from goto_samples import BEA, HOUR

from conferencing import Conference, Participant, Recording, Role, Room, Session, connect
from conferencing.sandbox import Sandbox, ServedSimulator, World
from conferencing.testing import FakeClock
from conferencing_gotowebinar.simulator import GoToWebinarSimulator


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(["gotowebinar"]) as running:
        yield running


@pytest.fixture
def served(sandbox: Sandbox) -> ServedSimulator:
    return sandbox["gotowebinar"]


@pytest.fixture
def simulator(served: ServedSimulator) -> GoToWebinarSimulator:
    assert isinstance(served.simulator, GoToWebinarSimulator)
    return served.simulator


@pytest.fixture
def world(simulator: GoToWebinarSimulator) -> World:
    return simulator.world


@pytest.fixture
async def conference(
    sandbox: Sandbox, served: ServedSimulator, clock: FakeClock
) -> AsyncIterator[Conference]:
    """A client that has its token already, so that the requests are those of the test."""
    account = {**sandbox.account("gotowebinar"), "unverified": True}
    async with connect(account, clock=clock) as client:
        await client.check()
        served.requests.clear()
        yield client


HOOK = "http://127.0.0.1:9/hooks"


@frozen(kw_only=True)
class Scenario:
    """A webinar with Bea, a recorded session in which she was for half an hour, and a later date."""

    conference: Conference
    served: ServedSimulator
    room: Room
    participant: Participant
    session: Session
    recording: Recording

    @property
    def world(self) -> World:
        return self.served.simulator.world

    def lines(self) -> list[str]:
        """Return the received requests, each as a line."""
        return request_lines(self.served)

    def tally(self) -> dict[str, int]:
        """Count the objects in the world."""
        world = self.world
        return {
            "rooms": len(world.rooms),
            "mails": len(world.outbox),
            "people": len(world.participants[self.room.id]),
            "hooks": len(world.subscriptions),
        }


@pytest.fixture
async def scenario(
    conference: Conference, served: ServedSimulator, world: World, clock: Any
) -> Scenario:
    served.simulator.answering.add(HOOK)  # nobody listens there, and the tests send nothing to it
    room = await conference.create_room("Launch", starts_at=world.now + HOUR, duration=5 * HOUR)
    participant = await conference.register(room, BEA)
    world.enter(room.id, "Olga Host", "olga@example.com", Role.HOST)
    visit = world.enter(room.id, "Bea Nowak", BEA.email)
    world.advance(HOUR / 2)
    world.leave(visit.id)
    world.end_session(room.id)
    world.record(room.id, HOUR / 3, media_types=["video/mp4", "text/vtt"])
    (session,) = await conference.sessions(room).collect()
    (recording,) = await conference.recordings(room).collect()
    served.requests.clear()
    return Scenario(
        conference=conference,
        served=served,
        room=room,
        participant=participant,
        session=session,
        recording=recording,
    )

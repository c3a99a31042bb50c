"""A client of Teams' simulator, and a room in which there was a session, in each of the three forms."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from exact import request_lines

from conferencing import Conference, Participant, Person, Recording, Role, Room, Session, connect
from conferencing.sandbox import Sandbox, ServedSimulator, World
from conferencing.testing import FakeClock
from conferencing_teams.simulator import TeamsSimulator

BEA = Person(first_name="Bea", last_name="Nowak", email="bea@example.org")
HOUR = timedelta(hours=1)
SAMPLES = Path(__file__).with_name("samples")
UUID = re.compile(r'("(?:transactionId|externalId)":")[0-9a-f-]{36}"')


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(["teams"]) as running:
        yield running


@pytest.fixture
def served(sandbox: Sandbox) -> ServedSimulator:
    return sandbox["teams"]


@pytest.fixture
def simulator(served: ServedSimulator) -> TeamsSimulator:
    assert isinstance(served.simulator, TeamsSimulator)
    served.simulator.quirks["late_reports"] = False
    return served.simulator


@pytest.fixture
def world(simulator: TeamsSimulator) -> World:
    return simulator.world


@pytest.fixture
async def conference(
    sandbox: Sandbox, simulator: TeamsSimulator, served: ServedSimulator, clock: FakeClock
) -> AsyncIterator[Conference]:
    """A client that has its tokens already, so that the requests are those of the test."""
    async with connect(sandbox.account("teams"), clock=clock) as client:
        await client.check()
        served.requests.clear()
        yield client


@frozen(kw_only=True)
class Scenario:
    """A room, with Bea registered where there is registration, and a recorded session of half an hour."""

    conference: Conference
    served: ServedSimulator
    room: Room
    participant: Participant | None
    session: Session
    recording: Recording | None

    @property
    def world(self) -> World:
        return self.served.simulator.world

    @property
    def simulator(self) -> TeamsSimulator:
        assert isinstance(self.served.simulator, TeamsSimulator)
        return self.served.simulator

    @property
    def own_id(self) -> str:
        """The room's id at Graph."""
        return self.room.id.rpartition("~")[2]

    def lines(self) -> list[str]:
        """Return the received requests, each as a line; ids that a call makes up are `<uuid>`."""
        return [UUID.sub(r'\1<uuid>"', line) for line in request_lines(self.served)]

    def tally(self) -> dict[str, int]:
        """Count the objects in the world."""
        world = self.world
        return {
            "rooms": len(world.rooms),
            "mails": len(world.outbox),
            "people": len(world.participants[self.own_id]),
            "subscriptions": len(world.notes["subscriptions"]),
        }


@pytest.fixture(params=["event", "plain", "webinar"])
async def scenario(
    request: pytest.FixtureRequest, sandbox: Sandbox, served: ServedSimulator, world: World,
    clock: FakeClock,
) -> AsyncIterator[Scenario]:  # fmt: skip
    dialect = "plain" if request.param == "plain" else ""
    async with connect(sandbox.account("teams", dialect), clock=clock) as client:
        await client.check()
        yield await hold_session(client, served, request.param)


async def hold_session(conference: Conference, served: ServedSimulator, form: str) -> Scenario:
    """Hold a session of half an hour in a room of a form."""
    world, is_webinar = served.simulator.world, form == "webinar"
    kind = "webinar" if is_webinar else "meeting"
    room = await conference.create_room("Launch", kind=kind, starts_at=world.now, duration=5 * HOUR)
    participant = await conference.register(room, BEA) if is_webinar else None
    own_id = room.id.rpartition("~")[2]
    world.enter(own_id, "Lena Vogt", "lena@contoso.example", Role.HOST)
    visit = world.enter(own_id, "Bea Nowak", BEA.email)
    world.advance(HOUR / 2)
    world.leave(visit.id)
    world.end_session(own_id)
    world.record(own_id, HOUR / 3, media_types=("video/mp4", "text/vtt"))
    (session,) = await conference.sessions(room).collect()
    recordings: list[Recording] = []
    if form != "plain":
        recordings = await conference.recordings(session).collect()
    if participant is not None:
        participant = await conference.get_participant(room, email=BEA.email)
    served.requests.clear()
    return Scenario(
        conference=conference,
        served=served,
        room=room,
        participant=participant,
        session=session,
        recording=recordings[0] if recordings else None,
    )


@pytest.fixture
def account(sandbox: Sandbox) -> dict[str, Any]:
    return sandbox.account("teams")


@pytest.fixture
def read_sample() -> Callable[[str], bytes]:
    """Return a reader of recorded replies by name."""
    return lambda name: (SAMPLES / f"{name}.json").read_bytes()

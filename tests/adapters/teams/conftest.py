"""A room in which there was a session, in each of the three forms."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import scenarios
from attrs import frozen
from scenarios import BEA, HOUR, BaseScenario

from conferencing import Conference, Participant, Person, Recording, Room, Session, connect
from conferencing.sandbox import Sandbox, ServedSimulator
from conferencing.testing import FakeClock

LENA = Person(name="Lena Vogt", email="lena@contoso.example")
SAMPLES = Path(__file__).with_name("samples")
UUID = re.compile(r'("(?:transactionId|externalId)":")[0-9a-f-]{36}"')


@pytest.fixture
def served(served: ServedSimulator) -> ServedSimulator:
    """The simulator, with the report of a session as soon as it ends."""
    served.simulator.quirks["late_reports"] = False
    return served


@frozen(kw_only=True)
class Scenario(BaseScenario):
    """A room, with Bea registered where there is registration, and a recorded session of half an hour."""

    room: Room
    participant: Participant | None
    session: Session
    recording: Recording | None

    @property
    def own_id(self) -> str:
        """The room's id at Graph."""
        return self.room.id.rpartition("~")[2]

    def lines(self) -> list[str]:
        """Return the received requests, each as a line; ids that a call makes up are `<uuid>`."""
        return [UUID.sub(r'\1<uuid>"', line) for line in super().lines()]

    def tally(self) -> dict[str, int]:
        """Count the objects in the world."""
        return {
            **super().tally(),
            "people": len(self.world.participants[self.own_id]),
            "subscriptions": len(self.world.notes["subscriptions"]),
        }


@pytest.fixture(params=["event", "plain", "webinar"])
async def scenario(
    request: pytest.FixtureRequest, sandbox: Sandbox, served: ServedSimulator, clock: FakeClock
) -> AsyncIterator[Scenario]:
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
    scenarios.hold_session(world, own_id, host=LENA, media_types=("video/mp4", "text/vtt"))
    (session,) = await conference.sessions(room).collect()
    recordings: list[Recording] = []
    if form != "plain":
        recordings = await conference.recordings(session).collect()
    if participant is not None:
        participant = await conference.get_participant(room, email=BEA.email)
    served.requests.clear()
    return Scenario(
        conference=conference, served=served, room=room, participant=participant, session=session,
        recording=recordings[0] if recordings else None,
    )  # fmt: skip

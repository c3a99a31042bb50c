"""Rooms of both forms in which there was a session."""

from __future__ import annotations

import pytest
from attrs import frozen
from scenarios import HOUR, RecordedScenario, catch_up, hold_session

from conferencing import Conference, Participant, Person
from conferencing.sandbox import ServedSimulator, World
from conferencing_googlemeet.simulator.state import Space

BEA = Person(name="Bea Nowak", email="bea@example.org")


@frozen(kw_only=True)
class Scenario(RecordedScenario):
    """A room, and a recorded session in which Bea was for half an hour; events have her as a guest."""

    @property
    def key(self) -> str:
        """The id of the room in the world: that of the event, or of the space."""
        return self.room.id.rpartition(":")[2]

    @property
    def space(self) -> Space:
        space = self.simulator.space_of_room(self.key)
        assert isinstance(space, Space)
        return space

    def tally(self) -> dict[str, int]:
        """Count the objects in the world."""
        world = self.world
        return {
            **super().tally(),
            "people": len(world.participants[self.key]),
            "recordings": len(world.recordings),
            "running": sum(session.ended_at is None for session in world.sessions.values()),
            "subscriptions": len(self.simulator.subscriptions),
        }


@pytest.fixture(params=["event", "space"])
async def scenario(
    request: pytest.FixtureRequest, conference: Conference, served: ServedSimulator, world: World
) -> Scenario:
    participant = Participant(id=BEA.email, email=BEA.email)
    if request.param == "event":
        room = await conference.create_room("Launch", starts_at=world.now, duration=5 * HOUR)
        participant = await conference.register(room, BEA)
    else:
        room = await conference.create_room(permanent=True)
    hold_session(world, room.id.rpartition(":")[2])
    world.advance(HOUR / 6)
    catch_up(conference, world)
    return await Scenario.read(conference, served, room, participant)

"""A room in which there was a session, as a meeting and as a webinar."""

from __future__ import annotations

import pytest
from attrs import frozen
from scenarios import BEA, HOUR, RecordedScenario, catch_up, hold_session

from conferencing import Conference, Person
from conferencing.sandbox import ServedSimulator, World

ADA = Person(name="Ada Host", email="ada@example.com")


@frozen(kw_only=True)
class Scenario(RecordedScenario):
    """A room as `RecordedScenario` has it, of either kind."""

    def tally(self) -> dict[str, int]:
        """Count the objects in the world."""
        return {
            **super().tally(),
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
    hold_session(world, room.id, host=ADA)
    world.advance(HOUR)
    catch_up(conference, world)
    return await Scenario.read(conference, served, room, participant)

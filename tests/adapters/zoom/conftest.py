"""A room in which there was a session, as a meeting and as a webinar."""

from __future__ import annotations

import pytest
from attrs import frozen
from scenarios import BEA, HOUR, RecordedScenario, catch_up, hold_session

from conferencing import Conference
from conferencing.sandbox import ServedSimulator, World
from conferencing_zoom.wire.base import split_room_id


@frozen(kw_only=True)
class Scenario(RecordedScenario):
    """A room as `RecordedScenario` has it, of either kind."""

    @property
    def number(self) -> int:
        return int(split_room_id(self.room.id)[1])

    def tally(self) -> dict[str, int]:
        """Count the objects in the world."""
        return {
            **super().tally(),
            "templates": len(self.world.templates),
            "people": len(self.world.participants[str(self.number)]),
            "recordings": len(self.world.recordings),
            "links": len(self.simulator.invite_links),
        }


@pytest.fixture(params=["meeting", "webinar"])
async def scenario(
    request: pytest.FixtureRequest, conference: Conference, served: ServedSimulator, world: World
) -> Scenario:
    room = await conference.create_room(
        "Launch", kind=request.param, registration=True, starts_at=world.now, duration=5 * HOUR
    )
    participant = await conference.register(room, BEA)
    hold_session(world, split_room_id(room.id)[1])
    world.advance(HOUR)
    catch_up(conference, world)
    return await Scenario.read(conference, served, room, participant)

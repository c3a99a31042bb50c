"""A webinar in which there was a session, and an account that may create and change webinars."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import frozen
from scenarios import BEA, HOUR, RecordedScenario, hold_session

from conferencing import Conference
from conferencing.sandbox import Sandbox, ServedSimulator, World

HOOK = "http://127.0.0.1:9/hooks"


@pytest.fixture
def account(sandbox: Sandbox) -> dict[str, Any]:
    return {**sandbox.account("gotowebinar"), "unverified": True}


@frozen(kw_only=True)
class Scenario(RecordedScenario):
    """A webinar with Bea, a recorded session in which she was for half an hour, and a later date."""

    def tally(self) -> dict[str, int]:
        """Count the objects in the world."""
        return {
            **super().tally(),
            "people": len(self.world.participants[self.room.id]),
            "hooks": len(self.world.subscriptions),
        }


@pytest.fixture
async def scenario(conference: Conference, served: ServedSimulator, world: World) -> Scenario:
    served.simulator.answering.add(HOOK)  # nobody listens there, and the tests send nothing to it
    room = await conference.create_room("Launch", starts_at=world.now + HOUR, duration=5 * HOUR)
    participant = await conference.register(room, BEA)
    hold_session(world, room.id, media_types=["video/mp4", "text/vtt"])
    return await Scenario.read(conference, served, room, participant, recorded_in_room=True)

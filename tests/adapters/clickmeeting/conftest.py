"""A scenario with all that ClickMeeting has, and its API without our client."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from attrs import frozen
from raw_requests import send_raw
from scenarios import BaseScenario

from conferencing import (
    AccessToken,
    Conference,
    Passcode,
    PersonalToken,
    Recording,
    Room,
    Session,
)
from conferencing.sandbox import ServedSimulator, World

FORM = "application/x-www-form-urlencoded"
WARSAW = ZoneInfo("Europe/Warsaw")
ANN = {"email": "ann@example.com", "first_name": "Ann", "last_name": "Lee"}


@frozen(kw_only=True)
class Scenario(BaseScenario):
    """Rooms of each kind of entry; in the first one, Ann registered, came, and was recorded."""

    room: Room
    locked: Room
    tokens: Room
    token: AccessToken
    session: Session
    recording: Recording

    def tally(self) -> dict[str, int]:
        """Count the objects in the world."""
        world = self.world
        return {
            **super().tally(),
            "people": sum(map(len, world.participants.values())),
            "tokens": sum(map(len, world.tokens.values())),
            "recordings": len(world.recordings),
            "contacts": len(self.simulator.contacts),
            "reports": len(self.simulator.reports),
        }


@pytest.fixture
async def scenario(conference: Conference, served: ServedSimulator, world: World) -> Scenario:
    room = await conference.create_room(
        "Launch & demo",
        kind="webinar",
        starts_at=datetime(2026, 10, 1, 10, 15, tzinfo=WARSAW),
        duration=timedelta(hours=2),
        registration=True,
    )
    locked = await conference.create_room("Locked", entry=Passcode("s3cret"))
    tokens = await conference.create_room("Ticketed", entry=PersonalToken(), permanent=True)
    token = (await conference.create_access_tokens(tokens, 2))[0]
    await conference.invite(tokens, ["ann@example.com"])
    await conference.register(room, **ANN)
    world.advance(timedelta(minutes=20, seconds=30))
    visit = world.enter(room.id, "Ann Lee", "ann@example.com")
    world.advance(timedelta(minutes=30))
    world.leave(visit.id, rating=5, comment="fine\nthanks")
    world.end_session(room.id)
    recording = world.record(room.id, timedelta(minutes=25))
    session = (await conference.sessions(room).collect())[0]
    recording = (await conference.recordings(room).collect())[0]
    served.requests.clear()
    return Scenario(
        conference=conference, served=served, room=room, locked=locked, tokens=tokens, token=token,
        session=session, recording=recording,
    )  # fmt: skip


@pytest.fixture
def api(http: aiohttp.ClientSession, served: ServedSimulator) -> Callable[..., Awaitable[Any]]:
    """Call the simulator as any program would: path and body as they are, the key in its header.

    Gives the status and the JSON, or the bytes where the reply is none.
    """

    async def call(
        method: str, path: str, body: str | bytes | None = None, kind: str = FORM
    ) -> tuple[int, Any]:
        headers = {"X-Api-Key": served.simulator.key}
        headers |= {"Content-Type": kind} if body is not None else {}
        reply = await send_raw(http, method, f"{served.simulator.root}{path}", headers, body)
        is_json = reply.headers.get("Content-Type", "").startswith("application/json")
        return reply.status, reply.body if is_json else reply.content

    return call

"""Clients of both generations on a sandbox, rooms with a history, and the simulator without a client."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from attrs import frozen
from raw_requests import send_raw
from scenarios import BaseScenario
from yarl import URL

from conferencing import (
    Conference,
    JoinLink,
    Passcode,
    Person,
    Room,
    RoomSettings,
    Session,
    connect,
)
from conferencing.sandbox import Sandbox, ServedSimulator, World

RECORDED = RoomSettings(recording=True, auto_recording=True, recording_control=True)


@frozen(kw_only=True)
class History(BaseScenario):
    """Rooms that have sessions and recordings."""

    def tally(self) -> dict[str, int]:
        """Count the objects in the world."""
        return {
            **super().tally(),
            "sessions": len(self.world.sessions),
            "recordings": len(self.world.recordings),
        }


@frozen(kw_only=True)
class Scenario(History):
    """Meetings of v1: one in which Ann and Ben were and which was recorded, one that runs.

    Ids of v1's sessions are packed; `key` is the vendor's own.
    """

    room: Room
    session: Session
    live: Room
    running: Session

    @property
    def key(self) -> str:
        return str(self.session.native["session_id"])


@frozen(kw_only=True)
class Cloud(History):
    """Rooms of v4: one that is over after Ann was there, one that runs, one that is planned."""

    past: Room
    live: Room
    planned: Room

    def lines(self) -> list[str]:
        """Return the received requests, each as a line with the last part of its path."""
        return [re.sub("/api/v4/[^/]+/", "", line, count=1) for line in super().lines()]


@pytest.fixture
async def v4(sandbox: Sandbox, clock: Any) -> AsyncIterator[Conference]:
    """A client of v4 that retries without waiting."""
    async with connect(sandbox.account("vconnct", "v4"), clock=clock) as client:
        yield client


@pytest.fixture
async def scenario(conference: Conference, served: ServedSimulator, world: World) -> Scenario:
    room = await conference.create_room(
        "Class", entry=Passcode("modpwd", role="host"), settings=RECORDED, description="Welcome"
    )
    await conference.start_session(room, "Mod", title="First", entry=Passcode("attpwd"))
    world.advance(timedelta(minutes=5))
    world.enter(room.id, "Ann Lee")
    world.advance(timedelta(minutes=1))
    world.enter(room.id, "Ben")
    world.advance(timedelta(minutes=30))
    (session,) = await conference.sessions(room).collect()
    await conference.end_session(session)
    live = await conference.create_room("Live", settings=RECORDED)
    await conference.start_session(live, "Mod")
    (running,) = await conference.sessions(live).collect()
    (session,) = await conference.sessions(room).collect()
    served.requests.clear()
    return Scenario(
        conference=conference, served=served, room=room, session=session, live=live, running=running
    )


@pytest.fixture
async def cloud(v4: Conference, served: ServedSimulator, world: World) -> Cloud:
    past = await v4.create_room("Past")
    world.advance(timedelta(minutes=5))
    visit = world.enter(past.id, "Ann", "ann@example.com")
    world.advance(timedelta(minutes=30))
    world.leave(visit.id)
    world.record(past.id, timedelta(minutes=20))
    world.end_session(past.id)
    live = await v4.create_room("Live", description="Welcome")
    planned = await v4.create_room("Planned", starts_at=world.now + timedelta(days=1))
    served.requests.clear()
    return Cloud(conference=v4, served=served, past=past, live=live, planned=planned)


@pytest.fixture
def targets(served: ServedSimulator) -> Callable[[], list[str]]:
    """Return the last part of the path of each received request."""
    return lambda: [request.path.rstrip("/").rpartition("/")[2] for request in served.requests]


@pytest.fixture
def api(http: aiohttp.ClientSession, served: ServedSimulator) -> Callable[..., Awaitable[Any]]:
    """Call v1 as any program would: path and body as they are. Gives the status and the JSON."""

    async def call(
        method: str, path: str, body: str | None = None, **headers: str
    ) -> tuple[int, Any]:
        usual = {"license": served.simulator.license, "Content-Type": "application/json"}
        url = f"{served.simulator.root}{path}"
        reply = await send_raw(http, method, url, {**usual, **headers}, body)
        return reply.status, reply.body

    return call


@pytest.fixture
def walk_in(served: ServedSimulator) -> Callable[..., Any]:
    """Open a link as its bearer would."""

    def enter(link: JoinLink, name: str | None = None, email: str | None = None) -> Any:
        url = URL(link.url)
        join_target = served.simulator.join_target(url.path.split("/")[3:], dict(url.query))
        (option,) = join_target.entry_options
        person = option.person or Person(name=name)
        return served.simulator.enter(
            join_target, option, name or person.display_name or "", email or person.email
        )

    return enter

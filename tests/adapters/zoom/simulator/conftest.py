"""A running simulator of Zoom, and a program that talks to it without our client."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from attrs import define, field
from raw_requests import RawReply, send_raw

from conferencing.model import Role
from conferencing.sandbox import World
from conferencing_zoom.simulator import ZoomSimulator

OLGA = "olga@example.com"
MINUTE = timedelta(minutes=1)


@define(kw_only=True)
class Program:
    """Send requests whose paths are taken as they are, `/v2` is in front of them."""

    session: aiohttp.ClientSession
    simulator: ZoomSimulator
    subject: str
    headers: dict[str, str] = field(factory=dict)

    async def send(
        self, method: str, url: str, body: Any = None, *, raw: bytes | None = None, **headers: str
    ) -> RawReply:
        data = raw if raw is not None or body is None else json.dumps(body)
        return await send_raw(
            self.session, method, url, {"Content-Type": "application/json", **headers}, data
        )

    async def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> RawReply:
        """Call the API, with a new token unless `headers` have one."""
        token = self.simulator.tokens.issue(self.subject).access_token
        headers = {"Authorization": f"Bearer {token}", **self.headers, **headers}
        return await self.send(method, f"{self.simulator.root}/v2{path}", body, **headers)

    async def get(self, path: str) -> Any:
        """Return the body of a call that succeeds."""
        reply = await self("GET", path)
        assert reply.status == 200, reply.content
        return reply.body

    async def create(self, kind: str = "meeting", user: str = OLGA, **fields: Any) -> Any:
        """Return a new room."""
        reply = await self("POST", f"/users/{user}/{kind}s", fields)
        assert reply.status == 201, reply.content
        return reply.body

    async def register(self, room: Any, email: str = "bea@example.org", **fields: Any) -> RawReply:
        """Register somebody for a room."""
        kind = "webinars" if room["type"] in {5, 6, 9} else "meetings"
        person = {"email": email, "first_name": "Bea", **fields}
        return await self("POST", f"/{kind}/{room['id']}/registrants", person)


@pytest.fixture
def program(http: aiohttp.ClientSession, simulator: ZoomSimulator) -> Program:
    """A program with a token of the app, on its own."""
    return Program(session=http, simulator=simulator, subject=simulator.app.id)


@pytest.fixture
def as_user(program: Program, simulator: ZoomSimulator) -> Program:
    """The same program with a token of Olga's."""
    subject = f"{simulator.app.id} {simulator.host.id}"
    return Program(session=program.session, simulator=simulator, subject=subject)


@pytest.fixture
async def held(program: Program, world: World) -> Any:
    """A meeting in which Olga was for half an hour, and Bea, who is registered, for 20 minutes."""
    room = await program.create(topic="Launch", settings={"approval_type": 0})
    await program.register(room)
    number = str(room["id"])
    world.enter(number, "Olga Host", OLGA, Role.HOST)
    visit = world.enter(number, "Bea Nowak", "bea@example.org")
    world.advance(20 * MINUTE)
    world.leave(visit.id)
    world.advance(10 * MINUTE)
    world.end_session(number)
    return room

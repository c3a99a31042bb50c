"""A scenario with all that Meet.rs has, and its API without our client."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial
from typing import Any

import aiohttp
import pytest
from attrs import frozen
from raw_requests import send_raw
from samples import read_sample
from scenarios import BaseScenario

from conferencing import (
    Conference,
    Invitee,
    Passcode,
    Person,
    Room,
    SignIn,
    Template,
    connect,
)
from conferencing.sandbox import ServedSimulator, World
from conferencing.testing import FakeClock

ANN = Person(first_name="Ann", last_name="Lee", email="ann@example.com")
BEN = Person(first_name="Ben", last_name="Lee", email="ben@example.com")
PEOPLE = (
    Invitee(person=ANN, role="presenter", entry=SignIn("google")),
    Invitee(person=BEN, entry=Passcode("112233")),
    Invitee(role="guest"),
)


@pytest.fixture
def sample() -> Callable[[str], Any]:
    """Read one of the vendor's examples, by the name of its file."""
    return partial(read_sample, "meetrs")


@pytest.fixture
async def daring(
    account: dict[str, Any], served: ServedSimulator, clock: FakeClock
) -> AsyncIterator[Conference]:
    """A client that has its token already, with `unverified = true`."""
    async with connect({**account, "unverified": True}, clock=clock) as client:
        await client.check()
        served.requests.clear()
        yield client


@pytest.fixture
async def bare(http: aiohttp.ClientSession, served: ServedSimulator) -> Bare:
    """Call the simulator as any program does, without our client."""
    api = Bare(session=http, root=served.simulator.root, headers={})
    keys = served.simulator.settings()
    body = {name: keys[name] for name in ("client_key", "client_secret")}
    _, token = await api("POST", "/v1/token", {"grant_type": "client_credentials", **body})
    api.headers["Authorization"] = f"bearer {token['access_token']}"
    served.requests.clear()
    return api


@frozen(kw_only=True)
class Bare:
    """Send JSON and return the status with the JSON of the reply."""

    session: aiohttp.ClientSession
    root: str
    headers: dict[str, str]

    async def __call__(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        kind = {} if body is None else {"Content-Type": "application/json"}
        data = None if body is None else json.dumps(body)
        url = f"{self.root}{path}"
        reply = await send_raw(self.session, method, url, {**self.headers, **kind, **headers}, data)
        return reply.status, reply.body


@frozen(kw_only=True)
class Scenario(BaseScenario):
    """A meeting in which Ann and Ben met for a quarter of an hour, and Ben gave feedback."""

    room: Room
    template: Template

    def tally(self) -> dict[str, int]:
        """Count the objects in the world."""
        return {**super().tally(), "templates": len(self.world.templates)}


@pytest.fixture
async def scenario(daring: Conference, served: ServedSimulator, world: World) -> Scenario:
    room = await daring.create_room("Interview", people=PEOPLE)
    template = (await daring.templates().collect())[1]
    visits = [world.enter(room.id, who.display_name, who.email) for who in (ANN, BEN)]
    world.advance(timedelta(minutes=15))
    world.leave(visits[0].id)
    world.leave(visits[1].id, rating=9, comment="fine")
    served.requests.clear()
    return Scenario(conference=daring, served=served, room=room, template=template)

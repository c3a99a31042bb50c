"""A scenario with all that Meet.rs has, and the table of all operations."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import aiohttp
import pytest
from attrs import frozen
from exact import ExactCalls
from raw_requests import send_raw
from samples import read_sample
from scenarios import BaseScenario

from conferencing import (
    Anyone,
    Conference,
    Invitee,
    Passcode,
    Person,
    Room,
    SignIn,
    Template,
    connect,
)
from conferencing.http import Effect
from conferencing.sandbox import ServedSimulator, World
from conferencing.testing import FakeClock

ANN = Person(first_name="Ann", last_name="Lee", email="ann@example.com")
BEN = Person(first_name="Ben", last_name="Lee", email="ben@example.com")
PEOPLE = (
    Invitee(person=ANN, role="presenter", entry=SignIn("google")),
    Invitee(person=BEN, entry=Passcode("112233")),
    Invitee(role="guest"),
)
SINCE = datetime(2026, 9, 1, tzinfo=UTC)
UNTIL = datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC)


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


# ------------------------------------------------------------------------------- the operations


CALLS = ExactCalls()


def tenant(scenario: Scenario) -> str:
    return next(iter(scenario.served.simulator.tenants))


RANGE = "from=2026-09-01T00%3A00%3A00.000Z&to=2026-10-31T23%3A59%3A59.000Z"
YEAR = "from=2025-10-01T08%3A00%3A00.000Z&to=2026-10-02T08%3A00%3A00.000Z"
ANN_JSON = (
    '{"user":{"firstName":"Ann","lastName":"Lee","email":"ann@example.com"},'
    '"role":"PowerUser","accessRules":[{"provider":"Google"}]}'
)
CREDENTIALS = '{"grant_type":"client_credentials","client_key":"<key>","client_secret":"<secret>"}'
HALF = timedelta(minutes=30)
NEW = {"type": 3, "items": []}

# fmt: off
CALLS.add("create", lambda s: s.conference.create_room(),
       "POST /v1/meetings {}", effect=Effect.NOTIFY, rooms=1)
CALLS.add("create for people", lambda s: s.conference.create_room("A/ż", people=[PEOPLE[0], PEOPLE[2]]),
       f'POST /v1/meetings {{"title":"A/ż","participants":[{ANN_JSON},{{"role":"Guest"}}]}}',
       effect=Effect.NOTIFY, rooms=1, mails=1)
CALLS.add("create from a template", lambda s: s.conference.create_room(template=s.template, duration=HALF),
       'POST /v1/meetings {"addonConfigurationId":"<template>","schedulingInfo":{"duration":30}}',
       effect=Effect.NOTIFY, rooms=1)
CALLS.add("list rooms", lambda s: s.conference.rooms().collect(), "GET /v1/meetings")
CALLS.add("get room", lambda s: s.conference.get_room(s.room.id), "GET /v1/meetings/<code>")
CALLS.add("update room", lambda s: s.conference.update_room(s.room, description="x"),
       'PUT /v1/meetings/<code> {"description":"x"}', effect=Effect.IDEMPOTENT)
CALLS.add("open room", lambda s: s.conference.update_room(s.room, entry=Anyone()),
       'PUT /v1/meetings/<code> {"participants":[]}', effect=Effect.IDEMPOTENT)
CALLS.add("invite into a room", lambda s: s.conference.update_room(s.room, people=[PEOPLE[0]]),
       f'PUT /v1/meetings/<code> {{"participants":[{ANN_JSON}]}}', effect=Effect.NOTIFY, mails=1)
CALLS.add("delete room", lambda s: s.conference.delete_room(s.room),
       "DELETE /v1/meetings/<code>", effect=Effect.IDEMPOTENT, rooms=-1)
CALLS.add("list templates", lambda s: s.conference.templates().collect(), "GET /v1/addonConfigurations")
CALLS.add("create template", lambda s: s.conference.create_template("Mine", native=NEW),
       'POST /v1/addonConfigurations {"name":"Mine","isDefault":false,"type":3,"items":[]}',
       effect=Effect.CREATE, templates=1)
CALLS.add("update template", lambda s: s.conference.update_template(Template(id=s.template.id, name="N", default=True)),
       'PUT /v1/addonConfigurations/<template> {"name":"N","isDefault":true}', effect=Effect.IDEMPOTENT)
CALLS.add("delete template", lambda s: s.conference.delete_template(s.template),
       "DELETE /v1/addonConfigurations/<template>", effect=Effect.IDEMPOTENT, templates=-1)
CALLS.add("sessions", lambda s: s.conference.sessions(s.room).collect(), f"GET /v1/usage?{YEAR}")
CALLS.add("session", lambda s: s.conference.get_session(next(iter(s.world.sessions))), f"GET /v1/usage?{YEAR}")
CALLS.add("usage", lambda s: s.conference.usage().collect(), "GET /v1/usage")
CALLS.add("usage of a range", lambda s: s.conference.usage(SINCE, UNTIL).collect(), f"GET /v1/usage?{RANGE}")
CALLS.add("usage of a tenant", lambda s: s.conference.usage(tenant=tenant(s)).collect(), "GET /v1/usage/<tenant>")
CALLS.add("feedback", lambda s: s.conference.feedback().collect(), "GET /v1/feedbacks")
CALLS.add("feedback of a range and tenant", lambda s: s.conference.feedback(SINCE, UNTIL, tenant=tenant(s)).collect(),
       f"GET /v1/feedbacks/<tenant>?{RANGE}")
CALLS.add("tenants", lambda s: s.conference.provider.tenants(), "GET /v1/tenants")
CALLS.add("request", lambda s: s.conference.request("GET", "/addonConfigurations"),
       "GET /v1/addonConfigurations")
CALLS.add("check", lambda s: s.conference.check(), f"POST /v1/token {CREDENTIALS}")
# fmt: on


@pytest.fixture(params=CALLS, ids=str)
def exact(request):
    return request.param

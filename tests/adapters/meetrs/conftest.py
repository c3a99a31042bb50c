"""A stage on which all that Meet.rs has can be played, and the table of all operations."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from attrs import frozen

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
from conferencing.sandbox import Sandbox, ServedSimulator, World

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
    folder = Path(__file__).parent / "samples"
    return lambda name: json.loads((folder / f"{name}.json").read_text("utf-8"))


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(["meetrs"]) as running:
        yield running


@pytest.fixture
def served(sandbox: Sandbox) -> ServedSimulator:
    return sandbox["meetrs"]


@pytest.fixture
async def conference(sandbox: Sandbox, clock: Any) -> AsyncIterator[Conference]:
    """A client that has its token already, so that none is seen in the requests."""
    async with connect(sandbox.account("meetrs"), clock=clock) as client:
        await client.check()
        sandbox["meetrs"].requests.clear()
        yield client


@pytest.fixture
async def daring(sandbox: Sandbox, clock: Any) -> AsyncIterator[Conference]:
    """The same, with `unverified = true`."""
    async with connect({**sandbox.account("meetrs"), "unverified": True}, clock=clock) as client:
        await client.check()
        sandbox["meetrs"].requests.clear()
        yield client


@pytest.fixture
async def bare(sandbox: Sandbox, served: ServedSimulator) -> AsyncIterator[Bare]:
    """Talk to the simulator as any program does, without our client."""
    async with aiohttp.ClientSession() as session:
        made = Bare(session=session, root=f"{sandbox.origin}/meetrs", headers={})
        keys = served.simulator.settings()
        body = {name: keys[name] for name in ("client_key", "client_secret")}
        _, told = await made("POST", "/v1/token", {"grant_type": "client_credentials", **body})
        made.headers["Authorization"] = f"bearer {told['access_token']}"
        served.requests.clear()
        yield made


@frozen(kw_only=True)
class Bare:
    """Send JSON and return the status with what came back."""

    session: aiohttp.ClientSession
    root: str
    headers: dict[str, str]

    async def __call__(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any]:
        options = {"headers": self.headers | headers}
        if body is not None:
            options["json"] = body
        async with self.session.request(method, self.root + path, **options) as reply:
            text = await reply.text()
            return reply.status, json.loads(text) if text else None


@frozen(kw_only=True)
class Scenario:
    """A meet in which Ann and Ben met for a quarter of an hour, and Ben said how it was."""

    conference: Conference
    served: ServedSimulator
    room: Room
    template: Template

    @property
    def world(self) -> World:
        return self.served.simulator.world

    def lines(self) -> list[str]:
        """Return the requests that were seen, each as one line."""
        seen = self.served.requests
        return [f"{one.method} {one.target} {one.body.decode()}".rstrip() for one in seen]

    def tally(self) -> dict[str, int]:
        """Count what there is in the world."""
        world = self.world
        return {
            "rooms": len(world.rooms),
            "mails": len(world.outbox),
            "templates": len(world.templates),
        }


@pytest.fixture
async def scenario(daring: Conference, served: ServedSimulator, world: World) -> Scenario:
    room = await daring.create_room("Interview", people=PEOPLE)
    template = (await daring.templates().collect())[1]
    visits = [world.enter(room.id, one.display_name, one.email) for one in (ANN, BEN)]
    world.advance(timedelta(minutes=15))
    world.leave(visits[0].id)
    world.leave(visits[1].id, rating=9, comment="fine")
    served.requests.clear()
    return Scenario(conference=daring, served=served, room=room, template=template)


# ------------------------------------------------------------------------------- the operations


@frozen(kw_only=True)
class Operation:
    """One call of the library, the request it makes, and what of the world it changes.

    In a request, `<code>` is the stage's room, `<template>` its template and `<tenant>` the first
    one. `read` says that the body of the reply has to make sense.
    """

    name: str
    call: Callable[[Scenario], Awaitable[Any]]
    request: str
    effect: Effect
    adds: dict[str, int]
    read: bool

    def expected(self, scenario: Scenario) -> list[str]:
        """Return the requests with what only this run knows."""
        line = self.request
        simulator = scenario.served.simulator
        known = {
            "<code>": scenario.room.id,
            "<template>": scenario.template.id,
            "<tenant>": tenant(scenario),
            "<key>": simulator.settings()["client_key"],
            "<secret>": simulator.settings()["client_secret"],
        }
        for name, value in known.items():
            line = line.replace(name, value)
        return [line]


OPERATIONS: list[Operation] = []


def _known(
    name: str,
    call: Any,
    request: str,
    effect: Effect = Effect.READ,
    *,
    read: bool = True,
    **adds: int,
) -> None:
    OPERATIONS.append(
        Operation(name=name, call=call, request=request, effect=effect, adds=adds, read=read)
    )


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
_known("create", lambda s: s.conference.create_room(),
       "POST /v1/meetings {}", Effect.NOTIFY, rooms=1)
_known("create for people", lambda s: s.conference.create_room("A/ż", people=[PEOPLE[0], PEOPLE[2]]),
       f'POST /v1/meetings {{"title":"A/ż","participants":[{ANN_JSON},{{"role":"Guest"}}]}}',
       Effect.NOTIFY, rooms=1, mails=1)
_known("create from a template", lambda s: s.conference.create_room(template=s.template, duration=HALF),
       'POST /v1/meetings {"addonConfigurationId":"<template>","schedulingInfo":{"duration":30}}',
       Effect.NOTIFY, rooms=1)
_known("list rooms", lambda s: s.conference.rooms().collect(), "GET /v1/meetings")
_known("get room", lambda s: s.conference.get_room(s.room.id), "GET /v1/meetings/<code>")
_known("update room", lambda s: s.conference.update_room(s.room, description="x"),
       'PUT /v1/meetings/<code> {"description":"x"}', Effect.IDEMPOTENT)
_known("open room", lambda s: s.conference.update_room(s.room, entry=Anyone()),
       'PUT /v1/meetings/<code> {"participants":[]}', Effect.IDEMPOTENT)
_known("invite into a room", lambda s: s.conference.update_room(s.room, people=[PEOPLE[0]]),
       f'PUT /v1/meetings/<code> {{"participants":[{ANN_JSON}]}}', Effect.NOTIFY, mails=1)
_known("delete room", lambda s: s.conference.delete_room(s.room),
       "DELETE /v1/meetings/<code>", Effect.IDEMPOTENT, read=False, rooms=-1)
_known("list templates", lambda s: s.conference.templates().collect(), "GET /v1/addonConfigurations")
_known("create template", lambda s: s.conference.create_template("Mine", native=NEW),
       'POST /v1/addonConfigurations {"name":"Mine","isDefault":false,"type":3,"items":[]}',
       Effect.CREATE, templates=1)
_known("update template", lambda s: s.conference.update_template(Template(id=s.template.id, name="N", default=True)),
       'PUT /v1/addonConfigurations/<template> {"name":"N","isDefault":true}', Effect.IDEMPOTENT)
_known("delete template", lambda s: s.conference.delete_template(s.template),
       "DELETE /v1/addonConfigurations/<template>", Effect.IDEMPOTENT, read=False, templates=-1)
_known("sessions", lambda s: s.conference.sessions(s.room).collect(), f"GET /v1/usage?{YEAR}")
_known("session", lambda s: s.conference.get_session(next(iter(s.world.sessions))), f"GET /v1/usage?{YEAR}")
_known("usage", lambda s: s.conference.usage().collect(), "GET /v1/usage")
_known("usage of a range", lambda s: s.conference.usage(SINCE, UNTIL).collect(), f"GET /v1/usage?{RANGE}")
_known("usage of a tenant", lambda s: s.conference.usage(tenant=tenant(s)).collect(), "GET /v1/usage/<tenant>")
_known("feedback", lambda s: s.conference.feedback().collect(), "GET /v1/feedbacks")
_known("feedback of a range and tenant", lambda s: s.conference.feedback(SINCE, UNTIL, tenant=tenant(s)).collect(),
       f"GET /v1/feedbacks/<tenant>?{RANGE}")
_known("tenants", lambda s: s.conference.provider.tenants(), "GET /v1/tenants")
_known("request", lambda s: s.conference.request("GET", "/addonConfigurations"),
       "GET /v1/addonConfigurations", read=False)
_known("check", lambda s: s.conference.check(), f"POST /v1/token {CREDENTIALS}")
# fmt: on


@pytest.fixture(params=OPERATIONS, ids=lambda one: one.name)
def operation(request: pytest.FixtureRequest) -> Operation:
    return request.param

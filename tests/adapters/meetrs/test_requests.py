"""The exact request of each operation, as the server sees it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from exact import ExactCalls, changes, check_lost_reply, check_requests

from conferencing import (
    Anyone,
    AuthenticationFailed,
    Invitee,
    Person,
    Sent,
    SignIn,
    Template,
    connect,
)
from conferencing.http import Effect

ANN = Person(first_name="Ann", last_name="Lee", email="ann@example.com")
PRESENTER = Invitee(person=ANN, role="presenter", entry=SignIn("google"))
GUEST = Invitee(role="guest")
SINCE = datetime(2026, 9, 1, tzinfo=UTC)
UNTIL = datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC)
CALLS = ExactCalls()


def tenant(scenario: Any) -> str:
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
CALLS.add("create for people", lambda s: s.conference.create_room("A/ż", people=[PRESENTER, GUEST]),
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
CALLS.add("invite into a room", lambda s: s.conference.update_room(s.room, people=[PRESENTER]),
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

every_call = pytest.mark.parametrize("exact", CALLS, ids=str)


@every_call
async def test_operation_sends_exactly_its_request(scenario, exact) -> None:
    await check_requests(scenario, exact, values)
    for request in scenario.served.requests:
        token = request.headers.get("authorization")
        assert (token is None) is (request.path == "/v1/token")
        assert token is None or token.startswith("bearer ey")


@every_call
async def test_lost_reply_acts_once(scenario, exact) -> None:
    await check_lost_reply(scenario, exact)


@every_call
async def test_wrong_secret_sends_nothing_else(scenario, exact) -> None:
    before = scenario.tally()
    account = {"provider": "meetrs", **scenario.served.simulator.settings(), "unverified": True}
    async with connect({**account, "client_secret": "canary-wrong"}) as stranger:
        with pytest.raises(AuthenticationFailed) as caught:
            await exact.call(evolve(scenario, conference=stranger))
    assert caught.value.status == 401
    assert caught.value.sent is (Sent.YES if exact.name == "check" else Sent.NO)
    assert [request.path for request in scenario.served.requests] == ["/v1/token"]
    assert scenario.tally() == before
    assert "canary" not in f"{caught.value}{caught.value.facts}"


@every_call
async def test_revoked_token_is_replaced(scenario, exact) -> None:
    before = scenario.tally()
    scenario.served.simulator.revoke_tokens()
    await exact.call(scenario)
    first, *others = [request.path for request in scenario.served.requests]
    assert others == ([] if exact.name == "check" else ["/v1/token", first])
    assert changes(before, scenario.tally()) == exact.adds


def values(scenario: Any) -> dict[str, str]:
    """Return the ids of this run."""
    simulator = scenario.served.simulator
    settings = simulator.settings()
    return {
        "code": scenario.room.id,
        "template": scenario.template.id,
        "tenant": next(iter(simulator.tenants)),
        "key": settings["client_key"],
        "secret": settings["client_secret"],
    }

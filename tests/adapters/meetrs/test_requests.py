"""The exact request of each operation, as the server sees it."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from exact import changes, check_lost_reply, check_requests

from conferencing import AuthenticationFailed, Sent, connect


async def test_operation_sends_exactly_its_request(scenario, exact) -> None:
    await check_requests(scenario, exact, values)
    for request in scenario.served.requests:
        token = request.headers.get("authorization")
        assert (token is None) is (request.path == "/v1/token")
        assert token is None or token.startswith("bearer ey")


async def test_lost_reply_acts_once(scenario, exact) -> None:
    await check_lost_reply(scenario, exact)


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

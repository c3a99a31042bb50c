"""The exact request of each operation, as the server sees it."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from conferencing import AuthenticationFailed, OutcomeUnknown, Sent, connect


async def test_operation_sends_exactly_its_request(scenario: Any, operation: Any) -> None:
    before = scenario.tally()
    await operation.call(scenario)
    assert scenario.lines() == operation.expected(scenario)
    assert changes(before, scenario.tally()) == operation.adds
    for request in scenario.served.requests:
        token = request.headers.get("authorization")
        assert (token is None) is (request.path == "/v1/token")
        assert token is None or token.startswith("bearer ey")
        assert request.headers.get("content-type") == ("application/json" if request.body else None)
        assert "(meetrs)" in request.headers["user-agent"]


async def test_lost_reply_acts_once(scenario: Any, operation: Any) -> None:
    before = scenario.tally()
    scenario.served.fail("commit-close")
    if operation.effect.repeatable:
        await operation.call(scenario)
        assert len(scenario.served.requests) == 2
    else:
        with pytest.raises(OutcomeUnknown) as caught:
            await operation.call(scenario)
        assert caught.value.attempts == len(scenario.served.requests) == 1
        assert (caught.value.sent, caught.value.retryable) == (Sent.MAYBE, False)
    assert changes(before, scenario.tally()) == operation.adds


async def test_wrong_secret_sends_nothing_else(scenario: Any, operation: Any) -> None:
    before = scenario.tally()
    account = {"provider": "meetrs", **scenario.served.simulator.settings(), "unverified": True}
    async with connect({**account, "client_secret": "canary-wrong"}) as stranger:
        with pytest.raises(AuthenticationFailed) as caught:
            await operation.call(evolve(scenario, conference=stranger))
    assert caught.value.status == 401
    assert caught.value.sent is (Sent.YES if operation.name == "check" else Sent.NO)
    assert [request.path for request in scenario.served.requests] == ["/v1/token"]
    assert scenario.tally() == before
    assert "canary" not in f"{caught.value}{caught.value.facts}"


async def test_revoked_token_is_replaced(scenario: Any, operation: Any) -> None:
    before = scenario.tally()
    scenario.served.simulator.revoke_tokens()
    await operation.call(scenario)
    first, *others = [request.path for request in scenario.served.requests]
    assert others == ([] if operation.name == "check" else ["/v1/token", first])
    assert changes(before, scenario.tally()) == operation.adds


def changes(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {name: after[name] - count for name, count in before.items() if after[name] != count}

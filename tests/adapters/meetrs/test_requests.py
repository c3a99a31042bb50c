"""The exact request that each operation makes, as the server sees it."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from conferencing import AuthenticationFailed, Sent, connect


async def test_an_operation_makes_exactly_this_request_with_the_token(
    scenario: Any, operation: Any
) -> None:
    before = scenario.tally()
    await operation.call(scenario)
    assert scenario.lines() == operation.expected(scenario)
    changed = {name: count - before[name] for name, count in scenario.tally().items()}
    assert {name: count for name, count in changed.items() if count} == operation.adds
    for seen in scenario.served.requests:
        token = seen.headers.get("authorization")
        assert (token is None) is (seen.path == "/v1/token")
        assert token is None or token.startswith("bearer ey")
        assert seen.headers.get("content-type") == ("application/json" if seen.body else None)
        assert "(meetrs)" in seen.headers["user-agent"]


async def test_a_wrong_secret_is_refused_before_anything_else_is_sent(
    scenario: Any, operation: Any
) -> None:
    before = scenario.tally()
    account = {"provider": "meetrs", **scenario.served.simulator.settings(), "unverified": True}
    async with connect({**account, "client_secret": "canary-wrong"}) as stranger:
        with pytest.raises(AuthenticationFailed) as caught:
            await operation.call(evolve(scenario, conference=stranger))
    assert caught.value.status == 401
    assert caught.value.sent is (Sent.YES if operation.name == "check" else Sent.NO)
    assert [one.path for one in scenario.served.requests] == ["/v1/token"]
    assert scenario.tally() == before
    assert "canary" not in f"{caught.value}{caught.value.facts}"


async def test_a_token_that_was_taken_back_is_replaced_in_the_same_call(
    scenario: Any, operation: Any
) -> None:
    before = scenario.tally()
    scenario.served.simulator.revoke_tokens()
    await operation.call(scenario)
    paths = [one.path for one in scenario.served.requests]
    if operation.name == "check":
        assert paths == ["/v1/token"]
    else:
        assert paths[1] == "/v1/token"
        assert paths[0] == paths[2]
        assert len(paths) == 3
    changed = {name: count - before[name] for name, count in scenario.tally().items()}
    assert {name: count for name, count in changed.items() if count} == operation.adds

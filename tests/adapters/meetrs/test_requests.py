"""The exact request that each operation makes, as the server sees it."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from conferencing import AuthenticationFailed, Sent, connect


async def test_an_operation_makes_exactly_this_request_with_the_token(
    stage: Any, operation: Any
) -> None:
    before = stage.tally()
    await operation.call(stage)
    assert stage.lines() == operation.expected(stage)
    changed = {name: count - before[name] for name, count in stage.tally().items()}
    assert {name: count for name, count in changed.items() if count} == operation.adds
    for seen in stage.stand.seen:
        token = seen.headers.get("authorization")
        assert (token is None) is (seen.path == "/v1/token")
        assert token is None or token.startswith("bearer ey")
        assert seen.headers.get("content-type") == ("application/json" if seen.body else None)
        assert "(meetrs)" in seen.headers["user-agent"]


async def test_a_wrong_secret_is_refused_before_anything_else_is_sent(
    stage: Any, operation: Any
) -> None:
    before = stage.tally()
    account = {"provider": "meetrs", **stage.stand.simulator.settings(), "unverified": True}
    async with connect({**account, "client_secret": "canary-wrong"}) as stranger:
        with pytest.raises(AuthenticationFailed) as caught:
            await operation.call(evolve(stage, conference=stranger))
    assert caught.value.status == 401
    assert caught.value.sent is (Sent.YES if operation.name == "check" else Sent.NO)
    assert [one.path for one in stage.stand.seen] == ["/v1/token"]
    assert stage.tally() == before
    assert "canary" not in f"{caught.value}{caught.value.facts}"


async def test_a_token_that_was_taken_back_is_replaced_in_the_same_call(
    stage: Any, operation: Any
) -> None:
    before = stage.tally()
    stage.stand.simulator.revoke_tokens()
    await operation.call(stage)
    paths = [one.path for one in stage.stand.seen]
    if operation.name == "check":
        assert paths == ["/v1/token"]
    else:
        assert paths[1] == "/v1/token"
        assert paths[0] == paths[2]
        assert len(paths) == 3
    changed = {name: count - before[name] for name, count in stage.tally().items()}
    assert {name: count for name, count in changed.items() if count} == operation.adds

"""The exact requests that each operation makes, as the server sees them and as a mock does."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from aioresponses import CallbackResult, aioresponses
from attrs import evolve
from yarl import URL

from conferencing import AuthenticationFailed, connect
from conferencing.sandbox import Call, Stand

FORM = "application/x-www-form-urlencoded"


async def test_an_operation_makes_exactly_these_requests_with_the_key_and_no_json(
    stage: Any, operation: Any
) -> None:
    before = stage.tally()
    await operation.call(stage)
    assert stage.lines() == expected(operation, stage)
    changed = {name: count - before[name] for name, count in stage.tally().items()}
    assert {name: count for name, count in changed.items() if count} == operation.adds
    for seen in stage.stand.seen:
        assert seen.headers["x-api-key"] == stage.stand.simulator.key
        assert seen.headers.get("content-type") == (FORM if seen.body else None)
        assert not {"authorization", "cookie"} & seen.headers.keys()
        assert seen.headers["accept"].startswith("application/json")
        assert "(clickmeeting)" in seen.headers["user-agent"]


async def test_a_wrong_key_is_refused_in_every_operation(stage: Any, operation: Any) -> None:
    before = stage.tally()
    account = {**account_of(stage.stand), "api_key": "eu" + "0" * 40}
    async with connect(account) as stranger:
        with pytest.raises(AuthenticationFailed) as caught:
            await operation.call(evolve(stage, conference=stranger))
    assert caught.value.status == 401
    assert caught.value.attempts == len(stage.stand.seen) == 1
    assert stage.tally() == before
    assert "0" * 40 not in f"{caught.value}{caught.value.facts}"


async def test_a_users_mock_sees_the_same_requests(stage: Any, operation: Any) -> None:
    """`aioresponses` patches the session: what it sees is all but the credentials."""
    asked: list[str] = []

    def answer(url: URL, **options: Any) -> CallbackResult:
        call = simulated_call(stage.stand, url, options)
        asked.append(f"{call.method} {call.target} {call.body.decode()}".rstrip())
        reply = stage.stand.simulator.handle(call)
        return CallbackResult(
            status=reply.status, body=reply.body, headers={"Content-Type": reply.media_type}
        )

    with aioresponses() as mock:
        for method in ("GET", "POST", "PUT", "DELETE"):
            mock.add(re.compile(".*"), method, repeat=True, callback=with_method(method, answer))
        await operation.call(stage)
    assert asked == expected(operation, stage)
    assert stage.stand.seen == []


# --------------------------------------------------------------------------------------- helpers


def expected(operation: Any, stage: Any) -> list[str]:
    """Return the requests of an operation with the codes that only this run knows."""
    newest = stage.world.tokens[stage.tokens.id][-1].code.reveal()
    codes = {"token": stage.token.code.reveal(), "new": newest}
    return [one.format(**codes) for one in operation.requests]


def account_of(stand: Stand) -> dict[str, Any]:
    return {"provider": "clickmeeting", **stand.simulator.settings()}


def with_method(method: str, answer: Any) -> Any:
    return lambda url, **options: answer(url, method=method, **options)


def simulated_call(stand: Stand, url: URL, options: dict[str, Any]) -> Call:
    """Return what the simulator would have got, had the mock not been in between."""
    parts = urlsplit(str(url))
    kind = options["headers"].get("Content-Type", "")
    return Call(
        method=options["method"],
        path=parts.path.removeprefix("/clickmeeting"),
        query=parts.query,
        headers={"x-api-key": stand.simulator.key, "content-type": kind},
        body=options["data"] or b"",
    )

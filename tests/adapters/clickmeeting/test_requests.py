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
from conferencing.sandbox import Call, ServedSimulator

FORM = "application/x-www-form-urlencoded"


async def test_an_operation_makes_exactly_these_requests_with_the_key_and_no_json(
    scenario: Any, operation: Any
) -> None:
    before = scenario.tally()
    await operation.call(scenario)
    assert scenario.lines() == expected(operation, scenario)
    changed = {name: count - before[name] for name, count in scenario.tally().items()}
    assert {name: count for name, count in changed.items() if count} == operation.adds
    for seen in scenario.served.requests:
        assert seen.headers["x-api-key"] == scenario.served.simulator.key
        assert seen.headers.get("content-type") == (FORM if seen.body else None)
        assert not {"authorization", "cookie"} & seen.headers.keys()
        assert seen.headers["accept"].startswith("application/json")
        assert "(clickmeeting)" in seen.headers["user-agent"]


async def test_a_wrong_key_is_refused_in_every_operation(scenario: Any, operation: Any) -> None:
    before = scenario.tally()
    account = {**account_of(scenario.served), "api_key": "eu" + "0" * 40}
    async with connect(account) as stranger:
        with pytest.raises(AuthenticationFailed) as caught:
            await operation.call(evolve(scenario, conference=stranger))
    assert caught.value.status == 401
    assert caught.value.attempts == len(scenario.served.requests) == 1
    assert scenario.tally() == before
    assert "0" * 40 not in f"{caught.value}{caught.value.facts}"


async def test_a_users_mock_sees_the_same_requests(scenario: Any, operation: Any) -> None:
    """`aioresponses` patches the session: what it sees is all but the credentials."""
    asked: list[str] = []

    def answer(url: URL, **options: Any) -> CallbackResult:
        call = simulated_call(scenario.served, url, options)
        asked.append(f"{call.method} {call.target} {call.body.decode()}".rstrip())
        reply = scenario.served.simulator.handle(call)
        return CallbackResult(
            status=reply.status, body=reply.body, headers={"Content-Type": reply.media_type}
        )

    with aioresponses() as mock:
        for method in ("GET", "POST", "PUT", "DELETE"):
            mock.add(re.compile(".*"), method, repeat=True, callback=with_method(method, answer))
        await operation.call(scenario)
    assert asked == expected(operation, scenario)
    assert scenario.served.requests == []


# --------------------------------------------------------------------------------------- helpers


def expected(operation: Any, scenario: Any) -> list[str]:
    """Return the requests of an operation with the codes that only this run knows."""
    newest = scenario.world.tokens[scenario.tokens.id][-1].code.reveal()
    codes = {"token": scenario.token.code.reveal(), "new": newest}
    return [one.format(**codes) for one in operation.requests]


def account_of(served: ServedSimulator) -> dict[str, Any]:
    return {"provider": "clickmeeting", **served.simulator.settings()}


def with_method(method: str, answer: Any) -> Any:
    return lambda url, **options: answer(url, method=method, **options)


def simulated_call(served: ServedSimulator, url: URL, options: dict[str, Any]) -> Call:
    """Return what the simulator would have got, had the mock not been in between."""
    parts = urlsplit(str(url))
    kind = options["headers"].get("Content-Type", "")
    return Call(
        method=options["method"],
        path=parts.path.removeprefix("/clickmeeting"),
        query=parts.query,
        headers={"x-api-key": served.simulator.key, "content-type": kind},
        body=options["data"] or b"",
    )

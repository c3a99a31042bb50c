"""The exact requests of each operation, as the server sees them and as a mock does."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from aioresponses import CallbackResult, aioresponses
from attrs import evolve
from exact import check_lost_reply, check_requests, fill_in
from yarl import URL

from conferencing import AuthenticationFailed, connect
from conferencing.sandbox import Call, ServedSimulator

FORM = "application/x-www-form-urlencoded"


async def test_operation_sends_exactly_its_request(scenario, exact) -> None:
    await check_requests(scenario, exact, values, FORM)
    for request in scenario.served.requests:
        assert request.headers["x-api-key"] == scenario.served.simulator.key
        assert not {"authorization", "cookie"} & request.headers.keys()
        assert request.headers["accept"].startswith("application/json")


async def test_lost_reply_acts_once(scenario, exact) -> None:
    await check_lost_reply(scenario, exact)


async def test_wrong_key_is_refused(scenario, exact) -> None:
    before = scenario.tally()
    account = {**account_of(scenario.served), "api_key": "eu" + "0" * 40}
    async with connect(account) as stranger:
        with pytest.raises(AuthenticationFailed) as caught:
            await exact.call(evolve(scenario, conference=stranger))
    assert caught.value.status == 401
    assert caught.value.attempts == len(scenario.served.requests) == 1
    assert scenario.tally() == before
    assert "0" * 40 not in f"{caught.value}{caught.value.facts}"


async def test_mocked_session_sees_the_same_requests(scenario, exact) -> None:
    """`aioresponses` patches the session: it sees everything except the credentials."""
    requests: list[str] = []

    def answer(url: URL, **options: Any) -> CallbackResult:
        call = simulated_call(scenario.served, url, options)
        requests.append(f"{call.method} {call.target} {call.body.decode()}".rstrip())
        reply = scenario.served.simulator.handle(call)
        return CallbackResult(
            status=reply.status, body=reply.body, headers={"Content-Type": reply.media_type}
        )

    with aioresponses() as mock:
        for method in ("GET", "POST", "PUT", "DELETE"):
            mock.add(re.compile(".*"), method, repeat=True, callback=with_method(method, answer))
        await exact.call(scenario)
    assert requests == fill_in(exact.requests, values(scenario))
    assert scenario.served.requests == []


# --------------------------------------------------------------------------------------- helpers


def values(scenario: Any) -> dict[str, str]:
    """Return the tokens of this run."""
    newest = scenario.world.tokens[scenario.tokens.id][-1].code.reveal()
    return {"token": scenario.token.code.reveal(), "new": newest}


def account_of(served: ServedSimulator) -> dict[str, Any]:
    return {"provider": "clickmeeting", **served.simulator.settings()}


def with_method(method: str, answer: Any) -> Any:
    return lambda url, **options: answer(url, method=method, **options)


def simulated_call(served: ServedSimulator, url: URL, options: dict[str, Any]) -> Call:
    """Return the call that the simulator would have received without the mock."""
    parts = urlsplit(str(url))
    kind = options["headers"].get("Content-Type", "")
    return Call(
        method=options["method"],
        path=parts.path.removeprefix("/clickmeeting"),
        query=parts.query,
        headers={"x-api-key": served.simulator.key, "content-type": kind},
        body=options["data"] or b"",
    )

"""A token that cannot be had is a typed error of each who waits for it, and shows no secret."""

from __future__ import annotations

import asyncio
import logging
import pickle
import traceback
from typing import Any

import pytest
from msgspec.structs import replace
from scripted import fin, hang, head, reply, send, then
from tokened import PASSWORD, PATIENT

from conferencing import (
    AuthenticationFailed,
    ClientClosed,
    ConferencingError,
    InvalidRequest,
    MalformedResponse,
    ProviderUnavailable,
    RateLimited,
    Sent,
    TimedOut,
    TransportError,
)
from conferencing.http import GET, POST, TokenAuth

ECHO = f"{PASSWORD} is wrong"
FAULTS: dict[str, tuple[Any, type[ConferencingError], int]] = {
    "wrong secret": (lambda: reply({"message": ECHO}, 401), AuthenticationFailed, 1),
    "refused": (lambda: reply({"message": ECHO}, 400), InvalidRequest, 1),
    "html": (lambda: reply(f"<p>{ECHO}</p>".encode()), MalformedResponse, 1),
    "empty": (lambda: reply(b""), MalformedResponse, 1),
    "a list": (lambda: reply([ECHO]), MalformedResponse, 1),
    "no token": (lambda: reply({"expires_at": 5}), MalformedResponse, 1),
    "a number": (lambda: reply({"access_token": 5}), MalformedResponse, 1),
    "two lines": (lambda: reply({"access_token": "a\r\nX-Evil: b"}), MalformedResponse, 1),
    "nothing in it": (lambda: reply({"access_token": ""}), MalformedResponse, 1),
    "redirect": (lambda: reply(b"", 302, Location="https://h.example/"), MalformedResponse, 1),
    "broken": (lambda: reply({"message": ECHO}, 500), ProviderUnavailable, 4),
    "throttled": (lambda: reply(b"", 429), RateLimited, 4),
    "closed": (lambda: fin, TransportError, 4),
    "cut": (
        lambda: then(send(head(200, {"Content-Length": "999"}) + ECHO.encode()), fin),
        TransportError,
        4,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_waiting_calls_get_errors_of_their_own(vendor, tokened, wait_for, fault) -> None:
    broken, kind, requests = FAULTS[fault]
    vendor.broken = broken
    vendor.gate.clear()
    adapter = tokened()
    tasks = [asyncio.create_task(adapter.call(POST("/x", json={}))) for _ in range(20)]
    await wait_for(lambda: vendor.tokens == 1)
    vendor.gate.set()
    errors = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(error) for error in errors} == {kind}
    assert {error.sent for error in errors} == {Sent.NO}
    assert {request.attempts for request in errors} == {requests}
    assert len({id(error) for error in errors}) == 20
    assert (vendor.tokens, vendor.calls) == (requests, [])


async def test_errors_of_waiting_calls_are_separate(vendor, tokened) -> None:
    vendor.broken = FAULTS["refused"][0]
    adapter = tokened()
    first, second = await asyncio.gather(
        adapter.call(GET("/x")), adapter.call(GET("/x")), return_exceptions=True
    )
    first.add_context(operation="get_room")
    assert second.operation is None
    assert pickle.loads(pickle.dumps(first)).facts == first.facts


async def test_next_call_fetches_after_a_failure(vendor, tokened) -> None:
    vendor.broken = FAULTS["wrong secret"][0]
    adapter = tokened()
    with pytest.raises(AuthenticationFailed):
        await adapter.call(GET("/x"))
    vendor.broken = None
    await adapter.call(GET("/x"))
    assert (vendor.tokens, len(vendor.calls)) == (2, 1)


async def test_refused_token_without_new_one_raises(vendor, tokened) -> None:
    adapter = tokened()
    await adapter.call(GET("/x"))
    vendor.revoke()
    vendor.broken = FAULTS["broken"][0]
    with pytest.raises(ProviderUnavailable) as caught:
        await adapter.call(POST("/x", json={}))
    assert caught.value.sent is Sent.NO
    assert (vendor.tokens, len(vendor.calls)) == (5, 2)


async def test_old_token_is_used_to_its_expiry(vendor, tokened, clock) -> None:
    adapter = tokened(policy=replace(PATIENT, attempts=1))
    await adapter.call(GET("/x"))
    vendor.broken = FAULTS["closed"][0]
    clock.time += vendor.life - 30
    for _ in range(3):
        await adapter.call(GET("/x"))
    assert (vendor.tokens, len(vendor.calls)) == (2, 4)
    clock.time += 6
    await adapter.call(GET("/x"))
    assert (vendor.tokens, len(vendor.calls)) == (3, 5)
    clock.time += 30
    with pytest.raises(TransportError):
        await adapter.call(GET("/x"))
    assert len(vendor.calls) == 5


async def test_revoked_key_raises_before_expiry(vendor, tokened, clock) -> None:
    adapter = tokened()
    await adapter.call(GET("/x"))
    vendor.broken = FAULTS["wrong secret"][0]
    clock.time += vendor.life - 30
    with pytest.raises(AuthenticationFailed):
        await adapter.call(GET("/x"))


async def test_token_wait_ends_at_the_deadline(vendor, tokened) -> None:
    vendor.broken = lambda: hang
    adapter = tokened(policy=replace(PATIENT, total=0.2))
    with pytest.raises(TimedOut) as caught:
        await adapter.call(POST("/x", json={}))
    assert caught.value.sent is Sent.NO
    assert vendor.calls == []


async def test_closing_ends_a_request_for_a_token(vendor, tokened, wait_for) -> None:
    vendor.broken = lambda: hang
    adapter = tokened()
    call = asyncio.create_task(adapter.call(GET("/x")))
    await wait_for(lambda: vendor.tokens == 1)
    await adapter.aclose()
    with pytest.raises(ConferencingError):
        await call
    with pytest.raises(ClientClosed):
        await adapter.call(GET("/x"))


@pytest.mark.parametrize("fault", FAULTS)
async def test_no_password_shows_in_any_failure(vendor, tokened, caplog, fault) -> None:
    caplog.set_level(logging.DEBUG)
    vendor.broken = FAULTS[fault][0]
    with pytest.raises(ConferencingError) as caught:
        await tokened().call(GET("/x"))
    assert PASSWORD not in shown(caught.value) + caplog.text


async def test_no_token_shows_either(vendor, tokened, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    adapter = tokened()
    grant = await adapter.tokens.acquire()
    assert grant.secrets[0].reveal().startswith("canary")
    vendor.revoke()
    vendor.broken = lambda: reply({"access_token": "canary-OTHER"})
    with pytest.raises(AuthenticationFailed) as caught:
        await adapter.call(GET("/x"))
    texts = shown(caught.value) + caplog.text + f"{grant!r}{vars(adapter.tokens)!r}"
    assert "canary" not in texts
    assert b"canary" not in pickle.dumps(grant)


async def test_adapter_error_reaches_all_waiting_calls() -> None:
    async def broken() -> Any:
        raise KeyError("a slip")

    auth = TokenAuth(broken, Clock())
    errors = await asyncio.gather(*(auth.acquire() for _ in range(3)), return_exceptions=True)
    assert [type(error) for error in errors] == [KeyError] * 3


# --------------------------------------------------------------------------------------- helpers


class Clock:
    """A clock that may be read only once."""

    def monotonic(self) -> float:
        return 0.0


def shown(error: BaseException) -> str:
    """Return all that anybody could print of an error, locals of its frames included."""
    frames = traceback.TracebackException.from_exception(error, capture_locals=True)
    facts = getattr(error, "facts", {})
    return f"{error!r}{error}{facts}{pickle.dumps(error)!r}" + "".join(frames.format())

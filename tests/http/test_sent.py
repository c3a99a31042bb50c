"""`sent`, `attempts` and `retryable` cover all attempts, whichever error is raised at last."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from acme import KEY, of
from scripted import Step, fin, hang, head, reply, send, then
from tokened import Vendor

from conferencing import (
    AuthenticationFailed,
    ClientClosed,
    ConferencingError,
    OutcomeUnknown,
    ProviderUnavailable,
    RateLimited,
    Secret,
    Sent,
    TimedOut,
    TransportError,
)
from conferencing.accounts.context import SystemClock
from conferencing.http import DELETE, GET, POST, PUT, Effect, Policy

OK = reply({})
LOST = [502, 504, 520, 521, 522, 523, 524, 598, 599]
ONCE = pytest.mark.parametrize("effect", [Effect.CREATE, Effect.NOTIFY])


@pytest.mark.parametrize("verb", [PUT, DELETE], ids=["PUT", "DELETE"])
@pytest.mark.parametrize(
    "answer",
    [
        reply({"message": "no"}, 401),
        reply({"message": "no"}, 500),
        reply({"message": "no"}, 400),
        fin,
    ],
    ids=["refused", "fails", "invalid", "lost"],
)
async def test_token_trouble_keeps_the_doubt(
    vendor: Vendor, tokened: Any, verb: Any, answer: Step
) -> None:
    provider = tokened(retries=1)
    await provider.call(GET("/first"))
    vendor.life = 1.0

    async def lose_and_expire(writer: asyncio.StreamWriter) -> None:
        vendor.broken = lambda: answer
        vendor.clock.time += 7200  # the token has expired by the second attempt
        await fin(writer)

    vendor.server.script[:] = [lose_and_expire, vendor.answer]
    with pytest.raises(ConferencingError) as caught:
        await provider.call(verb("/rooms/1"))
    assert caught.value.sent is Sent.MAYBE
    assert caught.value.attempts >= 1
    assert [call.target for call in vendor.calls] == ["/first", "/rooms/1"]


async def test_close_between_attempts_stays_in_doubt(serve: Any, adapter: Any, clock: Any) -> None:
    server = await serve(fin)
    provider = adapter(server)

    async def close(seconds: float) -> None:
        await provider.aclose()

    clock.sleep = close
    with pytest.raises(ClientClosed) as caught:
        await provider.call(DELETE("/rooms/1"))
    assert (caught.value.sent, caught.value.attempts) == (Sent.MAYBE, 1)
    assert len(server.requests) == 1


async def test_refused_attempt_keeps_the_doubt(serve: Any, adapter: Any) -> None:
    server = await serve(fin, reply({}, 429, Retry_After="0"), fin)
    with pytest.raises(TransportError) as caught:
        await adapter(server, retries=2).call(PUT("/rooms/1"))
    assert (caught.value.sent, caught.value.attempts) == (Sent.MAYBE, 3)


async def test_answered_attempt_is_not_undone(serve: Any, adapter: Any) -> None:
    server = await serve(reply({}, 500), fin)
    with pytest.raises(TransportError) as caught:
        await adapter(server, retries=1).call(PUT("/rooms/1"))
    assert (caught.value.sent, caught.value.attempts) == (Sent.YES, 2)


@ONCE
async def test_throttled_create_is_retryable(serve: Any, adapter: Any, effect: Effect) -> None:
    server = await serve(reply({}, 429, Retry_After="999"))
    with pytest.raises(RateLimited) as caught:
        await adapter(server).call(of(effect))
    assert caught.value.retryable


@ONCE
async def test_refused_credentials_did_nothing(
    vendor: Vendor, tokened: Any, effect: Effect
) -> None:
    provider = tokened()
    await provider.call(GET("/first"))
    vendor.revoke()
    vendor.broken = lambda: reply({"message": "no"}, 401)
    with pytest.raises(AuthenticationFailed) as caught:
        await provider.call(of(effect))
    assert not isinstance(caught.value, OutcomeUnknown)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Length": "9" * 5000},
        {"Content-Length": "-1"},
        {"Content-Length": "1, 2"},
        {"Transfer-Encoding": "chunked, gzip"},
        {"Content-Type": "a" * 9000},
    ],
    ids=["5000 digits", "negative", "two", "encodings", "long"],
)
@ONCE
async def test_malformed_reply_is_never_unsent(
    serve: Any, adapter: Any, effect: Effect, headers: dict[str, str]
) -> None:
    server = await serve(then(send(head(200, headers) + b"{}"), fin))
    try:
        await adapter(server).call(of(effect))
    except ConferencingError as error:
        fault = error
        assert fault.sent is not Sent.NO
        assert not fault.retryable
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("status", "error"),
    [*((status, OutcomeUnknown) for status in LOST),
     *((status, ProviderUnavailable) for status in (408, 500, 503))],
)  # fmt: skip
@ONCE
async def test_failing_create_is_sent_once(
    serve: Any, adapter: Any, effect: Effect, status: int, error: type[ConferencingError]
) -> None:
    server = await serve(reply({}, status))
    with pytest.raises(error) as caught:
        await adapter(server).call(of(effect))
    assert (caught.value.sent, caught.value.retryable) == (Sent.YES, False)
    assert len(server.requests) == 1


# ----------------------------------------------------------------------------- stale connections


@pytest.mark.parametrize("borrowed", [False, True], ids=["own", "borrowed"])
async def test_unasked_reply_answers_no_call(serve: Any, adapter: Any, borrowed: bool) -> None:
    idle, sent = asyncio.Event(), asyncio.Event()

    async def answer_twice(writer: asyncio.StreamWriter) -> None:
        await reply({"n": 1})(writer)
        await idle.wait()  # the client has read its reply, and the connection is in its pool
        await reply({"n": "unasked"})(writer)
        sent.set()

    server = await serve(answer_twice, reply({"n": 2}))
    async with aiohttp.ClientSession() as session:
        provider = adapter(server, session=session if borrowed else None)
        assert await provider.call(GET("/x"), lambda answer: answer.json()) == {"n": 1}
        idle.set()
        await sent.wait()
        assert await provider.call(GET("/x"), lambda answer: answer.json()) == {"n": 2}
    assert [request.connection for request in server.requests] == [1, 2]


@ONCE
async def test_connection_closed_while_idle_is_not_used(
    serve: Any, adapter: Any, effect: Effect
) -> None:
    server = await serve(then(OK, fin), OK)
    provider = adapter(server)
    await provider.call(GET("/first"))
    await provider.call(of(effect))
    assert [request.connection for request in server.requests] == [1, 2]


# ------------------------------------------------------------------------------------ tracebacks

PASSCODE, LINK = "canary-PASSCODE-41", "canary-LINK-42"


async def cancel(work: Awaitable[Any]) -> BaseException:
    task = asyncio.ensure_future(work)
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    return caught.value


async def time_out(work: Awaitable[Any]) -> BaseException:
    with pytest.raises(TimeoutError) as caught:
        async with asyncio.timeout(0.05):
            await work
    return caught.value


@pytest.mark.parametrize("end", [cancel, time_out])
@pytest.mark.parametrize("phase", ["before the reply", "in the body"])
async def test_ended_call_leaves_no_secret_in_frames(
    serve: Any, adapter: Any, end: Callable[..., Awaitable[BaseException]], phase: str
) -> None:
    start = head(200, {"Content-Length": "100", "X-Link": LINK})
    server = await serve(hang if phase == "before the reply" else then(send(start), hang))
    provider = adapter(server, clock=SystemClock())
    request = POST("/rooms", json={"passcode": Secret(PASSCODE)}, query={"link": Secret(LINK)})
    error = await end(provider.call(request))
    chain = [error, error.__context__, error.__context__ and error.__context__.__context__]
    for link in filter(None, chain):
        shown = traceback.TracebackException.from_exception(link, capture_locals=True)
        text = "".join(shown.format())
        assert "conferencing/http/transport.py" in text or link is not error
        assert [canary for canary in (PASSCODE, LINK, KEY) if canary in text] == []


# --------------------------------------------------------------------------------------- cookies


async def test_accounts_on_one_session_share_no_cookies(serve: Any, adapter: Any) -> None:
    server = await serve(reply({}, Set_Cookie="session=A; Path=/"), OK)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        await adapter(server, session=session).call(GET("/x"))
        await adapter(server, session=session).call(GET("/x"))
        assert not session.cookie_jar.filter_cookies(server.url)
    assert [request.header("cookie") for request in server.requests] == [[], []]


async def test_attempt_ends_at_its_deadline(serve: Any, adapter: Any) -> None:
    server = await serve(hang)
    policy = Policy(attempt=0.1, attempts=1)
    with pytest.raises(TimedOut) as caught:
        await adapter(server, policy=policy, clock=SystemClock()).call(GET("/x"))
    assert (caught.value.sent, caught.value.attempts) == (Sent.MAYBE, 1)

"""What is on the wire when a connection fails: one request per attempt, and errors that know it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest
from acme import PLAIN, of
from scripted import closed_port, fin, hang, head, reply, rst, send, then

from conferencing import ConferencingError, OutcomeUnknown, Secret, Sent, TimedOut, TransportError
from conferencing.accounts.context import Rate
from conferencing.http import DELETE, GET, POST, PUT, Effect, Policy

OK = reply({})
DROPS = pytest.mark.parametrize("drop", [fin, rst], ids=["fin", "rst"])
EFFECTS = pytest.mark.parametrize("effect", PLAIN)
HARMLESS = pytest.mark.parametrize("effect", [Effect.READ, Effect.IDEMPOTENT])
ONCE = pytest.mark.parametrize("effect", [Effect.CREATE, Effect.NOTIFY])


@pytest.mark.parametrize("reused", [False, True], ids=["fresh", "reused"])
@DROPS
@pytest.mark.parametrize("verb", [GET, POST, PUT, DELETE], ids=lambda verb: verb.__name__)
async def test_one_attempt_is_one_request(serve, adapter, verb, drop, reused) -> None:
    server = await serve(*[OK] * reused, drop)
    provider = adapter(server, retries=0)
    if reused:
        await provider.call(GET("/before"))
    body = {} if verb is GET else {"form": {"a": "1"}}
    with pytest.raises(TransportError) as caught:
        await provider.call(verb("/it", **body))
    assert [request.target for request in server.requests] == ["/before"] * reused + ["/it"]
    assert {request.connection for request in server.requests} == {1}
    assert (caught.value.sent, caught.value.attempts) == (Sent.MAYBE, 1)


@DROPS
@ONCE
async def test_lost_reply_to_a_create_is_unknown(serve, adapter, clock, effect, drop) -> None:
    server = await serve(drop)
    with pytest.raises(OutcomeUnknown) as caught:
        await adapter(server).call(of(effect))
    assert len(server.requests) == 1
    assert (caught.value.sent, caught.value.attempts) == (Sent.MAYBE, 1)
    assert not caught.value.retryable
    assert clock.slept == []


@DROPS
@HARMLESS
async def test_lost_reply_is_retried_if_repeatable(serve, adapter, clock, effect, drop) -> None:
    server = await serve(drop, drop, OK)
    await adapter(server).call(of(effect))
    assert len(server.requests) == 3
    assert len({(request.method, request.target, request.body) for request in server.requests}) == 1
    assert clock.slept == [0.25, 0.5]


@DROPS
async def test_keyed_call_is_retried_until_unknown(serve, adapter, drop) -> None:
    server = await serve(drop, drop, OK)
    await adapter(server).call(of(Effect.KEYED))
    assert len(server.requests) == 3
    server = await serve(drop)
    with pytest.raises(OutcomeUnknown) as caught:
        await adapter(server).call(of(Effect.KEYED))
    assert len(server.requests) == caught.value.attempts == 4


@DROPS
@HARMLESS
async def test_exhausted_attempts_are_counted(serve, adapter, effect, drop) -> None:
    server = await serve(drop)
    with pytest.raises(TransportError, match="4 attempts") as caught:
        await adapter(server).call(of(effect))
    assert len(server.requests) == caught.value.attempts == 4
    assert caught.value.sent is Sent.MAYBE
    assert not isinstance(caught.value, OutcomeUnknown)


@EFFECTS
async def test_refused_connection_is_retried_always(adapter, clock, effect) -> None:
    port = closed_port()
    with pytest.raises(TransportError, match=f"127.0.0.1:{port}") as caught:
        await adapter(f"http://127.0.0.1:{port}").call(of(effect))
    assert (caught.value.sent, caught.value.attempts) == (Sent.NO, 4)
    assert caught.value.retryable
    assert len(clock.slept) == 3


@EFFECTS
async def test_unresolved_name_sent_nothing(adapter, clock, effect) -> None:
    connector = aiohttp.TCPConnector(resolver=_NoNames())
    async with aiohttp.ClientSession(connector=connector) as session:
        provider = adapter("https://api.acme.example", session=session)
        with pytest.raises(TransportError, match=r"api\.acme\.example") as caught:
            await provider.call(of(effect))
    assert (caught.value.sent, caught.value.attempts) == (Sent.NO, 4)


@EFFECTS
async def test_unaccepted_connection_sent_nothing(adapter, full_queue, effect) -> None:
    provider = adapter(full_queue, policy=Policy(connect=0.1, attempts=2))
    with pytest.raises(TimedOut) as caught:
        await provider.call(of(effect))
    assert (caught.value.sent, caught.value.attempts) == (Sent.NO, 2)


CUT = {"Content-Length": "100", "Content-Type": "application/json"}


@DROPS
@EFFECTS
@pytest.mark.parametrize("body", [b"", b'{"id": 7', b"x" * 99])
async def test_cut_reply_proves_that_it_was_sent(serve, adapter, effect, drop, body) -> None:
    server = await serve(then(send(head(200, CUT) + body), drop))
    with pytest.raises(TransportError) as caught:
        await adapter(server).call(of(effect))
    once = effect in {Effect.CREATE, Effect.NOTIFY}
    assert isinstance(caught.value, OutcomeUnknown) is once
    assert len(server.requests) == caught.value.attempts == (1 if once else 4)
    assert caught.value.sent is Sent.YES


@DROPS
async def test_cut_chunked_reply_is_not_complete(serve, adapter, drop) -> None:
    start = head(200, {"Transfer-Encoding": "chunked"}) + b"2\r\n{}\r\n"
    server = await serve(then(send(start), drop), reply({"whole": 1}))
    assert await adapter(server).call(GET("/x"), lambda answer: dict(answer.json())) == {"whole": 1}


@pytest.mark.parametrize("status", [502, 504])
@EFFECTS
async def test_gateway_loss_is_like_a_lost_reply(serve, adapter, effect, status) -> None:
    server = await serve(reply(b"<h1>Bad Gateway</h1>", status), OK)
    if effect in {Effect.READ, Effect.IDEMPOTENT}:
        await adapter(server).call(of(effect))
        assert len(server.requests) == 2
        return
    with pytest.raises(OutcomeUnknown) as caught:
        await adapter(server).call(of(effect))
    assert len(server.requests) == 1
    assert (caught.value.sent, caught.value.status) == (Sent.YES, status)


async def test_paced_retry_keeps_the_lost_reply(serve, adapter) -> None:
    server = await serve(fin)
    provider = adapter(server, rate=Rate.parse("1/m"), timeout=10)
    with pytest.raises(TransportError) as caught:
        await provider.call(PUT("/room", form={"a": 1}))
    assert len(server.requests) == 1
    assert (caught.value.sent, caught.value.attempts) == (Sent.MAYBE, 1)


async def test_closing_during_a_create_keeps_the_doubt(serve, adapter, wait_for) -> None:
    server = await serve(hang)
    provider = adapter(server)
    call = asyncio.create_task(provider.call(of(Effect.CREATE)))
    await wait_for(lambda: len(server.requests) == 1)
    await provider.aclose()
    with pytest.raises(OutcomeUnknown) as caught:
        await call
    assert caught.value.sent is Sent.MAYBE
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("request_", "options"),
    [
        (POST("/x", headers={"X-Note": "a\r\nX-Evil: 1"}), {}),
        (POST("/x"), {"app": "my\napp"}),
        (POST("/x"), {"proxy": Secret("nonsense")}),
    ],
    ids=["header", "app", "proxy"],
)
async def test_impossible_request_sent_nothing(serve, adapter, request_, options) -> None:
    server = await serve(OK)
    with pytest.raises(ConferencingError) as caught:
        await adapter(server, **options).call(request_)
    assert server.requests == []
    assert not isinstance(caught.value, OutcomeUnknown)
    assert caught.value.sent is Sent.NO


class _NoNames(aiohttp.abc.AbstractResolver):
    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> Any:
        raise OSError(-2, "Name or service not known")

    async def close(self) -> None:
        pass


@pytest.fixture
def full_queue() -> Iterator[str]:
    """An address whose queue of connections is full, so that a new one is not answered."""
    with socket.socket() as listening, socket.socket() as first, socket.socket() as second:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for sock in (first, second):
            sock.setblocking(False)
            sock.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"

"""Bad replies: not HTTP, too large, wrongly compressed, too slow, or from an untrusted server."""

from __future__ import annotations

import asyncio
import gzip
import shutil
import ssl
import subprocess
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from acme import of
from scripted import Step, drip, endless, fin, hang, head, reply, send, then

from conferencing import (
    ConferencingError,
    MalformedResponse,
    OutcomeUnknown,
    Sent,
    TimedOut,
    TransportError,
)
from conferencing.http import GET, POST, Effect, Policy
from conferencing.http.sender import MAX_BODY
from conferencing.sandbox.faults import bomb

GZIP = {"Content-Encoding": "gzip"}
MEBIBYTE = 2**20

NOT_HTTP = {
    "garbage": b"\x16\x03\x01 this is not HTTP\r\n\r\n",
    "html alone": b"<html>hello</html>\r\n\r\n",
    "ftp": b"220 ready\r\n\r\n",
    "a header of 200 kB": head(200, {"X-Long": "x" * 200_000}),
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a length that is none": head(200, {"Content-Length": "many"}),
    "a negative length": head(200, {"Content-Length": "-1"}),
    "length and chunks": head(200, {"Content-Length": "2", "Transfer-Encoding": "chunked"}),
}


@pytest.mark.parametrize("raw", NOT_HTTP.values(), ids=NOT_HTTP)
@pytest.mark.parametrize("effect", [Effect.READ, Effect.CREATE])
async def test_reply_that_is_not_http_raises(serve, adapter, effect, raw) -> None:
    server = await serve(then(send(raw), fin))
    with pytest.raises(TransportError) as caught:
        await adapter(server, policy=Policy(read=1, attempts=2)).call(of(effect))
    assert len(server.requests) == caught.value.attempts == (2 if effect is Effect.READ else 1)
    assert isinstance(caught.value, OutcomeUnknown) is (effect is Effect.CREATE)
    assert caught.value.sent in {Sent.MAYBE, Sent.YES}


BODIES: dict[str, Step] = {
    "bad gzip": reply(b"this is not gzip", **GZIP),
    "cut gzip": reply(gzip.compress(b"x" * 5000)[:-20], **GZIP),
    "9 MiB": reply(b" " * (MAX_BODY + MEBIBYTE)),
    "one byte too many": reply(b" " * (MAX_BODY + 1)),
    "a bomb": reply(bomb(128 * MEBIBYTE), **GZIP),
    "no end": endless(),
    "html": reply(b"<html>maintenance</html>"),
    "null": reply(None),
    "a list": reply([]),
    "empty": reply(b""),
    "nan": reply(b'{"a": NaN}'),
    "utf-16": reply("{}".encode("utf-16")),
}


@pytest.mark.parametrize("step", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("effect", [Effect.READ, Effect.CREATE])
async def test_unreadable_body_is_malformed_and_sent(serve, adapter, effect, step) -> None:
    server = await serve(step)
    with pytest.raises(MalformedResponse) as caught:
        await adapter(server).call(of(effect), _object)
    assert len(server.requests) == 1
    assert caught.value.sent is Sent.YES
    assert not caught.value.retryable


@pytest.mark.parametrize("step", [BODIES["a bomb"], BODIES["no end"]], ids=["bomb", "endless"])
async def test_endless_body_costs_no_memory(serve, adapter, step) -> None:
    provider = adapter(await serve(step))
    with _memory() as peak, pytest.raises(MalformedResponse, match="8 MiB"):
        await provider.call(GET("/x"))
    assert peak[0] < 48 * MEBIBYTE


async def test_body_of_exactly_the_limit_is_read(serve, adapter) -> None:
    body = b'"' + b"x" * (MAX_BODY - 2) + b'"'
    server = await serve(reply(gzip.compress(body, 1), **GZIP))
    assert await adapter(server).call(GET("/x"), lambda answer: len(answer.json())) == MAX_BODY - 2


LIMITS = Policy(connect=1, read=0.15, attempt=0.3, attempts=2)


@pytest.mark.parametrize(
    ("step", "sent"),
    [
        (hang, Sent.MAYBE),
        (drip(head(200, {"X": "y" * 500}), 0.02), Sent.MAYBE),
        (then(send(head(200, {"Content-Length": "5"}) + b"{"), hang), Sent.YES),
        (then(send(head(200, {"Content-Length": "500"})), drip(b" " * 500, 0.02)), Sent.YES),
    ],
    ids=["silent", "dripping head", "silent in the body", "dripping body"],
)
@pytest.mark.parametrize("effect", [Effect.READ, Effect.NOTIFY])
async def test_slow_server_ends_at_the_limits(serve, adapter, effect, step, sent) -> None:
    server = await serve(step)
    with pytest.raises(ConferencingError) as caught:
        await adapter(server, policy=LIMITS).call(of(effect))
    assert type(caught.value) is (TimedOut if effect is Effect.READ else OutcomeUnknown)
    assert len(server.requests) == caught.value.attempts == (2 if effect is Effect.READ else 1)
    assert caught.value.sent is sent


async def test_slow_body_that_keeps_coming_is_read(serve, adapter) -> None:
    body = b'"' + b"x" * 28 + b'"'
    server = await serve(then(send(head(200, {"Content-Length": "30"})), drip(body, 0.01)))
    policy = Policy(connect=1, read=0.15, attempt=20, attempts=1)
    assert (
        await adapter(server, policy=policy).call(GET("/x"), lambda answer: len(answer.json()))
        == 28
    )


async def test_endless_handshake_sent_nothing(serve, adapter) -> None:
    mute = await serve(hang)  # it waits for an HTTP request, and no TLS looks like one
    policy = Policy(connect=0.2, read=0.3, attempt=5, attempts=2)
    with pytest.raises(TimedOut) as caught:
        await adapter(f"https://127.0.0.1:{mute.port}", policy=policy).call(of(Effect.CREATE))
    assert (caught.value.sent, caught.value.attempts) == (Sent.NO, 2)
    assert mute.requests == []


async def test_waiting_for_a_connection_sent_nothing(serve, adapter) -> None:
    server = await serve(hang)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1)) as session:
        policy = Policy(connect=1, read=0.4, attempt=5, attempts=1)
        provider = adapter(server, policy=policy, session=session)
        ends = await asyncio.gather(
            *(provider.call(of(Effect.CREATE)) for _ in range(2)), return_exceptions=True
        )
    assert len(server.requests) == 1
    assert {type(error) for error in ends} == {OutcomeUnknown, TimedOut}
    assert {error.sent for error in ends} == {Sent.MAYBE, Sent.NO}


async def test_last_attempt_ends_at_the_deadline(serve, adapter, clock) -> None:
    server = await serve(then(send(head(200, {"Content-Length": "5000"})), drip(b" " * 5000, 0.02)))
    policy = Policy(attempt=30, read=15, total=0.2)
    with pytest.raises(TimedOut):
        await adapter(server, policy=policy).call(GET("/x"))
    assert len(server.requests) == 1


@pytest.fixture
def own_certificate(tmp_path: Path) -> ssl.SSLContext:
    """The TLS context of a server with a self-signed certificate."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
               "-subj", "/CN=127.0.0.1", "-keyout", key, "-out", certificate]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


async def test_bad_certificate_gets_nothing_and_no_retry(
    serve, adapter, clock, own_certificate
) -> None:
    server = await serve(reply({}), tls=own_certificate)
    for request in (GET("/x"), POST("/x")):
        with pytest.raises(TransportError, match="certificate") as caught:
            await adapter(server).call(request)
        assert (caught.value.sent, caught.value.attempts) == (Sent.NO, 1)
        assert not caught.value.retryable
    assert server.requests == []
    assert clock.slept == []


def _object(answer: Any) -> Any:
    return answer.json()["id"]


@contextmanager
def _memory() -> Iterator[list[int]]:
    peak: list[int] = []
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    try:
        yield peak
    finally:
        peak.append(tracemalloc.get_traced_memory()[1] - before)
        tracemalloc.stop()


async def test_byte_order_mark_before_json_is_ignored(serve: Any, adapter: Any) -> None:
    server = await serve(reply(b'\xef\xbb\xbf{"id": 7}'))
    assert await adapter(server).call(GET("/x"), _object) == 7

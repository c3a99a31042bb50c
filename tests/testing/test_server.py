"""The fault server plays its scripts, connection by connection, and records requests."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import aiohttp
import pytest
from sample_adapter import Acme

from conferencing import Sent, TransportError, connect
from conferencing.testing import FakeClock, FaultServer
from conferencing.testing.server import (
    bad_certificate,
    closed_port,
    cut,
    endless,
    hang,
    read,
    repeat,
    reply,
    reset,
    send,
    send_slowly,
    wait,
)

OK = reply({"pong": True})


async def test_request_is_recorded_whole() -> None:
    headers = {"X-One": "1"}
    async with (
        FaultServer([read, send(OK)]) as server,
        aiohttp.ClientSession() as session,
        session.put(f"{server.url}/a?b=c", data=b"body", headers=headers) as reply_,
    ):
        assert await reply_.json() == {"pong": True}
    (request,) = server.requests
    actual = (request.method, request.target, request.body, request.connection)
    assert actual == ("PUT", "/a?b=c", b"body", 1)
    assert (request.path, request.header("x-one")) == ("/a", ["1"])


async def test_last_script_serves_further_connections() -> None:
    scripts = [read, reset], [read, cut], [read, send(OK)]
    async with FaultServer(*scripts) as server, client(server.url) as acme:
        await acme.check()
        await acme.check()
    assert [request.connection for request in server.requests] == [1, 2, 3, 4]


async def test_repeat_serves_one_connection() -> None:
    async with FaultServer([repeat(read, send(OK))]) as server, client(server.url) as acme:
        for _ in range(3):
            await acme.check()
    assert server.connections == 1
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("steps", "sent"),
    [
        ([reset], Sent.MAYBE),
        ([read, cut], Sent.MAYBE),
        ([read, send(OK[:-3]), cut], Sent.YES),
        ([read, send(OK[:-3]), reset], Sent.YES),
        ([read, send(OK[:20]), cut], Sent.MAYBE),
    ],
)
async def test_script_decides_where_reply_is_lost(steps: list[Any], sent: Sent) -> None:
    async with FaultServer(steps) as server, client(server.url) as acme:
        with pytest.raises(TransportError) as caught:
            await acme.check()
    assert caught.value.sent is sent
    assert caught.value.attempts == server.connections == 4


async def test_slow_reply_arrives_whole() -> None:
    script = [read, send_slowly(OK, 0, size=7), wait(0)]
    async with FaultServer(script) as server, client(server.url) as acme:
        await acme.check()


@pytest.mark.parametrize("step", [hang, endless(b"X-Pad: 1\r\n")])
async def test_endless_step_ends_with_server(step: Any) -> None:
    async with FaultServer([read, send(b"HTTP/1.1 200 X\r\n"), step]) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        async with asyncio.timeout(20):
            assert await reader.readline() == b"HTTP/1.1 200 X\r\n"
    assert len(server.requests) == 1
    writer.close()


async def test_bad_certificate_is_not_trusted() -> None:
    server = FaultServer([read, send(OK)], tls=bad_certificate())
    async with server, client(server.url) as acme:
        with pytest.raises(TransportError, match="certificate") as caught:
            await acme.check()
    assert caught.value.sent is Sent.NO
    assert server.requests == []


async def test_bad_certificate_serves_careless_client() -> None:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    async with (
        FaultServer([read, send(OK)], tls=bad_certificate()) as server,
        aiohttp.ClientSession() as session,
        session.get(server.url, ssl=trusting) as reply_,
    ):
        assert reply_.status == 200


async def test_closed_port_refuses() -> None:
    async with client(f"http://127.0.0.1:{closed_port()}") as acme:
        with pytest.raises(TransportError) as caught:
            await acme.check()
    assert caught.value.sent is Sent.NO


async def test_wrong_step_fails_the_test() -> None:
    async def broken(_: Any) -> None:
        raise ZeroDivisionError("a step with a mistake")

    server = FaultServer([read, broken])
    await server.__aenter__()
    async with client(server.url) as acme:
        with pytest.raises(TransportError):
            await acme.check()
    with pytest.raises(ZeroDivisionError, match="with a mistake"):
        await server.__aexit__(None, None, None)


async def test_server_can_start_again_on_its_port() -> None:
    server = FaultServer([read, send(OK)])
    async with server:
        port = server.port
    async with server, client(server.url) as acme:
        await acme.check()
        assert server.port == port


def client(url: str) -> Any:
    return connect({"provider": Acme, "api_key": "k", "base_url": url}, clock=FakeClock())

"""The fault server does what its scripts say, connection by connection, and remembers requests."""

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


async def test_a_request_is_read_whole_and_answered_byte_by_byte() -> None:
    headers = {"X-One": "1"}
    async with (
        FaultServer([read, send(OK)]) as server,
        aiohttp.ClientSession() as session,
        session.put(f"{server.url}/a?b=c", data=b"body", headers=headers) as got,
    ):
        assert await got.json() == {"pong": True}
    (seen,) = server.requests
    assert (seen.method, seen.target, seen.body, seen.connection) == ("PUT", "/a?b=c", b"body", 1)
    assert seen.header("x-one") == ["1"]


async def test_each_connection_has_its_script_and_the_last_one_holds() -> None:
    scripts = [read, reset], [read, cut], [read, send(OK)]
    async with FaultServer(*scripts) as server, client(server.url) as acme:
        await acme.check()
        await acme.check()
    assert [one.connection for one in server.requests] == [1, 2, 3, 4]


async def test_one_connection_can_be_served_for_long() -> None:
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
async def test_what_is_lost_is_lost_where_the_script_says(steps: list[Any], sent: Sent) -> None:
    async with FaultServer(steps) as server, client(server.url) as acme:
        with pytest.raises(TransportError) as caught:
            await acme.check()
    assert caught.value.sent is sent
    assert caught.value.attempts == server.connections == 4


async def test_bytes_can_come_slowly() -> None:
    script = [read, send_slowly(OK, 0, size=7), wait(0)]
    async with FaultServer(script) as server, client(server.url) as acme:
        await acme.check()


@pytest.mark.parametrize("step", [hang, endless(b"X-Pad: 1\r\n")])
async def test_a_server_that_goes_on_for_ever_is_stopped_with_the_test(step: Any) -> None:
    async with FaultServer([read, send(b"HTTP/1.1 200 X\r\n"), step]) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await reader.readline() == b"HTTP/1.1 200 X\r\n"
    assert len(server.requests) == 1
    writer.close()


async def test_nobody_trusts_the_bad_certificate() -> None:
    served = FaultServer([read, send(OK)], tls=bad_certificate())
    async with served as server, client(server.url) as acme:
        with pytest.raises(TransportError, match="could not prove who it is") as caught:
            await acme.check()
    assert caught.value.sent is Sent.NO
    assert server.requests == []


async def test_who_asks_for_no_proof_reaches_it() -> None:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    async with (
        FaultServer([read, send(OK)], tls=bad_certificate()) as server,
        aiohttp.ClientSession() as session,
        session.get(server.url, ssl=trusting) as got,
    ):
        assert got.status == 200


async def test_a_closed_port_refuses() -> None:
    async with client(f"http://127.0.0.1:{closed_port()}") as acme:
        with pytest.raises(TransportError) as caught:
            await acme.check()
    assert caught.value.sent is Sent.NO


def client(url: str) -> Any:
    return connect({"provider": Acme, "api_key": "k", "base_url": url}, clock=FakeClock())

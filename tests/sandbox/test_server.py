"""The server of the sandbox: where it listens, which simulators it serves, and how it closes."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from yarl import URL

from conferencing import Conference, NotFound, UnknownProvider, connect
from conferencing.sandbox import Sandbox, ServedSimulator


async def test_server_listens_on_loopback_only() -> None:
    async with Sandbox(["clickmeeting"]) as first, Sandbox(["clickmeeting"]) as second:
        ports = {urlsplit(sandbox.origin).port for sandbox in (first, second)}
        assert len(ports) == 2
        for sandbox in (first, second):
            listening = [listener.getsockname()[0] for listener in sockets(sandbox)]
            assert listening
            assert all(ip_address(address).is_loopback for address in listening)


async def test_server_uses_given_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with Sandbox(["clickmeeting"], port=port) as sandbox:
        assert sandbox.origin == f"http://127.0.0.1:{port}"


async def test_clock_starts_when_asked_and_after_reset() -> None:
    start = datetime(2027, 1, 4, 9, tzinfo=UTC)
    async with Sandbox(["clickmeeting", "vconnct"], start=start) as sandbox:
        for served in sandbox.simulators.values():
            assert served.simulator.world.now == start
            served.simulator.world.advance(timedelta(hours=1))
            served.simulator.reset()
            assert served.simulator.world.now == start


async def test_account_works(sandbox: Sandbox) -> None:
    account = sandbox.account("clickmeeting")
    assert account["provider"] == "clickmeeting"
    assert account["base_url"] == f"{sandbox.origin}/clickmeeting/v1"
    async with connect(account) as conference:
        await conference.check()


async def test_server_without_names_serves_all() -> None:
    async with Sandbox() as sandbox:
        assert "clickmeeting" in sandbox.simulators


def test_provider_without_simulator_is_refused() -> None:
    with pytest.raises(UnknownProvider) as caught:
        Sandbox(["memory"])
    assert "clickmeeting" in str(caught.value)


async def test_absent_simulator_is_not_found(sandbox: Sandbox) -> None:
    with pytest.raises(NotFound):
        sandbox["memory"]
    with pytest.raises(NotFound):
        sandbox.account("memory")


@pytest.mark.parametrize("path", ["/nobody/v1/ping", "//clickmeeting/v1/ping", "/clickmeetin"])
async def test_path_of_unknown_provider_is_not_found(
    sandbox: Sandbox, http: aiohttp.ClientSession, served: ServedSimulator, path: str
) -> None:
    async with http.get(f"{sandbox.origin}{path}") as reply:
        assert reply.status == 404
        assert "no simulator" in (await reply.json())["error"]
    assert served.requests == []


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
async def test_both_loopback_names_are_answered(
    sandbox: Sandbox, http: aiohttp.ClientSession, name: str
) -> None:
    port = urlsplit(sandbox.origin).port
    headers = {"Host": f"{name}:{port}"}
    url = f"{sandbox.control_url('clickmeeting')}/state"
    async with http.get(url, headers=headers) as reply:
        assert reply.status == 200


async def test_request_is_recorded_byte_by_byte(
    sandbox: Sandbox, http: aiohttp.ClientSession, served: ServedSimulator
) -> None:
    url = URL(f"{sandbox.origin}/clickmeeting/v1/a%2Fb%20c?x=%5B1%5D&y=+", encoded=True)
    async with http.put(url, data=b"\x00\xff", headers={"X-Mine": "Yes"}):
        pass
    (request,) = served.requests
    assert (request.method, request.target) == ("PUT", "/v1/a%2Fb%20c?x=%5B1%5D&y=+")
    assert request.path == "/v1/a%2Fb%20c"
    assert (request.headers["x-mine"], request.body, request.fault) == ("Yes", b"\x00\xff", None)
    assert "Yes" not in repr(request)


async def test_reset_keeps_the_account(
    sandbox: Sandbox, served: ServedSimulator, conference: Conference
) -> None:
    account = sandbox.account("clickmeeting")
    await conference.create_room("Room")
    served.fail("reset")
    served.reset()
    assert (served.requests, served.faults, served.simulator.world.rooms) == ([], [], {})
    assert sandbox.account("clickmeeting") == account
    await conference.check()


async def test_equal_seeds_give_equal_accounts() -> None:
    keys: list[Any] = []
    for seed in (1, 1, 2):
        async with Sandbox(["clickmeeting"], seed=seed) as sandbox:
            keys.append(sandbox.account("clickmeeting")["api_key"])
    assert keys[0] == keys[1] != keys[2]


async def test_server_closes_twice() -> None:
    sandbox = Sandbox(["clickmeeting"])
    await sandbox.aclose()
    await sandbox.start()
    await sandbox.aclose()
    await sandbox.aclose()
    port = urlsplit(sandbox.origin).port
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", port)):  # noqa: PT011
        pass


async def test_close_does_not_wait_for_hanging_call(wait_for: Any) -> None:
    sandbox = Sandbox(["clickmeeting"])
    await sandbox.start()
    sandbox["clickmeeting"].fail("hang")
    port = urlsplit(sandbox.origin).port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /clickmeeting/v1/ping HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await wait_for(lambda: len(sandbox["clickmeeting"].requests) == 1)
    await sandbox.aclose()
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


# --------------------------------------------------------------------------------------- helpers


def sockets(sandbox: Sandbox) -> list[Any]:
    return [listener for site in sandbox._runner.sites for listener in site._server.sockets]


DEEP = [b"[" * 200_000, b"[" * 200_000 + b"]" * 200_000, b'{"a":' * 200_000]


@pytest.mark.parametrize("body", DEEP, ids=["open", "closed", "objects"])
@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("/control/meetrs/clock", {400}),
        ("/meetrs/v1/token", {400}),
        ("/vconnct/api/v4/rooms/create_room", {400, 401, 403}),
        ("/clickmeeting/v1/conferences", {400, 401}),
    ],
)
async def test_deep_json_is_refused(path: str, statuses: set[int], body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    async with (
        Sandbox() as sandbox,
        aiohttp.ClientSession() as session,
        session.post(f"{sandbox.origin}{path}", data=body, headers=headers) as reply,
    ):
        assert reply.status in statuses


@pytest.mark.parametrize("key", ["a" + "[b]" * 100_000, "[" * 100_000, "a" + "[]" * 100_000])
async def test_deep_form_key_is_no_server_error(key: str) -> None:
    async with Sandbox(["clickmeeting"]) as sandbox, aiohttp.ClientSession() as session:
        settings = sandbox.account("clickmeeting")
        url = f"{settings['base_url']}/conferences"
        headers = {"X-Api-Key": settings["api_key"]}
        async with session.post(url, data={key: "x"}, headers=headers) as reply:
            assert reply.status < 500

"""Sessions: made late, borrowed with care, closed once, and never left behind."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from random import Random
from subprocess import run
from threading import Thread
from typing import Any

import aiohttp
import pytest
from acme import KEY, acme
from scripted import Scripted, drip, hang, head, reply, send, then

from conferencing import ClientClosed, NotFound, Secret
from conferencing.accounts.context import Rate, SystemClock
from conferencing.http import GET, POST

OK = reply({"ok": True})
FILES = Path("/proc/self/fd")


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_connections_open_late_and_are_kept(serve, adapter) -> None:
    server = await serve(OK)
    provider = adapter(server)
    assert server.connections == 0
    for _ in range(3):
        await provider.call(GET("/x"))
    assert (server.connections, len(server.requests)) == (1, 3)


def test_making_an_adapter_loads_no_aiohttp() -> None:
    code = (
        "import sys, conferencing.http, conferencing_clickmeeting as c; from conferencing import Secret;"
        "from conferencing.accounts.context import Context;"
        "c.ClickMeeting(c.ClickMeetingSettings(api_key=Secret('k')), Context());"
        "assert 'aiohttp' not in sys.modules"
    )
    done = run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


async def test_borrowed_session_is_not_closed(serve, adapter, session) -> None:
    server = await serve(OK)
    provider = adapter(server, session=session)
    await provider.call(GET("/x"))
    await session.get(server.url)
    assert server.connections == 1
    await provider.aclose()
    assert not session.closed
    with pytest.raises(ClientClosed):
        await provider.call(GET("/x"))


async def test_borrowed_session_defaults_do_not_apply(serve, adapter) -> None:
    server, other = await serve(reply({}, 404), OK), await serve(OK)
    async with aiohttp.ClientSession(
        base_url=f"{other.url}/other/",
        headers={"X-Api-Key": "theirs", "X-Own": "1", "Accept": "text/html"},
        raise_for_status=True,
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=1e-6),
    ) as session:
        provider = adapter(server, session=session)
        with pytest.raises(NotFound):
            await provider.call(GET("/x"))
        await provider.call(GET("/y"))
    assert other.requests == []
    assert [request.target for request in server.requests] == ["/x", "/y"]
    assert server.requests[0].header("x-api-key") == [KEY]
    assert server.requests[0].header("accept") == ["application/json, */*;q=0.5"]


async def test_closed_borrowed_session_raises(serve, adapter, session) -> None:
    provider = adapter(await serve(OK), session=session)
    await session.close()
    with pytest.raises(ClientClosed, match="borrowed"):
        await provider.call(GET("/x"))


async def test_session_of_another_loop_raises(serve, session) -> None:
    server = await serve(OK)
    call = acme(server.url, SystemClock(), session=session).call(GET("/x"))
    with pytest.raises(ClientClosed, match="loop"):
        await asyncio.to_thread(asyncio.run, call)
    assert server.requests == []


async def test_closing_is_final_and_repeatable(serve, adapter) -> None:
    server = await serve(OK)
    provider = adapter(server)
    await provider.call(GET("/x"))
    await provider.aclose()
    await provider.aclose()
    with pytest.raises(ClientClosed):
        await provider.call(GET("/x"))
    assert len(server.requests) == 1


async def test_client_closed_before_first_call_is_closed(serve, adapter) -> None:
    server = await serve(OK)
    provider = adapter(server)
    await provider.aclose()
    with pytest.raises(ClientClosed):
        await provider.call(GET("/x"))
    assert server.requests == []


async def test_closed_client_raises_before_its_turn(serve, adapter, clock) -> None:
    provider = adapter(await serve(OK), rate=Rate.parse("1/10s"))
    await provider.call(GET("/x"))
    await provider.aclose()
    with pytest.raises(ClientClosed):
        await provider.call(GET("/x"))
    assert clock.slept == []


@pytest.mark.skipif(not FILES.is_dir(), reason="open files are not listed here")
async def test_closed_client_does_not_reopen_its_store(serve, adapter, tmp_path) -> None:
    path = tmp_path / "pace.db"
    provider = adapter(
        await serve(OK), rate_store=Secret(f"sqlite:{path}"), rate=Rate.parse("100/s")
    )
    await provider.call(GET("/x"))
    await provider.aclose()
    with pytest.raises(ClientClosed):
        await provider.call(GET("/x"))
    assert [file for file in _open_files() if file.startswith(str(path))] == []


def test_provider_serves_two_loops_in_turn(loop_server) -> None:
    provider = acme(loop_server.url, SystemClock())

    async def first() -> None:
        await provider.call(GET("/one"))

    async def second() -> None:
        await provider.call(GET("/two"))
        await provider.aclose()

    asyncio.run(first())
    asyncio.run(second())
    assert [request.target for request in loop_server.requests] == ["/one", "/two"]


def test_provider_may_be_closed_in_a_later_loop(loop_server) -> None:
    provider = acme(loop_server.url, SystemClock())
    asyncio.run(provider.call(GET("/one")))
    asyncio.run(provider.aclose())
    with pytest.raises(ClientClosed):
        asyncio.run(provider.call(GET("/two")))


async def test_cancellation_leaves_nothing(serve, adapter, wait_for, session) -> None:
    server = await serve(hang)
    call = asyncio.create_task(adapter(server, session=session).call(POST("/x")))
    await wait_for(lambda: len(server.requests) == 1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert not session.connector._acquired
    assert len(server.requests) == 1


async def test_client_works_after_random_cancellations(serve, adapter, session, wait_for) -> None:
    slow = then(send(head(200, {"Content-Length": "9"})), drip(b'{"a": 12}', 0.0005))
    server = await serve(slow)
    provider = adapter(server, session=session)
    random = Random(7)
    before = asyncio.all_tasks()
    outcomes = [
        await _cancelled(provider.call(GET("/x"), lambda answer: dict(answer.json())), random)
        for _ in range(200)
    ]
    assert 0 < outcomes.count("cancelled") <= 200
    assert not session.connector._acquired
    assert await provider.call(GET("/x"), lambda answer: dict(answer.json())) == {"a": 12}
    await wait_for(lambda: len(asyncio.all_tasks() - before) <= 1)


async def _cancelled(call: Any, random: Random) -> str:
    task = asyncio.create_task(call)
    await asyncio.sleep(random.random() * 0.006)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return "cancelled"
    return "done"


def _open_files() -> list[str]:
    problems = []
    for file in FILES.iterdir():
        with suppress(OSError):  # the listing's own, closed meanwhile
            problems.append(str(file.readlink()))
    return problems


@pytest.fixture
def loop_server() -> Any:
    """A server in a loop of its own, so that it outlives those of a test."""
    loop, server = asyncio.new_event_loop(), Scripted(OK)
    thread = Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(5)
    yield server
    asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result(5)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()

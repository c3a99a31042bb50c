"""An application that is killed before a meeting ends: the server's next attempt is taken."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from conferencing import Conference, NotAvailable, SessionStatus, connect
from conferencing.sandbox import Sandbox
from conferencing.testing.server import closed_port
from conferencing.webhooks import aiohttp_handler

LIMIT = 60
MINUTE = timedelta(minutes=1)
APPLICATION = """
import asyncio, json, sys
from aiohttp import web
from conferencing import Person, connect
from conferencing.webhooks import aiohttp_handler

async def main():
    account = json.loads(sys.argv[1])
    async with connect(account) as conference:
        receiver = conference.webhooks.receiver(print)
        runner = web.ServerRunner(web.Server(aiohttp_handler(receiver)))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", int(sys.argv[2])).start()
        room = await conference.create_room("Course")
        await conference.start_session(room, Person(name="Zoe"))
        print(room.id, flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


@asynccontextmanager
async def serve_receiver(conference: Conference, port: int) -> AsyncIterator[None]:
    """Serve the application's receiver at its address."""
    async with conference.webhooks.receiver(lambda _: None, answer_within=20) as receiver:
        runner = web.ServerRunner(web.Server(aiohttp_handler(receiver)), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield
        finally:
            await runner.cleanup()


async def run_until_killed(account: dict[str, Any], port: int) -> str:
    """Run the application until it has started a session, kill it, and return the room's id."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", APPLICATION, json.dumps(account), str(port), stdout=PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(LIMIT):
        room_id = (await process.stdout.readline()).decode().strip()
        process.send_signal(signal.SIGKILL)
        await process.wait()
    return room_id


@pytest.mark.parametrize("lost", [False, True], ids=["repeated", "lost"])
async def test_killed_application_learns_of_end(tmp_path: Path, lost: bool) -> None:
    port = closed_port()
    async with Sandbox(["bigbluebutton"]) as sandbox:
        simulator: Any = sandbox["bigbluebutton"].simulator
        account = {
            **sandbox.account("bigbluebutton"),
            "room_store": f"sqlite:{tmp_path / 'rooms.db'}",
            "callback_url": f"http://127.0.0.1:{port}/events",
        }
        room_id = await run_until_killed(account, port)
        simulator.quirks["no_callbacks"] = lost
        world = simulator.world
        world.enter(room_id, "Ann", "ann@example.com")
        world.advance(10 * MINUTE)
        world.end_session(room_id)
        refused = await simulator.webhooks.deliver()
        assert [attempt.status for attempt in refused] == [None] * (not lost)

        async with connect(account) as conference, serve_receiver(conference, port):
            (session,) = await conference.sessions(room_id).collect()
            assert (session.status, session.ended_at) == (SessionStatus.ENDED, None)
            with pytest.raises(NotAvailable, match="unknown: no callback"):
                await conference.attendance(session).collect()
            world.advance(MINUTE)
            await simulator.webhooks.deliver()
            if lost:
                with pytest.raises(NotAvailable):
                    await conference.attendance(session).collect()
                return
            (session,) = await conference.sessions(room_id).collect()
            (ann,) = await conference.attendance(session).collect()
    assert session.duration == 10 * MINUTE
    assert (ann.email, ann.duration) == ("ann@example.com", 10 * MINUTE)

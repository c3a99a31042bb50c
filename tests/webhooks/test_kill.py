"""A process that is killed: what it handled stays done, and what it held is handed over again."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from conferencing import Secret, connect
from conferencing.accounts.context import SystemClock
from conferencing.webhooks import Event, OtherEvent, sign_neutral, write_neutral

KILLED = """
import asyncio, os, signal, sys
import conferencing
from conferencing import Secret
from conferencing.webhooks import OtherEvent, sign_neutral, write_neutral
from datetime import UTC, datetime

async def handle(event):
    if event.id == "e2":
        os.kill(os.getpid(), signal.SIGKILL)

async def main():
    body = write_neutral([OtherEvent(id="e1"), OtherEvent(id="e2")])
    headers = sign_neutral(Secret("s"), body, datetime.now(UTC))
    async with conferencing.connect({"provider": "memory", "webhook_secret": "s"}) as conference:
        receiver = conference.webhooks.receiver(handle, store=sys.argv[1], lease=2)
        await receiver.receive(headers, body)

asyncio.run(main())
"""


async def test_killed_process_loses_and_doubles_nothing(tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path / 'events.db'}"
    killed = subprocess.run(  # noqa: ASYNC221 - nothing else runs in this loop
        [sys.executable, "-c", KILLED, store], check=False, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    events: list[str] = []

    async def handle(event: Event) -> None:
        events.append(event.id)

    body = write_neutral([OtherEvent(id="e1"), OtherEvent(id="e2")])
    headers = sign_neutral(Secret("s"), body, SystemClock().now())
    async with (
        connect({"provider": "memory", "webhook_secret": "s"}) as conference,
        conference.webhooks.receiver(handle, store=store, answer_within=20) as receiver,
    ):
        # The lease of the killed process ends while this request waits for it.
        assert (await receiver.receive(headers, body)).status == 200
    assert events == ["e2"]

"""The page about Celery, on real servers: its worker's processes are killed, and nobody is registered twice."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from real_servers import PostgresServer, RedisServer
from trial import wait_for
from vendor import POST, Planned, people

from conferencing import Room
from conferencing.sandbox import Fault, Sandbox

PAGE = (Path(__file__).parents[2] / "docs" / "howto" / "celery.md").read_text("utf-8")
SEND = """
import json, sys, tasks
for rows in json.loads(sys.argv[1]):
    tasks.register.delay(sys.argv[2], rows)
"""


@pytest.fixture
def environment(
    tmp_path: Path, sandbox: Sandbox, redis_server: RedisServer, postgres_server: PostgresServer
) -> dict[str, str]:
    """The variables of a worker, in a folder with the files of the page."""
    pytest.importorskip("celery", reason="this needs celery: pip install celery")
    redis_server.clear()
    postgres_server.clear()
    return prepare(tmp_path, sandbox, redis_server.address, postgres_server.address)


@pytest.mark.exhaustive
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the children are found in /proc")
async def test_killed_children_lose_and_double_nobody(
    tmp_path: Path, environment: dict[str, str], served: Planned, room: Room
) -> None:
    random = Random(3)
    served.plan = lambda kind, _: (
        Fault(kind="late", seconds=random.random())
        if kind == POST and random.random() < 0.1
        else None
    )
    worker = start_worker(tmp_path, environment)
    try:
        lists = json.dumps([people(20, first=1 + 20 * number) for number in range(3)])
        sender = await asyncio.create_subprocess_exec(
            sys.executable, "-c", SEND, lists, room.id, cwd=tmp_path, env=environment
        )
        assert await sender.wait() == 0
        for number in (5, 25):
            await wait_for(lambda: served.counts[POST] >= number)  # noqa: B023
            kill_children(worker.pid)
        await wait_for(lambda: len(served.registered(room)) == 60)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(30)
    assert max(served.registered(room).values()) == 1, (tmp_path / "log").read_text()


def start_worker(folder: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "celery", "-A", "tasks", "worker", "-c2", "-l", "WARNING"]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )


def kill_children(pid: int) -> None:
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8").split():
        with suppress(ProcessLookupError):
            os.kill(int(child), signal.SIGKILL)


def prepare(folder: Path, sandbox: Sandbox, broker: str, journal: str) -> dict[str, str]:
    """Write the files of the page into a folder; return the environment for them."""
    [block] = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    (folder / "tasks.py").write_text(block, "utf-8")
    keys = sandbox.account("clickmeeting")
    lines = ['default = "main"', "[accounts.main]", 'rate = "30/s"']
    lines += [f'{name} = "{value}"' for name, value in keys.items()]
    (folder / "conferencing.toml").write_text("\n".join(lines), "utf-8")
    own = {"BROKER_URL": broker, "JOURNAL": journal, "SETTLE": "1.5"}
    return {**os.environ, **own}

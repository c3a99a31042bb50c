"""The page about jobs: its files and commands work as they are printed."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from real_servers import PostgresServer
from trial import wait_for
from vendor import Planned, people

from conferencing import Room
from conferencing.jobs import batches
from conferencing.sandbox import Sandbox

PAGE = (Path(__file__).parents[2] / "docs" / "jobs.md").read_text("utf-8")
PYTHON = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
COMMANDS = [line.removeprefix("$ ") for line in PAGE.splitlines() if line.startswith("$ ")]


@pytest.fixture
def folder(tmp_path: Path, sandbox: Sandbox, served: Planned, room: Room) -> Path:
    """A folder with the files of the page, and a list with a bad row."""
    for block in PYTHON:
        if name := re.match(r"# (\w+\.py)\n", block):
            (tmp_path / name[1]).write_text(block, "utf-8")
    [config] = re.findall(r"^```toml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    account = sandbox.account("clickmeeting")
    config = config.replace('"env:CLICKMEETING_API_KEY"', f'"{account["api_key"]}"')
    config = config.replace('rate = "5/s"', f'rate = "50/s"\nbase_url = "{account["base_url"]}"')
    (tmp_path / "conferencing.toml").write_text(config, "utf-8")
    rows = [",".join(row.values()) for row in people(20)]
    text = "\n".join(["email,first_name,last_name", *rows, "nonsense,Bo,Li"])
    (tmp_path / "people.csv").write_text(text, "utf-8")
    return tmp_path


@pytest.fixture
def shell(folder: Path, postgres_server: PostgresServer) -> Iterator[Callable[[str], Any]]:
    """Run a command in the folder, in the background."""
    postgres_server.clear()
    running: list[asyncio.subprocess.Process] = []
    folders = [str(Path(sys.executable).parent), os.environ["PATH"]]
    environment = {
        **os.environ, "DATABASE_URL": postgres_server.address, "PATH": os.pathsep.join(folders),
        "PYTHONPATH": str(folder),
    }  # fmt: skip

    async def start(command: str) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *command.split(), cwd=folder, env=environment, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        running.append(process)
        return process

    yield start
    for process in running:
        if process.returncode is None:
            process.kill()


async def test_commands_register_a_list(
    shell: Callable[[str], Any], room: Room, served: Planned
) -> None:
    pytest.importorskip("procrastinate", reason="this needs procrastinate")
    _, _, schema, submit, work, progress = COMMANDS

    async def run(command: str) -> str:
        process = await shell(command)
        printed, _ = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0, printed.decode()
        return str(printed.decode())

    await run(schema)
    printed = await run(submit.replace("1234567", room.id))
    assert "20 people in 1 batches" in printed
    assert "line 22 cannot be registered" in printed
    worker = await shell(work)
    await wait_for(lambda: sum(served.registered(room).values()) == 20)
    printed = ""
    async with asyncio.timeout(30):
        while "0 waiting" not in printed:
            printed = await run(progress)
    assert f"main {room.id} {{'registered': 20}} 0 waiting" in printed
    worker.send_signal(signal.SIGTERM)
    log, _ = await asyncio.wait_for(worker.communicate(), 30)
    assert b"@example.com" not in log


def test_broker_of_page_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("taskiq_redis", reason="this needs taskiq-redis")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    [block] = [block for block in PYTHON if block.startswith("# broker.py")]
    names: dict[str, Any] = {}
    exec(block, names)
    assert names["people"] is not None


async def test_function_for_other_engines_registers(
    folder: Path, room: Room, served: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = (folder / "conferencing.toml").read_text("utf-8")
    config = "\n".join(line for line in config.splitlines() if "rate" not in line)
    (folder / "conferencing.toml").write_text(config, "utf-8")
    monkeypatch.chdir(folder)
    [block] = [block for block in PYTHON if "run_batch(" in block]
    names: dict[str, Any] = {}
    exec(block, names)
    for batch in batches({("main", room.id): people(6)}, size=3):
        result = await names["run"](batch.to_dict(), "sqlite:people.db")
        assert result.complete
    assert sum(served.registered(room).values()) == 6

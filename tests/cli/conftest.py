"""Running the real program as a user does: in a process of its own, in a folder of its own."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from conferencing.sandbox import Sandbox, ServedSimulator, World

PROGRAM = (sys.executable, "-m", "conferencing")


@frozen(kw_only=True)
class Ran:
    """What is left of a run: exit code and texts."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """Return what was printed; more or less than one JSON value is an error."""
        return json.loads(self.out)

    @property
    def data(self) -> Any:
        """The data in the envelope; a failure has none."""
        envelope = self.json()
        assert list(envelope) == ["data"], envelope
        return envelope["data"]

    @property
    def lines(self) -> list[Any]:
        """The data of a listing, which is an envelope a line."""
        return [json.loads(line)["data"] for line in self.out.splitlines()]



def _checkout() -> dict[str, str]:
    """Return what makes the program run from the checkout under test, where that is not installed."""
    return {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}


Run = Callable[..., Awaitable[Ran]]


class Shell:
    """Start the program with few variables of the environment, and end what a test leaves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[Process] = []

    async def start(
        self,
        *arguments: str,
        program: tuple[str, ...] = PROGRAM,
        stdout: int = PIPE,
        **environment: str,
    ) -> Process:
        """Start the program and return at once; other keywords are variables of its environment."""
        given = {"PATH": os.defpath, "HOME": str(self.folder), "PYTHONUNBUFFERED": "1"}
        process = await asyncio.create_subprocess_exec(
            *program,
            *arguments,
            cwd=self.folder,
            env={**_checkout(), **given, **environment},
            stdout=stdout,
            stderr=PIPE,
        )
        self.started.append(process)
        return process

    async def run(self, *arguments: str, **options: Any) -> Ran:
        """Run the program to its end."""
        return await ended(await self.start(*arguments, **options))


async def ended(process: Process) -> Ran:
    """Wait for the end. Whatever a run was, its errors never are a traceback."""
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    ran = Ran(code=process.returncode or 0, out=(out or b"").decode(), err=err.decode())
    assert "Traceback" not in ran.err + ran.out, ran.err.splitlines()[-1]
    return ran


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    shell = Shell(tmp_path)
    yield shell
    for process in shell.started:
        if process.returncode is None:
            process.kill()
            await process.communicate()


@pytest.fixture
def run(shell: Shell) -> Run:
    return shell.run


@pytest.fixture
def until_end() -> Callable[[Process], Awaitable[Ran]]:
    return ended


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], Awaitable[None]]:
    """Let a started program go on until something is so; the limit is for one that never gets there."""

    async def waited(condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(30):
            while not condition():  # noqa: ASYNC110 - it happens in another process
                await asyncio.sleep(0.01)

    return waited


class Desk:
    """An organiser's folder with accounts on a sandbox, and the world behind each of them."""

    def __init__(self, sandbox: Sandbox, shell: Shell) -> None:
        self.sandbox = sandbox
        self.shell = shell
        self.run = shell.run
        self.folder = shell.folder

    def world(self, provider: str = "clickmeeting") -> World:
        return self.sandbox[provider].simulator.world

    def served(self, provider: str = "clickmeeting") -> ServedSimulator:
        return self.sandbox[provider]

    def configure(self, **changes: Any) -> None:
        """Write the configuration; keywords change keys of the account `main`."""
        accounts = {"main": self.sandbox.account("clickmeeting") | {"retries": 0} | changes}
        accounts |= {name: self.sandbox.account(name) for name in ("meetrs", "vconnct")}
        accounts["memory"] = {"provider": "memory"}
        lines = ['default = "main"']
        for name, account in accounts.items():
            lines += [f"[accounts.{name}]", *(f"{key} = {one!r}" for key, one in account.items())]
        (self.folder / "conferencing.toml").write_text("\n".join(lines), "utf-8")

    async def room(self, *options: str) -> str:
        """Create a room as a user does, and return its id."""
        ran = await self.run("rooms", "create", "Launch", "--registration", "--quiet", *options)
        assert ran.code == 0, ran.err
        return str(ran.out.strip())

    def write(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text, "utf-8")
        return name


@pytest.fixture
async def desk(shell: Shell) -> AsyncIterator[Desk]:
    async with Sandbox(["clickmeeting", "meetrs", "vconnct"]) as sandbox:
        desk = Desk(sandbox, shell)
        desk.configure()
        yield desk

"""Run the command line as a user does: in a folder, with accounts on a sandbox.

Most tests run it in this process, which takes a hundredth of a second. Tests of interrupts, of broken
pipes and of the terminal itself start a process.
"""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from threading import Lock
from typing import Any
from unittest import mock

import pytest
from attrs import frozen

from conferencing.cli.app import run as run_command
from conferencing.sandbox import Sandbox, ServedSimulator, World

PROGRAM = (sys.executable, "-m", "conferencing")
ONE_AT_A_TIME = Lock()
"""The folder, the environment and standard output belong to the whole process."""


@frozen(kw_only=True)
class Result:
    """The result of a run: exit code and texts."""

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
        """The data of a listing, which is one envelope per line."""
        return [json.loads(line)["data"] for line in self.out.splitlines()]

    @property
    def screen(self) -> str:
        """What a terminal shows, without colours."""
        return re.sub("\x1b\\[[0-9;]*m", "", self.out)

    @property
    def rows(self) -> list[dict[str, str]]:
        """The rows of a table in a pipe, by the titles of their columns."""
        titles, *rows = (line.split("\t") for line in self.out.splitlines())
        return [dict(zip(titles, row, strict=True)) for row in rows]


class Stream(TextIOWrapper):
    """A stream in memory that can claim to be a terminal."""

    def __init__(
        self, content: str = "", *, encoding: str = "utf-8", terminal: bool = False
    ) -> None:
        super().__init__(BytesIO(content.encode(encoding)), encoding=encoding, newline="")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)  # type: ignore[attr-defined]


@contextmanager
def environment_of(folder: Path, variables: dict[str, str]) -> Iterator[None]:
    known = {"PATH": os.defpath, "HOME": str(folder), "TERM": "xterm-256color"}
    before = Path.cwd()
    os.chdir(folder)
    try:
        with mock.patch.dict(os.environ, known | variables, clear=True):
            yield
    finally:
        os.chdir(before)


class Shell:
    """Run commands in one folder, with few variables in the environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[Process] = []

    async def run(
        self,
        *arguments: str,
        terminal: bool = False,
        answer: str | None = None,
        encoding: str = "utf-8",
        **variables: str,
    ) -> Result:
        """Run a command in this process; other keywords are variables of its environment.

        `answer` is what is typed on the terminal.
        """
        out, err = Stream(encoding=encoding, terminal=terminal), Stream(terminal=terminal)
        typed = Stream(answer or "", terminal=answer is not None)

        def call() -> int:
            with (
                ONE_AT_A_TIME,
                environment_of(self.folder, variables),
                mock.patch.object(sys, "stdin", typed),
                redirect_stdout(out),
                redirect_stderr(err),
            ):
                return run_command(arguments)

        code = await asyncio.to_thread(call)
        return Result(code=code, out=out.text(), err=err.text())

    async def start(
        self,
        *arguments: str,
        program: tuple[str, ...] = PROGRAM,
        stdout: int = PIPE,
        **variables: str,
    ) -> Process:
        """Start the program in a process of its own, and return at once."""
        known = {"PATH": os.defpath, "HOME": str(self.folder), "PYTHONUNBUFFERED": "1"}
        checkout = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            *program,
            *arguments,
            cwd=self.folder,
            env=checkout | known | variables,
            stdout=stdout,
            stderr=PIPE,
        )
        self.started.append(process)
        return process

    async def run_process(self, *arguments: str, **options: Any) -> Result:
        """Run the program in a process of its own to its end."""
        return await wait_for_end(await self.start(*arguments, **options))

    async def run_on_terminal(
        self, *arguments: str, answer: str = "", **variables: str
    ) -> tuple[int, str]:
        """Run the program on a terminal of its own; return its exit code and the whole screen."""
        pid, screen = await asyncio.to_thread(_fork, self.folder, arguments, variables)
        shown, answered = b"", not answer
        try:
            while piece := await asyncio.wait_for(asyncio.to_thread(_read, screen), 30):
                shown += piece
                if not answered and shown.rstrip().endswith(
                    (b"[y/N]", b"Passcode:", b"(not shown):")
                ):
                    os.write(screen, answer.encode())
                    answered = True
        finally:
            os.close(screen)
        _, status = await asyncio.to_thread(os.waitpid, pid, 0)
        text = shown.decode()
        assert "Traceback" not in text, text
        return os.waitstatus_to_exitcode(status), text


def _fork(folder: Path, arguments: tuple[str, ...], variables: dict[str, str]) -> tuple[int, int]:
    known = {"PATH": os.defpath, "HOME": str(folder), "TERM": "xterm-256color", "COLUMNS": "80"}
    checkout = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
    pid, screen = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(sys.executable, [*PROGRAM, *arguments], checkout | known | variables)
    return pid, screen


def _read(screen: int) -> bytes:
    try:
        return os.read(screen, 65536)
    except OSError:  # what a terminal reports when the last program has left it
        return b""


async def wait_for_end(process: Process) -> Result:
    """Wait for the end of a process. Its errors are never a traceback."""
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    result = Result(code=process.returncode or 0, out=(out or b"").decode(), err=err.decode())
    assert "Traceback" not in result.err + result.out, result.err
    return result


@pytest.fixture
async def shell(tmp_path: Path) -> AsyncIterator[Shell]:
    shell = Shell(tmp_path)
    yield shell
    for process in shell.started:
        if process.returncode is None:
            process.kill()
            await process.communicate()


@pytest.fixture
def run(shell: Shell) -> Callable[..., Awaitable[Result]]:
    return shell.run


@pytest.fixture
def until_end() -> Callable[[Process], Awaitable[Result]]:
    return wait_for_end


@pytest.fixture
def until() -> Callable[[Callable[[], Any]], Awaitable[None]]:
    """Wait until something happened in a started program; the limit is for one that hangs."""

    async def wait(condition: Callable[[], Any]) -> None:
        async with asyncio.timeout(30):
            while not condition():  # noqa: ASYNC110 - it happens in another process
                await asyncio.sleep(0.01)

    return wait


class Desk:
    """An organizer's folder with accounts on a sandbox, and the world behind each of them."""

    def __init__(self, sandbox: Sandbox, shell: Shell) -> None:
        self.sandbox = sandbox
        self.shell = shell
        self.run = shell.run
        self.folder = shell.folder

    def world(self, provider: str = "clickmeeting") -> World:
        return self.sandbox[provider].simulator.world

    def served(self, provider: str = "clickmeeting") -> ServedSimulator:
        return self.sandbox[provider]

    def count_requests(self) -> int:
        """Count the requests that reached any simulator."""
        return sum(len(self.served(name).requests) for name in self.sandbox.simulators)

    def configure(self, **changes: Any) -> None:
        """Write the configuration; keywords change keys of the account `main`."""
        accounts = {"main": self.sandbox.account("clickmeeting") | {"retries": 0} | changes}
        accounts |= {name: self.sandbox.account(name) for name in ("meetrs", "vconnct")}
        accounts["daring"] = self.sandbox.account("meetrs") | {"unverified": True}
        accounts["memory"] = {"provider": "memory"}
        lines = ['default = "main"']
        for name, account in accounts.items():
            keys = (
                f"{key} = {'true' if value is True else repr(value)}"
                for key, value in account.items()
                if value is not None
            )
            lines += [f"[accounts.{name}]", *keys]
        self.write("conferencing.toml", "\n".join(lines))

    async def create_room(self, *options: str) -> str:
        """Create a room as a user does, and return its id."""
        result = await self.run("rooms", "create", "Launch", "--registration", "--quiet", *options)
        assert result.code == 0, result.err
        return result.out.strip()

    def write(self, name: str, text: str) -> str:
        (self.folder / name).write_text(text, "utf-8", newline="")
        return name

    def read(self, name: str) -> str:
        return (self.folder / name).read_text("utf-8")

    def names(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


@pytest.fixture
async def desk(shell: Shell) -> AsyncIterator[Desk]:
    async with Sandbox(["clickmeeting", "meetrs", "vconnct"]) as sandbox:
        desk = Desk(sandbox, shell)
        desk.configure()
        yield desk

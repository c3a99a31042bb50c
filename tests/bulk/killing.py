"""Killing a registration at chosen points and at random, and asking the world what came of it."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from signal import SIGKILL
from typing import Any

from attrs import define, field, frozen
from vendor import LIST, POST, Planned, open_room, people, settle_in

from conferencing import Room, connect
from conferencing.sandbox import Fault, Sandbox

RUNNER = Path(__file__).with_name("runner.py")


@frozen(kw_only=True)
class Kill:
    """Say where a run is killed: inside of it (`point`), or by the vendor at a call.

    `number` counts calls of `kind` in this run; with `after`, the first one after so many lists.
    `fault` is what becomes of the call. With `losing`, every second registration before it is lost.
    """

    name: str
    point: dict[str, Any] | None = None
    kind: str = POST
    number: int = 0
    after: int = 0
    fault: str | None = None
    delay: float = 0.0
    losing: bool = False


def inside(
    name: str, event: str, function: str, number: int, *, losing: bool = False, **more: Any
) -> Kill:
    point = {"event": event, "name": function, "number": number, **more}
    return Kill(name=name, point=point, losing=losing)


WRITE = "_SelectorSocketTransport.write"

SENDING = (
    inside("the journal is being made", "c_call", "execute", 5),
    inside("a batch is about to be written down", "c_call", "executemany", 10),
    inside("a batch is being written down", "c_return", "executemany", 15, delay=0.0004),
    inside("a batch is written down and not sent", "return", "Journal.write", 4),
    inside("a request has left", "c_return", "send", 21, within=WRITE),
    Kill(name="the vendor has a request and does nothing", number=30, fault="hang"),
    Kill(name="the vendor has registered and not answered", number=25, fault="commit-reset"),
    Kill(name="the vendor will register later", number=20, fault="late"),
    inside("a reply has come and is not written down", "return", "Outcomes._settle", 25),
)
SETTLING = (
    inside(
        "it waits for the vendor to settle",
        "call",
        "TellingClock.sleep",
        1,
        delay=0.05,
        losing=True,
    ),
    Kill(name="the list is being read", kind=LIST, number=2, fault="slow"),
    Kill(name="what is missing is sent again", after=2, fault="commit-reset"),
)
NAMED = SENDING + SETTLING
"""Twelve points; those of the settling come last, when there is nothing left but doubts."""


def random_kills(count: int, random: Random, most: int) -> list[Kill]:
    """Return kills some time after any of the first `most` registrations of a run."""
    return [
        Kill(name="random", number=random.randint(1, most), delay=random.random() * 0.03)
        for _ in range(count)
    ]


@define(kw_only=True)
class Run:
    """One run of the process: when it began and ended, what the vendor saw of it, what it told."""

    began: float
    hooked: bool
    ended: float = 0.0
    code: int | None = None
    calls: list[tuple[float, str]] = field(factory=list[tuple[float, str]])
    sleeps: list[tuple[float, float]] = field(factory=list[tuple[float, float]])
    told: dict[str, Any] = field(factory=dict[str, Any])
    errors: str = ""

    @property
    def killed(self) -> bool:
        return self.code == -SIGKILL

    @property
    def overhead(self) -> float:
        """The seconds in which it neither sent registrations nor waited for the vendor."""
        slept = sum(min(length, self.ended - began) for began, length in self.sleeps)
        return self.ended - self.began - slept - self._sending()

    def _sending(self) -> float:
        """Return how long registrations came in, from the first to the last between two lists."""
        total, bursts = 0.0, [[]]
        for moment, kind in self.calls:
            if kind == LIST:
                bursts.append([])
            else:
                bursts[-1].append(moment)
        for burst in bursts:
            total += burst[-1] - burst[0] if burst else 0.0
        return total


@define(kw_only=True)
class Killing:
    """A roster on its way into a room, in runs that share a journal.

    `late` of the registrations lose their reply and happen up to `latest` seconds later.
    """

    served: Planned
    room: Room
    account: dict[str, Any]
    folder: Path
    count: int
    settle: float
    late: float
    latest: float
    random: Random

    runs: list[Run] = field(init=False, factory=list[Run])
    _kill: Kill | None = field(init=False, default=None)
    _process: Process | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        rows = (",".join(row.values()) for row in people(self.count))
        text = "\n".join(["email,first_name,last_name", *rows])
        (self.folder / "people.csv").write_text(text)
        self.served.plan = self._plan

    async def run(self, kill: Kill | None = None) -> Run:
        """Let the process run until it is killed, or done."""
        given = {
            "account": self.account,
            "room": self.room.id,
            "people": str(self.folder / "people.csv"),
            "journal": str(self.folder / "people.journal"),
            "settle": self.settle,
            "point": kill.point if kill else None,
        }
        self._kill = kill
        self.served.counts.clear()
        run = Run(began=time.monotonic(), hooked=given["point"] is not None)
        self.runs.append(run)
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, str(RUNNER), json.dumps(given), stdout=PIPE, stderr=PIPE
        )
        await self._follow(self._process, run)
        return run

    async def _follow(self, process: Process, run: Run) -> None:
        assert process.stdout is not None
        assert process.stderr is not None
        async for line in process.stdout:
            run.told = json.loads(line)
            if "sleep" in run.told:
                run.sleeps.append((time.monotonic(), run.told["sleep"]))
        run.errors = (await process.stderr.read()).decode()
        run.code = await process.wait()
        run.ended = time.monotonic()

    def _plan(self, kind: str, number: int) -> Fault | None:
        if not kind:
            return None
        self.runs[-1].calls.append((time.monotonic(), kind))
        kill = self._kill
        if kill is not None and kill.point is None and self._due(kill, kind, number):
            self._kill = None
            return self._strike(kill)
        if kind == POST and kill is not None and kill.losing and number % 2:
            return Fault(kind="reset")
        if kind == POST and self.random.random() < self.late:
            return Fault(kind="late", seconds=self.random.random() * self.latest)
        return None

    def _due(self, kill: Kill, kind: str, number: int) -> bool:
        if kill.after:
            return kind == POST and self.served.counts[LIST] == kill.after
        return (kind, number) == (kill.kind, kill.number)

    def _strike(self, kill: Kill) -> Fault | None:
        assert self._process is not None
        if kill.delay:
            asyncio.get_running_loop().call_later(kill.delay, _end, self._process)
        else:
            _end(self._process)
        return Fault(kind=kill.fault, seconds=self.latest / 2) if kill.fault else None

    # -- what came of it

    def lost(self) -> list[str]:
        """Return who is not registered."""
        there = self.served.registered(self.room)
        return [row["email"] for row in people(self.count) if not there[row["email"]]]

    def double(self) -> list[str]:
        """Return who is registered more than once, or was never on the list."""
        there = self.served.registered(self.room)
        wanted = {row["email"] for row in people(self.count)}
        return [email for email, times in there.items() if times > 1 or email not in wanted]


@asynccontextmanager
async def killing(folder: Path, seed: int, **how: Any) -> AsyncIterator[Killing]:
    """Open a sandbox with a room, and a roster beside it."""
    async with Sandbox(["clickmeeting"]) as sandbox:
        served = settle_in(sandbox)
        account = sandbox.account("clickmeeting")
        async with connect(account) as conference:
            room = await open_room(conference)
        yield Killing(
            served=served,
            room=room,
            account=account,
            folder=folder,
            random=Random(seed),
            **how,
        )


async def kill_at_all(killing: Killing, kills: Iterable[Kill]) -> dict[str, Run]:
    """Run once for each kill, and then until done; return the runs by the names of their kills."""
    told = {}
    for number, kill in enumerate(kills):
        told[f"{number} {kill.name}"] = await killing.run(kill)
    for _ in range(10):
        run = await killing.run()
        if run.code != 0 or run.told["complete"]:
            break
    told["the last"] = run
    return told


def _end(process: Process) -> None:
    if process.returncode is None:
        process.kill()

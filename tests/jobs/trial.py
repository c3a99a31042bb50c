"""Workers of a task queue that register people, and are killed: what does the vendor have afterwards?

The vendor is ClickMeeting's simulator, which registers twice who is sent twice; each account has one
of its own. Workers are the queue's own programs.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager, suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from attrs import define, field

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "bulk"))
sys.path.insert(0, str(Path(__file__).parent))

from real_servers import PostgresServer, RabbitServer, RedisServer, Server, serving
from vendor import POST, Planned, open_room, people, settle_in

from conferencing import Room, connect
from conferencing.jobs import batches
from conferencing.sandbox import Fault, Sandbox

T = TypeVar("T")

HERE = Path(__file__).parent
ENGINES = {
    "procrastinate": (PostgresServer,),
    "taskiq-rabbitmq": (RabbitServer, RedisServer),
    "taskiq-redis": (RedisServer,),
}
"""The servers of each engine; the last one has the journal and the rate."""


@define(kw_only=True)
class Trial:
    """Accounts with a room each, lists of people, and workers of an engine.

    `late` of the registrations lose their reply and happen up to `latest` seconds later, and as many
    are made and lose their reply. With `limit`, a vendor refuses more posts in any second. The keys
    of the `revoked` accounts are refused.
    """

    engine: str
    folder: Path
    servers: list[Any]
    accounts: int = 3
    count: int = 200
    size: int = 20
    rate: str | None = "60/s"
    settle: float = 2.0
    lease: float = 1.5
    late: float = 0.05
    latest: float = 1.5
    concurrency: int = 8
    slots: int = 6
    limit: int = 0
    revoked: frozenset[int] = frozenset()
    random: Random = field(factory=lambda: Random(1))

    vendors: list[Planned] = field(init=False, factory=list[Planned])
    rooms: list[Room] = field(init=False, factory=list[Room])
    workers: list[subprocess.Popen[bytes]] = field(init=False, factory=list[Any])
    posts: list[float] = field(init=False, factory=list[float])
    others: Counter[str] = field(init=False, factory=Counter)
    kills: int = field(init=False, default=0)
    refused: int = field(init=False, default=0)
    calls_revoked: int = field(init=False, default=0)
    key: str = field(init=False, default="")
    people: Any = field(init=False, default=None)
    module: Any = field(init=False, default=None)

    # -- before

    async def open(self, stack: AsyncExitStack) -> None:
        """Start the vendors, and write the configuration of the workers."""
        for server in self.servers:
            server.clear()
        lines: list[str] = []
        for number in range(self.accounts):
            sandbox = await stack.enter_async_context(Sandbox(["clickmeeting"]))
            vendor = settle_in(sandbox)
            account = sandbox.account("clickmeeting")
            async with connect(account) as conference:
                self.rooms.append(await open_room(conference))
            vendor.requests.clear()
            vendor.plan = partial(self._plan, number, deque())
            self.vendors.append(vendor)
            self.key = str(account["api_key"])
            keys = dict(account)
            if self.rate:
                keys |= {"rate": self.rate, "rate_store": self.servers[-1].address}
            lines.append(f"[accounts.account{number}]")
            lines += [f'{name} = "{value}"' for name, value in keys.items()]
        (self.folder / "conferencing.toml").write_text("\n".join(lines), "utf-8")
        plan = {
            "config": str(self.folder / "conferencing.toml"),
            "broker": self.servers[0].address,
            "journal": self.servers[-1].address,
            "settle": self.settle,
            "lease": self.lease,
            "concurrency": self.concurrency,
            "idle": max(self.lease, 1.0),
        }
        (self.folder / "plan.json").write_text(json.dumps(plan), "utf-8")
        os.environ["JOBS_PLAN"] = str(self.folder / "plan.json")
        name = "app_procrastinate" if self.engine == "procrastinate" else "app_taskiq"
        sys.modules.pop(name, None)
        self.module = import_module(name)
        self.people = self.module.people
        await stack.enter_async_context(self.module.opened())
        stack.push_async_callback(self.people.aclose)
        stack.callback(self.stop)

    def _plan(self, account: int, accepted: deque[float], kind: str, number: int) -> Fault | None:
        now = time.monotonic()
        if account in self.revoked:
            self.calls_revoked += 1
            return Fault(kind="status", status=401, body='{"errors":[]}')
        if kind != POST:
            self.others[kind] += 1
            return None
        if self.limit:
            while accepted and accepted[0] <= now - 1:
                accepted.popleft()
            if len(accepted) >= self.limit:
                self.refused += 1
                return Fault(kind="status", status=429, body='{"errors":[]}')
            accepted.append(now)
        self.posts.append(now)
        fate = self.random.random()
        if fate < self.late:
            return Fault(kind="late", seconds=self.random.random() * self.latest)
        return Fault(kind="commit-reset") if fate < 2 * self.late else None

    @property
    def lists(self) -> dict[tuple[str, str], list[dict[str, str]]]:
        """The people of each account, in equal parts."""
        share = self.count // self.accounts
        return {
            (f"account{number}", room.id): people(share, first=1 + number * share)
            for number, room in enumerate(self.rooms)
        }

    async def submit(self) -> Any:
        return await self.people.submit(batches(self.lists, size=self.size))

    async def submit_bare(self) -> None:
        """Send batches that are registered without a journal (on Taskiq)."""
        for batch in batches(self.lists, size=self.size):
            rows = [
                {name: value for name, value in row.items() if name != "number"}
                for row in batch.to_dict()["people"]
            ]
            await self.module.register_bare.kiq(batch.account, batch.room, rows)

    # -- workers

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start one more worker, in a process group of its own."""
        if self.engine == "procrastinate":
            command = [
                "procrastinate", "--app=app_procrastinate.app", "worker",
                f"--concurrency={self.slots}", "--fetch-job-polling-interval=0.3",
                "--shutdown-graceful-timeout=1", "--delete-jobs=successful",
            ]  # fmt: skip
        else:
            command = [
                "taskiq", "worker", "app_taskiq:broker", "--workers=1", "--max-prefetch=0",
                f"--max-async-tasks={self.slots}", "--wait-tasks-timeout=1",
            ]  # fmt: skip
        environment = {
            **os.environ, "JOBS_PLAN": str(self.folder / "plan.json"),
            "PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")]),
        }  # fmt: skip
        with (self.folder / "workers.log").open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", *command], stdout=log, stderr=log, cwd=HERE,
                env=environment, start_new_session=True,
            )  # fmt: skip
        self.workers.append(worker)
        return worker

    def kill_worker(self, worker: subprocess.Popen[bytes] | None = None) -> None:
        """Kill a worker, by default a random one, and start another in its place."""
        victim = worker or self.random.choice(self.workers)
        self._end(victim)
        self.kills += 1
        self.start_worker()

    def freeze_worker(self, worker: subprocess.Popen[bytes]) -> None:
        """Stop a worker as a suspended machine does; `thaw_worker` lets it go on."""
        os.killpg(worker.pid, signal.SIGSTOP)

    def thaw_worker(self, worker: subprocess.Popen[bytes]) -> None:
        os.killpg(worker.pid, signal.SIGCONT)

    def revive_workers(self) -> None:
        """Start workers again that have ended, as a supervisor does."""
        for worker in [*self.workers]:
            if worker.poll() is not None:
                self.workers.remove(worker)
                self.start_worker()

    def restart_servers(self) -> None:
        """Kill the servers and start them again."""
        for server in self.servers:
            server.kill()
        for server in self.servers:
            server.start()

    def stop(self) -> None:
        """Kill all workers."""
        for worker in [*self.workers]:
            self._end(worker)

    def _end(self, worker: subprocess.Popen[bytes]) -> None:
        with suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(30)
        self.workers.remove(worker)

    async def wait_until_done(self, limit: float) -> None:
        """Wait until all batches are done, and revive workers meanwhile."""
        async with asyncio.timeout(limit):
            while not await self.is_done():
                self.revive_workers()
                await asyncio.sleep(0.2)

    async def is_done(self) -> bool:
        progress = await self.people.progress()
        return bool(progress) and all(room.complete for room in progress.values())

    # -- afterwards

    def registered(self) -> Counter[str]:
        counted: Counter[str] = Counter()
        for vendor, room in zip(self.vendors, self.rooms, strict=True):
            counted += vendor.registered(room)
        return counted

    def wrong(self) -> list[str]:
        """Return who is lost, doubled, or was never on a list."""
        there = self.registered()
        wanted = [row["email"] for rows in self.lists.values() for row in rows]
        lost = [f"{email} is lost" for email in wanted if not there[email]]
        double = [f"{email} is there {times} times" for email, times in there.items() if times > 1]
        return lost + double + [f"{email} is new" for email in there.keys() - {*wanted}]

    @property
    def doubled(self) -> int:
        """How many are registered more than once."""
        return sum(times > 1 for times in self.registered().values())

    def log(self) -> str:
        return (self.folder / "workers.log").read_text("utf-8", "replace")


async def wait_for(condition: Callable[[], object], limit: float = 60.0) -> None:
    """Wait until a condition holds that other processes bring about."""
    async with asyncio.timeout(limit):
        while not condition():  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.02)


@contextmanager
def serving_engine(engine: str, **options: Any) -> Iterator[list[Server]]:
    """Run the servers of an engine."""
    with ExitStack() as stack:
        yield [stack.enter_context(serving(kind, **options)) for kind in ENGINES[engine]]


@asynccontextmanager
async def trying(
    engine: str, folder: Path, servers: list[Server], **details: Any
) -> AsyncIterator[Trial]:
    """Prepare a trial on running servers."""
    trial = Trial(engine=engine, folder=folder, servers=servers, **details)
    async with AsyncExitStack() as stack:
        await trial.open(stack)
        yield trial


def run_trial(engine: str, work: Callable[[Trial], Awaitable[T]], **details: Any) -> T:
    """Return what `work` makes of a trial on servers of its own."""

    async def run() -> T:
        with tempfile.TemporaryDirectory() as folder, serving_engine(engine) as servers:
            async with trying(engine, Path(folder), servers, **details) as trial:
                return await work(trial)

    return asyncio.run(run())

"""Register people as jobs of task queues on real servers, while workers and servers are killed.

Each account has a vendor of its own: ClickMeeting's simulator, made to register twice who is sent
twice. 5 % of the replies are lost with the registration happening up to six seconds later, and 5 %
after it. What is counted is what the vendors have. Workers are the queues' own programs, killed with
SIGKILL and started again; servers are killed as well. `redis-server`, PostgreSQL and RabbitMQ have to
be installed.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from results import Result, zero_violations

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "jobs"))

from trial import ENGINES, Trial, run_trial, wait_for

LIMIT = 1200
"""After how many seconds a trial is given up."""

HARD: dict[str, Any] = {"settle": 8.0, "lease": 4.0, "latest": 6.0}
CALM: dict[str, Any] = {"settle": 8.0, "lease": 4.0, "late": 0.0}


def measure(*, quick: bool) -> Iterator[Result]:
    """Yield each figure."""
    for engine in ENGINES:
        yield run_trial(engine, lambda trial: _kill(trial, quick=quick), **_size(quick=quick))
    yield run_trial("taskiq-redis", _kill_without_journal, count=300, size=20, rate="60/s", **HARD)
    for engine in ENGINES:
        details = {**CALM, "count": 400 if quick else 3000, "rate": "25/s", "size": 50}
        yield run_trial(engine, lambda trial: _freeze(trial, 5 if quick else 30), **details)


def _size(*, quick: bool) -> dict[str, Any]:
    count = 600 if quick else 10_000
    return {**HARD, "count": count, "accounts": 4, "size": 200, "rate": "40/s", "random": Random(1)}


async def _kill(trial: Trial, *, quick: bool) -> Result:
    kills, crashes = (6, 1) if quick else (60, 6)
    await trial.submit()
    for _ in range(3):
        trial.start_worker()
    for number in range(1, kills + 1):
        await asyncio.sleep(0.8 + 2 * trial.random.random())
        trial.kill_worker()
        if number % (kills // crashes) == 0:
            await asyncio.to_thread(trial.restart_servers)
    await trial.wait_until_done(LIMIT)
    wrong = trial.wrong()
    progress = await trial.people.progress()
    counted = sum(sum(room.counts.values()) for room in progress.values())
    wrong += [] if counted == trial.count else [f"{counted} people in progress()"]
    what = (
        f"jobs on {trial.engine}: {trial.count:,} people, workers killed {kills}"
        f" times and servers {crashes} times"
    )
    figure = f"{len(trial.posts):,} posts, {trial.others['list']:,} pages of lists"
    return zero_violations(what, figure, "none lost, none doubled", wrong)


async def _kill_without_journal(trial: Trial) -> Result:
    await trial.submit_bare()
    trial.start_worker()
    trial.start_worker()
    for _ in range(10):
        before = len(trial.posts)
        await wait_for(lambda: len(trial.posts) >= before + 10)  # noqa: B023
        trial.kill_worker()
        if trial.doubled:
            break
    await wait_for(lambda: trial.doubled)
    double = trial.doubled
    what = f"the same without a journal, {trial.count} people, {trial.kills} kills"
    return Result(what=what, figure=f"{double} doubled", goal="at least 1, or this proves nothing",
                  met=double > 0)  # fmt: skip


async def _freeze(trial: Trial, seconds: float) -> Result:
    await trial.submit()
    workers = [trial.start_worker() for _ in range(3)]
    await asyncio.sleep(4)
    for worker in workers:
        trial.freeze_worker(worker)
        await asyncio.sleep(seconds)
        trial.thaw_worker(worker)
        await asyncio.sleep(2)
    await trial.wait_until_done(LIMIT)
    await asyncio.sleep(2)
    what = f"jobs on {trial.engine}: {trial.count:,} people, each worker frozen for {seconds:g} s"
    figure = f"{len(trial.posts):,} posts"
    return zero_violations(what, figure, "none lost, none doubled", trial.wrong())

"""What jobs cost, and how they keep to the rate: without faults, on real servers.

The vendors are those of `jobs_kills`; here they refuse more posts in any second than the rate allows.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import evolve
from results import Result

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "jobs"))

from real_servers import PostgresServer, RedisServer, serving
from trial import Trial, run_trial, wait_for

from conferencing.bulk import Outcome
from conferencing.jobs import BatchState, batches, open_journal

LIMIT = 600
"""After how many seconds a trial is given up."""

CALM: dict[str, Any] = {"settle": 8.0, "lease": 4.0, "late": 0.0}


def measure(*, quick: bool) -> Iterator[Result]:
    """Yield each figure."""
    count = 600 if quick else 3000
    plan = {**CALM, "count": count, "accounts": 1, "size": 1000, "rate": "100/s", "limit": 100}
    for workers in (1, 2, 3):
        yield run_trial("procrastinate", lambda trial, n=workers: _measure_rate(trial, n), **plan)
    yield run_trial("procrastinate", _queue_in_order, **_fair(quick=quick))
    revoked = {**CALM, "accounts": 2, "size": 1, "revoked": frozenset({0})}
    yield run_trial("procrastinate", _revoke, count=100 if quick else 1000, **revoked)
    for engine in ("procrastinate", "taskiq-rabbitmq"):
        yield run_trial(engine, _terminate, **CALM, count=600, rate="10/s", size=100)
    for kind in (RedisServer, PostgresServer):
        yield asyncio.run(_measure_overhead(kind, 20 if quick else 200))


def _fair(*, quick: bool) -> dict[str, Any]:
    accounts = 10 if quick else 50
    size = {"accounts": accounts, "count": 24 * accounts, "size": 24, "slots": accounts}
    return {**CALM, "rate": "2/s", **size}


async def _measure_rate(trial: Trial, workers: int) -> Result:
    await trial.submit()
    for _ in range(workers):
        trial.start_worker()
    await trial.wait_until_done(LIMIT)
    span = (trial.posts[-1] - trial.posts[0]) * trial.limit / trial.count
    most = 1.05 if workers == 1 else 1.10
    others = sum(trial.others.values())
    share = trial.refused / trial.count
    what = (
        f"jobs without faults on {trial.engine}: {trial.count:,} people at 100/s, {workers} workers"
    )
    return Result(
        what=what.replace("1 workers", "1 worker"),
        figure=f"{span:.2f} × ideal, {trial.refused} refused, {others} calls other than posts",
        goal=f"at most {most:.2f} ×, 0.2 % refused, 0 calls other than posts",
        met=span <= most and share <= 0.002 and not others and not trial.wrong(),
    )


async def _queue_in_order(trial: Trial) -> Result:
    """Queue account after account, and compare with the time that one account needs."""
    for room, rows in trial.lists.items():
        await trial.people.submit(batches({room: rows}, size=trial.size))
    trial.start_worker()
    await trial.wait_until_done(LIMIT)
    ideal = trial.count / trial.accounts / 2
    span = (max(trial.posts) - min(trial.posts)) / ideal
    return Result(
        what=f"{trial.accounts} accounts of 2/s each, queued one after another, one worker",
        figure=f"{span:.2f} × the time of one account",
        goal="at most 1.15 ×",
        met=span <= 1.15 and not trial.wrong(),
    )


async def _revoke(trial: Trial) -> Result:
    await trial.submit()
    for _ in range(3):
        trial.start_worker()
    healthy = ("account1", trial.rooms[1].id)
    async with asyncio.timeout(LIMIT):
        while not (await trial.people.progress())[healthy].complete:  # noqa: ASYNC110
            await asyncio.sleep(0.5)
    await asyncio.sleep(3)
    progress = await trial.people.progress()
    parked = progress["account0", trial.rooms[0].id].parked is not None
    return Result(
        what=f"a revoked key, {trial.count // 2} batches for it and as many for another account",
        figure=f"{trial.calls_revoked} calls with it; the other account is done",
        goal="at most 5 calls",
        met=trial.calls_revoked <= 5 and parked,
    )


async def _terminate(trial: Trial) -> Result:
    """Send SIGTERM to an idle and to a busy worker; both have a second of grace."""
    idle = trial.start_worker()
    await asyncio.sleep(4)
    resting = await _stop(trial, idle)
    await trial.submit()
    busy = trial.start_worker()
    await wait_for(lambda: len(trial.posts) >= 20)
    working = await _stop(trial, busy)
    stopped, before = time.monotonic(), len(trial.posts)
    trial.start_worker()
    await wait_for(lambda: len(trial.posts) > before)
    taken = time.monotonic() - stopped
    await trial.wait_until_done(LIMIT)
    wrong = trial.wrong()
    return Result(
        what=f"SIGTERM with a second of grace on {trial.engine}",
        figure=f"idle {resting:.1f} s, busy {working:.1f} s, taken over after {taken:.1f} s",
        goal="at most 5 s, 2 s, 15 s; none lost, none doubled",
        met=resting <= 5 and working <= 2.5 and taken <= 15 and not wrong,
        violations=wrong,
    )


async def _stop(trial: Trial, worker: Any) -> float:
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    await asyncio.to_thread(worker.wait, 30)
    trial.workers.remove(worker)
    return time.monotonic() - began


# ----------------------------------------------------------------------------------------- overhead


async def _measure_overhead(kind: Any, count: int) -> Result:
    """Measure what the journal costs a batch of 100 people, without a vendor."""
    rows = [{"email": f"p{number}@example.com", "name": "Ann Lee"} for number in range(count)]
    task = person = 0.0
    with serving(kind) as server:
        journal = open_journal(server.address)
        made = batches({("main", "7"): rows}, size=1)
        for number, record in enumerate(await journal.add([batch.to_record() for batch in made])):
            people = [f"{100 * number + place:032x}" for place in range(100)]
            began = time.perf_counter()
            await journal.load(record.key)
            await journal.list_parked()
            async with journal.hold(record.key) as hold:
                await hold.start()
                marked = time.perf_counter()
                done: list[str] = []
                for start in range(
                    0, 112, 8
                ):  # as a run does: what ended is written with what begins
                    part = people[start : start + 8]
                    await hold.write(part, dict.fromkeys(done, Outcome.REGISTERED), [])
                    done = part
                written = time.perf_counter()
                await hold.finish(evolve(record, state=BatchState.DONE))
            task += marked - began + time.perf_counter() - written
            person += (written - marked) / 100
        await journal.aclose()
    most = (8.0, 0.1) if kind is RedisServer else (20.0, 0.4)
    cost = (task / count * 1000, person / count * 1000)
    name = "Redis" if kind is RedisServer else "PostgreSQL"
    return Result(
        what=f"the journal in {name}: a batch, and each of its people",
        figure=f"{cost[0]:.1f} ms and {cost[1]:.2f} ms",
        goal=f"at most {most[0]:g} ms and {most[1]:g} ms",
        met=cost[0] <= most[0] and cost[1] <= most[1],
    )

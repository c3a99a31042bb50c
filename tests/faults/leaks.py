"""What is left after much went wrong: sockets, tasks, descriptors, memory."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any, Final

from attrs import define, evolve, field
from cells import Floor, strikes
from front import Exchange, rendered
from kinds import kinds
from operations import ADAPTERS, Case
from staging import Baseline, baselines

from conferencing import Conference, ConferencingError

__all__ = ["Remains", "cancelled", "soaked"]

BURST: Final = 24
"""How often an operation that changes nothing is called on one stage."""

PATIENCE: Final = 0.008
"""How many seconds a call is left alone at most before it is cancelled."""


@define
class Remains:
    """What came of the calls, and what there is more of than before."""

    calls: int = 0
    ends: Counter[str] = field(factory=Counter[str])
    untyped: list[str] = field(factory=list[str])
    tasks: int = 0
    descriptors: int = 0
    mebibytes: float = 0.0
    latest: float = 0.0
    seconds: float = 0.0

    def count(self, came: object, case: Case) -> None:
        """Count how a call ended."""
        self.calls += 1
        if isinstance(came, BaseException):
            self.ends[type(came).__name__] += 1
            if not isinstance(came, ConferencingError | asyncio.CancelledError):
                self.untyped.append(f"{case}: {came!r}")
        else:
            self.ends["a result"] += 1


class Measure:
    """Compare what is open and running with what was."""

    def __init__(self, remains: Remains) -> None:
        self._remains = remains

    def __enter__(self) -> None:
        gc.collect()
        self._tasks, self._doors = asyncio.all_tasks(), _descriptors()
        self._begun = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._remains.seconds = time.perf_counter() - self._begun
        gc.collect()
        self._remains.tasks += len(asyncio.all_tasks() - self._tasks)
        self._remains.descriptors += _descriptors() - self._doors


def _descriptors() -> int:
    return len(os.listdir("/dev/fd"))


# ----------------------------------------------------------------------------------- cancellations


async def cancelled(count: int, seed: int, adapters: Sequence[str] = tuple(ADAPTERS)) -> Remains:
    """Cancel so many calls of all operations at random moments; each client serves on after it."""
    random, remains = Random(seed), Remains()
    with Measure(remains):
        for adapter in adapters:
            await _cancelled(adapter, count // len(adapters), random, remains)
    return remains


async def _cancelled(adapter: str, count: int, random: Random, remains: Remains) -> None:
    async with Floor(adapter) as floor:
        floor.front.usual = _hesitant(random)
        bases = await baselines(adapter)
        async with floor.theatre.connect(floor.front.origin) as client:
            wanted = remains.calls + count
            while remains.calls < wanted:
                case = random.choice(list(bases))
                scenario = await floor.set(case, bases[case])
                for _ in range(BURST // 4 if bases[case].harmless else 1):
                    await _cancel(case, evolve(scenario, conference=client), random, remains)
            await client.check()


async def _cancel(case: Case, scenario: Any, random: Random, remains: Remains) -> None:
    task: asyncio.Future[Any] = asyncio.ensure_future(case.call(scenario))
    await asyncio.sleep(random.random() * PATIENCE)
    asked = time.perf_counter()
    task.cancel()
    (came,) = await asyncio.gather(task, return_exceptions=True)
    remains.latest = max(remains.latest, time.perf_counter() - asked)
    remains.count(came, case)


def _hesitant(random: Random) -> Any:
    """Reply in two parts, with a pause before each."""

    async def play(exchange: Exchange) -> None:
        await asyncio.sleep(random.random() * PATIENCE / 8)
        raw = rendered(exchange.happen())
        place = random.randrange(len(raw))
        await exchange.send(raw[:place])
        await asyncio.sleep(random.random() * PATIENCE / 8)
        await exchange.send(raw[place:])

    return play


# -------------------------------------------------------------------------------------------- soak


async def soaked(count: int, seed: int, share: float = 0.05) -> Remains:
    """Play so many operations of all adapters by one client each, with a share of faults.

    `mebibytes` is what the process has grown by since a tenth of them was done.
    """
    random, remains = Random(seed), Remains()
    with Measure(remains):
        floors = [await Floor(adapter).__aenter__() for adapter in ADAPTERS]
        clients = [floor.theatre.connect(floor.front.origin) for floor in floors]
        bases = [await baselines(adapter) for adapter in ADAPTERS]
        warm = 0.0
        while remains.calls < count:
            for floor, client, known in zip(floors, clients, bases, strict=True):
                await _soak(floor, client, known, random, share, remains)
            if not warm and remains.calls >= count / 10:
                warm = _resident()
        remains.mebibytes = _resident() - warm
        for client in clients:
            await client.aclose()
        for floor in floors:
            await floor.__aexit__()
    return remains


async def _soak(
    floor: Floor, client: Conference, known: dict[Case, Baseline], random: Random, share: float,
    remains: Remains,
) -> None:  # fmt: skip
    case = random.choice(list(known))
    base = known[case]
    scenario = evolve(await floor.set(case, base), conference=client)
    for _ in range(BURST if base.harmless else 1):
        floor.front.strike(None)
        if base.steps and random.random() < share:
            kind = random.choice(STRIKING)
            floor.front.strike(kind.play, random.choice(strikes(base, kind)), random.choice((1, 9)))
        try:
            came = await case.call(scenario)
        except Exception as error:  # noqa: BLE001 - which one it is, is the question
            came = error
        remains.count(came, case)


STRIKING: Final = tuple(one for one in kinds() if one.play and not (one.slow or one.warm))


def _resident() -> float:
    """Return the MiB of this process that are in memory."""
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

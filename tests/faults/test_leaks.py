"""After cancelled calls and many faults, nothing is left open or running, and clients still work."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from attrs import evolve
from suites import SUITES

from conferencing import ConferencingError, RateLimited
from conferencing.testing import FakeClock, Scenario
from conferencing.testing.base import Harness
from conferencing.testing.faults import FAULTS
from conferencing.testing.injector import Exchange, encode_answer
from conferencing.testing.operations import OperationCase

DESCRIPTORS = Path("/dev/fd")
PAUSE = 0.008
"""Seconds after which a call is cancelled, at most."""

ACTIONS = [fault.action for fault in FAULTS if not (fault.slow or fault.idle or fault.endpoint)]


@pytest.mark.parametrize("suite", SUITES)
async def test_cancelled_calls_leave_nothing(suite: Any) -> None:
    await check_cancellations(suite, calls=60)


@pytest.mark.exhaustive
@pytest.mark.parametrize("suite", SUITES)
async def test_many_cancelled_calls_leave_nothing(suite: Any) -> None:
    await check_cancellations(suite, calls=1000)


async def check_cancellations(suite: Any, *, calls: int) -> None:
    random, ends = Random(1), Counter[str]()
    with nothing_left():
        async with Harness(suite()) as harness:
            harness.server.answer = hesitant(random)
            async with harness.client(FakeClock()) as client:
                for _ in range(calls):
                    case, scenario = await random_scenario(suite, harness, random)
                    task = asyncio.ensure_future(case.perform(evolve(scenario, conference=client)))
                    await asyncio.sleep(random.random() * PAUSE)
                    task.cancel()
                    (outcome,) = await asyncio.gather(task, return_exceptions=True)
                    ends[kind_of(outcome)] += 1
                harness.server.clear()
                await client.check()
    assert ends["CancelledError"] > calls / 10
    assert sum(ends.values()) == calls


@pytest.mark.exhaustive
@pytest.mark.parametrize("suite", SUITES)
async def test_calls_with_faults_leave_nothing(suite: Any) -> None:
    random, ends, clock = Random(2), Counter[str](), FakeClock()
    with nothing_left():
        async with Harness(suite()) as harness, harness.client(clock) as client:
            for number in range(1000):
                case, scenario = await random_scenario(suite, harness, random)
                if number % 4 == 0:
                    harness.server.inject(random.choice(ACTIONS), times=random.choice((1, 9)))
                try:
                    outcome = await case.perform(evolve(scenario, conference=client))
                except ConferencingError as error:
                    outcome = error
                if isinstance(outcome, RateLimited):
                    clock.time += 60  # the pause that the vendor asked for is over
                ends[kind_of(outcome)] += 1
            harness.server.clear()
            await client.check()
    assert ends["result"] > 500
    assert sum(ends.values()) - ends["result"] > 50


async def random_scenario(
    suite: Any, harness: Harness, random: Random
) -> tuple[OperationCase, Scenario]:
    case = random.choice(suite.cases())
    answer, harness.server.answer = harness.server.answer, send_answer
    async with harness.scenario(*case.states) as scenario:
        harness.server.answer = answer
        return case, scenario


async def send_answer(exchange: Exchange) -> None:
    await exchange.send(encode_answer(exchange.perform()))


def hesitant(random: Random) -> Any:
    """Return an action that replies in two parts, with a pause before each."""

    async def reply(exchange: Exchange) -> None:
        await asyncio.sleep(random.random() * PAUSE / 8)
        data = encode_answer(exchange.perform())
        place = random.randrange(len(data))
        await exchange.send(data[:place])
        await asyncio.sleep(random.random() * PAUSE / 8)
        await exchange.send(data[place:])

    return reply


def kind_of(outcome: object) -> str:
    if isinstance(outcome, ConferencingError | asyncio.CancelledError):
        return type(outcome).__name__
    assert not isinstance(outcome, BaseException), outcome
    return "result"


@contextmanager
def nothing_left() -> Iterator[None]:
    """Refuse tasks and descriptors that are left when the block ends."""
    gc.collect()
    tasks, descriptors = asyncio.all_tasks(), count_descriptors()
    yield
    gc.collect()
    assert asyncio.all_tasks() - tasks == set()
    assert count_descriptors() <= descriptors


def count_descriptors() -> int:
    return len(list(DESCRIPTORS.iterdir())) if DESCRIPTORS.is_dir() else 0

"""Several calls at a time: bounded, in order, and ended by the first failure."""

from __future__ import annotations

import asyncio

import pytest

from conferencing import ConferencingError, NotFound
from conferencing.http import map_concurrently


async def test_results_come_in_order_within_limit() -> None:
    running = most = 0

    async def double(number: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(number % 3):
            await asyncio.sleep(0)
        running -= 1
        return 2 * number

    assert await map_concurrently(double, range(50), limit=4) == [2 * n for n in range(50)]
    assert most == 4
    assert await map_concurrently(double, []) == []


async def test_first_failure_ends_the_others() -> None:
    cancelled: list[int] = []

    async def work(number: int) -> None:
        if number == 2:
            raise NotFound("no such thing")
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(number)

    with pytest.raises(ConferencingError) as caught:
        await map_concurrently(work, range(5), limit=3)
    assert type(caught.value) is NotFound
    assert sorted(cancelled) == [0, 1]


async def test_cancellation_ends_all_calls() -> None:
    started = asyncio.Event()

    async def wait(_: int) -> None:
        started.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(map_concurrently(wait, range(3)))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

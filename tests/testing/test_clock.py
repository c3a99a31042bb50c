"""The fake clock advances without waiting."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from conferencing.testing import FakeClock
from conferencing.world import START


async def test_sleep_takes_no_time_and_is_recorded() -> None:
    clock = FakeClock()
    async with asyncio.timeout(1):
        await clock.sleep(3600)
        await clock.sleep(0.5)
    assert clock.slept == [3600, 0.5]
    assert clock.monotonic() == 3600.5
    assert clock.now() == START + timedelta(seconds=3600.5)


def test_start_is_that_of_worlds_by_default() -> None:
    assert FakeClock().now() == START
    other = datetime(2030, 1, 1, tzinfo=UTC)
    assert FakeClock(other).now() == other


async def test_sleep_lets_other_tasks_run() -> None:
    clock, turns = FakeClock(), []

    async def other() -> None:
        turns.append(1)

    task = asyncio.create_task(other())
    await clock.sleep(1)
    assert turns == [1]
    await task

"""The watch over requests: who ends a task, and what stays of that."""

from __future__ import annotations

import asyncio

import pytest

from conferencing.http.watch import Watch


async def test_what_takes_too_long_ends_in_a_timeout_and_the_task_goes_on() -> None:
    task = asyncio.current_task()
    assert task
    with pytest.raises(TimeoutError), Watch(silence=20).limit(0.01):
        await asyncio.Event().wait()
    assert task.cancelling() == 0
    await asyncio.sleep(0)  # it is not cancelled a second time


async def test_silence_ends_it_before_its_time() -> None:
    with pytest.raises(TimeoutError), Watch(silence=0.01).limit(20):
        await asyncio.Event().wait()


@pytest.mark.parametrize("first", ["watch", "owner"])
async def test_whoever_cancels_a_task_that_is_late_as_well_wins(first: str) -> None:
    watch = Watch(silence=20)
    begun = asyncio.Event()

    async def work() -> None:
        with watch.limit(20) as limit:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(limit)

    ended: list[object] = []
    task = asyncio.create_task(work())
    await begun.wait()
    (limit,) = watch.limits
    for who in ("watch", "owner") if first == "watch" else ("owner", "watch"):
        if who == "owner":
            task.cancel()
        else:
            assert limit.look(watch.now() + 30)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [limit]


async def test_many_at_once_end_each_when_its_own_time_is_over() -> None:
    watch = Watch(silence=20)

    async def work(seconds: float) -> bool:
        begun = watch.now()
        with pytest.raises(TimeoutError), watch.limit(seconds):
            await asyncio.Event().wait()
        return watch.now() - begun > seconds - 0.005

    assert all(await asyncio.gather(*map(work, [0.05, 0.01, 0.03, 0.02, 0.04])))
    assert not watch.limits


async def test_what_ends_in_time_is_let_go() -> None:
    watch = Watch(silence=20)
    with watch.limit(20):
        assert len(watch.limits) == 1
    assert not watch.limits
    watch.stop()

"""The pace: never faster than the rate, in any window, and a pause holds everybody back."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conferencing import ConfigurationError, Secret
from conferencing.context import Clock, Rate
from conferencing.http.limits import (
    Limiter,
    MemoryStore,
    RedisStore,
    SQLiteStore,
    open_store,
)


class Timeline:
    """A clock whose sleepers wake in the order of their time, as many as there are."""

    def __init__(self) -> None:
        self.time = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._count = 0

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self._count += 1
        woken = asyncio.Event()
        self._sleepers.append((self.time + seconds, self._count, woken))
        await woken.wait()

    async def run(self, *tasks: asyncio.Task[Any]) -> None:
        """Let time go on from waking to waking until all tasks are done."""
        while not all(task.done() for task in tasks):
            for _ in range(5):
                await asyncio.sleep(0)
            if self._sleepers:
                first = min(self._sleepers)
                self._sleepers.remove(first)
                self.time = max(self.time, first[0])
                first[2].set()


def limiter(clock: Any, rate: str | None) -> Limiter:
    return Limiter("k", Rate.parse(rate) if rate else None, MemoryStore(clock), clock)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0, 3), min_size=1, max_size=40),
    st.integers(1, 8),
    st.sampled_from([1.0, 2.5, 10.0]),
    st.floats(0, 20),
)
def test_no_window_of_any_kind_sees_more_than_the_rate(
    arrivals: list[float], count: int, seconds: float, pause: float
) -> None:
    starts = asyncio.run(_play(arrivals, Rate(count, seconds), pause))
    assert len(starts) == len(arrivals)
    for first, beyond in zip(starts, starts[count:], strict=False):
        assert beyond - first > seconds


async def test_calls_in_turn_are_evenly_paced(clock: Any) -> None:
    paced = limiter(clock, "2/s")
    for _ in range(5):
        assert await paced.turn(60) == 0
    assert clock.slept == pytest.approx([0.515] * 4)


async def test_a_turn_too_far_ahead_is_told_at_once_and_books_nothing(clock: Any) -> None:
    paced = limiter(clock, "1/m")
    assert await paced.turn(60) == 0
    for _ in range(5):
        assert await paced.turn(10) == pytest.approx(61.8)
    assert clock.slept == []
    assert await paced.turn(62) == 0
    assert clock.slept == pytest.approx([61.8])


@pytest.mark.parametrize("patience", [-1.0, -1e-9, 0.0])
async def test_a_turn_that_is_granted_is_always_booked(clock: Any, patience: float) -> None:
    paced = limiter(clock, "1/s")
    granted = [await paced.turn(patience) == 0 for _ in range(3)]
    assert sum(granted) <= 1


async def test_without_a_rate_nobody_waits(clock: Any) -> None:
    free = limiter(clock, None)
    assert [await free.turn(0) for _ in range(100)] == [0.0] * 100
    assert clock.slept == []


@pytest.mark.parametrize("rate", [None, "1/s"])
async def test_a_pause_holds_back_whoever_comes(clock: Any, rate: str | None) -> None:
    paced = limiter(clock, rate)
    await paced.turn(60)
    await paced.pause(30)
    assert await paced.turn(10) == pytest.approx(30)
    assert await paced.turn(60) == 0
    assert clock.monotonic() == pytest.approx(1030)


async def test_a_pause_holds_back_those_who_already_wait(wait_for: Any) -> None:
    clock = Timeline()
    paced = limiter(clock, "1/s")
    starts: list[float] = []
    tasks = [asyncio.create_task(_start(paced, clock, starts)) for _ in range(4)]
    await wait_for(lambda: len(starts) == 1)
    await paced.pause(10)
    await clock.run(*tasks)
    assert starts[0] == 1000
    assert starts[1] >= 1010
    assert all(after - before > 1 for before, after in pairwise(starts))


async def test_a_shorter_pause_does_not_shorten_a_longer_one(clock: Any) -> None:
    paced = limiter(clock, None)
    await paced.pause(30)
    await paced.pause(1)
    assert await paced.turn(0) == pytest.approx(30)


async def test_accounts_do_not_wait_for_one_another(clock: Any) -> None:
    store = MemoryStore(clock)
    one, other = (Limiter(key, Rate.parse("1/m"), store, clock) for key in ("one", "other"))
    assert [await one.turn(0), await other.turn(0)] == [0, 0]


async def test_whatever_a_store_raises_is_an_error_of_ours_that_names_the_key(clock: Any) -> None:
    class Broken(MemoryStore):
        async def reserve(self, key: str, interval: float, at_most: float) -> float:
            raise RuntimeError("the disk is full")

    with pytest.raises(ConfigurationError, match="disk is full") as caught:
        await Limiter("k", Rate(1), Broken(clock), clock).turn(1)
    assert caught.value.field == "rate_store"
    assert caught.value.__cause__ is caught.value.__context__ is None


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        (None, MemoryStore),
        ("sqlite:pace.db", SQLiteStore),
        ("sqlite:~/pace.db", SQLiteStore),
        ("redis://localhost:1/0", RedisStore),
        ("rediss://user:pw@localhost:1", RedisStore),
        ("unix:///tmp/none.sock", RedisStore),
    ],
)
async def test_an_address_opens_its_store_without_touching_it(
    clock: Clock, address: str | None, kind: type[Any]
) -> None:
    store = open_store(Secret(address) if address else None, clock)
    assert isinstance(store, kind)
    await store.aclose()


@pytest.mark.parametrize(
    "address", ["", "sqlite", "postgres://h/d", "/tmp/x", "redis:/x", "redis://h:canary-port"]
)
def test_an_address_that_names_no_store_is_refused(clock: Clock, address: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_store(Secret(address), clock)
    assert caught.value.field == "rate_store"
    assert "canary" not in str(caught.value)


async def _start(paced: Limiter, clock: Timeline, starts: list[float]) -> None:
    while await paced.turn(10_000):
        pass
    starts.append(clock.monotonic())


async def _play(arrivals: list[float], rate: Rate, pause: float) -> list[float]:
    """Let calls arrive after each gap, and a pause fall into the midst of them."""
    clock = Timeline()
    paced = Limiter("k", rate, MemoryStore(clock), clock)  # type: ignore[arg-type]
    starts: list[float] = []

    async def call(after: float, number: int) -> None:
        await clock.sleep(after)
        if number == len(arrivals) // 2:
            await paced.pause(pause)
        await _start(paced, clock, starts)

    tasks = [asyncio.create_task(call(at, number)) for number, at in enumerate(arrivals)]
    await clock.run(*tasks)
    return sorted(starts)

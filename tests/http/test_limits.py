"""The rate limit: never faster than the rate, in any window, and a pause holds everybody back."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conferencing import ConfigurationError, Secret, StoreUnavailable
from conferencing.accounts.context import Rate
from conferencing.http.limits import Limiter
from conferencing.http.shared_stores import PostgresStore, RedisStore, SQLiteStore
from conferencing.http.stores import GuardedStore, MemoryStore, RateStore, open_store


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


class Elsewhere:
    """A store that others share too: it remembers how many slots each call has booked."""

    def __init__(self, clock: Any) -> None:
        self._kept = MemoryStore(clock)
        self.booked: list[int] = []

    async def reserve(self, key: str, interval: float, at_most: float, count: int = 1) -> float:
        await asyncio.sleep(0)
        wait = await self._kept.reserve(key, interval, at_most, count)
        if wait <= at_most:
            self.booked.append(count)
        return wait

    async def pause(self, key: str, seconds: float) -> None:
        await self._kept.pause(key, seconds)

    async def aclose(self) -> None:
        pass


def limiter(clock: Any, rate: str | None, store: RateStore | None = None) -> Limiter:
    return Limiter("k", Rate.parse(rate) if rate else None, store or MemoryStore(clock), clock)


@given(
    st.lists(st.floats(0, 3), min_size=1, max_size=40),
    st.integers(1, 8),
    st.sampled_from([1.0, 2.5, 10.0]),
    st.floats(0, 20),
)
def test_no_window_sees_more_than_the_rate(arrivals, count, seconds, pause) -> None:
    starts = asyncio.run(_play(arrivals, Rate(count, seconds), pause))
    assert len(starts) == len(arrivals)
    for first, beyond in zip(starts, starts[count:], strict=False):
        assert beyond - first > seconds


async def test_calls_in_turn_are_evenly_paced(clock) -> None:
    paced = limiter(clock, "2/s")
    for _ in range(5):
        assert await paced.acquire(60) == 0
    assert clock.slept == pytest.approx([0.515] * 4)


async def test_turn_too_far_ahead_reserves_nothing(clock) -> None:
    paced = limiter(clock, "1/m")
    assert await paced.acquire(60) == 0
    for _ in range(5):
        assert await paced.acquire(10) == pytest.approx(61.8)
    assert clock.slept == []
    assert await paced.acquire(62) == 0
    assert clock.slept == pytest.approx([61.8])


@pytest.mark.parametrize("patience", [-1.0, -1e-9, 0.0])
async def test_granted_turn_is_always_reserved(clock, patience) -> None:
    paced = limiter(clock, "1/s")
    granted = [await paced.acquire(patience) == 0 for _ in range(3)]
    assert sum(granted) <= 1


async def test_without_a_rate_no_call_waits(clock) -> None:
    free = limiter(clock, None)
    assert [await free.acquire(0) for _ in range(100)] == [0.0] * 100
    assert clock.slept == []


@pytest.mark.parametrize("rate", [None, "1/s"])
async def test_pause_holds_back_new_calls(clock, rate) -> None:
    paced = limiter(clock, rate)
    await paced.acquire(60)
    await paced.pause(30)
    assert await paced.acquire(10) == pytest.approx(30)
    assert await paced.acquire(60) == 0
    assert clock.monotonic() == pytest.approx(30)


async def test_pause_holds_back_waiting_calls(wait_for) -> None:
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


async def test_shorter_pause_keeps_the_longer_one(clock) -> None:
    paced = limiter(clock, None)
    await paced.pause(30)
    await paced.pause(1)
    assert await paced.acquire(0) == pytest.approx(30)


async def test_accounts_do_not_wait_for_one_another(clock) -> None:
    store = MemoryStore(clock)
    first, second = (Limiter(key, Rate.parse("1/m"), store, clock) for key in ("one", "other"))
    assert [await first.acquire(0), await second.acquire(0)] == [0, 0]


async def test_whatever_a_store_raises_is_typed(clock) -> None:
    class Broken(MemoryStore):
        async def reserve(self, key: str, interval: float, at_most: float, count: int = 1) -> float:
            raise RuntimeError("canary-password")

    store = GuardedStore(Broken(clock), None)
    with pytest.raises(StoreUnavailable, match="RuntimeError") as caught:
        await Limiter("k", Rate(1), store, clock).acquire(1)
    assert (caught.value.field, caught.value.retryable) == ("rate_store", True)
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        (None, MemoryStore),
        ("sqlite:pace.db", SQLiteStore),
        ("sqlite:~/pace.db", SQLiteStore),
        ("redis://localhost:1/0", RedisStore),
        ("postgresql://u:pw@localhost:1/d", PostgresStore),
        ("rediss://user:pw@localhost:1", RedisStore),
        ("unix:///tmp/none.sock", RedisStore),
    ],
)
async def test_address_opens_its_store_lazily(clock, address, kind) -> None:
    store = open_store(Secret(address) if address else None, clock)
    assert isinstance(store, GuardedStore if kind is not MemoryStore else MemoryStore)
    await store.aclose()


@pytest.mark.parametrize(
    "address", ["", "sqlite", "postgres://h/d", "/tmp/x", "redis:/x", "redis://h:canary-port"]
)
def test_address_of_no_store_is_refused(clock, address) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_store(Secret(address), clock)
    assert caught.value.field == "rate_store"
    assert "canary" not in str(caught.value)


# -- a program that is held up, so that many wake late and at once


@given(st.sampled_from([3, 20, 100]), st.integers(0, 60), st.floats(0, 0.5), st.floats(0.001, 0.3))
def test_late_call_keeps_its_distance(count, after, held_up, takes) -> None:
    clock = Timeline()
    starts: list[float] = []
    paced = limiter(clock, f"{count}/s")

    async def work() -> None:
        for _ in range(15):
            await _start(paced, clock, starts)
            if len(starts) == after:
                clock.time += held_up
            await clock.sleep(takes)

    async def play() -> None:
        await clock.run(*(asyncio.create_task(work()) for _ in range(8)))

    asyncio.run(play())
    starts.sort()
    assert len(starts) == 120
    for first, beyond in zip(starts, starts[count:], strict=False):
        assert beyond - first > 1


class Oversleeping(Timeline):
    """A clock whose sleepers always wake too late."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds + 0.1)


async def test_call_that_is_always_late_is_served() -> None:
    clock = Oversleeping()
    paced = limiter(clock, "10/s")
    starts: list[float] = []
    await clock.run(*(asyncio.create_task(_start(paced, clock, starts)) for _ in range(20)))
    assert len(starts) == 20
    assert max(starts) < 1000 + 2 * 20 * 0.103 + 1


# -- blocks of slots, where others share the store


@given(
    st.lists(st.tuples(st.floats(0, 0.5), st.floats(0, 0.3)), min_size=1, max_size=24),
    st.integers(1, 4),
    st.sampled_from([3, 20, 100]),
    st.floats(0, 0.5),
)
def test_no_window_sees_more_when_shared(workers, processes, count, pause) -> None:
    clock = Timeline()
    store = Elsewhere(clock)
    paced = [limiter(clock, f"{count}/s", store) for _ in range(processes)]
    starts: list[float] = []

    async def work(number: int, after: float, takes: float) -> None:
        await clock.sleep(after)
        for turn in range(8):
            if (number, turn) == (0, 4):
                await paced[0].pause(pause)
            await _start(paced[number % processes], clock, starts)
            await clock.sleep(takes)

    async def play() -> None:
        tasks = [asyncio.create_task(work(at, *worker)) for at, worker in enumerate(workers)]
        await clock.run(*tasks)

    asyncio.run(play())
    starts.sort()
    assert len(starts) == 8 * len(workers)
    for first, beyond in zip(starts, starts[count:], strict=False):
        assert beyond - first > 1


@pytest.mark.parametrize("processes", [1, 2])
async def test_busy_clients_reserve_in_batches(processes) -> None:
    clock = Timeline()
    store = Elsewhere(clock)
    got = await _busy([limiter(clock, "100/s", store) for _ in range(processes)], clock, 400)
    starts = sorted(at for starts in got for at in starts)
    assert len(store.booked) <= 0.12 * len(starts)
    assert starts[:380] == pytest.approx([1000 + 0.0103 * number for number in range(380)])
    assert max(store.booked) * 0.0103 <= 0.11  # in the end, no more than that is lost
    assert starts[-1] - 1000 - 0.0103 * len(starts) <= 0.11
    assert all(turns == sorted(turns) for turns in got)  # who comes first is served first


async def test_sharing_clients_are_served_alike() -> None:
    clock = Timeline()
    store = Elsewhere(clock)
    first, second = await _busy([limiter(clock, "100/s", store) for _ in range(2)], clock, 400)
    assert abs(first[-1] - second[-1]) < 0.5


async def test_idle_client_reserves_single_slots() -> None:
    clock = Timeline()
    store = Elsewhere(clock)
    paced = [limiter(clock, "100/s", store) for _ in range(3)]
    got = await _busy(paced, clock, 600, workers=1, takes=0.025)
    assert sum(store.booked) <= 1.03 * sum(map(len, got))


async def test_rest_ends_large_batches(clock) -> None:
    store = Elsewhere(clock)
    paced = limiter(clock, "100/s", store)
    for _ in range(1 + 2 + 4 + 8):
        await paced.acquire(60)
    clock.time += 1
    await paced.acquire(60)
    assert store.booked == [1, 2, 4, 8, 1]


async def test_slot_that_has_begun_is_not_used(clock) -> None:
    store = Elsewhere(clock)
    paced = limiter(clock, "100/s", store)
    starts: list[float] = []
    for takes in (0, 0.013, 0, 0):
        await paced.acquire(60)
        starts.append(clock.monotonic())
        clock.time += takes
    # The third slot was booked with the second, and lost by then; so for a while each books its own.
    assert starts == pytest.approx([0, 0.0103, 0.0309, 0.0412])
    assert store.booked == [1, 2, 1, 1]


async def test_rare_calls_reserve_single_slots(clock) -> None:
    store = Elsewhere(clock)
    paced = limiter(clock, "5/s", store)
    for _ in range(10):
        await paced.acquire(60)
    assert store.booked == [1] * 10


async def test_pause_holds_back_a_reserved_batch(clock) -> None:
    store = Elsewhere(clock)
    paced = limiter(clock, "100/s", store)
    for _ in range(5):
        await paced.acquire(60)  # 1 and 2, and the first two of 4
    await paced.pause(30)
    assert await paced.acquire(10) == pytest.approx(30)
    assert await paced.acquire(60) == 0
    assert clock.monotonic() == pytest.approx(30 + 4 * 0.0103)


async def test_distant_slot_is_left_to_patient_calls(clock) -> None:
    store = Elsewhere(clock)
    paced = limiter(clock, "100/s", store)
    for _ in range(2):
        await paced.acquire(60)
    assert await paced.acquire(0.005) == pytest.approx(0.0103)
    assert await paced.acquire(60) == 0
    assert clock.monotonic() == pytest.approx(2 * 0.0103)
    assert store.booked == [1, 2]


async def test_cancelled_reservation_holds_back_no_call(clock) -> None:
    paced = limiter(clock, "100/s", Elsewhere(clock))
    impatient = asyncio.create_task(paced.acquire(60))
    patient = asyncio.create_task(paced.acquire(60))
    await asyncio.sleep(0)
    impatient.cancel()
    async with asyncio.timeout(5):
        assert await patient == 0


def test_each_event_loop_has_slots_of_its_own(clock) -> None:
    store = Elsewhere(clock)
    paced = limiter(clock, "100/s", store)

    async def two() -> list[float]:
        return await asyncio.gather(paced.acquire(60), paced.acquire(60))

    with asyncio.Runner() as first, asyncio.Runner() as second:
        assert [runner.run(two()) for runner in (first, second, first, second)] == [[0, 0]] * 4
    assert store.booked[:4] == [1, 2] * 2


async def _busy(
    paced: list[Limiter], clock: Timeline, calls: int, *, workers: int = 8, takes: float = 0.003
) -> list[list[float]]:
    """Make calls by several workers per limiter, and return the start of each call."""
    starts: list[list[float]] = [[] for _ in paced]

    async def work(number: int) -> None:
        while len(starts[number]) < calls // len(paced):
            starts[number].append(0)
            place = len(starts[number]) - 1
            assert await paced[number].acquire(60) == 0
            starts[number][place] = clock.monotonic()
            await clock.sleep(takes)

    numbers = [number for number in range(len(paced)) for _ in range(workers)]
    tasks = [asyncio.create_task(work(number)) for number in numbers]
    await clock.run(*tasks)
    return starts


async def _start(paced: Limiter, clock: Timeline, starts: list[float]) -> None:
    while await paced.acquire(10_000):
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

"""Limit the rate of an account's calls, alone or together with other processes.

The limit is GCRA with a burst of one: each call reserves the next slot and waits for it, so that no
window of any kind (sliding, fixed, token bucket) sees more calls than the rate allows. Slots are 3 %
wider than the rate asks for, since clocks and networks are not exact. From a shared store, a busy
process reserves a few slots at once and hands them out one by one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from math import inf
from typing import Final

from msgspec import Struct, field

from conferencing.accounts.context import Clock, Rate

from .stores import MemoryStore, RateStore

__all__ = ["Limiter"]

MARGIN: Final = 1.03
MAX_BATCH_SECONDS: Final = 0.11
"""How many seconds' worth of slots are reserved at once at most: unused slots are lost."""
CAUTIOUS_FOR: Final = 5.0
"""How many seconds the batch size stays reduced after slots were lost."""


class SlotBatch(Struct):
    """Slots that were reserved at once, for the calls of one event loop.

    Batches double as long as all of their slots are used, shrink by what was lost when a slot begins
    that no call wants yet, and start again with one slot after a rest. All times are those of the
    client's monotonic clock.
    """

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    slots: deque[float] = field(default_factory=deque[float])
    size: int = 1
    lost: int = 0
    ends: float = -inf
    cautious_until: float = 0.0

    def drop_expired(self, now: float) -> bool:
        """Drop the slots that have begun, which are lost; return whether any slot remains."""
        while self.slots and self.slots[0] < now:
            self.slots.popleft()
            self.lost += 1
        return bool(self.slots)

    def next_size(self, now: float, interval: float, maximum: int) -> int:
        """Return how many slots to reserve next."""
        if self.lost:  # more was reserved than the calls needed
            self.cautious_until = now + CAUTIOUS_FOR
            return max(1, self.size - self.lost)
        if now > self.ends + interval:  # after a rest, nothing is known of the load
            return 1
        # All were used: reserve more, unless slots were lost shortly before.
        return self.size if now < self.cautious_until else min(self.size * 2, maximum)

    def fill(self, first: float, interval: float, count: int) -> None:
        """Take in `count` slots, the first of which begins at `first`."""
        self.slots.extend(first + number * interval for number in range(count))
        self.size, self.lost, self.ends = count, 0, first + count * interval


class Limiter:
    """Make the calls of one account wait for their turn."""

    def __init__(self, key: str, rate: Rate | None, store: RateStore, clock: Clock) -> None:
        self._key = key
        self._interval = rate.interval * MARGIN if rate else 0.0
        self._tolerance = rate.seconds * (MARGIN - 1) / 2 if rate else 0.0
        self._store = store
        self._clock = clock
        self._paused_until = 0.0
        shared = not isinstance(store, MemoryStore)
        # A shared store may hold a pause of another process, although this one has no rate.
        self._unpaced = rate is None and not shared
        # A store in memory answers at once, so there is nothing to save by reserving ahead.
        self._maximum = int(MAX_BATCH_SECONDS / self._interval) if self._interval and shared else 1
        self._batches: dict[asyncio.AbstractEventLoop, SlotBatch] = {}

    @property
    def idle(self) -> bool:
        """Whether no call has to wait: there is no rate, and no pause so far."""
        return self._unpaced and not self._paused_until

    async def acquire(self, at_most: float) -> float:
        """Wait for this call's turn and return 0; if that takes too long, return the wait at once.

        `at_most` is in seconds. Raises `StoreUnavailable`.
        """
        if self.idle:
            return 0.0
        late = False
        while True:
            at_most = max(at_most, 0.0)  # below it, nothing would be reserved
            wait = await self._reserve(at_most)
            if wait > at_most:  # nothing was reserved
                return wait
            if wait <= 0:
                return 0.0
            due = self._clock.monotonic() + wait
            await self._clock.sleep(wait)
            at_most -= wait
            now = self._clock.monotonic()
            if now < self._paused_until:  # paused while this call waited: reserve a slot after it
                continue
            if late or now - due <= self._tolerance:
                return 0.0
            # The loop woke this call up so late that it would come too close to the next one: it
            # takes another slot. Only once, or a busy loop would never send anything.
            late = True

    async def pause(self, seconds: float) -> None:
        """Hold back all calls of the account. Raises `StoreUnavailable`."""
        self._paused_until = max(self._paused_until, self._clock.monotonic() + seconds)
        await self._store.pause(self._key, seconds)

    async def _reserve(self, at_most: float) -> float:
        if self._maximum <= 1:
            return await self._store.reserve(self._key, self._interval, at_most)
        batch = self._batch()
        async with batch.lock:  # one call asks the store, the others wait for its slots, in order
            now = self._clock.monotonic()
            # Slots within a pause are as lost as those of the past: the vendor would refuse them.
            if not batch.drop_expired(max(now, self._paused_until)):
                count = batch.next_size(now, self._interval, self._maximum)
                wait = await self._store.reserve(self._key, self._interval, at_most, count)
                if wait > at_most:
                    return wait
                now = self._clock.monotonic()  # the store counts from its answer on
                batch.fill(now + wait, self._interval, count)
            wait = batch.slots[0] - now
            if wait <= at_most:
                batch.slots.popleft()
            return wait

    def _batch(self) -> SlotBatch:
        """Return the batch of the running event loop: loops reserve independently."""
        loop = asyncio.get_running_loop()
        if loop not in self._batches:
            self._batches = {
                other: batch for other, batch in self._batches.items() if not other.is_closed()
            }
            self._batches[loop] = SlotBatch()
        return self._batches[loop]

"""How an account's calls are paced, alone or together with other processes.

The pace is GCRA with a burst of one: each call books the next slot and waits for it, so that no
window of any kind (sliding, fixed, bucket) sees more than the rate. Slots are 3 % wider than the
rate asks for, since clocks and networks are not exact. Of a store that several processes share, a
process with much to do books a few slots at once, and hands them out one by one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable
from math import inf
from typing import Final, TypeVar

from attrs import define, field

from conferencing.accounts.context import Clock, Rate
from conferencing.errors import ConfigurationError

from .stores import MemoryStore, RateStore

__all__ = ["Limiter"]

T = TypeVar("T")

MARGIN: Final = 1.03
SPAN: Final = 0.11
"""How many seconds of the pace are booked at once at most: what is not used of them is lost."""
QUIET: Final = 5.0
"""For how many seconds no more is booked at once than was used when a slot was lost."""


@define
class SlotBatch:
    """Hold slots that were booked at once, for the calls of one event loop.

    Blocks double as long as all of their slots are used, shrink to what was used when one begins
    that nobody wants yet, and begin again with one after a rest. All times are those of the client.
    """

    lock: asyncio.Lock = field(factory=asyncio.Lock)
    slots: deque[float] = field(factory=deque[float])
    size: int = 1
    lost: int = 0
    ends: float = -inf
    quiet_until: float = 0.0

    def left(self, now: float) -> bool:
        """Return whether a slot is left that has not begun; those that have are lost."""
        while self.slots and self.slots[0] < now:
            self.slots.popleft()
            self.lost += 1
        return bool(self.slots)

    def next_size(self, now: float, interval: float, most: int) -> int:
        """Return how many slots to book after those that were."""
        if self.lost:
            self.quiet_until = now + QUIET
            return max(1, self.size - self.lost)
        if now > self.ends + interval:
            return 1
        return self.size if now < self.quiet_until else min(self.size * 2, most)

    def fill(self, first: float, interval: float, count: int) -> None:
        """Take in slots that were booked."""
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
        self._unpaced = rate is None and not shared
        self._most = int(SPAN / self._interval) if self._interval and shared else 1
        self._blocks: dict[asyncio.AbstractEventLoop, SlotBatch] = {}

    @property
    def idle(self) -> bool:
        """Whether every turn has come: there is no pace, and no pause so far."""
        return self._unpaced and not self._paused_until

    async def turn(self, at_most: float) -> float:
        """Wait for this call's turn and return 0; if that takes too long, return the wait at once."""
        if self.idle:
            return 0.0
        late = False
        while True:
            at_most = max(at_most, 0.0)  # below it, nothing would be booked
            wait = await self._reserve(at_most)
            if wait > at_most:
                return wait
            if wait <= 0:
                return 0.0
            due = self._clock.monotonic() + wait
            await self._clock.sleep(wait)
            at_most -= wait
            now = self._clock.monotonic()
            if now < self._paused_until:  # paused while it waited
                continue
            if late or now - due <= self._tolerance:
                return 0.0
            late = True  # too near to those that follow: it takes another turn, but only one

    async def pause(self, seconds: float) -> None:
        """Hold back the whole account."""
        self._paused_until = max(self._paused_until, self._clock.monotonic() + seconds)
        await _guarded(self._store.pause(self._key, seconds))

    async def _reserve(self, at_most: float) -> float:
        if self._most <= 1:
            return await self._book(at_most, 1)
        block = self._block()
        async with block.lock:  # one asks the store, the others wait for what it gives, in order
            now = self._clock.monotonic()
            if not block.left(max(now, self._paused_until)):
                count = block.next_size(now, self._interval, self._most)
                wait = await self._book(at_most, count)
                if wait > at_most:
                    return wait
                now = self._clock.monotonic()
                block.fill(now + wait, self._interval, count)
            wait = block.slots[0] - now
            if wait <= at_most:
                block.slots.popleft()
            return wait

    async def _book(self, at_most: float, count: int) -> float:
        return await _guarded(self._store.reserve(self._key, self._interval, at_most, count))

    def _block(self) -> SlotBatch:
        """Return the block of the running loop: each is like a process of its own."""
        loop = asyncio.get_running_loop()
        if loop not in self._blocks:
            self._blocks = {one: its for one, its in self._blocks.items() if not one.is_closed()}
            self._blocks[loop] = SlotBatch()
        return self._blocks[loop]


async def _guarded(work: Awaitable[T]) -> T:
    """Turn what a store may raise, whichever it is, into an error of ours."""
    try:
        return await work
    except Exception as error:  # noqa: BLE001
        reason = f"{type(error).__name__}: {error}"
    raise ConfigurationError(f"rate_store cannot be used ({reason})", field="rate_store")

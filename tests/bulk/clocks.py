"""Clocks for the client: no wait takes its time, and what is waited for happens meanwhile."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta


class Waiting:
    """Let time pass at once; what `meanwhile` waits for has happened before a long wait ends."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    def monotonic(self) -> float:
        return self.time

    def now(self) -> datetime:
        return datetime(2026, 10, 1, 8, 0, tzinfo=UTC) + timedelta(seconds=self.time)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        if self.meanwhile is not None and seconds > 1:
            await self.meanwhile()
        await asyncio.sleep(0)


class Turning:
    """Let time pass for all at once: it turns to the next who wakes when nobody does anything."""

    def __init__(self) -> None:
        self.time = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._slept = 0

    def monotonic(self) -> float:
        return self.time

    def now(self) -> datetime:
        return datetime(2026, 10, 1, 8, 0, tzinfo=UTC) + timedelta(seconds=self.time)

    async def sleep(self, seconds: float) -> None:
        self._slept += 1
        woken = asyncio.Event()
        heapq.heappush(self._sleepers, (self.time + seconds, self._slept, woken))
        await woken.wait()

    async def turn(self) -> None:
        while True:
            before, quiet = self._slept, 0
            while quiet < 5:
                await asyncio.sleep(0.001)
                quiet = quiet + 1 if self._slept == before else 0
                before = self._slept
            if self._sleepers:
                wakes, _, woken = heapq.heappop(self._sleepers)
                self.time = max(self.time, wakes)
                woken.set()

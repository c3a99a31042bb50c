"""A clock on which sleeping takes no time, for tests of code that waits."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

__all__ = ["FakeClock"]

START: Final = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
"""The default start, which is that of the sandbox's worlds."""


class FakeClock:
    """A clock for `conferencing.connect(clock=...)`: `sleep` moves it on at once.

    `slept` lists the requested sleeps. Times are seconds.
    """

    def __init__(self, start: datetime = START) -> None:
        self.start = start
        self.time = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """Return the seconds since the start."""
        return self.time

    def now(self) -> datetime:
        """Return the current instant, in the zone of the start."""
        return self.start + timedelta(seconds=self.time)

    async def sleep(self, seconds: float) -> None:
        """Advance the clock by `seconds` and let other tasks run."""
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)

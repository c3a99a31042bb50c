"""A clock that waits for nothing, for tests of what waits."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

__all__ = ["FakeClock"]

START: Final = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
"""When it begins: with the worlds of the sandbox."""


class FakeClock:
    """Pass time without waiting: `sleep` moves the clock on at once, and `slept` remembers it.

    Give it to `conferencing.connect(clock=...)`. Times are seconds.
    """

    def __init__(self, start: datetime = START) -> None:
        self.start = start
        self.time = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """Return the seconds that have passed."""
        return self.time

    def now(self) -> datetime:
        """Return the present instant in the zone of the start."""
        return self.start + timedelta(seconds=self.time)

    async def sleep(self, seconds: float) -> None:
        """Let so many seconds pass at once, and others have their turn."""
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)

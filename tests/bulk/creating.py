"""Creating many rooms while replies are lost, and reconciling what became of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from random import Random

from conferencing import Conference, OutcomeUnknown, connect
from conferencing.client.reconcile import find_created_room
from conferencing.http import map_concurrently
from conferencing.sandbox import Fault, Sandbox, ServedSimulator, Simulator

CASES = ("clickmeeting", "vconnct")
CREATION = {"clickmeeting": "/v1/conferences", "vconnct": "/api/v1/create_meeting/"}
LOST = 0.2


class Losing(ServedSimulator):
    """A stand that loses the replies to a fifth of the creations.

    Half of those happen up to `latest` seconds later; of the others, one half happens at once and
    the other never.
    """

    def __init__(self, simulator: Simulator, seed: int, latest: float) -> None:
        super().__init__(simulator)
        self._random = Random(seed)
        self._latest = latest
        self.lost: Counter[str] = Counter()

    def next_fault(self, path: str) -> Fault | None:
        if path != CREATION[self.simulator.name] or self._random.random() >= LOST:
            return super().next_fault(path)
        kind = self._random.choice(["late", "late", "commit-reset", "reset"])
        self.lost[kind] += 1
        return Fault(kind=kind, seconds=self._random.random() * self._latest)

    def made(self) -> Counter[str]:
        """Count the rooms that there are by their names."""
        return Counter(room.name for room in self.simulator.world.rooms.values())


@asynccontextmanager
async def losing(
    provider: str, seed: int, latest: float
) -> AsyncIterator[tuple[Conference, Losing]]:
    """Open an account on such a vendor."""
    async with Sandbox([provider]) as sandbox:
        served = Losing(sandbox[provider].simulator, seed, latest)
        sandbox.simulators[provider] = served
        async with connect(sandbox.account(provider)) as conference:
            yield conference, served


async def create_all(conference: Conference, count: int, settle: float) -> Counter[str]:
    """Create rooms whose names hold a marker each, until all are there; return the names."""
    names = [f"Room {number:06} of many" for number in range(count)]
    left = names
    while left:
        since = datetime.now(UTC)
        left = await _create(conference, left)
        if left:
            await asyncio.sleep(settle)
            rooms = await conference.rooms().collect()
            left = [
                name for name in left
                if find_created_room(rooms, name, since=since, marker=name[:11]).absent
            ]  # fmt: skip
    return Counter(names)


async def _create(conference: Conference, names: list[str]) -> list[str]:
    """Create rooms, some at a time, and return those of which nobody knows."""

    async def create(name: str) -> bool:
        try:
            await conference.create_room(name)
        except OutcomeUnknown:
            return False
        return True

    is_known = await map_concurrently(create, names)
    return [name for name, known in zip(names, is_known, strict=True) if not known]

"""Creating many rooms in Teams while a fifth of the replies is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from random import Random
from typing import Any

from conferencing import Conference, OutcomeUnknown, RoomKind, connect
from conferencing.client.reconcile import find_created_room
from conferencing.http import map_concurrently
from conferencing.sandbox import Fault, Sandbox, ServedSimulator
from conferencing_teams.simulator import TeamsSimulator

__all__ = ["Losing", "create_all", "losing"]

LOST = 0.2
FORMS = {
    "event": ("", RoomKind.MEETING, "/events"),
    "plain": ("plain", RoomKind.MEETING, "/createOrGet"),
    "webinar": ("", RoomKind.WEBINAR, "/webinars"),
}
"""The dialect, the kind, and how the path of a creation ends."""


class Losing(ServedSimulator):
    """A stand that loses the replies to a fifth of the creations; half of them have happened."""

    def __init__(self, simulator: TeamsSimulator, path: str, seed: int) -> None:
        super().__init__(simulator)
        self._random = Random(seed)
        self._path = path
        self.lost: Counter[str] = Counter()

    def next_fault(self, path: str) -> Fault | None:
        """Return that the connection ends, before or after the call is carried out."""
        if not path.endswith(self._path) or self._random.random() >= LOST:
            return super().next_fault(path)
        kind = self._random.choice(["commit-reset", "reset"])
        self.lost[kind] += 1
        return Fault(kind=kind)

    def made(self) -> Counter[str]:
        """Count the rooms that there are by their names."""
        return Counter(room.name for room in self.simulator.world.rooms.values())


@asynccontextmanager
async def losing(
    form: str, seed: int, clock: Any = None
) -> AsyncIterator[tuple[Conference, Losing]]:
    """Open an account whose creations of a form lose replies."""
    dialect, _, path = FORMS[form]
    sandbox = Sandbox(["teams"])
    simulator = TeamsSimulator()
    simulator.page_size = 1000
    served = Losing(simulator, path, seed)
    sandbox.simulators["teams"] = served
    async with sandbox:
        account = {**sandbox.account("teams", dialect), "retries": 8}
        options = {} if clock is None else {"clock": clock}
        async with connect(account, **options) as conference:
            yield conference, served


async def create_all(conference: Conference, form: str, count: int) -> Counter[str]:
    """Create rooms whose names hold a marker each, until all are there; return the names.

    Events and plain meetings are simply created. Of webinars whose outcome is not known, the list
    says which there are; a draft that is found is published.
    """
    kind, names = FORMS[form][1], [f"Room {number:06} of many" for number in range(count)]
    left = names
    while left:
        since = datetime.now(UTC)
        unknown = await _create(conference, kind, left)
        left = []
        rooms = await conference.rooms().collect() if unknown else []
        for name in unknown:
            result = find_created_room(rooms, name, since=since, marker=name[:11])
            if result.match is not None:
                await conference.update_room(result.match, status="open")
            else:
                left.append(name)
    return Counter(names)


async def _create(conference: Conference, kind: RoomKind, names: list[str]) -> list[str]:
    """Create rooms, some at a time, and return those of which nobody knows."""

    async def create(name: str) -> bool:
        try:
            await conference.create_room(name, kind=kind)
        except OutcomeUnknown:
            return False
        return True

    is_known = await map_concurrently(create, names)
    return [name for name, known in zip(names, is_known, strict=True) if not known]

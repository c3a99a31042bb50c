"""Creations of rooms while a part of the replies is lost."""

from __future__ import annotations

from random import Random
from typing import Any

from attrs import define

from conferencing import Conference, OutcomeUnknown, connect
from conferencing.http import map_concurrently
from conferencing.sandbox import Fault, Sandbox, ServedSimulator
from conferencing.testing import FakeClock
from conferencing_googlemeet import make_event_id

__all__ = ["Outcome", "create_rooms"]

MOST_CALLS = 20
"""How often the program repeats a creation at most."""


@define(kw_only=True)
class Outcome:
    """What came of it: replies that were lost, calls that the program repeated, and what is wrong."""

    lost: int = 0
    repeated: int = 0
    requests: int = 0
    violations: list[str]


class Lossy(ServedSimulator):
    """Carry out calls to the calendar, and lose a share of the replies."""

    def __init__(self, simulator: Any, random: Random, share: float) -> None:
        super().__init__(simulator)
        self.random, self.share, self.lost = random, share, 0

    def next_fault(self, path: str) -> Fault | None:
        if not path.startswith("/calendar/") or self.random.random() >= self.share:
            return None
        self.lost += 1
        return Fault(kind="commit-close")


async def create_rooms(count: int, share: float = 0.2, seed: int = 1) -> Outcome:
    """Create rooms, eight at a time, each with a key of the program's own.

    A creation that ends in `OutcomeUnknown` is repeated as it is. Nothing is waited for: the clock is
    a fake one.
    """
    async with Sandbox(["googlemeet"]) as sandbox:
        served = Lossy(sandbox["googlemeet"].simulator, Random(seed), share)
        sandbox.simulators["googlemeet"] = served
        account = sandbox.account("googlemeet")
        outcome = Outcome(violations=[])
        async with connect(account, clock=FakeClock()) as conference:

            async def create(number: int) -> str:
                for _ in range(MOST_CALLS):
                    try:
                        return await _create(conference, number)
                    except OutcomeUnknown:
                        outcome.repeated += 1
                return "given up"

            ids = await map_concurrently(create, range(count))
        outcome.lost, outcome.requests = served.lost, len(served.requests)
        outcome.violations += _check(served.simulator, ids, count)
    return outcome


async def _create(conference: Conference, number: int) -> str:
    native = {"id": make_event_id(f"order-{number}")}
    return (await conference.create_room(f"Room {number}", native=native)).id


def _check(simulator: Any, ids: list[str], count: int) -> list[str]:
    """Return what is lost or doubled: each name has one room, with one space."""
    world = simulator.world
    names = sorted(room.name for room in world.rooms.values())
    wrong = [] if names == sorted(f"Room {number}" for number in range(count)) else ["other rooms"]
    wrong += [each for each in ids if each.rpartition(":")[2] not in world.rooms]
    if len(set(ids)) != count or len(simulator.spaces) != count:
        wrong.append(f"{len(set(ids))} ids and {len(simulator.spaces)} spaces of {count} rooms")
    return wrong

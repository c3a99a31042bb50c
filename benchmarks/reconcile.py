"""Create 10,000 rooms on vendors that lose a fifth of the replies: how many are lost or double.

    python benchmarks/reconcile.py [--rooms N]

Of the lost replies, half belong to creations that happen up to a second later, a quarter to ones
that have happened, a quarter to ones that never will. What nobody knows is reconciled: wait, read
the list once, match by a marker, create again what is absent. A client that just creates again is
counted beside it. What is counted is what the vendor has.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "bulk"))

from creating import CASES, Losing, create_all, losing

from conferencing import Conference, OutcomeUnknown

LATEST = 1.0
SETTLE = 3.0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rooms", type=int, default=10_000)
    count = parser.parse_args().rooms
    for provider in CASES:
        asyncio.run(measure(provider, count))


async def measure(provider: str, count: int) -> None:
    for way, create in (("reconciled", reconciled), ("just created again", again)):
        async with losing(provider, seed=1, latest=LATEST) as (conference, served):
            served.simulator.max_rooms = count * 3  # VConnct's licence has a limit
            begun = time.monotonic()
            names = await create(conference, count)
            seconds = time.monotonic() - begun
            await asyncio.sleep(LATEST)
            show(f"{provider}, {way}", names, served, seconds)


async def reconciled(conference: Conference, count: int) -> Counter[str]:
    return await create_all(conference, count, settle=SETTLE)


async def again(conference: Conference, count: int) -> Counter[str]:
    """Create, and create again after a lost reply, as most scripts do."""
    names = [f"Room {number:06} of many" for number in range(count)]
    left = iter(names)

    async def worker() -> None:
        for name in left:
            while True:
                try:
                    await conference.create_room(name)
                except OutcomeUnknown:
                    continue
                break

    await asyncio.gather(*(worker() for _ in range(8)))
    return Counter(names)


def show(what: str, names: Counter[str], served: Losing, seconds: float) -> None:
    made = served.made()
    lost = sum(name not in made for name in names)
    double = sum(times > 1 for times in made.values())
    replies = ", ".join(f"{count} {kind}" for kind, count in sorted(served.lost.items()))
    print(
        f"{what:<36} {names.total()} rooms, replies lost: {replies};"
        f" lost {lost}, double {double}, {seconds:.0f} s"
    )


if __name__ == "__main__":
    main()

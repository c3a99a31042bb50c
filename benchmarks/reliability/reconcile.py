"""Create rooms on vendors that lose a fifth of the replies: how many are lost or doubled.

Of the lost replies, half belong to creations that happen up to a second later, a quarter to ones
that have happened, a quarter to ones that never will. What nobody knows is reconciled: wait, read
the list once, match by a marker, create again what is absent. What is counted is what the vendor has.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

from results import Result, zero_violations

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "bulk"))

from creating import CASES, create_all, losing

LATEST = 1.0
SETTLE = 3.0


def measure(*, quick: bool) -> Iterator[Result]:
    """Yield one result for each vendor."""
    for provider in CASES:
        yield asyncio.run(_create(provider, 200 if quick else 2000))


async def _create(provider: str, count: int) -> Result:
    async with losing(provider, seed=1, latest=LATEST) as (conference, served):
        served.simulator.max_rooms = count * 3  # VConnct's licence has a limit
        names = await create_all(conference, count, settle=SETTLE)
        await asyncio.sleep(LATEST)
        made = served.made()
    wrong = [f"{name}: {made[name]} times" for name in names if made[name] != 1]
    lost = f"{sum(served.lost.values()):,} replies lost, {served.lost['late']:,} of them late"
    what = f"{count:,} creations on {provider}, reconciled"
    return zero_violations(what, lost, "none lost, none doubled", wrong)

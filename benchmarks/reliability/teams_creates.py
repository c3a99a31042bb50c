"""Create rooms in each of Teams' forms while a fifth of the replies is lost.

Events and plain meetings are repeated at once, since Graph makes them once for each id that the
client sends along. Webinars have no such id: the list says which were made.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

from results import Result, zero_violations

from conferencing.testing import FakeClock

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "adapters"))

from teams_creating import FORMS, create_all, losing

COUNT, FEW = 10_000, 200
NAMES = {"event": "events", "plain": "plain meetings", "webinar": "webinars, reconciled"}


def measure(*, quick: bool) -> Iterator[Result]:
    """Yield what is left after the creations of each form."""
    for form in FORMS:
        yield asyncio.run(_create(form, FEW if quick else COUNT))


async def _create(form: str, count: int) -> Result:
    async with losing(form, seed=1, clock=FakeClock()) as (conference, served):
        names = await create_all(conference, form, count)
        made = served.made()
    wrong = [f"{name} is lost" for name in names if not made[name]]
    wrong += [f"{name} is doubled" for name, times in made.items() if times > 1]
    what = f"Teams: {count:,} creations of {NAMES[form]}"
    figure = f"{sum(served.lost.values()):,} replies lost"
    return zero_violations(what, figure, "none lost, none doubled", wrong)

"""Register people while being killed at random and at named points: how many are lost or doubled.

The vendor is ClickMeeting's simulator, made to register twice who is sent twice, and 2 % of the
replies are lost with the registration happening up to 1.5 seconds later. The process is killed with
SIGKILL and started again until it is done; what is counted is what the vendor has. Then a journal is
truncated at each of its bytes, and the run goes on with it.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

from results import Result, zero_violations

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "bulk"))

from clocks import Waiting
from cutting import cut_at, half
from killing import NAMED, SENDING, SETTLING, kill_at_all, killing, random_kills

SETTLE = 3.0


def measure(*, quick: bool) -> Iterator[Result]:
    """Yield what is left after the kills, and after the truncations."""
    with tempfile.TemporaryDirectory() as folder:
        yield asyncio.run(_kill(Path(folder), 300 if quick else 2000, 4 if quick else 20))
    with tempfile.TemporaryDirectory() as folder:
        yield asyncio.run(_truncate(Path(folder), 200 if quick else 5))


async def _kill(folder: Path, people: int, kills: int) -> Result:
    random = Random(1)
    often = random_kills(kills, random, max(2, people * 3 // 2 // (kills + 9)))
    how = {"count": people, "settle": SETTLE, "late": 0.02, "latest": 1.5}
    async with killing(folder, 1, **how) as roster:
        await kill_at_all(roster, [*SENDING, *often, *SETTLING])
        killed = sum(run.killed for run in roster.runs)
        wrong = [f"{who} is lost" for who in roster.lost()]
        wrong += [f"{who} is doubled" for who in roster.double()]
    what = f"{people:,} registrations, killed at {kills} random and {len(NAMED)} named points"
    return zero_violations(what, f"{killed} kills", "none lost, none doubled", wrong)


async def _truncate(folder: Path, step: int) -> Result:
    run = await half(folder / "people.journal", Waiting())
    places = range(0, len(run.raw) + 1, step)
    wrong = [f"byte {place}" for place in await cut_at(run, places)]
    what = f"a journal truncated at {len(places):,} of its {len(run.raw) + 1:,} lengths"
    return zero_violations(what, f"{len(places):,} runs", "no crash, none lost or doubled", wrong)

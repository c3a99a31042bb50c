"""Play every fault at every request of every operation of every adapter, always and once."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "faults"))

from figures import Figure, alone
from matrix import Tally, cells, played, sampled
from operations import ADAPTERS, cases

LATE = 0.5


def measure(scale: float) -> Iterator[Figure]:
    """Play the cells, or a sample of them."""
    logging.getLogger("conferencing").setLevel(logging.ERROR)  # what is warned of, is played here
    every = asyncio.run(cells())
    parse_enum = every if scale >= 1 else sampled(every, int(len(every) * scale))
    tally = asyncio.run(played(parse_enum))
    kinds = {str(cell.kind) for cell in parse_enum}
    yield Figure(
        what=f"{len(kinds)} kinds of fault, {len(cases())} operations of {len(ADAPTERS)} adapters",
        found=f"{tally.played:,} cells: {_ends(tally)}; {len(tally.faults):,} wrong",
        goal="each ends in the right typed error or the right result",
        met=not tally.faults,
        faults=tally.faults,
    )
    yield Figure(
        what=f"the {sum(cell.kind.slow for cell in parse_enum):,} of them that end by a time limit",
        found=f"{max(tally.late, 0):.2f} s after it at most",
        goal=f"none later than {LATE} s",
        met=tally.late <= LATE,
    )


def _ends(tally: Tally) -> str:
    return f"{tally.results:,} right results, {sum(tally.errors.values()):,} errors"


if __name__ == "__main__":
    alone(measure)

"""Lose the reply to every request of every operation, and count requests at the server."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "faults"))

from figures import Figure, alone
from kinds import kinds
from matrix import cells, played


def measure(scale: float) -> Iterator[Figure]:
    """Compare attempts told with requests seen; `scale` makes no difference."""
    lost = [kind for kind in kinds() if kind.lost and kind.play and not kind.slow]
    tally = asyncio.run(played([cell for cell in asyncio.run(cells(lost)) if not cell.once]))
    yield Figure(
        what=f"attempts told against requests seen, {len(lost)} ways to lose a reply",
        found=f"equal for {tally.counted - len(tally.faults):,} of {tally.counted:,} errors",
        goal="equal everywhere",
        met=not tally.faults,
        faults=tally.faults,
    )
    most = max(tally.careful.values())
    yield Figure(
        what=f"requests of {len(tally.careful)} creations and notifications whose reply is lost",
        found=f"{most} at most",
        goal="exactly 1",
        met=set(tally.careful.values()) == {1},
        faults=[f"{case}: {tries}" for case, tries in tally.careful.items() if tries != 1],
    )


if __name__ == "__main__":
    alone(measure)

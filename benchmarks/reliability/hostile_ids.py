"""Call every operation that takes an id with hostile ones."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "faults"))

from figures import Figure, alone
from paths import probed

IDS = 1000


def measure(scale: float) -> Iterator[Figure]:
    """Try so many ids, each alone and packed with others, and read the raw targets."""
    escapes = asyncio.run(probed(int(IDS * scale)))
    yield Figure(
        what=f"{escapes.ids:,} calls with hostile ids, {len(escapes.templates)} path templates",
        found=f"{escapes.requests:,} requests on the wire, {escapes.refused:,} calls refused unsent;"
        f" {len(escapes.faults)} wrong",
        goal="no path escapes",
        met=not escapes.faults,
        faults=escapes.faults,
    )


if __name__ == "__main__":
    alone(measure)

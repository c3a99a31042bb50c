"""Cut each reply of each operation after each of its bytes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "faults"))

from cuts import cut_all
from figures import Figure, alone


def measure(scale: float) -> Iterator[Figure]:
    """Cut after each byte, or after each so manyth."""
    every = max(1, round(1 / scale))
    tally = asyncio.run(cut_all(every))
    yield Figure(
        what=f"replies cut after {'every byte' if every == 1 else f'each {every}th byte'}",
        found=f"{tally.played:,} cuts, {len(tally.faults):,} wrong",
        goal="typed, and `sent` right",
        met=not tally.faults,
        faults=tally.faults,
    )


if __name__ == "__main__":
    alone(measure)

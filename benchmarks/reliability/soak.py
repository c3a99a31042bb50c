"""Play mixed operations for long, one in twenty of which goes wrong."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "faults"))

from figures import Figure, alone
from leaks import soaked

CALLS = 100_000
FLAT = 4.0


def measure(scale: float) -> Iterator[Figure]:
    """Play so many, and compare memory with that after a tenth of them."""
    left = asyncio.run(soaked(int(CALLS * scale), seed=1))
    yield Figure(
        what=f"{left.calls:,} mixed operations with 5 % faults",
        found=f"{left.calls - left.ends['a result']:,} errors, {len(left.untyped)} untyped;"
        f" {left.tasks} tasks and {left.descriptors} descriptors left;"
        f" {left.mebibytes:+.1f} MiB since the first tenth",
        goal=f"nothing left, memory flat (within {FLAT:.0f} MiB)",
        met=not (left.tasks or left.descriptors or left.untyped) and left.mebibytes <= FLAT,
        faults=left.untyped,
    )


if __name__ == "__main__":
    alone(measure)

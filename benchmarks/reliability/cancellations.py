"""Cancel calls of all operations at random moments."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "faults"))

from figures import Figure, alone
from leaks import cancelled

CALLS = 10_000


def measure(scale: float) -> Iterator[Figure]:
    """Cancel so many, and count what is left."""
    left = asyncio.run(cancelled(int(CALLS * scale), seed=1))
    yield Figure(
        what=f"{left.calls:,} calls cancelled at random",
        found=f"{left.ends['CancelledError']:,} in time; {left.tasks} tasks and {left.descriptors}"
        f" descriptors left; the longest took {left.latest * 1000:.0f} ms to end",
        goal="no socket, task or descriptor left",
        met=not (left.tasks or left.descriptors or left.untyped),
        faults=left.untyped,
    )


if __name__ == "__main__":
    alone(measure)

"""Shadow and break entry points, each in an interpreter of its own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "faults"))

from figures import Figure, alone
from shadows import WAYS, EntryOption, tried


def measure(scale: float) -> Iterator[Figure]:
    """Try each way; `scale` makes no difference."""
    faults = [fault for way in WAYS if (fault := _tried(way))]
    yield Figure(
        what=f"{len(WAYS)} ways to shadow or break an entry point",
        found=f"{len(faults)} silent or harmful",
        goal="none",
        met=not faults,
        faults=faults,
    )


def _tried(way: EntryOption) -> str | None:
    with TemporaryDirectory() as folder:
        return asyncio.run(tried(way, Path(folder)))


if __name__ == "__main__":
    alone(measure)

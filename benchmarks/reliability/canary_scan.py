"""Play all operations with secrets that nobody else has, and look for them everywhere."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "faults"))

from canaries import Watch
from figures import Figure, alone
from operations import ADAPTERS
from scenario import rehearse

FAULTS = 20


def measure(scale: float) -> Iterator[Figure]:
    """Play each operation as it should go, with its request echoed, and under faults."""
    played = texts = secrets = 0
    hits: list[str] = []
    for adapter in ADAPTERS:
        with Watch() as watch:
            played += asyncio.run(rehearse(max(1, int(FAULTS * scale)), [adapter]))
            hits += watch.hits()
        texts += len(watch.texts)
        secrets += len(watch.secrets)
    yield Figure(
        what="credentials, passcodes, personal links and hashes, sought in logs at DEBUG, reprs,"
        " errors, tracebacks with locals, and pickles",
        found=f"{secrets:,} secrets of {played:,} calls in {texts:,} texts: {len(hits):,} hits",
        goal="no hit",
        met=not hits,
        faults=hits,
    )


if __name__ == "__main__":
    alone(measure)

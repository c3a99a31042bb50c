"""Change replies by chance, and let whole operations read them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "faults"))

from figures import Figure, alone
from mutants import side_by_side
from operations import ADAPTERS

BODIES = 1_000_000
SEED = 20_261_001
GOAL = 20_000


def measure(scale: float) -> Iterator[Figure]:
    """Mutate so many bodies for each adapter, on all cores."""
    workers = os.cpu_count() or 1
    for adapter in ADAPTERS:
        outcome = side_by_side(adapter, int(BODIES * scale), SEED, workers)
        faults = [*outcome.untyped[:5], *outcome.coerced[:5]]
        yield Figure(
            what=f"{adapter}: {outcome.bodies:,} mutated bodies",
            found=f"{sum(outcome.refused.values()):,} refused, {outcome.same:,} read as ever,"
            f" {outcome.other:,} read as what they say; {len(outcome.untyped):,} untyped,"
            f" {len(outcome.coerced):,} coerced",
            goal="no untyped exception, no coercion",
            met=not faults,
            faults=faults,
        )
        yield Figure(
            what=f"{adapter}: bodies read by whole operations, {workers} processes",
            found=f"{outcome.rate:,.0f} a second",
            goal=f"at least {GOAL:,}",
            met=outcome.rate >= GOAL,
        )


if __name__ == "__main__":
    alone(measure)

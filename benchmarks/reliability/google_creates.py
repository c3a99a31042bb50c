"""Create 10,000 rooms on Google Meet's simulator while a fifth of the replies is lost."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from results import Result, zero_violations

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "adapters"))

from google_lossy import create_rooms


def measure(*, quick: bool) -> Iterator[Result]:
    """Yield what was lost or doubled."""
    count = 500 if quick else 10_000
    started = time.perf_counter()
    outcome = asyncio.run(create_rooms(count))
    seconds = time.perf_counter() - started
    figure = (
        f"{outcome.lost:,} of {outcome.requests:,} replies lost, {outcome.repeated:,} calls repeated,"
        f" {seconds:.0f} s"
    )
    what = f"Google Meet: {count:,} rooms created, a fifth of the replies lost"
    yield zero_violations(what, figure, "none lost, none doubled", outcome.violations)

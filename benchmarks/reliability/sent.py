"""Let the second attempt of a call fail in every way, and compare the error with the server's log."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

from results import Result, zero_violations

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "http"))

from second_attempts import Trial, play_trial


def measure(*, quick: bool) -> Iterator[Result]:
    """Make random calls whose second attempt fails."""
    count = 300 if quick else 10_000
    with tempfile.TemporaryDirectory() as folder:
        trials = asyncio.run(_run(count, Path(folder)))
    violations = [line for trial in trials for line in trial.violations()]
    errors = sum(trial.error is not None for trial in trials)
    two = sum(len(trial.seen) > 1 for trial in trials)
    figure = f"{errors:,} errors, {two:,} calls with two requests on the wire"
    what = f"{count:,} calls whose attempts fail at random, all effects"
    yield zero_violations(what, figure, "`sent`, `attempts`, `retryable` as logged", violations)


async def _run(count: int, folder: Path) -> list[Trial]:
    random = Random(1)
    return [await play_trial(random, folder / f"{number}.db") for number in range(count)]

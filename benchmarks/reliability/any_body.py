"""Let every operation of every adapter read hostile bodies of 8 MiB: wide, deep, almost right."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from results import Result, zero_violations

from conferencing import Operation
from conferencing.errors import UnsupportedOperation
from conferencing.testing.base import Harness

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "adapters"))
sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "faults"))

from hostile_bodies import MEBIBYTES, SECONDS, Reading
from hostile_bodies import measure as read_bodies

EVERY, QUICK = 1, 8
"""One body in so many is read, in turn. All of them take half an hour on two cores."""


def measure(*, quick: bool) -> Iterator[Result]:
    """Yield the slowest and the largest reading of each adapter."""
    logging.getLogger("conferencing").setLevel(logging.CRITICAL)
    for suite in import_module("suites").EVERY_SUITE:
        readings = asyncio.run(_read(suite, quick=quick))
        figure = (
            f"{max(each.seconds for each in readings):.2f} s and"
            f" {max(each.mebibytes for each in readings):.0f} MiB more at most"
        )
        yield zero_violations(
            f"{suite.__name__}: {len(readings):,} hostile bodies of 8 MiB",
            figure,
            f"typed within {SECONDS:g} s, {MEBIBYTES} MiB more, 2,000 characters",
            [problem for reading in readings for problem in reading.problems],
        )


async def _read(suite: Any, *, quick: bool) -> list[Reading]:
    readings: list[Reading] = []
    every = QUICK if quick else EVERY
    for number, case in enumerate(suite.cases()):
        if quick and case.operation is not Operation.LIST_ROOMS:
            continue
        async with Harness(suite()) as harness:
            try:
                readings += [each async for each in read_bodies(harness, case, number, every)]
            except UnsupportedOperation:
                continue
    return readings

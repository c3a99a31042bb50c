"""Harvest one account at its rate into DuckDB, and once more with nothing new."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from results import Result

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "warehouse"))

from harvested_vendor import KEY, Vendor, fill

from conferencing.warehouse import harvest, open_pipeline

RATE = 20


def measure(*, quick: bool) -> Iterator[Result]:
    """Yield the time of a first harvest, and of one that finds nothing new."""
    rooms = 10 if quick else 60
    with tempfile.TemporaryDirectory() as folder, Vendor("main") as vendor:
        fill(vendor, rooms)
        vendor.keys["rate"] = f"{RATE}/s"
        for what in ("harvest at 20 calls a second", "the same again, with nothing new"):
            vendor.served.requests.clear()
            started = time.perf_counter()
            pipeline = open_pipeline(Path(folder, "rate.duckdb"), folder=folder)
            harvest(pipeline, [vendor.account], pseudonym_key=KEY)
            seconds = time.perf_counter() - started
            calls = vendor.count_calls()
            limit = 1.05 * calls.total() / RATE + 4
            met = seconds <= limit
            goal = f"at most {limit:.1f} s (1.05 × calls / rate + 4 s)"
            if "again" in what:
                met &= calls.total() - calls["rooms"] == rooms
                goal += ", one call a room"
            figure = f"{calls.total()} calls for {rooms} rooms in {seconds:.1f} s"
            yield Result(what=what, figure=figure, goal=goal, met=met)

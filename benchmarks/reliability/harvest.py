"""Harvest into DuckDB and PostgreSQL: killed at random points, and three at once.

Warehouses are compared by EXCEPT ALL in both directions, with one that was filled without a kill.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random

from results import Result, zero_violations

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "warehouse"))

from harvested_vendor import KEY, Vendor, change, count_differences, fill, query, start_sessions
from killed_harvests import harvest_with_kills, start_runner
from real_servers import Missing, PostgresServer, serving

from conferencing.warehouse import harvest, open_pipeline

CHUNK = 20


def measure(*, quick: bool) -> Iterator[Result]:
    """Yield what is left after kills on both servers, and the rows of three at once."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        places = {"DuckDB": str(folder / "killed.duckdb")}
        with suppress(Missing):
            server = stack.enter_context(serving(PostgresServer))
            places["PostgreSQL"] = server.new_database()
        for server_name, to in places.items():
            yield _kill(server_name, to, folder / server_name, kills=4 if quick else 20)
        if "PostgreSQL" in places:
            yield _harvest_at_once(server, folder / "rounds", rounds=2 if quick else 10)


def _kill(server_name: str, to: str, folder: Path, *, kills: int) -> Result:
    """Kill harvests, with late and running sessions, new rooms and gone people between the passes."""
    random, wrong, killed, twice, passes = Random(1), list[str](), 0, 0, 0
    with Vendor("main", seed=1) as vendor:
        fill(vendor, 120)
        start_sessions(vendor)
        options = {"chunk": CHUNK, "random": random, "latest": 60, "delay": 1.0}
        while killed < kills:
            left = min(kills - killed, kills // 2)
            run = harvest_with_kills(vendor, to, folder, kills=left, **options)
            if run.read_twice > run.killed * CHUNK:
                wrong.append(f"{run.read_twice} rooms were read twice by {run.killed} kills")
            killed, twice, passes = killed + run.killed, twice + run.read_twice, passes + 1
            change(vendor, random)
        harvest_with_kills(vendor, to, folder, kills=0, **options)
        whole = open_pipeline(to, dataset="whole", folder=folder / "whole")
        harvest(whole, [vendor.account], pseudonym_key=KEY)
    differences = count_differences(to, "conferencing", "whole").items()
    wrong += [f"{table}: {count} rows differ" for table, count in differences]
    return zero_violations(
        f"harvest of 120 rooms and more into {server_name}, killed at random points in {passes} passes",
        f"{killed} kills, {twice / killed:.1f} rooms read twice for each",
        f"equal to one without kills; at most a chunk ({CHUNK} rooms) read twice for each",
        wrong,
    )


def _harvest_at_once(server: PostgresServer, folder: Path, *, rounds: int) -> Result:
    """Run three harvests in processes of their own into one new database, again and again."""
    wrong: list[str] = []
    with ExitStack() as stack:
        vendors = [stack.enter_context(Vendor(name)) for name in ("one", "two", "three")]
        for vendor in vendors:
            fill(vendor, 40)
        for number in range(rounds):
            to = server.new_database()

            def run(vendor: Vendor, to: str = to, number: int = number) -> int:
                place = folder / f"{number}-{vendor.name}"
                runner = start_runner(vendor, to, place, chunk=CHUNK, name=vendor.name)
                return runner.wait(120)

            with ThreadPoolExecutor(3) as threads:
                codes = list(threads.map(run, vendors))
            counts = dict(
                query(to, "SELECT account, count(*) FROM conferencing.attendance GROUP BY account")
            )
            expected = dict.fromkeys(("one", "two", "three"), 40 * 7)
            if counts != expected or any(codes):
                wrong.append(f"round {number}: {counts}, exit codes {codes}")
    return zero_violations(
        "three harvests at once into one PostgreSQL dataset",
        f"{rounds} rounds of 840 rows",
        "every row, in every round",
        wrong,
    )

"""Register 10,000 people while being killed 62 times: how many are lost, double, and what it costs.

    python benchmarks/bulk_kills.py [--people N] [--random N] [--seed N]
    python benchmarks/bulk_kills.py --cuts

The vendor is ClickMeeting's simulator, made to register twice who is sent twice, and 2 % of the
replies are lost with the registration happening up to 1.5 seconds later. The process is killed with
SIGKILL at random and at named points, and started again until it is done. What is counted is what
the vendor has. The overhead of a run is the time in which it neither sent registrations nor waited
for the vendor to settle: starting Python, reading file and journal, reading the vendor's list. Runs
that a profiler's hook kills at a line of theirs are slowed by it and counted apart. With --cuts, a
journal is cut at every byte instead, and gone on with.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "bulk"))

from clocks import Waiting
from cutting import cut_at, half
from killing import NAMED, SENDING, SETTLING, Killing, Run, kill_at_all, killing, random_kills

SETTLE = 3.0
LATE = 0.02
LATEST = 1.5


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=10_000)
    parser.add_argument("--random", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cuts", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(cuts(Path(folder)) if given.cuts else measure(Path(folder), given))


async def cuts(folder: Path) -> None:
    begun = time.monotonic()
    run = await half(folder / "people.journal", Waiting())
    wrong = await cut_at(run, range(len(run.raw) + 1))
    print(f"{'bytes at which it was cut':<32} {len(run.raw) + 1}")
    print(f"{'crashed, lost or double':<32} {len(wrong)} {wrong[:10] or ''}")
    print(f"{'whole time':<32} {time.monotonic() - begun:.0f} s")


async def measure(folder: Path, given: argparse.Namespace) -> None:
    random = Random(given.seed)
    often = random_kills(given.random, random, max(2, given.people * 3 // 2 // (given.random + 9)))
    how = {"count": given.people, "settle": SETTLE, "late": LATE, "latest": LATEST}
    async with killing(folder, given.seed, **how) as roster:
        begun = time.monotonic()
        runs = await kill_at_all(roster, [*SENDING, *often, *SETTLING])
        show(roster, runs, time.monotonic() - begun, given)


def show(roster: Killing, runs: dict[str, Run], seconds: float, given: argparse.Namespace) -> None:
    for name, run in runs.items():
        if "random" not in name:
            print(
                f"{name:<55} {'killed' if run.killed else 'ended':<7}"
                f" {len(run.calls):6} calls  overhead {run.overhead:5.2f} s"
            )
    killed = sum(run.killed for run in roster.runs)
    late = sum(one.fault == "late" for one in roster.served.requests)
    print(f"{'people':<32} {given.people}")
    print(f"{'kills':<32} {killed} ({len(NAMED)} named, {given.random} random)")
    print(f"{'registrations that came late':<32} {late}")
    print(f"{'lost':<32} {len(roster.lost())}")
    print(f"{'double':<32} {len(roster.double())}")
    for what, hooked in (("as they are", False), ("under the profiler", True)):
        costs = sorted(run.overhead for run in roster.runs if run.hooked is hooked)
        middle = costs[len(costs) // 2]
        print(f"{'overhead, ' + what:<32} median {middle:.2f} s, worst {costs[-1]:.2f} s")
    print(f"{'whole time':<32} {seconds:.0f} s, in {len(roster.runs)} runs")


if __name__ == "__main__":
    main()

"""Measure how fast the library is, and write the figures into docs/performance.md.

    python benchmarks/speed/run.py [--scale 0.1] [--only decoding ...] [--dry]

Peers are installed by name into environments of their own below the user's cache folder, once. At
full scale it takes under ten minutes on two cores. Each script here also runs by itself; what is
not run again stays on the page.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from results import Result

SCRIPTS = (
    "imports", "decoding", "memory", "participants", "calls", "bulk", "facade", "streaming",
    "growth",
)  # fmt: skip
PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
RUN = "python benchmarks/speed"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--only", nargs="*", default=SCRIPTS, choices=SCRIPTS)
    parser.add_argument("--dry", action="store_true", help="write nothing")
    given = parser.parse_args()
    missed = False
    for name in given.only:
        results = measured(name, given.scale)
        missed |= not all(goal.met for one in results for goal in one.goals)
        if not given.dry:
            write(name, section(name, results))
    sys.exit(missed)


def measured(name: str, scale: float) -> list[Result]:
    """Run one script and tell its results on the way."""
    begun, results = time.perf_counter(), []
    for result in import_module(name).measure(scale):
        print(result, flush=True)
        results.append(result)
    print(f"  {name}: {time.perf_counter() - begun:.0f} s\n", flush=True)
    return results


def section(name: str, results: list[Result]) -> str:
    """Return what the page says of one script."""
    return "\n\n".join([*(part for one in results for part in told(one)), f"`{RUN}/{name}.py`"])


def told(result: Result) -> list[str]:
    rows = [f"| {name} | {cost:,.2f} |" for name, cost in result.medians.items()]
    goals = [
        f"- {'' if goal.met else '**not met** · '}{goal}".replace(", not met", "")
        for goal in result.goals
    ]
    table = "\n".join([f"| | {result.unit} |", "|---|---:|", *rows])
    parts = [f"## {result.title}", result.note, table, "\n".join(goals)]
    return [part for part in parts if part]


def write(name: str, told: str) -> None:
    """Put the section of one script into the page; those of others stay."""
    page = PAGE.read_text("utf-8") if PAGE.exists() else ""
    kept = dict(re.findall(r"<!-- begin (\w+) -->\n\n(.*?)\n\n<!-- end -->", page, re.DOTALL))
    kept[name] = told
    parts = [
        f"<!-- begin {one} -->\n\n{kept[one]}\n\n<!-- end -->" for one in SCRIPTS if one in kept
    ]
    PAGE.write_text("\n\n".join([intro(), *parts]) + "\n", "utf-8")


def intro() -> str:
    parts = [f"{name} {version(name)}" for name in ("aiohttp", "attrs", "cattrs", "orjson")]
    return (
        "# Performance\n\n"
        "Each figure is a ratio taken side by side in one run: every side is a process of its own,"
        " they work in turns (A B A B …), and the median of the rounds counts. Servers are on"
        " another core than clients. Absolute times belong to this machine on that day; the ratios"
        f" carry over.\n\n`{RUN}/run.py` writes this page, with peers installed by name in"
        f" environments of their own: {platform.python_implementation()}"
        f" {platform.python_version()} on {platform.system()}, {os.cpu_count()} cores;"
        f" {', '.join(parts)}."
    )


if __name__ == "__main__":
    main()

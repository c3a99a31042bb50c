"""Measure how reliable the library is, and write the figures into docs/reliability.md.

    python benchmarks/reliability/run.py [--scale 0.1] [--only soak ...] [--dry]

At full scale it takes about half an hour on two cores. Each script here also runs by itself, with
`--scale`; what is not run again stays on the page.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from figures import Figure

SCRIPTS = (
    "fault_matrix", "wire_counts", "byte_cuts", "mutated_bodies", "canary_scan", "too_much",
    "cancellations", "soak", "hostile_ids", "shadowed",
)  # fmt: skip
PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN = "<!-- written by benchmarks/reliability/run.py: begin -->"
END = "<!-- end -->"
RUN = "python benchmarks/reliability"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--only", nargs="*", default=SCRIPTS, choices=SCRIPTS)
    parser.add_argument("--dry", action="store_true", help="write nothing")
    given = parser.parse_args()
    missed = False
    for name in given.only:
        figures = measured(name, given.scale)
        missed |= not all(one.met for one in figures)
        if not given.dry:
            write(name, rows(name, figures, given.scale))
    sys.exit(missed)


def measured(name: str, scale: float) -> list[Figure]:
    """Run one script and tell its figures on the way."""
    begun, figures = time.perf_counter(), []
    for figure in import_module(name).measure(scale):
        print(figure, flush=True)
        figures.append(figure)
    print(f"  {name}: {time.perf_counter() - begun:.0f} s", flush=True)
    return figures


def rows(name: str, figures: list[Figure], scale: float) -> list[str]:
    """Return the rows of one script."""
    command = f"`{RUN}/{name}.py{'' if scale == 1 else f' --scale {scale:g}'}`"
    return [
        f"| {one.what} | {one.found} | {one.goal if one.met else f'not met: {one.goal}'} | {command} |"
        for one in figures
    ]


def write(name: str, told: list[str]) -> None:
    """Put the rows of one script into the page; those of others stay."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    block, _, after = rest.partition(END)
    kept = {one: [line for line in block.splitlines() if f"/{one}.py" in line] for one in SCRIPTS}
    lines = [line for one in SCRIPTS for line in (kept | {name: told})[one]]
    page = [before.rstrip(), "", BEGIN, "", intro(), "", HEAD, *lines, "", END]
    PAGE.write_text("\n".join(page) + "\n" + after.lstrip("\n"), "utf-8")


HEAD = "| what | figure | goal | command |\n|---|---|---|---|"


def intro() -> str:
    parts = [f"{name} {version(name)}" for name in ("aiohttp", "attrs", "cattrs", "orjson")]
    return (
        f"What follows comes from `{RUN}/run.py`, which runs these commands one after another:"
        f" {platform.python_implementation()} {platform.python_version()} on {platform.system()},"
        f" {os.cpu_count()} cores; {', '.join(parts)}. Requests are counted at the server. A cell is"
        " one operation under one fault at one of its requests, always or the first time; its"
        " result is compared with that of the same call without a fault."
    )


if __name__ == "__main__":
    main()

"""Measure speed and reliability, and write the results into the documentation.

    python benchmarks/run.py [NAME ...] [--quick]

Each name is a file in `speed` or `reliability`; without names all of them run. A full run replaces
the rows of its names on the page; `--quick` measures a small sample and writes nothing. The exit
status is 1 if a goal is not met.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from results import Result

HERE = Path(__file__).parent
PAGES = {"speed": "performance", "reliability": "reliability"}
GROUPS = {
    "speed": ("decoding", "calls", "starts", "memory", "participants", "bulk"),
    "reliability": (
        "suites", "sent", "any_body", "handles", "downloads", "bulk_kills", "zoom_kills",
        "google_creates", "jobs_kills", "jobs_work", "reconcile", "teams_creates", "harvest",
        "harvest_rate",
    ),
}  # fmt: skip
NAMES = [name for names in GROUPS.values() for name in names]
HEAD = ["| what | figure | goal | command |", "|---|---|---|---|"]


def main() -> None:
    """Run the benchmarks that are named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--quick", action="store_true", help="a small sample; write nothing")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(NAMES)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; choose from {', '.join(NAMES)}")
    names = arguments.names or NAMES
    if len(names) > 1:  # each in a process of its own, so that none inherits another's state
        command = [sys.executable, __file__, *(["--quick"] if arguments.quick else [])]
        codes = [subprocess.run([*command, name], check=False).returncode for name in names]
        sys.exit(any(codes))
    met = True
    for group, names in GROUPS.items():
        for name in names:
            if not arguments.names or name in arguments.names:
                results = run(f"{group}.{name}", quick=arguments.quick)
                met &= all(result.met for result in results)
                if not arguments.quick:
                    write(group, name, results)
    sys.exit(not met)


def run(module: str, *, quick: bool) -> list[Result]:
    """Run one benchmark and print its results as they arrive."""
    started, results = time.perf_counter(), []
    for result in import_module(module).measure(quick=quick):
        print(result, flush=True)
        results.append(result)
    print(f"  {module}: {time.perf_counter() - started:.0f} s\n", flush=True)
    return results


def write(group: str, name: str, results: list[Result]) -> None:
    """Replace the rows of one benchmark on the page, and the line about the machine."""
    page = HERE.parent / "docs" / f"{PAGES[group]}.md"
    before, _, rest = page.read_text("utf-8").partition(f"<!-- begin {group} -->")
    block, _, after = rest.partition(f"<!-- end {group} -->")
    rows = {each: [line for line in block.splitlines() if _command(each) in line] for each in NAMES}
    rows[name] = [_row(name, result) for result in results]
    lines = [_machine(), "", *HEAD, *(row for each in GROUPS[group] for row in rows[each])]
    marked = [f"<!-- begin {group} -->", "", *lines, "", f"<!-- end {group} -->"]
    page.write_text(before + "\n".join(marked) + after, "utf-8")


def _row(name: str, result: Result) -> str:
    goal = result.goal if result.met else f"**not met**: {result.goal}"
    return f"| {result.what} | {result.figure} | {goal} | {_command(name)} |"


def _command(name: str) -> str:
    return f"`python benchmarks/run.py {name}`"


def _machine() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("aiohttp", "attrs", "msgspec"))
    return (
        f"Measured with CPython {platform.python_version()} on {platform.system()},"
        f" {os.cpu_count()} cores; {packages}."
    )


if __name__ == "__main__":
    main()

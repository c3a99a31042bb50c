"""Compare ways to do one piece of work: each in a process of its own, in turns (A B A B …).

A side is an async generator function that yields what the work costs, once for each `next` line
on standard input. This file is also the program that runs one:

    python benchmarks/sides.py speed.calls get_room http://127.0.0.1:8000
"""

from __future__ import annotations

import asyncio
import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import ExitStack
from functools import cache
from importlib import import_module
from pathlib import Path

__all__ = ["Side", "compare", "cpu_milliseconds", "in_turns", "pin"]

Cost = AsyncGenerator[float]
SideFunction = Callable[..., Cost]


class Side:
    """Run one side in a process of its own; call it for one more turn."""

    def __init__(self, function: SideFunction, *arguments: str) -> None:
        module = function.__module__
        self._process = subprocess.Popen(
            [sys.executable, __file__, module, function.__name__, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __call__(self) -> float:
        """Return the cost of one more turn."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the process has no pipes")
        print("next", file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a side ended early; its traceback is above")
        return float(line)

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


def compare(
    sides: Mapping[str, tuple[SideFunction, *tuple[str, ...]]], rounds: int
) -> dict[str, list[float]]:
    """Return the cost of each side in each round; the first round warms up and is dropped."""
    with ExitStack() as stack:
        running = {name: Side(*side) for name, side in sides.items()}
        for side in running.values():
            stack.callback(side.close)
        return in_turns(running, rounds)


def in_turns(sides: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Return the cost of each side in each round; the first round warms up and is dropped."""
    costs: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds + 1):
        for name, side in sides.items():
            costs[name].append(side())
    return {name: values[1:] for name, values in costs.items()}


def cpu_milliseconds(*command: str) -> float:
    """Return the CPU time, user and system, of a new process that runs this command."""
    process = subprocess.Popen([sys.executable, *command], env=_with_compiled_modules())
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    return (usage.ru_utime + usage.ru_stime) * 1000


@cache
def _with_compiled_modules() -> dict[str, str]:
    """Return an environment in which processes keep compiled modules, as installed packages do.

    They are in a folder of this run, filled in the first round: a checkout has none where
    PYTHONDONTWRITEBYTECODE is set.
    """
    folder = tempfile.mkdtemp(prefix="modules-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    kept = {key: text for key, text in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": folder}


def pin(core: int) -> None:
    """Keep this process on one core (clients on 0, servers on -1) where the system can do that."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[core]})


def main(module: str, function: str, *arguments: str) -> None:
    """Run one side until standard input ends."""
    pin(0)
    costs: Cost = getattr(import_module(module), function)(*arguments)

    async def turn() -> float:
        return await anext(costs)

    with asyncio.Runner() as runner:
        for _ in sys.stdin:
            print(runner.run(turn()), flush=True)
        runner.run(costs.aclose())


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main(*sys.argv[1:])

"""Measure several ways to do one piece of work side by side: A B C, A B C, …, and the medians.

A side is a process: a Python file that is told `again` on its standard input, does its work once
and writes what that cost on its standard output. So each peer runs in an environment of its own,
warm, and all of them see the same noise.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

__all__ = ["HERE", "Side", "environment", "in_turns", "serve_side", "taken", "warm_heap"]

HERE = Path(__file__).parent
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # as malloc.h has them
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "conferencing-benchmarks"


def environment(name: str, *requirements: str) -> str:
    """Return the Python of an environment that has these distributions; it is made once."""
    home = CACHE / f"{name}-{sys.version_info.major}.{sys.version_info.minor}"
    python = home / "bin" / "python"
    done = home / "requirements.txt"
    wanted = "\n".join(requirements)
    if not done.exists() or done.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        quiet = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*quiet, *requirements], check=True)
        done.write_text(wanted)
    return str(python)


class Side:
    """One way to do the work, in a process of its own."""

    def __init__(self, file: str, *arguments: str, python: str = sys.executable) -> None:
        self._process = subprocess.Popen(
            [python, HERE / file, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        client_core(self._process.pid)

    def __call__(self) -> Any:
        """Do the work once more and return what it cost: a number, or several of them."""
        process = self._process
        assert process.stdin
        assert process.stdout
        process.stdin.write("again\n")
        process.stdin.flush()
        told = [*map(float, process.stdout.readline().split())]
        return told if len(told) > 1 else told[0]

    def close(self) -> None:
        """End the process."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()


def serve_side(work: Callable[[], float]) -> None:
    """Be a side: do the work each time it is asked for."""
    for _ in sys.stdin:
        print(work(), flush=True)


def warm_heap(mebibytes: int = 64) -> list[bytes]:
    """Return what keeps a heap open that has been used: keep it as long as you measure.

    In a fresh process, small work ends at the edge of Python's memory time and again, and what is
    measured is how long the system takes to give a page and to take it back. Large blocks, the
    bodies of replies say, are kept by the C library in the same way, where it can be told so.
    """
    tell = getattr(ctypes.CDLL(None), "mallopt", None)
    if tell is not None:
        tell(M_TRIM_THRESHOLD, 2**30)
        tell(M_MMAP_THRESHOLD, 2**24)
    used = [bytes(size) for size in (40, 72, 136, 264, 472) * (mebibytes * 2**20 // 1000)]
    return used[::400]  # one in each pool or so; the rest goes, and its places stay


def in_turns(sides: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, list[Any]]:
    """Return what each side took in each round; the first round warms up and does not count."""
    taken: dict[str, list[Any]] = {name: [] for name in sides}
    for number in range(rounds + 1):
        for name, side in sides.items():
            cost = side()
            if number:
                taken[name].append(cost)
    return taken


def taken(sides: Mapping[str, Side], rounds: int) -> dict[str, list[Any]]:
    """Return what each side took in each round, and end their processes."""
    with ExitStack() as stack:
        for side in sides.values():
            stack.callback(side.close)
        return in_turns(sides, rounds)


def client_core(pid: int = 0) -> None:
    """Keep a process on the first core; servers are kept on the last."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(pid, {cores[0]})


def server_core(pid: int = 0) -> None:
    """Keep a process on the last core."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(pid, {cores[-1]})

"""Register people where the server keeps a limit of 100 a second: the time, refusals, store calls."""

from __future__ import annotations

import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from attrs import field, frozen
from limited import RATE, Told, limiting, told
from results import Goal, Result, alone
from sides import Side, environment, server_core

ROUNDS = 1
PEOPLE = 2000
SHARED = 1000
LIMITS = {
    "conferencing, a sliding window": "sliding",
    "conferencing, fixed windows": "fixed",
    "conferencing, a token bucket": "bucket",
}
FILE = "conferencing, two processes over a SQLite file"
REDIS = "conferencing, two processes over Redis"
OTHERS = {
    "aiohttp, all at once, and again after a 429": "gather",
    "aiohttp, a semaphore, and again after a 429": "semaphore",
    "aiohttp, aiolimiter of 100 a second": "aiolimiter",
    "aiohttp, aiolimiter of one a hundredth": "spaced",
}


@frozen
class EntryOption:
    """One way to register so many people: a process, or two that share the pace."""

    url: str
    count: int
    sides: Sequence[Side]
    counts: Sequence[Path] = ()
    seconds: list[float] = field(factory=list[float])
    came: list[Told] = field(factory=list[Told])
    calls: list[int] = field(factory=list[int])

    def warm_up(self) -> None:
        for side in self.sides:
            side()

    def run(self) -> None:
        """Do it once, all processes at the same time."""
        told(self.url)
        with ThreadPoolExecutor(len(self.sides)) as pool:
            self.seconds.append(max(pool.map(lambda side: side(), self.sides)))
        self.came.append(told(self.url))
        self.calls.append(sum(int(path.read_text()) for path in self.counts))
        assert self.came[-1].registered == self.came[-1].people == self.count

    @property
    def shares(self) -> list[float]:
        """The time beside the least that is possible, round by round."""
        return [seconds / (self.count / RATE) for seconds in self.seconds]

    @property
    def refused(self) -> int:
        return sum(one.refused for one in self.came)


def measure(scale: float) -> Iterator[Result]:
    """Measure; `scale` is of the rounds. Ways that share nothing run at the same time."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ours, others = _ours(stack, folder), _others(stack)
        for way in ours.values():
            way.warm_up()
        for _ in range(max(1, round(ROUNDS * scale))):
            _at_once(ours[name] for name in LIMITS)
            _at_once(ours[name] for name in (FILE, REDIS))
        _at_once(others.values())
        yield _times(ours, others)
        yield _calls(ours)


def _times(ours: Mapping[str, EntryOption], others: Mapping[str, EntryOption]) -> Result:
    both = {**ours, **others}
    refusals = ", ".join(f"{way.refused:,} for {name}" for name, way in others.items())
    return Result(
        title=f"Registering under {RATE} a second",
        unit="× N/rate",
        note=f"{PEOPLE} people, {SHARED:,} where two processes share the limit; a journal is kept."
        f" Refused with 429 were {sum(way.refused for way in ours.values())} calls of ours, and"
        f" {refusals}.",
        costs={name: way.shares for name, way in both.items()},
        goals=[
            *(Goal(name, statistics.median(ours[name].shares), 1.04) for name in LIMITS),
            *(Goal(name, statistics.median(ours[name].shares), 1.05) for name in (FILE, REDIS)),
            Goal("refused", sum(way.refused for way in ours.values()), 0, "calls"),
        ],
    )


def _calls(ours: Mapping[str, EntryOption]) -> Result:
    costs = {name: [10 * one / SHARED for one in ours[name].calls] for name in (FILE, REDIS)}
    return Result(
        title="Calls of the shared store",
        unit="for ten registrations",
        costs=costs,
        goals=[
            Goal(name, statistics.median(taken), 1.2, "calls for ten")
            for name, taken in costs.items()
        ],
    )


def _at_once(entry_options: Iterable[EntryOption]) -> None:
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(way.run) for way in entry_options]:
            done.result()


def _ours(stack: ExitStack, folder: Path) -> dict[str, EntryOption]:
    def way(how: str, count: int, *store: str) -> EntryOption:
        url, processes = stack.enter_context(limiting(how)), 1 + len(store)
        counts = [Path(tempfile.mkdtemp(dir=folder)) / "calls" for _ in range(processes)]
        each = count // processes
        sides = [
            Side("peers/bulk_ours.py", url, str(each), str(place * each), str(path), *store)
            for place, path in enumerate(counts)
        ]
        for side in sides:
            stack.callback(side.close)
        return EntryOption(url, count, sides, counts)

    redis = stack.enter_context(_redis(folder))
    return {
        **{name: way(how, PEOPLE) for name, how in LIMITS.items()},
        FILE: way("sliding", SHARED, f"sqlite:{folder / 'pace.db'}"),
        REDIS: way("sliding", SHARED, redis),
    }


def _others(stack: ExitStack) -> dict[str, EntryOption]:
    python = environment("bulk", "aiohttp", "aiolimiter", "attrs")

    def way(how: str) -> EntryOption:
        url = stack.enter_context(limiting("sliding"))
        side = Side("peers/bulk_others.py", how, url, str(PEOPLE), python=python)
        stack.callback(side.close)
        return EntryOption(url, PEOPLE, [side])

    return {name: way(how) for name, how in OTHERS.items()}


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    """Start a Redis that keeps nothing."""
    server = shutil.which("redis-server")
    assert server, "this needs redis-server"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [server, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", folder]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    server_core(running.pid)
    try:
        _until(lambda: _answers(port))
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        running.terminate()
        running.wait()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _until(holds: Callable[[], bool]) -> None:
    for _ in range(200):
        if holds():
            return
        time.sleep(0.05)
    raise TimeoutError("redis-server does not answer")


if __name__ == "__main__":
    alone(measure)

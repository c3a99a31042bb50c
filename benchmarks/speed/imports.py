"""Start: what an import costs over the bare interpreter, and what a process costs that makes a call.

Each figure is the CPU time, user and system, of a process that is started anew: that is steadier
than the clock on the wall, and hardly differs from it, since starting waits for nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

from results import Goal, Result, alone, ratio
from room import ROOM_PATH, bodies
from server import serving
from sides import HERE, client_core, environment, in_turns

ROUNDS = 7
CALLS = 13
OURS = "import conferencing"
ROOM = "from conferencing import Room"
AIOHTTP = "import aiohttp"
PEERS = {
    "bigbluebutton-api-python": "bigbluebutton_api_python",
    "vconnct-devkit": "vconnct_devkit",
    "fsspec": "fsspec",
    "zoomus": "zoomus",
    "apache-libcloud": "libcloud",
    "pyzoom": "pyzoom",
    "google-apps-meet": "google.apps.meet",
    "ccxt": "ccxt",
}
BARE = "aiohttp alone, a room as a mapping"
GET_ROOM = "conferencing, get_room()"
CHECK = "conferencing, check()"


def measure(scale: float) -> Iterator[Result]:
    """Measure; `scale` is of the rounds."""
    yield imports(max(3, int(ROUNDS * scale)))
    yield calls(max(3, int(CALLS * scale)))


def imports(rounds: int) -> Result:
    """Measure imports, each peer's in an environment of its own."""
    sides = {code: over_bare(sys.executable, code) for code in (OURS, ROOM, AIOHTTP)}
    for distribution, package in PEERS.items():
        python = environment(distribution, distribution)
        sides[f"import {package}"] = over_bare(python, f"import {package}")
    costs = in_turns(sides, rounds)
    return Result(
        title="Imports",
        unit="ms",
        note="CPU time of a new process, over that of a bare interpreter in the same environment.",
        costs=costs,
        goals=[
            Goal(f"`{OURS}` beside `{AIOHTTP}`", ratio(costs, OURS, AIOHTTP), 0.05),
            Goal(f"`{ROOM}` beside `{AIOHTTP}`", ratio(costs, ROOM, AIOHTTP), 0.30),
        ],
    )


def calls(rounds: int) -> Result:
    """Measure processes that make one call, from the start to the end of each."""
    with serving(bodies()) as url:
        costs = in_turns(
            {
                BARE: started(sys.executable, HERE / "peers/start_bare.py", url + ROOM_PATH),
                GET_ROOM: started(sys.executable, HERE / "peers/start_ours.py", "get_room", url),
                CHECK: started(sys.executable, HERE / "peers/start_ours.py", "check", url),
            },
            rounds,
        )
    return Result(
        title="A process that makes one call",
        unit="ms",
        note="CPU time of the whole process, with the interpreter's start and end.",
        costs=costs,
        goals=[
            Goal("get_room() beside bare aiohttp", ratio(costs, GET_ROOM, BARE), 1.10),
            Goal("check() beside bare aiohttp", ratio(costs, CHECK, BARE), 1.10),
        ],
    )


def over_bare(python: str, code: str) -> Callable[[], float]:
    """Return what tells how much more a process costs that runs this code than one with none."""
    with_it, bare = started(python, "-c", code), started(python, "-c", "pass")
    return lambda: with_it() - bare()


def started(python: str, *arguments: str | os.PathLike[str]) -> Callable[[], float]:
    """Return what starts such a process anew and tells its CPU time in milliseconds.

    Isolated (-I): neither the user's own packages nor variables of the environment count.
    """

    def start() -> float:
        process = subprocess.Popen([python, "-I", *arguments])
        client_core(process.pid)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{arguments} ended with {process.returncode}")
        return (used.ru_utime + used.ru_stime) * 1e3

    return start


if __name__ == "__main__":
    alone(measure)

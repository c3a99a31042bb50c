"""Block on small calls and on a listing: what `conferencing.sync` costs beside blocking clients."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

import room
import zoom
from results import Goal, Result, alone, ratio
from server import serving
from sides import Side, environment, taken

ROUNDS = 25
LISTINGS = 9
OURS = "conferencing.sync, get_room()"
RAW = "conferencing.sync, request().json()"
AWAITED = "conferencing, await get_room()"
AWAITED_RAW = "conferencing, await request() and json()"
REQUESTS = "requests.Session, get().json()"
HTTPX = "httpx.Client, get().json()"
BLOCKING = "for, blocking"
ASYNC = "async for"
HOPS = "hops"


def measure(scale: float) -> Iterator[Result]:
    """Measure; `scale` is of the rounds."""
    yield from calls(max(3, int(ROUNDS * scale)))
    yield listing(max(3, int(LISTINGS * scale)))


def calls(rounds: int) -> Iterator[Result]:
    """Measure one call after another, on one connection."""
    python = environment("facade", "requests", "httpx")
    with serving(room.bodies()) as url:
        both = taken(
            {
                OURS: Side("peers/facade_ours.py", "get_room", url),
                AWAITED: Side("peers/facade_ours.py", "await_get_room", url),
                RAW: Side("peers/facade_ours.py", "request", url),
                AWAITED_RAW: Side("peers/facade_ours.py", "await_request", url),
                REQUESTS: Side("peers/facade_others.py", "requests", url, python=python),
                HTTPX: Side("peers/facade_others.py", "httpx", url, python=python),
            },
            rounds,
        )
    costs = {name: [wall for wall, _ in told] for name, told in both.items()}
    cpu = {name: [used for _, used in told] for name, told in both.items()}
    yield Result(
        title="A blocking GET with JSON",
        unit="µs a call",
        note="By the clock on the wall, one call after another. get_room() gives a typed `Room`,"
        " all others the mapping of the same reply.",
        costs=costs,
        goals=[
            Goal("get_room() beside requests.Session", ratio(costs, OURS, REQUESTS), 0.6),
            Goal("get_room() beside the awaited one", ratio(costs, OURS, AWAITED), 1.5),
            Goal("request() beside requests.Session", ratio(costs, RAW, REQUESTS), 0.6),
            Goal("request() beside the awaited one", ratio(costs, RAW, AWAITED_RAW), 1.5),
        ],
    )
    yield Result(
        title="A blocking GET with JSON, in CPU time",
        unit="µs a call",
        note="The same calls. What waits for the server is left out here, so that the way to the"
        " loop's thread and back shows more.",
        costs=cpu,
    )


def listing(rounds: int) -> Result:
    """Measure an iteration, and count how often it goes to the loop's thread and back."""
    with serving(zoom.bodies()) as url:
        sides = {
            BLOCKING: Side("peers/facade_ours.py", "iterate", url),
            ASYNC: Side("peers/facade_ours.py", "await_iterate", url),
            HOPS: Side("peers/facade_ours.py", "hops", url),
        }
        costs = taken(sides, rounds)
    hops = statistics.median(costs.pop(HOPS))
    return Result(
        title="An iteration over 10,000 records in 34 pages",
        unit="µs of CPU a record",
        note=f"The blocking one goes to the loop's thread and back {hops:.0f} times: once for each"
        " page, once to find that there is no other, and once to close.",
        costs=costs,
        goals=[Goal("hops between threads", hops, zoom.PAGES + 2, unit="hops")],
    )


if __name__ == "__main__":
    alone(measure)

"""Go through 1,000,000 attendees and keep none: the memory; and pages that are fetched ahead."""

from __future__ import annotations

import json
from collections.abc import Iterator

from endless import SIZE, endless
from results import Goal, Result, alone, ratio
from room import BODY
from server import serving
from sides import Side, taken

FULL = 1_000_000
ROUNDS = 3
PAGES, PER_PAGE, DELAY = 40, 250, 0.06
ONE_BY_ONE = "one by one"
FOUR_AHEAD = "four pages ahead"


def measure(scale: float) -> Iterator[Result]:
    """Measure; `scale` is of the attendees and of the rounds."""
    yield streamed(int(FULL * scale))
    yield ahead(max(1, round(ROUNDS * scale)))


def streamed(count: int) -> Result:
    """Measure once each: nothing else is at work in these processes."""
    few, all_of = f"{count // 10:,} attendees, resident", f"{count:,} attendees, resident"
    traced = f"{count // 10:,} attendees, tracemalloc's peak"
    runs = {
        few: ("resident", count // 10),
        all_of: ("resident", count),
        traced: ("traced", count // 10),
    }
    with endless() as url:
        costs = {name: [_grown(url, *run)] for name, run in runs.items()}
    return Result(
        title=f"{count:,} attendees, gone through and not kept",
        unit="MiB over the warm process",
        note="Pages of 300 by their cursors, from a small adapter for Zoom. A process is warm when it"
        " has gone through 30 pages. tracemalloc takes too long to trace all of them.",
        costs=costs,
        goals=[
            *(Goal(name, grown, 3, "MiB") for name, (grown,) in costs.items()),
            Goal("all of them beside a tenth", costs[all_of][0] - costs[few][0], 1, "MiB more"),
        ],
    )


def _grown(url: str, how: str, count: int) -> float:
    side = Side("peers/stream_ours.py", how, url, str(-(-count // SIZE)))
    try:
        return side()
    finally:
        side.close()


def ahead(rounds: int) -> Result:
    count = PAGES * PER_PAGE - PER_PAGE // 2
    with serving(_rooms(count), DELAY) as url:
        costs = taken(
            {
                ONE_BY_ONE: Side("peers/ahead_ours.py", url, str(count)),
                FOUR_AHEAD: Side("peers/ahead_ours.py", url, str(count), "4"),
            },
            rounds,
        )
    return Result(
        title=f"{PAGES} pages of ClickMeeting's rooms, each after {DELAY * 1000:.0f} ms",
        unit="s",
        note="`pages_ahead = 4` in the account; the rooms come in the vendor's order.",
        costs=costs,
        goals=[Goal("four ahead beside one by one", ratio(costs, FOUR_AHEAD, ONE_BY_ONE), 0.30)],
    )


def _rooms(count: int) -> dict[str, bytes]:
    """Return the pages by path; what is asked for beyond them is an empty list."""
    room = json.loads(BODY)["conference"]
    rooms = [room | {"id": number, "name": f"Launch {number}"} for number in range(count)]
    pages = [rooms[first : first + PER_PAGE] for first in range(0, count, PER_PAGE)]
    numbered = enumerate([*pages, *([] for _ in range(8))], 1)
    return {
        f"/conferences/active?page={number}": json.dumps(page).encode() for number, page in numbered
    }


if __name__ == "__main__":
    alone(measure)

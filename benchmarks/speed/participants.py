"""Fetch 10,000 participants of a meeting over 34 pages of 300, and keep them all.

msgraph-sdk is left out: it was not measured here. A row is ClickMeeting's attendee of 600 bytes under
Zoom's names.
"""

from __future__ import annotations

from collections.abc import Iterator

from results import Goal, Result, alone, ratio
from server import serving
from sides import Side, environment, taken
from zoom import bodies

ROUNDS = 11
OURS = "conferencing, records with `native`"
ZOOMUS = "zoomus, mappings"
PYZOOM = "pyzoom, three fields each"
STYLE = "aiohttp, json, dataclasses and strptime by hand"
MEET = "google-apps-meet over REST, its own messages"


def measure(scale: float) -> Iterator[Result]:
    """Measure; `scale` is of the rounds."""
    with serving(bodies()) as url:
        costs = taken(
            {
                OURS: Side("peers/participants_ours.py", "ours", url),
                ZOOMUS: _other("zoomus", url),
                PYZOOM: _other("pyzoom", url),
                STYLE: Side("peers/participants_ours.py", "by_hand", url),
                MEET: _other("google-apps-meet", url),
            },
            max(3, int(ROUNDS * scale)),
        )
    yield Result(
        title="10,000 participants over 34 pages, kept",
        unit="ms",
        note="CPU time of the client. The server speaks Zoom's API (past meeting participants, with"
        " `next_page_token`), and Google's for its own client. Ours is an adapter of some sixty"
        " lines, read through `Conference`: strict, with aware times and the vendor's mapping.",
        costs=costs,
        goals=[
            Goal("beside zoomus", ratio(costs, OURS, ZOOMUS), 0.55),
            Goal("beside pyzoom", ratio(costs, OURS, PYZOOM), 0.45),
            Goal("beside the style written by hand", ratio(costs, OURS, STYLE), 0.25),
        ],
    )


def _other(distribution: str, url: str) -> Side:
    python = environment(distribution, distribution)
    return Side("peers/participants_others.py", distribution, url, python=python)


if __name__ == "__main__":
    alone(measure)

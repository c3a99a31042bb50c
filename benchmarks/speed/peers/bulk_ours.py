"""A side of `bulk.py`: `register_many`, with the pace kept in memory, in a file or in Redis.

    bulk_ours.py <url> <people> <the first one's number> <file for the store calls> [<rate_store>]

The calls of the store are counted as they are made, and written into the file after each run.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from itertools import chain, repeat
from pathlib import Path
from typing import Any

from conferencing import connect
from conferencing.http import transport

sys.path.insert(0, str(Path(__file__).parents[1]))

from limited import RATE
from sides import serve_side

URL, COUNT, FIRST, TOLD = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
STORE = {"rate_store": sys.argv[5]} if len(sys.argv) > 5 else {}

sizes = chain([3], repeat(COUNT))  # first a few: what is loaded on first use is loaded by then
calls = 0
_open_store = transport.open_store


def counted(*given: Any) -> Any:
    """Open the store, and count how often slots are booked in it."""
    store: Any = _open_store(*given)
    reserve = store.reserve

    async def counting(*slots: Any) -> Any:
        global calls  # noqa: PLW0603
        calls += 1
        return await reserve(*slots)

    store.reserve = counting
    return store


transport.open_store = counted


def rows(first: int, count: int) -> list[dict[str, str]]:
    return [
        {"email": f"person{number}@example.com", "first_name": "Ann", "last_name": f"Lee {number}"}
        for number in range(first, first + count)
    ]


async def register(people: list[dict[str, str]]) -> float:
    account = {"provider": "clickmeeting", "api_key": "k", "base_url": URL, "rate": f"{RATE}/s"}
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        async with connect({**account, **STORE}) as conference:
            result = await conference.register_many("7", people, journal=Path(folder) / "journal")
        seconds = time.perf_counter() - begun
    assert result.complete
    assert not result.stopped
    assert len(result.rows) == len(people)
    return seconds


def work() -> float:
    global calls  # noqa: PLW0603
    calls = 0
    seconds = asyncio.run(register(rows(FIRST, next(sizes))))
    TOLD.write_text(str(calls))
    return seconds


if __name__ == "__main__":
    serve_side(work)

"""Sides of `streaming.py`: ClickMeeting's rooms, pages of 250, with so many pages fetched ahead.

ahead_ours.py <url> <rooms> [<pages ahead>]
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from conferencing import Conference, connect

sys.path.insert(0, str(Path(__file__).parents[1]))

from sides import serve_side

URL, ROOMS = sys.argv[1], int(sys.argv[2])
AHEAD = {"pages_ahead": int(sys.argv[3])} if len(sys.argv) > 3 else {}
ACCOUNT = {"provider": "clickmeeting", "api_key": "k", "base_url": URL, **AHEAD}


async def fetch(conference: Conference) -> float:
    begun = time.perf_counter()
    rooms = [room async for room in conference.rooms(status="open")]
    seconds = time.perf_counter() - begun
    assert [int(room.id) for room in rooms] == list(range(ROOMS))  # all of them, in order
    return seconds


def main() -> None:
    with asyncio.Runner() as runner:
        conference = connect(ACCOUNT)
        serve_side(lambda: runner.run(fetch(conference)))
        runner.run(conference.aclose())


if __name__ == "__main__":
    main()

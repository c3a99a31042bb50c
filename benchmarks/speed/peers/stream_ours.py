"""Sides of `streaming.py`: how many MiB a listing takes that is gone through and not kept.

stream_ours.py <resident or traced> <url> <pages>
"""

from __future__ import annotations

import asyncio
import gc
import sys
import tracemalloc
from pathlib import Path

from zoom_adapter import Zoom

from conferencing import Conference, connect

sys.path.insert(0, str(Path(__file__).parents[1]))

from endless import SIZE
from sides import serve_side

HOW, URL, PAGES = sys.argv[1], sys.argv[2], int(sys.argv[3])
WARM = 30
MIB = 2**20
STATUS, REFS = Path("/proc/self/status"), Path("/proc/self/clear_refs")


async def through(conference: Conference, pages: int) -> None:
    """Go through so many pages, and keep nothing."""
    count = 0
    async for one in conference.attendance(str(pages)):
        assert one.duration
        count += 1
        last = one
    assert count == pages * SIZE
    assert last.id == last.native["user_id"] == f"{pages - 1:05}{SIZE - 1:03}"


async def resident(conference: Conference) -> float:
    """Return how far the process grew beyond what it had when warm, as the system counts it."""
    gc.collect()
    before = _status("VmRSS")
    _begin_anew()
    await through(conference, PAGES)
    return (_status("VmHWM") - before) / MIB


async def traced(conference: Conference) -> float:
    """Return how far Python's allocators went beyond the most that they gave when warm."""
    tracemalloc.start()
    await through(conference, WARM)
    _, before = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    await through(conference, PAGES)
    _, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (highest - before) / MIB


async def work() -> float:
    async with connect({"provider": Zoom, "token": "token", "base_url": URL}) as conference:
        await through(conference, WARM)
        return await (resident if HOW == "resident" else traced)(conference)


def _begin_anew() -> None:
    """Let `VmHWM`, the highest so far, begin anew."""
    REFS.write_text("5")


def _status(name: str) -> float:
    line = next(one for one in STATUS.read_text().splitlines() if one.startswith(name))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    serve_side(lambda: asyncio.run(work()))

"""What the sides of `calls.py` share: many small calls, 16 at a time."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from sides import warm_heap

CALLS = 640
AT_ONCE = 16
KEY = "eu" + "0" * 40

Call = Callable[[], Awaitable[Any]]


async def rounds(opened: Callable[[str, AsyncExitStack], Awaitable[Call]], base: str) -> None:
    """Be a side: print the CPU time and, after a blank, the wall time of a call."""
    async with AsyncExitStack() as stack:
        call = await opened(base, stack)
        heap = warm_heap(16)
        for _ in sys.stdin:
            print(*(await cost(call)), flush=True)
        del heap


async def cost(call: Call) -> tuple[float, float]:
    """Return microseconds a call."""

    async def worker() -> None:
        for _ in range(CALLS // AT_ONCE):
            await call()

    used, begun = time.process_time(), time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    spent = time.process_time() - used, time.perf_counter() - begun
    return spent[0] / CALLS * 1e6, spent[1] / CALLS * 1e6

"""Sides of `bulk.py` as others do it with bare aiohttp: gather, a semaphore, aiolimiter."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Any

import aiohttp

sys.path.insert(0, str(Path(__file__).parents[1]))

from limited import RATE
from sides import serve_side

URL, COUNT = sys.argv[2], int(sys.argv[3])

Gate = Callable[[], AbstractAsyncContextManager[Any]]


def group_by_person() -> Gate:
    return nullcontext


def semaphore() -> Gate:
    eight = asyncio.Semaphore(8)
    return lambda: eight


def aiolimiter() -> Gate:
    from aiolimiter import AsyncLimiter

    limiter = AsyncLimiter(RATE, 1)
    return lambda: limiter


def spaced() -> Gate:
    from aiolimiter import AsyncLimiter

    limiter = AsyncLimiter(1, 1 / RATE)
    return lambda: limiter


WAYS = {
    "gather": group_by_person,
    "semaphore": semaphore,
    "aiolimiter": aiolimiter,
    "spaced": spaced,
}


async def register(gate: Gate) -> float:
    begun = time.perf_counter()
    async with aiohttp.ClientSession(headers={"X-Api-Key": "k"}) as session:

        async def one(number: int) -> None:
            form = {
                "registration[1]": "Ann",
                "registration[2]": f"Lee {number}",
                "registration[3]": f"person{number}@example.com",
            }
            while True:
                async with (
                    gate(),
                    session.post(f"{URL}/conferences/7/registration", data=form) as it,
                ):
                    if it.status != 429:
                        it.raise_for_status()
                        assert (await it.json())["url"]
                        return
                    wait = float(it.headers["Retry-After"])
                await asyncio.sleep(wait)

        await asyncio.gather(*map(one, range(COUNT)))
    return time.perf_counter() - begun


async def work() -> float:
    return await register(WAYS[sys.argv[1]]())


if __name__ == "__main__":
    serve_side(lambda: asyncio.run(work()))

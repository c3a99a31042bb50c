"""Make small calls, 16 at a time: the client's CPU time for one, compared with bare aiohttp."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from typing import Any

import aiohttp
import vendor
from results import Result, ratio
from server import Canned, server_process
from sides import compare

from conferencing import connect

CALLS = 640
AT_ONCE = 16


def measure(*, quick: bool) -> Iterator[Result]:
    """Compare both calls with a GET of the same bytes."""
    rounds = 5 if quick else 25
    with server_process(Canned(vendor.bodies())) as url:
        for name, typed, path in (
            ("get_room()", get_room, vendor.ROOM_PATH),
            ("check()", check, vendor.PING_PATH),
        ):
            sides = {f"conferencing {name}": (typed, url), "aiohttp": (bare, url + path)}
            what = f"a call, {AT_ONCE} at a time"
            yield ratio(what, compare(sides, rounds), "µs of CPU", at_most=1.2)


async def get_room(url: str) -> AsyncGenerator[float]:
    """Fetch a room of a kilobyte as a `Room`."""
    async with connect({**vendor.ACCOUNT, "base_url": url}) as conference:
        while True:
            yield await _cost(lambda: conference.get_room(vendor.ROOM_ID))


async def check(url: str) -> AsyncGenerator[float]:
    """Check the account."""
    async with connect({**vendor.ACCOUNT, "base_url": url}) as conference:
        while True:
            yield await _cost(conference.check)


async def bare(url: str) -> AsyncGenerator[float]:
    """Fetch the same bytes as a dict."""
    async with aiohttp.ClientSession(headers=vendor.HEADERS) as session:

        async def call() -> Any:
            async with session.get(url) as response:
                return await response.json()

        while True:
            yield await _cost(call)


async def _cost(call: Callable[[], Awaitable[Any]]) -> float:
    async def worker() -> None:
        for _ in range(CALLS // AT_ONCE):
            await call()

    started = time.process_time()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return (time.process_time() - started) / CALLS * 1e6

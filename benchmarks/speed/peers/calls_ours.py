"""Sides of `calls.py` in our environment: ours, and aiohttp by itself."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp

from conferencing import connect

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from rounds import KEY, Call, rounds


async def check(base: str, stack: AsyncExitStack) -> Call:
    account = {"provider": "clickmeeting", "api_key": KEY, "base_url": base}
    return (await stack.enter_async_context(connect(account))).check


async def get_room(base: str, stack: AsyncExitStack) -> Call:
    account = {"provider": "clickmeeting", "api_key": KEY, "base_url": base}
    conference = await stack.enter_async_context(connect(account))
    return lambda: conference.get_room("2632001")


async def bare(base: str, stack: AsyncExitStack, path: str = "/ping") -> Call:
    session = await stack.enter_async_context(aiohttp.ClientSession(headers={"X-Api-Key": KEY}))

    async def call() -> object:
        async with session.get(base + path) as response:
            return await response.json()

    return call


async def bare_room(base: str, stack: AsyncExitStack) -> Call:
    return await bare(base, stack, "/conferences/2632001")


WAYS = {"check": check, "get_room": get_room, "bare": bare, "bare_room": bare_room}


if __name__ == "__main__":
    asyncio.run(rounds(WAYS[sys.argv[1]], sys.argv[2]))

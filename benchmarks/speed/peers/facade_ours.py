"""Sides of `facade.py` in our environment: calls and an iteration, blocking and awaited."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from zoom_adapter import Zoom

import conferencing
from conferencing.portal import Portal

sys.path.insert(0, str(Path(__file__).parents[1]))

from clocks import CALLS, now, since
from room import ROOM, ROOM_PATH
from sides import serve_side, warm_heap
from zoom import COUNT, MEETING


def get_room(url: str) -> Callable[[], str]:
    conference = conferencing.sync.connect(clickmeeting(url))
    return blocking(lambda: conference.get_room(ROOM).name)


def request(url: str) -> Callable[[], str]:
    conference = conferencing.sync.connect(clickmeeting(url))
    return blocking(lambda: named(conference.request("GET", ROOM_PATH)))


def blocking(call: Callable[[], str | None]) -> Callable[[], str]:
    def work() -> str:
        begun = now()
        names = [call() for _ in range(CALLS)]
        cost = since(begun)
        assert names == ["Launch"] * CALLS
        return cost

    return work


def iterate(url: str) -> Callable[[], float]:
    conference = conferencing.sync.connect(zoom(url))

    def work() -> float:
        begun = time.process_time()
        count = sum(1 for _ in conference.attendance(MEETING))
        cost = time.process_time() - begun
        assert count == COUNT
        return cost / COUNT * 1e6

    return work


def hops(url: str) -> Callable[[], float]:
    """Count what goes through the portal, which is the only way to the loop's thread."""
    taken, run = 0, Portal.run

    def counted(self: Portal, work: Any) -> Any:
        nonlocal taken
        taken += 1
        return run(self, work)

    Portal.run = counted  # type: ignore[method-assign]
    iteration = iterate(url)

    def work() -> float:
        nonlocal taken
        taken = 0
        iteration()
        return taken

    return work


async def await_get_room(url: str, stack: AsyncExitStack) -> Callable[[], Awaitable[str]]:
    conference = await stack.enter_async_context(conferencing.connect(clickmeeting(url)))

    async def call() -> str | None:
        return (await conference.get_room(ROOM)).name

    return awaited(call)


async def await_request(url: str, stack: AsyncExitStack) -> Callable[[], Awaitable[str]]:
    conference = await stack.enter_async_context(conferencing.connect(clickmeeting(url)))

    async def call() -> str:
        return named(await conference.request("GET", ROOM_PATH))

    return awaited(call)


def awaited(call: Callable[[], Awaitable[str | None]]) -> Callable[[], Awaitable[str]]:
    async def work() -> str:
        begun = now()
        names = [await call() for _ in range(CALLS)]
        cost = since(begun)
        assert names == ["Launch"] * CALLS
        return cost

    return work


async def await_iterate(url: str, stack: AsyncExitStack) -> Callable[[], Awaitable[float]]:
    conference = await stack.enter_async_context(conferencing.connect(zoom(url)))

    async def work() -> float:
        begun = time.process_time()
        count = 0
        async for _ in conference.attendance(MEETING):
            count += 1
        cost = time.process_time() - begun
        assert count == COUNT
        return cost / COUNT * 1e6

    return work


def clickmeeting(url: str) -> dict[str, Any]:
    return {"provider": "clickmeeting", "api_key": "key", "base_url": url}


def zoom(url: str) -> dict[str, Any]:
    return {"provider": Zoom, "token": "token", "base_url": url}


def named(reply: Any) -> str:
    return reply.json()["conference"]["name"]


BLOCKING = {"get_room": get_room, "request": request, "iterate": iterate, "hops": hops}
AWAITED = {
    "await_get_room": await_get_room,
    "await_request": await_request,
    "await_iterate": await_iterate,
}


def main(way: str, url: str) -> None:
    heap = warm_heap(16)
    if way in BLOCKING:
        serve_side(BLOCKING[way](url))
    else:
        with asyncio.Runner() as runner:
            stack = AsyncExitStack()
            work = runner.run(AWAITED[way](url, stack))
            serve_side(lambda: runner.run(work()))
            runner.run(stack.aclose())
    del heap


if __name__ == "__main__":
    main(*sys.argv[1:])

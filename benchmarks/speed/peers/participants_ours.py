"""Sides of `participants.py` in our environment: ours, and the style written by hand."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
from zoom_adapter import Zoom

from conferencing import connect

sys.path.insert(0, str(Path(__file__).parents[1]))

from sides import serve_side, warm_heap
from zoom import COUNT, MEETING, SIZE, TIMES

Fetch = Callable[[], Awaitable[list[Any]]]


async def ours(url: str, stack: AsyncExitStack) -> Fetch:
    account = {"provider": Zoom, "token": "token", "base_url": url}
    conference = await stack.enter_async_context(connect(account))
    return lambda: conference.attendance(MEETING).collect()


@dataclass(frozen=True)
class Participant:
    id: str
    name: str
    email: str | None
    joined_at: datetime
    left_at: datetime
    native: dict[str, Any]


async def by_hand(url: str, stack: AsyncExitStack) -> Fetch:
    headers = {"Authorization": "Bearer token"}
    session = await stack.enter_async_context(aiohttp.ClientSession(headers=headers))
    path = f"{url}/past_meetings/{MEETING}/participants"

    async def fetch() -> list[Participant]:
        people: list[Participant] = []
        query: dict[str, Any] = {"page_size": SIZE}
        while True:
            async with session.get(path, params=query) as reply:
                reply.raise_for_status()
                payload = json.loads(await reply.read())
            people += map(read, payload["participants"])
            if not payload["next_page_token"]:
                return people
            query["next_page_token"] = payload["next_page_token"]

    return fetch


def read(row: dict[str, Any]) -> Participant:
    return Participant(
        id=row["user_id"],
        name=row["name"],
        email=row["user_email"] or None,
        joined_at=datetime.strptime(row["join_time"], "%Y-%m-%dT%H:%M:%S%z"),
        left_at=datetime.strptime(row["leave_time"], "%Y-%m-%dT%H:%M:%S%z"),
        native=row,
    )


WAYS = {"ours": ours, "by_hand": by_hand}


def main(way: str, url: str) -> None:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        fetch = runner.run(WAYS[way](url, stack))

        async def timed() -> float:
            begun = time.process_time()
            people = await fetch()
            cost = time.process_time() - begun
            assert len({one.id for one in people}) == COUNT
            assert people[-1].native["rating"] == "5"
            return cost * 1e3

        def work() -> float:
            return statistics.mean(runner.run(timed()) for _ in range(TIMES))

        heap = warm_heap()
        serve_side(work)
        del heap
        runner.run(stack.aclose())


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A process that registers people, and ends in one of many ways while SQLite is in use.

Its arguments are a plan as JSON and a folder for the journal and the rate store.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import Random
from threading import Timer
from typing import Any

import conferencing.sync
from conferencing import Conference, ConferencingError, connect

PEOPLE = [{"email": f"p{n}@example.com", "first_name": "P", "last_name": str(n)} for n in range(40)]


def _end_by_cancelling(plan: dict[str, Any], place: Path, seconds: float, times: int = 1) -> None:
    async def run() -> None:
        async with _connect(plan, place) as conference:
            task = asyncio.create_task(_register(conference, plan, place))
            await asyncio.sleep(seconds)
            for _ in range(times):
                task.cancel()
                await asyncio.sleep(0)
            with suppress(asyncio.CancelledError):
                await task

    asyncio.run(run())


def _end_by_timeout(plan: dict[str, Any], place: Path, seconds: float) -> None:
    async def run() -> None:
        with suppress(TimeoutError):
            async with _connect(plan, place) as conference, asyncio.timeout(seconds):
                await _register(conference, plan, place)

    asyncio.run(run())


def _end_by_loop(plan: dict[str, Any], place: Path, seconds: float) -> None:
    async def run() -> None:
        conference = _connect(plan, place)
        task = asyncio.create_task(_register(conference, plan, place))
        await asyncio.sleep(seconds)
        assert task  # still running: the loop ends around it

    asyncio.run(run())


def _end_by_closing(plan: dict[str, Any], place: Path, seconds: float) -> None:
    async def run() -> None:
        async with _connect(plan, place) as conference:
            task = asyncio.create_task(_register(conference, plan, place))
            await asyncio.sleep(seconds)
        with suppress(ConferencingError):
            await task

    asyncio.run(run())


def _end_from_another_thread(plan: dict[str, Any], place: Path, seconds: float) -> None:
    conference = conferencing.sync.connect(_account(plan, place))
    timer = Timer(seconds, conference.close)
    timer.start()
    with suppress(ConferencingError):
        conference.register_many(plan["room"], PEOPLE, journal=place / "j", settle=0.1)
    timer.join()


ENDS: dict[str, Callable[[dict[str, Any], Path, float], None]] = {
    "cancel": _end_by_cancelling,
    "cancel twice": partial(_end_by_cancelling, times=2),
    "timeout": _end_by_timeout,
    "loop": _end_by_loop,
    "close": _end_by_closing,
    "thread": _end_from_another_thread,
}


def _account(plan: dict[str, Any], place: Path) -> dict[str, Any]:
    return {**plan["account"], "rate_store": f"sqlite:{place / 'pace'}", "rate": "200/s"}


def _connect(plan: dict[str, Any], place: Path) -> Conference:
    return connect(_account(plan, place))


async def _register(conference: Conference, plan: dict[str, Any], place: Path) -> None:
    await conference.register_many(plan["room"], PEOPLE, journal=place / "j", settle=0.1)


if __name__ == "__main__":
    chosen = json.loads(sys.argv[1])
    moment = Random(chosen["seed"]).uniform(0.0, 0.35)
    ENDS[chosen["end"]](chosen, Path(sys.argv[2]), moment)

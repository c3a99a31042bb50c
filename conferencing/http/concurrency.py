"""Several calls at a time, for operations that need one call for each of many objects."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from conferencing.errors import ConferencingError

__all__ = ["map_concurrently"]

T = TypeVar("T")
R = TypeVar("R")


async def map_concurrently(
    function: Callable[[T], Awaitable[R]], items: Sequence[T], *, limit: int = 8
) -> list[R]:
    """Return what `function` returns for each item, in order, with at most `limit` calls at a time.

    The first failure ends the others and is raised as it is, not in a group.
    """
    results: dict[int, R] = {}
    numbers = iter(range(len(items)))

    async def work() -> None:
        for number in numbers:  # shared by all workers, which take turns
            results[number] = await function(items[number])

    failure: BaseException
    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(limit, len(items))):
                group.create_task(work())
    except BaseExceptionGroup as failures:
        failure = failures.exceptions[0]
    else:
        return [results[number] for number in range(len(items))]
    # Outside of `except`: the frames of the group hold what the other calls received.
    raise failure.with_traceback(None) if isinstance(failure, ConferencingError) else failure

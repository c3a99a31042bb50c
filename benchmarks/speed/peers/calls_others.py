"""Sides of `calls.py` in an environment of their own: the usual tools around aiohttp, and httpx."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from rounds import AT_ONCE, KEY, rounds


async def tools(base: str, stack: AsyncExitStack) -> Callable[[], Awaitable[Any]]:
    import aiohttp
    from aiolimiter import AsyncLimiter
    from tenacity import retry, stop_after_attempt, wait_random_exponential

    trace = aiohttp.TraceConfig()

    async def note(session: Any, context: SimpleNamespace, params: Any) -> None:
        context.requests = params

    for hooks in (trace.on_request_start, trace.on_request_end, trace.on_request_exception):
        hooks.append(note)
    session = await stack.enter_async_context(
        aiohttp.ClientSession(headers={"X-Api-Key": KEY}, trace_configs=[trace])
    )
    limiter = AsyncLimiter(1_000_000, 1)

    @retry(stop=stop_after_attempt(4), wait=wait_random_exponential(max=8))
    async def call() -> Any:
        async with limiter, asyncio.timeout(30), session.get(f"{base}/ping") as response:
            return await response.json()

    return call


async def httpx(base: str, stack: AsyncExitStack) -> Callable[[], Awaitable[Any]]:
    import httpx

    client = await stack.enter_async_context(
        httpx.AsyncClient(headers={"X-Api-Key": KEY}, limits=httpx.Limits(max_connections=AT_ONCE))
    )

    async def call() -> Any:
        return (await client.get(f"{base}/ping")).json()

    return call


if __name__ == "__main__":
    asyncio.run(rounds({"tools": tools, "httpx": httpx}[sys.argv[1]], sys.argv[2]))

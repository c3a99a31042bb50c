"""A plain client of the sandbox: it knows nothing of our library. And a vendor of doors alone."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from conferencing.sandbox import Sandbox

sys.path.insert(0, str(Path(__file__).parent))

from harness import Harness, settle
from visitor import Visitor


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def harness(sandbox: Sandbox) -> Harness:
    return settle(sandbox)


@pytest.fixture
def visitor(sandbox: Sandbox, http: aiohttp.ClientSession) -> Visitor:
    return Visitor(sandbox.origin, http)


@pytest.fixture
def control(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> Callable[..., Awaitable[tuple[int, Any]]]:
    """Speak to the control side: `await control("POST", "clock", advance=60)`."""
    return lambda method, action, **given: asked(
        http, method, f"{sandbox.control_url('clickmeeting')}/{action}", given
    )


async def asked(http: aiohttp.ClientSession, method: str, url: str, given: Any) -> tuple[int, Any]:
    body = json.dumps(given) if method == "POST" else None
    headers = {"Content-Type": "application/json"} if method == "POST" else {}
    async with http.request(method, url, data=body, headers=headers) as reply:
        return reply.status, await reply.json()

"""A plain client of the sandbox: it knows nothing of our library."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from conferencing.sandbox import Sandbox


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


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

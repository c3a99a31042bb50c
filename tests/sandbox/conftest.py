"""A plain HTTP client of the sandbox, and a vendor whose rooms have any entry options."""

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

from join_vendor import JoinVendor, serve_vendor
from visitor import Visitor


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def vendor(sandbox: Sandbox) -> JoinVendor:
    return serve_vendor(sandbox)


@pytest.fixture
def visitor(sandbox: Sandbox, http: aiohttp.ClientSession) -> Visitor:
    return Visitor(sandbox.origin, http)


@pytest.fixture
def control(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> Callable[..., Awaitable[tuple[int, Any]]]:
    """Call the control API: `await control("POST", "clock", advance=60)`."""
    return lambda method, action, **parameters: send(
        http, method, f"{sandbox.control_url('clickmeeting')}/{action}", parameters
    )


async def send(
    http: aiohttp.ClientSession, method: str, url: str, parameters: Any
) -> tuple[int, Any]:
    body = json.dumps(parameters) if method == "POST" else None
    headers = {"Content-Type": "application/json"} if method == "POST" else {}
    async with http.request(method, url, data=body, headers=headers) as reply:
        return reply.status, await reply.json()

"""What calls the sandbox without our client, and a vendor whose rooms have any entry options."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from join_vendor import JoinVendor, serve_vendor
from visitor import Visitor

from conferencing.sandbox import Sandbox


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

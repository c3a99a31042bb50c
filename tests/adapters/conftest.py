"""The simulator of the vendor whose folder a test is in, and a client of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from conferencing import Conference, connect
from conferencing.sandbox import Sandbox, ServedSimulator
from conferencing.testing import FakeClock

FOLDER = Path(__file__).parent

pytest.register_assert_rewrite("exact")


@pytest.fixture
def provider_name(request: pytest.FixtureRequest) -> str:
    return request.path.relative_to(FOLDER).parts[0]


@pytest.fixture
def simulator(served: ServedSimulator) -> Any:
    return served.simulator


@pytest.fixture
def account(sandbox: Sandbox, provider_name: str) -> dict[str, Any]:
    return sandbox.account(provider_name)


@pytest.fixture
async def conference(
    account: dict[str, Any], served: ServedSimulator, clock: FakeClock
) -> AsyncIterator[Conference]:
    """A client that has its token already, so that the requests are those of the test."""
    async with connect(account, clock=clock) as client:
        await client.check()
        served.requests.clear()
        yield client

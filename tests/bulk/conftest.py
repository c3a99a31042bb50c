"""A vendor that registers twice who is sent twice, a client of it, and a journal's place."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conferencing import Conference, Room, connect
from conferencing.sandbox import Sandbox

sys.path.insert(0, str(Path(__file__).parent))

from clocks import Turning, Waiting
from vendor import Planned, open_room, settle_in


@pytest.fixture
async def turning() -> AsyncIterator[Turning]:
    clock = Turning()
    driver = asyncio.create_task(clock.turn())
    yield clock
    driver.cancel()


@pytest.fixture
def clock() -> Waiting:
    return Waiting()


@pytest.fixture
def served(sandbox: Sandbox) -> Planned:
    return settle_in(sandbox)


@pytest.fixture
async def conference(
    sandbox: Sandbox, served: Planned, clock: Waiting
) -> AsyncIterator[Conference]:
    async with connect(sandbox.account("clickmeeting"), clock=clock) as client:
        yield client


@pytest.fixture
async def room(conference: Conference, served: Planned) -> Room:
    made = await open_room(conference)
    served.requests.clear()
    served.counts.clear()
    return made


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "people.journal"

"""A client of BigBlueButton's simulator, a room, and what arrived at the server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from conferencing import Conference, Room, connect
from conferencing.http import Reply
from conferencing.sandbox import Sandbox, ServedSimulator, World
from conferencing.testing import FakeClock
from conferencing_bigbluebutton.simulator import BigBlueButtonSimulator

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(["bigbluebutton"]) as running:
        yield running


@pytest.fixture
def served(sandbox: Sandbox) -> ServedSimulator:
    return sandbox["bigbluebutton"]


@pytest.fixture
def simulator(served: ServedSimulator) -> BigBlueButtonSimulator:
    assert isinstance(served.simulator, BigBlueButtonSimulator)
    return served.simulator


@pytest.fixture
def world(simulator: BigBlueButtonSimulator) -> World:
    return simulator.world


@pytest.fixture
def account(sandbox: Sandbox) -> dict[str, Any]:
    return sandbox.account("bigbluebutton")


@pytest.fixture
async def conference(account: dict[str, Any], clock: FakeClock) -> AsyncIterator[Conference]:
    async with connect(account, clock=clock) as client:
        yield client


@pytest.fixture
async def room(conference: Conference) -> Room:
    return await conference.create_room("Course", native={"meetingID": "course-17"})


@pytest.fixture
def sample() -> Callable[..., Reply]:
    """Return a sample as a reply of the server."""

    def load(name: str, status: int = 200) -> Reply:
        return Reply(status, {}, (SAMPLES / name).read_bytes())

    return load

"""What all tests share: a sandbox, an account on it, a clock that waits for nothing, and a guard."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from inspect import iscoroutinefunction
from ipaddress import ip_address
from typing import Any

import pytest

from conferencing import Conference, connect
from conferencing.sandbox import Sandbox, ServedSimulator, World

START = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)


def _only_loopback(event: str, arguments: tuple[Any, ...]) -> None:
    """Let no test talk to anything but this machine."""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        address = str(arguments[1][0])
        if not ip_address(address).is_loopback:
            raise AssertionError(f"a test tried to connect to {address}")


sys.addaudithook(_only_loopback)


class FakeClock:
    """A clock for the client: sleeping takes no time, and what was slept is remembered."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.time

    def now(self) -> datetime:
        return START + timedelta(seconds=self.time - 1000.0)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(["clickmeeting"]) as running:
        yield running


@pytest.fixture
def served(sandbox: Sandbox) -> ServedSimulator:
    return sandbox["clickmeeting"]


@pytest.fixture
def world(served: ServedSimulator) -> World:
    return served.simulator.world


@pytest.fixture
async def conference(sandbox: Sandbox, clock: FakeClock) -> AsyncIterator[Conference]:
    """A client of ClickMeeting's simulator that retries without waiting."""
    async with connect(sandbox.account("clickmeeting"), clock=clock) as client:
        yield client


@pytest.fixture
def wait_for() -> Callable[[Callable[[], bool]], Any]:
    """Let the loop go on until something is so: for what happens in another task."""

    async def until(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110 - what is waited for knows nothing of tests
                await asyncio.sleep(0.001)

    return until


def pytest_collection_finish() -> None:
    """Keep what is loaded by now out of the collection that follows each test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Turn what is dropped without being closed into a warning now, in the test that did it."""
    yield
    if iscoroutinefunction(getattr(request.node, "function", None)):  # others open nothing
        gc.collect()

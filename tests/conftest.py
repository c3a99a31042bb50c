"""What all tests share: a sandbox, a client of it, a clock that never waits, and the two tiers."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from inspect import iscoroutinefunction
from ipaddress import ip_address
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from conferencing import Conference, Operation, connect
from conferencing.sandbox import Sandbox, ServedSimulator, World
from conferencing.testing import OperationCase
from conferencing.testing.clock import FakeClock

# Modules that the tests of several folders import.
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent / "adapters")]
pytest_plugins = ["schema_checks"]

FULL_COLLECTION = 25
"""How many tests go by between full collections, which take ten times as long as partial ones."""

DEFAULT = "not exhaustive"
"""The expression of marks that pyproject.toml sets."""

LOST = "test_lost_reply_acts_once"
TRANSPORT_TESTS = {
    LOST,
    "test_error_status_raises",
    "test_throttled_call_waits",
    "test_redirect_is_not_followed",
}
"""Tests of the conformance suite about the path that all operations of an adapter share."""

REPLY_TESTS = {
    "test_unknown_value_stays_unknown",
    "test_malformed_reply_raises",
    "test_wrong_type_is_refused",
    "test_unsafe_link_is_not_returned",
}
"""Tests of the conformance suite that change each value of each reply, which takes the longest."""

REPRESENTATIVES = {
    Operation.CHECK,
    Operation.LIST_ROOMS,
    Operation.GET_ROOM,
    Operation.CREATE_ROOM,
    Operation.UPDATE_ROOM,
    Operation.DELETE_ROOM,
    Operation.REGISTER,
    Operation.REQUEST,
}
"""Operations that stand for all others on that path, at least one for each effect of a request."""

settings.register_profile("few", max_examples=20, deadline=None, database=None, derandomize=True)
settings.register_profile("many", max_examples=400, deadline=None, database=None)

# A parent may ignore SIGINT, as shells do for jobs in the background; the tests send it to programs.
signal.signal(signal.SIGINT, signal.default_int_handler)


def _only_loopback(event: str, arguments: tuple[Any, ...]) -> None:
    """Raise if a test connects to another machine."""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        address = str(arguments[1][0])
        if not ip_address(address).is_loopback:
            raise AssertionError(f"a test tried to connect to {address}")


sys.addaudithook(_only_loopback)


def _is_exhaustive(config: pytest.Config) -> bool:
    return str(config.option.markexpr) == "exhaustive"


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("many" if _is_exhaustive(config) else "few")


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """Add a process: while a test waits for a program, a server or a browser, another one runs."""
    processes = yield
    return processes if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else processes + 1


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: Any
) -> list[pytest.Item] | None:
    """Make no items of the matrices by default: they are more than half, and would be deselected."""
    if not name.lower().startswith("test") or collector.config.option.markexpr != DEFAULT:
        return None
    marks = [*collector.iter_markers(), *getattr(obj, "pytestmark", ())]
    return [] if any(mark.name == "exhaustive" for mark in marks) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run properties in both tiers: with few examples by default, with many exhaustively.

    Representative operations meet the faults of the transport by default, and all exhaustively.
    """
    for item in items:
        is_property = hasattr(getattr(item, "function", None), "hypothesis")
        if (is_property and _is_exhaustive(config)) or _repeats_a_path(item):
            item.add_marker("exhaustive")


def _repeats_a_path(item: pytest.Item) -> bool:
    """Return whether a test of a suite sends one more operation down the path that all share.

    Whether an operation is repeated after a lost reply is its own affair, unless it reads. A suite
    with `room_fields` is a second one of the same adapter, for another kind of rooms, and so is one
    that says `second = True`.
    """
    name = getattr(item, "originalname", "")
    is_second = bool(getattr(item.cls, "room_fields", None) or getattr(item.cls, "second", False))
    if is_second and name in REPLY_TESTS:
        return True
    case = item.callspec.params.get("served_case") if hasattr(item, "callspec") else None
    if name not in TRANSPORT_TESTS or not isinstance(case, OperationCase):
        return False
    if is_second:
        return True
    return case.operation not in REPRESENTATIVES and (case.exact or name != LOST)


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


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Any]:
    """A PostgreSQL of this process of tests; see `real_servers`."""
    pytest.importorskip("psycopg", reason="this needs psycopg: pip install psycopg[binary]")
    from real_servers import Missing, PostgresServer, serving  # noqa: PLC0415 - few tests need it

    try:
        with serving(PostgresServer) as server:
            yield server
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def wait_for() -> Callable[[Callable[[], bool]], Any]:
    """Wait until a condition holds that another task brings about."""

    async def until(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not condition():  # noqa: ASYNC110 - the tested code has no event to wait for
                await asyncio.sleep(0.001)

    return until


def pytest_collection_finish() -> None:
    """Exclude loaded modules from the collection that follows each test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_unclosed_objects(request: pytest.FixtureRequest) -> Iterator[None]:
    """Collect garbage, so that an object left open is a warning in the test that left it."""
    yield
    if iscoroutinefunction(getattr(request.node, "function", None)):  # others open nothing
        gc.collect(1 if next(_COUNTER) % FULL_COLLECTION else 2)


_COUNTER = count()

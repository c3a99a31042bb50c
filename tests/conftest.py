"""What all tests share: a sandbox, a client of it, a clock that never waits, and the two tiers."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from inspect import iscoroutinefunction
from ipaddress import ip_address
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import settings

from conferencing import Conference, Operation, connect
from conferencing.sandbox import Sandbox, ServedSimulator, World
from conferencing.testing import OperationCase
from conferencing.testing.clock import FakeClock

HERE = Path(__file__).parent

# Tests import modules of helpers, of any folder, by names that are unique among all of them.
sys.path[:0] = [str(HERE), *(str(path) for path in sorted(HERE.iterdir()) if path.is_dir())]
pytest_plugins = ["schema_checks", "server_fixtures"]

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

# The programs that tests start share compiled modules, or each would compile the whole package.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

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
def provider_name() -> str:
    """The provider whose simulator a test runs on; the folders of adapters have others."""
    return "clickmeeting"


@pytest.fixture
async def sandbox(provider_name: str) -> AsyncIterator[Sandbox]:
    async with Sandbox([provider_name]) as running:
        yield running


@pytest.fixture
def served(sandbox: Sandbox, provider_name: str) -> ServedSimulator:
    return sandbox[provider_name]


@pytest.fixture
def world(served: ServedSimulator) -> World:
    return served.simulator.world


@pytest.fixture
async def conference(
    sandbox: Sandbox, served: ServedSimulator, provider_name: str, clock: FakeClock
) -> AsyncIterator[Conference]:
    """A client of the simulator that retries without waiting."""
    async with connect(sandbox.account(provider_name), clock=clock) as client:
        yield client


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A session for requests that our client does not make."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def python(tmp_path: Path) -> Callable[..., str]:
    """Run a program in an interpreter of its own and return what it printed."""

    def run(program: str, *paths: Path) -> str:
        already = os.environ.get("PYTHONPATH", "").split(os.pathsep)
        path = os.pathsep.join(filter(None, [*map(str, paths), *already]))
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", program],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": path},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


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

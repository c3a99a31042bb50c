"""A handle is closed by its owner, and only while no thread uses it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from conferencing import ClientClosed
from conferencing.handles import Handle, finish

CANCELLED_STORE = """
import asyncio, sys
from pathlib import Path
from conferencing.http.shared_stores import SQLiteStore

async def main(path):
    for _ in range(100):
        store = SQLiteStore(path)
        uses = [asyncio.create_task(store.reserve("k", 1e-9, 1e9)) for _ in range(8)]
        await asyncio.sleep(0)
        for use in uses:
            use.cancel()
        await store.aclose()

asyncio.run(main(Path(sys.argv[1])))
"""


class Resource:
    """A handle that fails the test when it is closed while in use."""

    def __init__(self) -> None:
        self.users = 0
        self.closed = False
        self.entered = threading.Event()
        self.leave = threading.Event()

    def work(self) -> None:
        assert not self.closed
        self.users += 1
        self.entered.set()
        assert self.leave.wait(10)
        self.users -= 1

    def close(self) -> None:
        assert not self.users
        self.closed = True


@pytest.fixture
def resource() -> Iterator[Resource]:
    resource = Resource()
    yield resource
    resource.leave.set()


@pytest.fixture
def handle(resource: Resource) -> Handle[Resource]:
    return Handle(lambda: resource, Resource.close)


async def enter(handle: Handle[Resource], resource: Resource) -> asyncio.Task[None]:
    task = asyncio.create_task(handle.run(Resource.work))
    assert await asyncio.to_thread(resource.entered.wait, 10)
    return task


async def test_close_waits_for_cancelled_use(handle, resource) -> None:
    use = await enter(handle, resource)
    use.cancel()
    with pytest.raises(asyncio.CancelledError):
        await use
    closing = asyncio.create_task(handle.aclose())
    await asyncio.sleep(0)
    assert not resource.closed
    resource.leave.set()
    await closing
    assert resource.closed


async def test_close_cancelled_twice_still_closes(handle, resource) -> None:
    use = await enter(handle, resource)
    closing = asyncio.create_task(handle.aclose())
    for _ in range(2):
        await asyncio.sleep(0)
        closing.cancel()
    resource.leave.set()
    with pytest.raises(asyncio.CancelledError):
        await closing
    await use
    assert resource.closed


async def test_close_from_another_thread_waits(handle, resource) -> None:
    use = await enter(handle, resource)
    with ThreadPoolExecutor(1) as pool:
        closing = asyncio.wrap_future(pool.submit(handle.close))
        resource.leave.set()
        await closing
    await use
    assert resource.closed


async def test_use_after_close_raises(handle, resource) -> None:
    await handle.aclose()
    await handle.aclose()
    with pytest.raises(ClientClosed, match="closed while this call waited"):
        await handle.run(Resource.work)
    assert not resource.entered.is_set()


async def test_unused_handle_is_never_opened() -> None:
    opened: list[int] = []
    handle = Handle(lambda: opened.append(1), lambda _: None)
    await handle.aclose()
    assert opened == []


async def test_finish_returns_result_and_raises_errors() -> None:
    assert await finish(asyncio.sleep(0, "result")) == "result"

    async def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await finish(fail())


def test_store_closed_under_cancelled_calls_does_not_crash(tmp_path) -> None:
    command = [sys.executable, "-c", CANCELLED_STORE, str(tmp_path / "pace.db")]
    outcome = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert outcome.returncode == 0, outcome.stderr

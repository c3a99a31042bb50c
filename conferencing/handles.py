"""Own a blocking handle that worker threads use, such as a SQLite connection.

A thread cannot be cancelled: when the coroutine that waits for it is, the thread goes on. Whoever
closed the handle then would close it under the thread, and SQLite crashes the interpreter. So the
handle has one owner, and is released only while no thread is inside it.
"""

from __future__ import annotations

import asyncio
from asyncio import to_thread
from collections.abc import Callable, Coroutine
from threading import Lock
from typing import Any, Generic, TypeVar

from conferencing.errors import ClientClosed

__all__ = ["Handle", "finish"]

H = TypeVar("H")
T = TypeVar("T")


class Handle(Generic[H]):
    """Open a handle at its first use, lend it to one thread at a time, and close it once.

    `open_handle` and `close_handle` run in a worker thread. After `aclose()`, from any thread and
    any event loop, nothing opens it again: a use that comes late raises `ClientClosed`.
    """

    def __init__(self, open_handle: Callable[[], H], close_handle: Callable[[H], None]) -> None:
        self._open = open_handle
        self._close = close_handle
        self._lock = Lock()
        self._handle: H | None = None
        self._closed = False

    async def run(self, work: Callable[[H], T]) -> T:
        """Return what `work` makes of the handle, in a worker thread."""
        return await to_thread(self.use, work)

    def use(self, work: Callable[[H], T]) -> T:
        """Return what `work` makes of the handle, in this thread."""
        with self._lock:
            if self._closed:
                raise ClientClosed("this file was closed while the call waited for it")
            if self._handle is None:
                self._handle = self._open()
            return work(self._handle)

    def close(self) -> None:
        """Wait until no thread is inside, and close the handle; calling it again does nothing."""
        self._closed = True  # before the lock: whoever waits for it behind this call must not open
        with self._lock:
            handle, self._handle = self._handle, None
            if handle is not None:
                self._close(handle)

    async def aclose(self) -> None:
        """Do the same without blocking the event loop. A cancellation is raised once it is done."""
        if self._closed and self._handle is None:
            return
        await finish(to_thread(self.close))


async def finish(work: Coroutine[Any, Any, T]) -> T:
    """Return the result of `work`, waiting for it even while being cancelled, however often.

    The cancellation is raised afterwards. `work` has to end by itself.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        task.exception()  # retrieved, so that the loop does not report it
        raise cancelled
    return task.result()

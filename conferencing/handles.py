"""Blocking handles that worker threads use, such as a SQLite connection or a file.

A thread cannot be cancelled: if the coroutine that waits for it is, the thread goes on. Closing the
handle at that moment would close it under the thread, and SQLite crashes the interpreter. So each
handle has one owner, which closes it only while no thread uses it.
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
    """A handle that is opened at its first use, used by one thread at a time, and closed once.

    `open_handle` and `close_handle` run in a worker thread. After `close()`, from any thread and
    any event loop, it is not opened again: later uses raise `ClientClosed`.
    """

    def __init__(self, open_handle: Callable[[], H], close_handle: Callable[[H], None]) -> None:
        self._open = open_handle
        self._close = close_handle
        self._lock = Lock()
        self._handle: H | None = None
        self._closed = False

    async def run(self, work: Callable[[H], T]) -> T:
        """Return the result of `work(handle)`, called in a worker thread."""
        return await to_thread(self.use, work)

    def use(self, work: Callable[[H], T]) -> T:
        """Return the result of `work(handle)`, called in this thread."""
        with self._lock:
            if self._closed:
                raise ClientClosed("the file was closed while this call waited for it")
            if self._handle is None:
                self._handle = self._open()
            return work(self._handle)

    def close(self) -> None:
        """Wait until no thread uses the handle, and close it; calling it again does nothing."""
        self._closed = True  # before the lock, so that a waiting thread does not open it again
        with self._lock:
            handle, self._handle = self._handle, None
            if handle is not None:
                self._close(handle)

    async def aclose(self) -> None:
        """Close it in a worker thread. A cancellation is raised when it is closed."""
        if self._closed and self._handle is None:
            return
        await finish(to_thread(self.close))


async def finish(work: Coroutine[Any, Any, T]) -> T:
    """Return the result of `work`, and wait for it even if cancelled, once or several times.

    The cancellation is raised afterwards. `work` must end by itself.
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

"""An event loop in a daemon thread, in which blocking code runs coroutines."""

from __future__ import annotations

import asyncio
import os
import threading
import warnings
import weakref
from asyncio import AbstractEventLoop
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from conferencing.errors import ClientClosed

__all__ = ["Portal"]

T = TypeVar("T")

_CLOSED = "this client is closed; connect again"
_SLICE = 0.5  # on Windows, a wait without a timeout cannot be interrupted from the keyboard


class Portal:
    """Run coroutines for blocking callers, from any thread, until it is closed.

    An interrupt of the caller cancels the coroutine. Raises `ClientClosed` after `close()`, in a
    forked child, and in the thread of the loop itself, where waiting would never end. `cleanup` is
    run once at the end; a portal that is dropped without `close()` is cleaned up by the garbage
    collector, with a `ResourceWarning`.
    """

    def __init__(self, cleanup: Callable[[], Coroutine[Any, Any, None]] | None = None) -> None:
        self._pid = os.getpid()
        self._closing = False
        self._lock = threading.Lock()  # no call may be submitted after `close()` has begun
        self._cleanup = cleanup
        self._loop = asyncio.new_event_loop()
        # The thread refers to the loop only: a reference to the portal would keep it alive.
        self._thread = threading.Thread(
            target=_serve, args=(self._loop,), name="conferencing", daemon=True
        )
        self._thread.start()
        self._finalizer = weakref.finalize(self, _abandon, self._loop, self._pid, cleanup)
        self._finalizer.atexit = False

    @property
    def closed(self) -> bool:
        """Whether `close()` was called."""
        return self._closing or not self._thread.is_alive()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what the coroutine returns, or raise what it raises."""
        future = self._submit(work)
        try:
            return _wait(future)
        except CancelledError:
            if not self._closing:
                raise
        except BaseException:
            future.cancel()
            raise
        raise ClientClosed(_CLOSED)

    def _submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        fault = self._fault()
        if fault is None:
            with self._lock:
                if not self._closing:
                    return asyncio.run_coroutine_threadsafe(work, self._loop)
        work.close()
        raise ClientClosed(fault or _CLOSED)

    def close(self) -> None:
        """Run the cleanup and stop the loop and its thread; calling it again does nothing."""
        if self._pid != os.getpid():
            return
        if threading.current_thread() is self._thread:
            raise ClientClosed("a client cannot be closed inside of its own event loop")
        try:
            if self._cleanup is not None and not self.closed:
                self.run(self._cleanup())
        finally:
            self._finalizer.detach()
            with self._lock:
                if not self._closing:
                    self._closing = True
                    self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()

    def _fault(self) -> str | None:
        if self._pid != os.getpid():
            return "this client was made before a fork; connect again in the child"
        if threading.current_thread() is self._thread:
            return "a blocking call inside of the client's own event loop would never end"
        return _CLOSED if self.closed else None


def _serve(loop: AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        loop.run_until_complete(_cancel_all())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _abandon(
    loop: AbstractEventLoop, pid: int, cleanup: Callable[[], Coroutine[Any, Any, None]] | None
) -> None:
    """End the loop of a portal that was dropped. Called by the collector, so in any thread."""
    if pid != os.getpid() or loop.is_closed():
        return
    loop.call_soon_threadsafe(_stop_after, loop, cleanup)
    warnings.warn(
        "a blocking Conference was dropped without close(); use it in a with statement",
        ResourceWarning,
        stacklevel=2,
    )


def _stop_after(
    loop: AbstractEventLoop, cleanup: Callable[[], Coroutine[Any, Any, None]] | None
) -> None:
    if cleanup is None:
        loop.stop()
        return
    task = loop.create_task(cleanup())

    def stop(task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            task.exception()  # retrieved, so that the loop does not report it: nobody is left
        loop.stop()

    task.add_done_callback(stop)


def _wait(future: Future[T]) -> T:
    while True:
        try:
            return future.result(_SLICE)
        except TimeoutError:
            if future.done():
                return future.result()

"""One event loop in one daemon thread, and the way to run things in it from blocking code."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from conferencing.errors import ClientClosed

__all__ = ["Portal"]

T = TypeVar("T")

_CLOSED = "this client is closed; connect again"
_SLICE = 0.5  # on Windows a wait without an end cannot be interrupted from the keyboard


class Portal:
    """Run coroutines for blocking callers, from any thread, until it is closed.

    An interrupt of the caller cancels what it waits for. Raises `ClientClosed` after `close()`, in
    a forked child, and inside of its own loop, where waiting would never end.
    """

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._closing = False
        self._door = threading.Lock()  # what came in before `close()` is run or cancelled by it
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="conferencing", daemon=True)
        self._thread.start()

    @property
    def closed(self) -> bool:
        """Whether `close()` was called."""
        return self._closing or not self._thread.is_alive()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what the coroutine returns, or raise what it raises."""
        future = self._begun(work)
        try:
            return _result(future)
        except CancelledError:
            if not self._closing:
                raise
        except BaseException:
            future.cancel()
            raise
        raise ClientClosed(_CLOSED)

    def _begun(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        fault = self._fault()
        if fault is None:
            with self._door:
                if not self._closing:
                    return asyncio.run_coroutine_threadsafe(work, self._loop)
        work.close()
        raise ClientClosed(fault or _CLOSED)

    def close(self) -> None:
        """Stop the loop and its thread; calling it again does nothing."""
        if self._pid != os.getpid():
            return
        with self._door:
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

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_forever()
            self._loop.run_until_complete(self._cancel_all())
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
        finally:
            self._loop.close()

    async def _cancel_all(self) -> None:
        tasks = asyncio.all_tasks(self._loop) - {asyncio.current_task(self._loop)}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _result(future: Future[T]) -> T:
    while True:
        try:
            return future.result(_SLICE)
        except TimeoutError:
            if future.done():
                return future.result()

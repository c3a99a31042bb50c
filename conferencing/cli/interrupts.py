"""Run a coroutine so that Ctrl-C ends it cleanly, also when it is pressed more than once."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from .errors import INTERRUPTED

__all__ = ["run_until_interrupted"]

T = TypeVar("T")

GRACE: Final = 1.0
"""For how many seconds after the first Ctrl-C further ones are ignored."""


def run_until_interrupted(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in a new event loop. Ctrl-C cancels it and raises `KeyboardInterrupt`.

    asyncio itself raises `KeyboardInterrupt` at a second Ctrl-C wherever the loop happens to be,
    which leaves connections and tasks behind, and their warnings on the screen. Here a second one is
    ignored while the first is handled, and one that comes more than a second later ends the process.
    """
    if threading.current_thread() is not threading.main_thread():
        return asyncio.run(work)  # only the main thread gets signals
    interrupts = _Interrupts()
    before = signal.signal(signal.SIGINT, interrupts.handle)
    try:
        return asyncio.run(interrupts.watch(work))
    except asyncio.CancelledError:
        if not interrupts.first_at:
            raise
    finally:
        if not interrupts.first_at:
            signal.signal(signal.SIGINT, before)
    raise KeyboardInterrupt


class _Interrupts:
    """The handler of SIGINT, and the task that it cancels."""

    def __init__(self) -> None:
        self.first_at: float | None = None
        self._task: asyncio.Task[Any] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def watch(self, work: Coroutine[Any, Any, T]) -> T:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        if self.first_at:  # Ctrl-C came before the loop started
            work.close()
            raise asyncio.CancelledError
        return await work

    def handle(self, *_: object) -> None:
        if self.first_at is None:
            self.first_at = time.monotonic()
            if self._loop is not None and self._task is not None:
                self._loop.call_soon_threadsafe(self._task.cancel)
        elif time.monotonic() - self.first_at > GRACE:
            os._exit(INTERRUPTED)  # cleaning up hangs

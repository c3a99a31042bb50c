"""The accounts of a worker: each is opened once per process, at its first job."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from threading import Lock

from conferencing.accounts.config import Config
from conferencing.conference import Conference, connect

__all__ = ["Accounts"]


class Accounts:
    """The clients of one process, by the names of their accounts.

    They are closed by `aclose`, or when the event loop that used them first is closed by
    `asyncio.run`. Raises `ConfigurationError` for an account that is not set up.
    """

    def __init__(self, config: str | os.PathLike[str] | Config | None = None) -> None:
        self._config = config
        self._clients: dict[str, Conference] = {}
        self._lock = Lock()
        self._pid: int | None = None
        self._end = LoopEnd(self.aclose)

    async def get(self, name: str) -> Conference:
        """Return the client of an account."""
        with self._lock:
            if self._pid != os.getpid():  # clients do not survive a fork
                self._clients, self._pid, self._end = {}, os.getpid(), LoopEnd(self.aclose)
            if name not in self._clients:
                self._clients[name] = connect(name, config=self._config)
            client = self._clients[name]
        await self._end.arm()
        return client

    async def aclose(self) -> None:
        """Close the clients; a later `get` opens them again."""
        clients, self._clients = self._clients, {}
        await asyncio.gather(*(client.aclose() for client in clients.values()))


class LoopEnd:
    """Close something when the event loop in which it was used is closed.

    For workers that have no event for it: `asyncio.run` closes the generators that are still open
    before it closes its loop.
    """

    def __init__(self, close: Callable[[], Awaitable[object]]) -> None:
        self._close = close
        self._waiting: AsyncGenerator[None] | None = None

    async def arm(self) -> None:
        """Have it closed with the running loop; calling it again does nothing."""
        if self._waiting is None:
            self._waiting = self._wait()
            await anext(self._waiting)

    async def _wait(self) -> AsyncGenerator[None]:
        try:
            yield
        finally:
            self._waiting = None
            await self._close()

"""Where an account's rate is tracked: in this process, in a file, in Redis or in PostgreSQL."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import Final, Protocol, TypeVar
from weakref import WeakKeyDictionary

from conferencing.accounts.context import Clock, SystemClock
from conferencing.errors import ConferencingError, StoreUnavailable
from conferencing.model.secret import Secret

__all__ = ["GuardedStore", "MemoryStore", "RateStore", "open_store"]

T = TypeVar("T")

logger = logging.getLogger("conferencing.http")


FALLBACK_AFTER: Final = 1.0
"""After how many seconds without an answer the local rate is used, where that is allowed."""


class RateStore(Protocol):
    """Where the next free slot of each key is kept.

    An implementation may raise anything; `open_store` turns it into `StoreUnavailable`.
    """

    async def reserve(self, key: str, interval: float, at_most: float, count: int = 1) -> float:
        """Reserve the next slot, `interval` seconds wide; return the seconds until it begins.

        With `count`, that many slots in a row. If the first begins more than `at_most` seconds from
        now, nothing is reserved.
        """
        ...

    async def pause(self, key: str, seconds: float) -> None:
        """Let no slot begin for `seconds`."""
        ...

    async def aclose(self) -> None:
        """Close the store; calling it again does nothing."""
        ...


_SLOTS: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, float]]] = WeakKeyDictionary()
"""The next slots of all accounts that use the system's clock, for each event loop."""


class MemoryStore:
    """Track the rate within this event loop; all clients of an account in it share it.

    Clients with another clock than the system's share nothing.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._own: dict[str, float] | None = None if isinstance(clock, SystemClock) else {}

    @property
    def _next(self) -> dict[str, float]:
        if self._own is not None:
            return self._own
        return _SLOTS.setdefault(asyncio.get_running_loop(), {})

    async def reserve(self, key: str, interval: float, at_most: float, count: int = 1) -> float:
        """Reserve the next slots."""
        now, slots = self._clock.monotonic(), self._next
        slot = max(now, slots.get(key, now))
        if slot - now <= at_most:
            slots[key] = slot + interval * count
        return slot - now

    async def pause(self, key: str, seconds: float) -> None:
        """Let no slot begin for `seconds`."""
        until, slots = self._clock.monotonic() + seconds, self._next
        slots[key] = max(slots.get(key, until), until)

    async def aclose(self) -> None:
        """Do nothing."""


class GuardedStore:
    """Turn a store's exceptions into `StoreUnavailable`, or use the local rate if that is set."""

    def __init__(self, store: RateStore, local: MemoryStore | None) -> None:
        self._store = store
        self._local = local
        self._unavailable = False

    async def reserve(self, key: str, interval: float, at_most: float, count: int = 1) -> float:
        """Reserve the next slots."""
        try:
            return await self._guard(self._store.reserve(key, interval, at_most, count))
        except StoreUnavailable as error:
            if self._local is None:
                raise
            self._warn(error)
        return await self._local.reserve(key, interval, at_most, count)

    async def pause(self, key: str, seconds: float) -> None:
        """Let no slot begin for `seconds`."""
        if self._local is not None:
            await self._local.pause(key, seconds)
        try:
            await self._guard(self._store.pause(key, seconds))
        except StoreUnavailable as error:
            if self._local is None:
                raise
            self._warn(error)

    async def aclose(self) -> None:
        """Close the store."""
        await self._store.aclose()

    async def _guard(self, work: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(FALLBACK_AFTER if self._local else None):
                result = await work
        except ConferencingError:
            raise
        except Exception as error:  # noqa: BLE001 - a store may raise anything
            # The text of another store's error may hold its address, and that a password.
            database = type(error).__module__ == "sqlite3"
            reason = f"{type(error).__name__}: {error}" if database else type(error).__name__
        else:
            self._unavailable = False
            return result
        raise StoreUnavailable(
            f"the rate store cannot be used ({reason}); check that it is running and that its disk"
            ' is not full; rate_store_fallback = "local" goes on without it',
            field="rate_store",
        )

    def _warn(self, error: StoreUnavailable) -> None:
        if not self._unavailable:
            logger.warning("this process limits its own rate meanwhile: %s", error.message)
        self._unavailable = True


def open_store(address: Secret | None, clock: Clock, fallback: str | None = None) -> RateStore:
    """Open what `rate_store` names: nothing, `sqlite:<file>`, `redis://` or `postgresql://`.

    `fallback` is None or `"local"`: what to do while the store cannot be used.
    """
    local = MemoryStore(clock)
    if address is None:
        return local
    from .shared_stores import open_shared  # noqa: PLC0415 - few accounts share their rate

    return GuardedStore(open_shared(address), local if fallback else None)

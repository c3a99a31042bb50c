"""Open the store of events that were handled already: in this process, in a file, or in Redis."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Final, TypeVar

from conferencing.accounts.context import Clock
from conferencing.errors import ConferencingError, StoreUnavailable

from .claims import KEEP, Claim, EventStore

__all__ = ["MemoryEventStore", "open_event_store"]

T = TypeVar("T")

MAX_HELD: Final = 1_000
"""With more held events than this in memory, those whose lease has expired are removed."""


class MemoryEventStore:
    """Remember events within this process. A restart forgets them."""

    def __init__(self, clock: Clock, *, keep: float = KEEP) -> None:
        self._clock = clock
        self._keep = keep
        self._held: dict[str, tuple[str, float]] = {}
        self._done: dict[str, float] = {}  # in the order in which they expire

    async def claim(self, key: str, owner: str, lease: float) -> Claim:
        """Take a free event."""
        now = self._clock.monotonic()
        self._forget(now)
        if key in self._done:
            return Claim.DONE
        if key in self._held and self._held[key][1] > now:
            return Claim.HELD
        self._held[key] = (owner, now + lease)
        return Claim.TAKEN

    async def renew(self, key: str, owner: str, lease: float) -> bool:
        """Hold an event for longer."""
        if not self._has(key, owner):
            return False
        self._held[key] = (owner, self._clock.monotonic() + lease)
        return True

    async def complete(self, key: str, owner: str) -> bool:
        """Mark an event as done."""
        if not self._has(key, owner):
            return False
        del self._held[key]
        self._done[key] = self._clock.monotonic() + self._keep
        return True

    async def release(self, key: str, owner: str) -> None:
        """Make an event free again."""
        if self._has(key, owner):
            del self._held[key]

    async def aclose(self) -> None:
        """Do nothing."""

    def _has(self, key: str, owner: str) -> bool:
        holder, until = self._held.get(key, ("", 0.0))
        return holder == owner and until > self._clock.monotonic()

    def _forget(self, now: float) -> None:
        while self._done and (first := next(iter(self._done.items())))[1] <= now:
            del self._done[first[0]]
        if len(self._held) > MAX_HELD:  # a handler that died leaves its entry behind
            self._held = {key: held for key, held in self._held.items() if held[1] > now}


class GuardedEventStore:
    """Turn whatever a store raises into `StoreUnavailable`."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    async def claim(self, key: str, owner: str, lease: float) -> Claim:
        """Take a free event."""
        return await _guard(self._store.claim(key, owner, lease))

    async def renew(self, key: str, owner: str, lease: float) -> bool:
        """Hold an event for longer."""
        return await _guard(self._store.renew(key, owner, lease))

    async def complete(self, key: str, owner: str) -> bool:
        """Mark an event as done."""
        return await _guard(self._store.complete(key, owner))

    async def release(self, key: str, owner: str) -> None:
        """Make an event free again."""
        await _guard(self._store.release(key, owner))

    async def aclose(self) -> None:
        """Close the store."""
        await self._store.aclose()


async def _guard(work: Awaitable[T]) -> T:
    try:
        return await work
    except ConferencingError:
        raise
    except Exception as error:  # noqa: BLE001 - a store may raise anything
        # The text of another store's error may hold its address, and that a password.
        database = type(error).__module__ == "sqlite3"
        reason = f"{type(error).__name__}: {error}" if database else type(error).__name__
    raise StoreUnavailable(
        f"the store of events cannot be used ({reason}); check that it is running and that"
        " its disk is not full",
        field="store",
    )


def open_event_store(store: str | EventStore | None, clock: Clock) -> EventStore:
    """Open `sqlite:<file>` or a `redis://` address; None is this process's memory.

    Raises `ConfigurationError`.
    """
    if store is None:
        return MemoryEventStore(clock)
    if not isinstance(store, str):
        return GuardedEventStore(store)
    from .shared_stores import open_shared  # noqa: PLC0415 - SQLite and Redis

    return GuardedEventStore(open_shared(store))

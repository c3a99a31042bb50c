"""Stores of events that several processes share, and that survive a restart: SQLite and Redis."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from conferencing.errors import ConfigurationError
from conferencing.model.secret import Secret
from conferencing.redis_clients import RedisClients, open_redis
from conferencing.sqlite_files import SharedFile, begin_transaction

from .claims import KEEP, Claim, EventStore

__all__ = ["RedisEventStore", "SQLiteEventStore", "open_shared"]

FORGET_AT_ONCE: Final = 100
"""How many expired events one claim deletes at most, so that no claim takes long."""


class SQLiteEventStore:
    """Remember events in a file, for the processes of one machine; only its owner may read it.

    It has to be on a local disk. What is done is on the disk when `complete` returns; a lease may
    be lost with the power, which is when its holder dies too. Times are those of the wall clock,
    since a file outlives a boot.
    """

    def __init__(
        self, path: Path, *, keep: float = KEEP, now: Callable[[], float] = time.time
    ) -> None:
        self._keep = keep
        self._now = now
        self._file = SharedFile(path, _make_table, private=True)

    async def claim(self, key: str, owner: str, lease: float) -> Claim:
        """Take a free event."""
        return await self._file.run(partial(self._claim, key, owner, lease))

    async def renew(self, key: str, owner: str, lease: float) -> bool:
        """Hold an event for longer."""
        return await self._file.run(partial(self._change, key, owner, owner, lease))

    async def complete(self, key: str, owner: str) -> bool:
        """Mark an event as done."""
        return await self._file.run(partial(self._complete, key, owner))

    async def release(self, key: str, owner: str) -> None:
        """Make an event free again."""
        await self._file.run(partial(_delete, key, owner))

    async def aclose(self) -> None:
        """Close the file, once no thread uses it any more."""
        await self._file.aclose()

    def _claim(self, key: str, owner: str, lease: float, file: sqlite3.Connection) -> Claim:
        with begin_transaction(file):
            now = self._now()
            _forget(file, now)
            row = file.execute("SELECT owner, until FROM event WHERE key = ?", (key,)).fetchone()
            if row is not None and row[1] > now:  # a row whose time is over counts as free
                return Claim.DONE if row[0] is None else Claim.HELD
            file.execute("INSERT OR REPLACE INTO event VALUES (?, ?, ?)", (key, owner, now + lease))
            return Claim.TAKEN

    def _complete(self, key: str, owner: str, file: sqlite3.Connection) -> bool:
        # On the disk before the vendor gets its answer: after a power cut it would not send again.
        file.execute("PRAGMA synchronous = FULL")
        try:
            return self._change(key, owner, None, self._keep, file)
        finally:
            file.execute("PRAGMA synchronous = NORMAL")

    def _change(
        self, key: str, owner: str, holder: str | None, seconds: float, file: sqlite3.Connection
    ) -> bool:
        with begin_transaction(file):
            now = self._now()  # an owner whose lease is over has lost the event, even if it is free
            changed = file.execute(
                "UPDATE event SET owner = ?, until = ? WHERE key = ? AND owner = ? AND until > ?",
                (holder, now + seconds, key, owner, now),
            )
            return changed.rowcount == 1


def _make_table(file: sqlite3.Connection) -> None:
    # With a write-ahead log, a claim needs no flush to the disk: 0.01 ms instead of 13.
    file.execute("PRAGMA journal_mode = WAL")
    file.execute("PRAGMA synchronous = NORMAL")
    # A row without an owner is done. Whatever its state, it counts until that time.
    file.execute(
        "CREATE TABLE IF NOT EXISTS event (key TEXT PRIMARY KEY, owner TEXT, until REAL NOT NULL)"
    )
    file.execute("CREATE INDEX IF NOT EXISTS event_until ON event (until)")


def _forget(file: sqlite3.Connection, now: float) -> None:
    file.execute(
        "DELETE FROM event WHERE key IN (SELECT key FROM event WHERE until <= ? LIMIT ?)",
        (now, FORGET_AT_ONCE),
    )


def _delete(key: str, owner: str, file: sqlite3.Connection) -> None:
    with begin_transaction(file):
        file.execute("DELETE FROM event WHERE key = ? AND owner = ?", (key, owner))


class RedisEventStore:
    """Remember events in Redis, for many machines. Redis expires them by its own clock."""

    _DONE: Final = "done"  # no owner is called so: owners are random hexadecimal numbers
    _CLAIM: Final = """
        if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 'taken' end
        local owner = redis.call('GET', KEYS[1])
        if owner == 'done' then return 'done' end
        if owner == ARGV[1] then return 'taken' end -- sent again after a connection was lost
        return 'held'
    """
    _CHANGE: Final = """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
        return 1
    """
    _RELEASE: Final = """
        if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
    """

    def __init__(self, clients: RedisClients, *, keep: float = KEEP) -> None:
        self._clients = clients
        self._keep = keep

    async def claim(self, key: str, owner: str, lease: float) -> Claim:
        """Take a free event."""
        result = await self._run(self._CLAIM, key, owner, _milliseconds(lease))
        return Claim(result.decode() if isinstance(result, bytes) else result)

    async def renew(self, key: str, owner: str, lease: float) -> bool:
        """Hold an event for longer."""
        return bool(await self._run(self._CHANGE, key, owner, owner, _milliseconds(lease)))

    async def complete(self, key: str, owner: str) -> bool:
        """Mark an event as done."""
        keep = _milliseconds(self._keep)
        return bool(await self._run(self._CHANGE, key, owner, self._DONE, keep))

    async def release(self, key: str, owner: str) -> None:
        """Make an event free again."""
        await self._run(self._RELEASE, key, owner)

    async def aclose(self) -> None:
        """Close the running loop's connections."""
        await self._clients.aclose()

    async def _run(self, script: str, key: str, *arguments: str | int) -> Any:
        run = self._clients.current().register_script(script)
        return await run(keys=[f"conferencing:event:{key}"], args=arguments)


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def open_shared(address: str) -> EventStore:
    """Open `sqlite:<file>` or a `redis://` address. Raises `ConfigurationError`."""
    if address.startswith("sqlite:") and address != "sqlite:":
        return SQLiteEventStore(Path(address.removeprefix("sqlite:")).expanduser())
    if address.startswith(("redis://", "rediss://", "unix://")):
        return RedisEventStore(open_redis(Secret(address), "store"))
    raise ConfigurationError(  # the address is not repeated: with a typo in it, it may be a password
        "store must be 'sqlite:<file>' or a redis:// address", field="store"
    )

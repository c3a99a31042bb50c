"""Rate stores that several processes share: a SQLite file, Redis, and PostgreSQL."""

from __future__ import annotations

import sqlite3
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from conferencing.errors import ConfigurationError
from conferencing.model.secret import Secret
from conferencing.postgres_sessions import PostgresSessions, make_tables, share_postgres
from conferencing.redis_clients import RedisClients, open_redis
from conferencing.sqlite_files import SharedFile, begin_transaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg import AsyncConnection

__all__ = ["PostgresStore", "RedisStore", "SQLiteStore", "open_shared"]

MAX_WAIT: Final = 3600.0
"""A slot further ahead than this is left from before a reboot: no call waits so long."""


class SQLiteStore:
    """Track the rate in a file, for the processes of one machine.

    Times are those of the machine's monotonic clock, which all of its processes share and which a
    change of the wall clock does not move.
    """

    def __init__(self, path: Path, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._file = SharedFile(path, _make_table)

    async def reserve(self, key: str, interval: float, at_most: float, count: int = 1) -> float:
        """Reserve the next slots."""
        return await self._file.run(partial(self._reserve, key, interval * count, at_most))

    async def pause(self, key: str, seconds: float) -> None:
        """Let no slot begin for `seconds`."""
        await self._file.run(partial(self._pause, key, seconds))

    async def aclose(self) -> None:
        """Close the file, once no thread uses it any more."""
        await self._file.aclose()

    def _reserve(self, key: str, width: float, at_most: float, file: sqlite3.Connection) -> float:
        with begin_transaction(file):
            now = self._now()
            slot = max(now, _read_slot(file, key, now))
            if slot - now <= at_most:
                _write_slot(file, key, slot + width)
            return slot - now

    def _pause(self, key: str, seconds: float, file: sqlite3.Connection) -> None:
        with begin_transaction(file):
            now = self._now()
            _write_slot(file, key, max(now + seconds, _read_slot(file, key, now)))


def _make_table(file: sqlite3.Connection) -> None:
    file.execute("CREATE TABLE IF NOT EXISTS rate (key TEXT PRIMARY KEY, next REAL)")


def _read_slot(file: sqlite3.Connection, key: str, now: float) -> float:
    row = file.execute("SELECT next FROM rate WHERE key = ?", (key,)).fetchone()
    slot = float(row[0]) if row else 0.0
    return slot if slot < now + MAX_WAIT else 0.0


def _write_slot(file: sqlite3.Connection, key: str, slot: float) -> None:
    file.execute("INSERT OR REPLACE INTO rate VALUES (?, ?)", (key, slot))


class RedisStore:
    """Track the rate in Redis, for many machines. The clock of Redis counts."""

    _RESERVE: Final = """
        local time = redis.call('TIME')
        local now = time[1] + time[2] / 1000000
        local slot = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0))
        local wait = slot - now
        if wait <= tonumber(ARGV[2]) then
            local after = slot + tonumber(ARGV[1])
            redis.call('SET', KEYS[1], string.format('%.6f', after), 'PX', math.ceil((after - now) * 1000) + 1000)
        end
        return string.format('%.6f', wait)
    """
    _PAUSE: Final = """
        local time = redis.call('TIME')
        local now = time[1] + time[2] / 1000000
        local slot = math.max(now + tonumber(ARGV[1]), tonumber(redis.call('GET', KEYS[1]) or 0))
        redis.call('SET', KEYS[1], string.format('%.6f', slot), 'PX', math.ceil((slot - now) * 1000) + 1000)
    """

    def __init__(self, clients: RedisClients) -> None:
        self._clients = clients

    async def reserve(self, key: str, interval: float, at_most: float, count: int = 1) -> float:
        """Reserve the next slots."""
        script = self._clients.current().register_script(self._RESERVE)
        return float(await script(keys=[_redis_key(key)], args=[interval * count, at_most]))

    async def pause(self, key: str, seconds: float) -> None:
        """Let no slot begin for `seconds`."""
        script = self._clients.current().register_script(self._PAUSE)
        await script(keys=[_redis_key(key)], args=[seconds])

    async def aclose(self) -> None:
        """Close the running loop's connections."""
        await self._clients.aclose()


class PostgresStore:
    """Track the rate in PostgreSQL, for many machines. The clock of the server counts.

    The table `conferencing_rate` is made at the first use.
    """

    _TABLE: Final = """
        CREATE TABLE IF NOT EXISTS conferencing_rate
        (key text PRIMARY KEY, next double precision NOT NULL, wait double precision NOT NULL)
    """
    # The row is locked before its new values are computed, so the time is read after the wait for it.
    _RESERVE: Final = """
        INSERT INTO conferencing_rate AS rate
        SELECT %(key)s, extract(epoch FROM clock_timestamp()) + %(width)s, 0
        ON CONFLICT (key) DO UPDATE SET (next, wait) = (
            SELECT CASE WHEN slot - now <= %(at_most)s THEN slot + %(width)s ELSE rate.next END,
                slot - now
            FROM (SELECT extract(epoch FROM clock_timestamp())::float8 AS now) clock,
                LATERAL (SELECT greatest(rate.next, now) AS slot) slots
        ) RETURNING wait
    """
    _PAUSE: Final = """
        INSERT INTO conferencing_rate AS rate
        SELECT %(key)s, extract(epoch FROM clock_timestamp()) + %(seconds)s, 0
        ON CONFLICT (key) DO UPDATE SET next = greatest(
            rate.next, extract(epoch FROM clock_timestamp()) + %(seconds)s
        )
    """

    def __init__(self, sessions: PostgresSessions) -> None:
        self._sessions = sessions
        self._closed = False

    @classmethod
    def open(cls, address: Secret) -> PostgresStore:
        """Return the store at an address; raises `ConfigurationError`."""

        async def make_table(connection: AsyncConnection[Any]) -> None:
            await make_tables(connection, {"conferencing_rate": cls._TABLE})

        # A slot that is lost in a crash of the server costs no more than a few calls too early.
        return cls(share_postgres(address, "rate_store", make_table, synchronous_commit="off"))

    async def reserve(self, key: str, interval: float, at_most: float, count: int = 1) -> float:
        """Reserve the next slots."""
        values = {"key": key, "width": interval * count, "at_most": at_most}

        async def work(connection: AsyncConnection[Any]) -> float:
            cursor = await connection.execute(self._RESERVE, values)
            row = await cursor.fetchone()
            return float(row[0]) if row else 0.0

        return await self._sessions.run(work)

    async def pause(self, key: str, seconds: float) -> None:
        """Let no slot begin for `seconds`."""
        values = {"key": key, "seconds": seconds}
        await self._sessions.run(lambda connection: connection.execute(self._PAUSE, values))

    async def aclose(self) -> None:
        """Close the running loop's session, unless other accounts use it."""
        if not self._closed:
            self._closed = True
            await self._sessions.aclose()


def open_shared(address: Secret) -> SQLiteStore | RedisStore | PostgresStore:
    """Open what `rate_store` names: `sqlite:<file>`, a `redis://` or a `postgresql://` address."""
    # No local variable holds a part of the address: with a typo in it, any part may be a password.
    if address.reveal().startswith("sqlite:"):
        return SQLiteStore(Path(address.reveal().removeprefix("sqlite:")).expanduser())
    if address.reveal().startswith(("redis://", "rediss://", "unix://")):
        return RedisStore(open_redis(address, "rate_store"))
    if address.reveal().startswith("postgresql://"):
        return PostgresStore.open(address)
    raise ConfigurationError(
        "rate_store must be 'sqlite:<file>', a redis:// or a postgresql:// address",
        field="rate_store",
    )


def _redis_key(key: str) -> str:
    return f"conferencing:rate:{key}"

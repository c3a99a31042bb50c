"""Where the pace of an account is kept: in this process, in a file, or in Redis."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from conferencing.accounts.context import Clock
from conferencing.errors import ConfigurationError
from conferencing.handles import Handle
from conferencing.model.secret import Secret

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from redis.asyncio import Redis

__all__ = ["MemoryStore", "RateStore", "RedisStore", "SQLiteStore", "open_store"]

LONGEST: Final = 3600.0
"""A slot further ahead than this was booked before the clock was set back: no call waits so long."""


class RateStore(Protocol):
    """Where the next free slot of each key is kept."""

    async def reserve(self, key: str, interval: float, at_most: float, count: int = 1) -> float:
        """Book the next slot, `interval` seconds wide, and return the seconds until it begins.

        With `count`, as many that follow one another. If the first is more than `at_most` seconds
        ahead, nothing is booked.
        """
        ...

    async def pause(self, key: str, seconds: float) -> None:
        """Let no slot begin for so many seconds."""
        ...

    async def aclose(self) -> None:
        """Let go of what the store holds."""
        ...


class MemoryStore:
    """Keep the pace within this process and client."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next: dict[str, float] = {}

    async def reserve(self, key: str, interval: float, at_most: float, count: int = 1) -> float:
        """Book the next slots."""
        now = self._clock.monotonic()
        slot = max(now, self._next.get(key, now))
        if slot - now <= at_most:
            self._next[key] = slot + interval * count
        return slot - now

    async def pause(self, key: str, seconds: float) -> None:
        """Let no slot begin for so many seconds."""
        until = self._clock.monotonic() + seconds
        self._next[key] = max(self._next.get(key, until), until)

    async def aclose(self) -> None:
        """Do nothing."""


class SQLiteStore:
    """Keep the pace in a file, for the processes of one machine."""

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        self._path = path
        self._now = now
        self._file = Handle(self._open, _close)

    async def reserve(self, key: str, interval: float, at_most: float, count: int = 1) -> float:
        """Book the next slots."""
        return await self._file.run(
            lambda database: self._book(database, key, interval * count, at_most)
        )

    async def pause(self, key: str, seconds: float) -> None:
        """Let no slot begin for so many seconds."""
        await self._file.run(lambda database: self._hold(database, key, seconds))

    async def aclose(self) -> None:
        """Close the file, once no thread uses it any more."""
        await self._file.aclose()

    def _book(self, database: sqlite3.Connection, key: str, width: float, at_most: float) -> float:
        with _transaction(database):
            now = self._now()
            slot = max(now, self._slot(database, key, now))
            if slot - now <= at_most:
                self._write(database, key, slot + width)
            return slot - now

    def _hold(self, database: sqlite3.Connection, key: str, seconds: float) -> None:
        with _transaction(database):
            now = self._now()
            self._write(database, key, max(now + seconds, self._slot(database, key, now)))

    def _open(self) -> sqlite3.Connection:
        import sqlite3  # noqa: PLC0415 - few accounts share their pace

        database = sqlite3.connect(
            self._path, timeout=10, isolation_level=None, check_same_thread=False
        )
        try:
            database.execute("CREATE TABLE IF NOT EXISTS pace (key TEXT PRIMARY KEY, next REAL)")
        except BaseException:
            database.close()
            raise
        return database

    @staticmethod
    def _slot(database: sqlite3.Connection, key: str, now: float) -> float:
        row = database.execute("SELECT next FROM pace WHERE key = ?", (key,)).fetchone()
        slot = float(row[0]) if row else 0.0
        return slot if slot < now + LONGEST else 0.0

    @staticmethod
    def _write(database: sqlite3.Connection, key: str, slot: float) -> None:
        database.execute("INSERT OR REPLACE INTO pace VALUES (?, ?)", (key, slot))


def _transaction(database: sqlite3.Connection) -> sqlite3.Connection:
    """Begin an exclusive transaction; `with` on the connection commits it."""
    database.execute("BEGIN IMMEDIATE")
    return database


def _close(database: sqlite3.Connection) -> None:
    database.close()


class RedisStore:
    """Keep the pace in Redis, for many machines. Redis' own clock counts."""

    _BOOK: Final = """
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
    _HOLD: Final = """
        local time = redis.call('TIME')
        local now = time[1] + time[2] / 1000000
        local slot = math.max(now + tonumber(ARGV[1]), tonumber(redis.call('GET', KEYS[1]) or 0))
        redis.call('SET', KEYS[1], string.format('%.6f', slot), 'PX', math.ceil((slot - now) * 1000) + 1000)
    """

    def __init__(self, connect: Callable[[], Redis]) -> None:
        self._connect = connect
        self._own: dict[asyncio.AbstractEventLoop, Redis] = {}

    async def reserve(self, key: str, interval: float, at_most: float, count: int = 1) -> float:
        """Book the next slots."""
        book = self._redis().register_script(self._BOOK)
        return float(await book(keys=[_redis_key(key)], args=[interval * count, at_most]))

    async def pause(self, key: str, seconds: float) -> None:
        """Let no slot begin for so many seconds."""
        hold = self._redis().register_script(self._HOLD)
        await hold(keys=[_redis_key(key)], args=[seconds])

    async def aclose(self) -> None:
        """Close the connections."""
        mine = self._own.pop(asyncio.get_running_loop(), None)
        if mine is not None:
            await mine.aclose()

    def _redis(self) -> Redis:
        """Return the client of the running loop: connections belong to one."""
        loop = asyncio.get_running_loop()
        if loop not in self._own:
            self._own = {one: its for one, its in self._own.items() if not one.is_closed()}
            self._own[loop] = self._connect()
        return self._own[loop]


def open_store(named: Secret | None, clock: Clock) -> RateStore:
    """Open what `rate_store` names: nothing, `sqlite:<file>`, or a `redis://` address."""
    if named is None:
        return MemoryStore(clock)
    address = named.reveal()
    if address.startswith("sqlite:"):
        return SQLiteStore(Path(address.removeprefix("sqlite:")).expanduser())
    if address.startswith(("redis://", "rediss://", "unix://")):
        return _open_redis(address)
    raise ConfigurationError(
        "rate_store must be 'sqlite:<file>' or a redis:// address", field="rate_store"
    )


def _open_redis(address: str) -> RateStore:
    try:
        from redis.asyncio import Redis  # noqa: PLC0415

        connect = partial(cast("Any", Redis).from_url, address)
        connect()  # connects to nothing yet, and raises for an address that is none
        return RedisStore(connect)
    except ImportError:
        fault = 'rate_store in Redis needs an extra: python -m pip install "conferencing[redis]"'
    except ValueError:  # its text repeats the address, which may hold a password
        fault = "rate_store is no redis:// address"
    raise ConfigurationError(fault, field="rate_store")


def _redis_key(key: str) -> str:
    return f"conferencing:pace:{key}"

"""Where the pace of an account is kept: in this process, in a file, or in Redis."""

from __future__ import annotations

import asyncio
import logging
import time
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from conferencing.accounts.context import Clock
from conferencing.errors import ConferencingError, ConfigurationError, StoreUnavailable
from conferencing.handles import Handle
from conferencing.model.secret import Secret

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Awaitable, Callable

    from redis.asyncio import Redis

__all__ = ["MemoryStore", "RateStore", "RedisStore", "SQLiteStore", "open_store"]

T = TypeVar("T")

logger = logging.getLogger("conferencing.http")

MAX_WAIT: Final = 3600.0
"""A slot further ahead than this is left from before a reboot: no call waits so long."""

BUSY: Final = 0.05
"""How long a thread waits for a locked file, in seconds, before its coroutine tries again."""

REDIS_TIMEOUT: Final = 5.0
FALLBACK_AFTER: Final = 1.0
"""After how many seconds without an answer the local pace is used, where that is allowed."""


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
        """Let no slot begin for this many seconds."""
        ...

    async def aclose(self) -> None:
        """Close the store; calling it again does nothing."""
        ...


class MemoryStore:
    """Keep the pace within this process and client."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next: dict[str, float] = {}

    async def reserve(self, key: str, interval: float, at_most: float, count: int = 1) -> float:
        """Reserve the next slots."""
        now = self._clock.monotonic()
        slot = max(now, self._next.get(key, now))
        if slot - now <= at_most:
            self._next[key] = slot + interval * count
        return slot - now

    async def pause(self, key: str, seconds: float) -> None:
        """Let no slot begin for this many seconds."""
        until = self._clock.monotonic() + seconds
        self._next[key] = max(self._next.get(key, until), until)

    async def aclose(self) -> None:
        """Do nothing."""


class SQLiteStore:
    """Keep the pace in a file, for the processes of one machine.

    Times are those of the machine's monotonic clock, which all of its processes share and which a
    change of the wall clock does not move.
    """

    def __init__(self, path: Path, now: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._now = now
        self._file = Handle(self._open, _close)

    async def reserve(self, key: str, interval: float, at_most: float, count: int = 1) -> float:
        """Reserve the next slots."""
        return await self._run(partial(self._reserve, key, interval * count, at_most))

    async def pause(self, key: str, seconds: float) -> None:
        """Let no slot begin for this many seconds."""
        await self._run(partial(self._pause, key, seconds))

    async def aclose(self) -> None:
        """Close the file, once no thread uses it any more."""
        await self._file.aclose()

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do `work` in a thread, again as long as another process has the file locked.

        A thread cannot be cancelled, so it waits for a moment only, and the caller's deadline ends
        the loop.
        """
        from sqlite3 import OperationalError  # noqa: PLC0415 - few accounts share their pace

        while True:
            try:
                return await self._file.run(work)
            except OperationalError as error:
                if "locked" not in str(error):
                    raise
            await asyncio.sleep(BUSY)

    def _reserve(self, key: str, width: float, at_most: float, file: sqlite3.Connection) -> float:
        with _transaction(file):
            now = self._now()
            slot = max(now, _read_slot(file, key, now))
            if slot - now <= at_most:
                _write_slot(file, key, slot + width)
            return slot - now

    def _pause(self, key: str, seconds: float, file: sqlite3.Connection) -> None:
        with _transaction(file):
            now = self._now()
            _write_slot(file, key, max(now + seconds, _read_slot(file, key, now)))

    def _open(self) -> sqlite3.Connection:
        import sqlite3  # noqa: PLC0415 - as above

        file = sqlite3.connect(
            self._path, timeout=BUSY, isolation_level=None, check_same_thread=False
        )
        try:
            file.execute("CREATE TABLE IF NOT EXISTS pace (key TEXT PRIMARY KEY, next REAL)")
        except BaseException:
            file.close()
            raise
        return file


def _transaction(file: sqlite3.Connection) -> sqlite3.Connection:
    """Begin an exclusive transaction; `with` on the connection commits it."""
    file.execute("BEGIN IMMEDIATE")
    return file


def _read_slot(file: sqlite3.Connection, key: str, now: float) -> float:
    row = file.execute("SELECT next FROM pace WHERE key = ?", (key,)).fetchone()
    slot = float(row[0]) if row else 0.0
    return slot if slot < now + MAX_WAIT else 0.0


def _write_slot(file: sqlite3.Connection, key: str, slot: float) -> None:
    file.execute("INSERT OR REPLACE INTO pace VALUES (?, ?)", (key, slot))


def _close(file: sqlite3.Connection) -> None:
    file.close()


class RedisStore:
    """Keep the pace in Redis, for many machines. The clock of Redis counts."""

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

    def __init__(self, connect: Callable[[], Redis]) -> None:
        self._connect = connect
        self._clients: dict[asyncio.AbstractEventLoop, Redis] = {}
        self._lock = Lock()

    async def reserve(self, key: str, interval: float, at_most: float, count: int = 1) -> float:
        """Reserve the next slots."""
        script = self._client().register_script(self._RESERVE)
        return float(await script(keys=[_redis_key(key)], args=[interval * count, at_most]))

    async def pause(self, key: str, seconds: float) -> None:
        """Let no slot begin for this many seconds."""
        script = self._client().register_script(self._PAUSE)
        await script(keys=[_redis_key(key)], args=[seconds])

    async def aclose(self) -> None:
        """Close the running loop's connections."""
        client = self._clients.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()

    def _client(self) -> Redis:
        """Return the client of the running event loop: connections belong to one."""
        loop = asyncio.get_running_loop()
        with self._lock:
            if loop not in self._clients:
                self._clients = {
                    other: client
                    for other, client in self._clients.items()
                    if not other.is_closed()
                }
                self._clients[loop] = self._connect()
            return self._clients[loop]


class GuardedStore:
    """Turn whatever a store raises into `StoreUnavailable`, or into the local pace if that is set."""

    def __init__(self, store: RateStore, local: MemoryStore | None) -> None:
        self._store = store
        self._local = local
        self._away = False

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
        """Let no slot begin for this many seconds."""
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
            self._away = False
            return result
        raise StoreUnavailable(
            f"the rate store cannot be used ({reason}); is it running, and is its disk not full?"
            ' rate_store_fallback = "local" goes on without it',
            field="rate_store",
        )

    def _warn(self, error: StoreUnavailable) -> None:
        if not self._away:
            logger.warning("the local pace is used meanwhile: %s", error.message)
        self._away = True


def open_store(address: Secret | None, clock: Clock, fallback: str | None = None) -> RateStore:
    """Open what `rate_store` names: nothing, `sqlite:<file>`, or a `redis://` address.

    `fallback` is None or `"local"`: what to do while the store cannot be used.
    """
    if fallback not in {None, "local"}:
        raise ConfigurationError(
            f"rate_store_fallback is {fallback!r}; it may be 'local'", field="rate_store_fallback"
        )
    local = MemoryStore(clock)
    if address is None:
        return local
    return GuardedStore(_open_shared(address), local if fallback else None)


def _open_shared(address: Secret) -> RateStore:
    # No local variable holds a part of the address: with a typo in it, any part may be a password.
    if address.reveal().startswith("sqlite:"):
        return SQLiteStore(Path(address.reveal().removeprefix("sqlite:")).expanduser())
    if address.reveal().startswith(("redis://", "rediss://", "unix://")):
        return _open_redis(address)
    raise ConfigurationError(
        "rate_store must be 'sqlite:<file>' or a redis:// address", field="rate_store"
    )


def _open_redis(address: Secret) -> RateStore:
    try:
        client: Any = import_module("redis.asyncio").Redis
    except ImportError:
        problem = 'rate_store in Redis needs an extra: python -m pip install "conferencing[redis]"'
    else:
        try:
            connect = partial(_connect_redis, client, address)
            connect()  # opens no connection yet, and raises for a malformed address
            return RedisStore(connect)
        except ValueError:  # its text repeats the address, which may hold a password
            problem = "rate_store is not a redis:// address"
    raise ConfigurationError(problem, field="rate_store")


def _connect_redis(client: Any, address: Secret) -> Redis:
    # A connection that Redis closed while it was idle is opened again; one that is silent is given up.
    retry, backoff = import_module("redis.asyncio.retry"), import_module("redis.backoff")
    result: Redis = client.from_url(
        address.reveal(),
        socket_timeout=REDIS_TIMEOUT,
        socket_connect_timeout=REDIS_TIMEOUT,
        retry=retry.Retry(backoff.NoBackoff(), 1),
        retry_on_error=[ConnectionError, import_module("redis.exceptions").ConnectionError],
    )
    return result


def _redis_key(key: str) -> str:
    return f"conferencing:pace:{key}"

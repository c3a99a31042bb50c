"""Where a refresh token is kept that the vendor replaces at each use (RFC 6749, section 6).

All processes of an account share one record, and only the holder of its lock uses the refresh token.
The record says before each use that the token is about to be sent: if a process ends before it has
stored the reply, the next one knows why the vendor refuses the old token.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from asyncio import to_thread
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Protocol, cast

from msgspec import Struct

from conferencing.accounts.context import Clock
from conferencing.errors import ConfigurationError, InvalidRequest, StoreUnavailable
from conferencing.files import write_atomically
from conferencing.handles import finish
from conferencing.locks import FileInUse, FileLock
from conferencing.model.secret import Secret
from conferencing.redis_clients import RedisClients, open_redis

__all__ = ["StoredTokens", "TokenStore", "open_token_store"]

POLL: Final = 0.05
"""How often a lock is tried that another process holds, in seconds."""

LEASE: Final = 120.0
"""After how many seconds the lock of a process that ended is free again in Redis: longer than an
exchange can take."""


class StoredTokens(Struct, frozen=True, kw_only=True):
    """The tokens of an account; `pending` while the refresh token is on its way to the vendor."""

    refresh: Secret
    access: Secret | None = None
    expires_at: datetime | None = None
    pending: bool = False


class TokenStore(Protocol):
    """Where the tokens of accounts are kept, each under a key.

    Methods raise `StoreUnavailable` if the store cannot be used.
    """

    def lock(self, key: str) -> AbstractAsyncContextManager[None]:
        """Return a context in which no other process uses the tokens of this key."""
        ...

    async def load(self, key: str) -> StoredTokens | None:
        """Return the stored tokens, or None."""
        ...

    async def save(self, key: str, tokens: StoredTokens) -> None:
        """Store these tokens in place of earlier ones."""
        ...

    async def aclose(self) -> None:
        """Release connections; calling it again does nothing."""
        ...


class MemoryTokenStore:
    """Keep tokens in this process; they are gone when it ends."""

    def __init__(self) -> None:
        self._tokens: dict[str, StoredTokens] = {}
        self._locks: dict[tuple[asyncio.AbstractEventLoop, str], asyncio.Lock] = {}

    def lock(self, key: str) -> AbstractAsyncContextManager[None]:
        """Return the lock of this event loop."""
        return self._locks.setdefault((asyncio.get_running_loop(), key), asyncio.Lock())

    async def load(self, key: str) -> StoredTokens | None:
        """Return the stored tokens, or None."""
        return self._tokens.get(key)

    async def save(self, key: str, tokens: StoredTokens) -> None:
        """Store these tokens."""
        self._tokens[key] = tokens

    async def aclose(self) -> None:
        """Do nothing."""


class FileTokenStore:
    """Keep tokens in a file that only its owner can read, for the processes of one machine.

    The file is replaced as a whole. The lock is on a second, empty file beside it, since a lock on a
    file does not outlive its replacement.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._lock_path = path.with_name(f"{path.name}.lock")
        self._clock = clock

    @asynccontextmanager
    async def lock(self, key: str) -> AsyncGenerator[None]:
        """Hold the lock of the file; the operating system frees it if the process ends."""
        lock = await self._acquire()
        try:
            yield
        finally:
            lock.__exit__(None, None, None)

    async def load(self, key: str) -> StoredTokens | None:
        """Return the stored tokens, or None."""
        record = (await to_thread(self._read)).get(key)
        return None if record is None else _from_plain(record)

    async def save(self, key: str, tokens: StoredTokens) -> None:
        """Replace the file by one with these tokens in it. Call it with the lock held."""
        await finish(to_thread(self._write, key, tokens))

    async def aclose(self) -> None:
        """Do nothing: no file stays open."""

    async def _acquire(self) -> FileLock:
        while True:
            try:
                self._lock_path.touch(mode=0o600)
                return FileLock(self._lock_path, "the token store")
            except FileInUse:  # another process refreshes; its token may serve this one as well
                pass
            except OSError as error:
                raise _unavailable(f"{self._lock_path}: {error.strerror}") from error
            await self._clock.sleep(POLL)

    def _read(self) -> dict[str, Any]:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise _unavailable(f"{self._path}: {error.strerror}") from error
        try:
            records: Any = json.loads(content)
        except ValueError:
            records = None
        if not isinstance(records, dict):
            raise _unavailable(f"{self._path} is not a file of tokens")
        return cast("dict[str, Any]", records)

    def _write(self, key: str, tokens: StoredTokens) -> None:
        records = self._read() | {key: _to_plain(tokens)}
        content = json.dumps(records, indent=1).encode()
        try:
            write_atomically(self._path, content, replace=True, mode=0o600, field="token_store")
        except InvalidRequest as error:
            raise _unavailable(error.message) from error


class RedisTokenStore:
    """Keep tokens in Redis, for many machines. Whoever can read that Redis has the tokens."""

    # Deletes the lock only if it is still this holder's: after `LEASE` seconds it may be another's.
    _RELEASE: Final = """
        if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
    """

    def __init__(self, clients: RedisClients, clock: Clock) -> None:
        self._clients = clients
        self._clock = clock

    @asynccontextmanager
    async def lock(self, key: str) -> AsyncGenerator[None]:
        """Hold a lock in Redis, which is free again by itself after `LEASE` seconds."""
        name, holder = f"{_redis_key(key)}:lock", secrets.token_hex(16)
        while not await self._call("set", name, holder, nx=True, px=int(LEASE * 1000)):
            await self._clock.sleep(POLL)
        try:
            yield
        finally:
            await finish(self._call("eval", self._RELEASE, 1, name, holder))

    async def load(self, key: str) -> StoredTokens | None:
        """Return the stored tokens, or None."""
        content = await self._call("get", _redis_key(key))
        return None if content is None else _from_plain(json.loads(content))

    async def save(self, key: str, tokens: StoredTokens) -> None:
        """Store these tokens."""
        await finish(self._call("set", _redis_key(key), json.dumps(_to_plain(tokens))))

    async def aclose(self) -> None:
        """Close the connections of this event loop."""
        await self._clients.aclose()

    async def _call(self, command: str, *arguments: Any, **options: Any) -> Any:
        try:
            return await getattr(self._clients.current(), command)(*arguments, **options)
        except Exception as error:  # noqa: BLE001 - the text of Redis' errors may hold its password
            name = type(error).__name__
        raise _unavailable(f"Redis cannot be used ({name})")


def open_token_store(address: Secret | None, clock: Clock) -> TokenStore:
    """Open what `token_store` names: `memory`, `file:<path>`, or a `redis://` address.

    Raises `ConfigurationError` for anything else, and for None: a token that is lost when the
    process ends has to be kept somewhere.
    """
    if address is None:
        raise ConfigurationError(
            "the vendor replaces refresh_token at each use, so token_store must say where to keep the"
            " new one: 'file:<path>' or a redis:// address (or 'memory', until the process ends)",
            field="token_store",
        )
    if address.reveal() == "memory":
        return MemoryTokenStore()
    if address.reveal().startswith("file:"):
        return FileTokenStore(Path(address.reveal().removeprefix("file:")).expanduser(), clock)
    if address.reveal().startswith(("redis://", "rediss://", "unix://")):
        return RedisTokenStore(open_redis(address, "token_store"), clock)
    raise ConfigurationError(
        "token_store must be 'file:<path>', 'memory' or a redis:// address", field="token_store"
    )


def _unavailable(problem: str) -> StoreUnavailable:
    return StoreUnavailable(
        f"the token store cannot be used: {problem}", field="token_store", retryable=True
    )


def _redis_key(key: str) -> str:
    return f"conferencing:tokens:{key}"


def _to_plain(tokens: StoredTokens) -> dict[str, Any]:
    return {
        "refresh": tokens.refresh.reveal(),
        "access": tokens.access and tokens.access.reveal(),
        "expires_at": tokens.expires_at and tokens.expires_at.isoformat(),
        "pending": tokens.pending,
    }


def _from_plain(record: Mapping[str, Any]) -> StoredTokens:
    try:
        expires_at = record.get("expires_at")
        return StoredTokens(
            refresh=Secret(record["refresh"]),
            access=Secret(record["access"]) if record.get("access") else None,
            expires_at=datetime.fromisoformat(expires_at) if expires_at else None,
            pending=bool(record.get("pending")),
        )
    except (KeyError, TypeError, ValueError, AttributeError, ConfigurationError):
        pass  # outside of `except`: its frames hold tokens
    raise _unavailable("a record in it is not one of tokens")

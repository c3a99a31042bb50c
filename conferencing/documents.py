"""Small JSON documents, each in a collection under a key: in this process, in a file, or in Redis.

For adapters whose vendor keeps nothing of what the library has to know later. A document is replaced
as a whole; `replace` detects that another process has changed it meanwhile.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import msgspec

from conferencing.errors import ConferencingError, ConfigurationError, StoreUnavailable
from conferencing.model.secret import Secret
from conferencing.redis_clients import RedisClients, open_redis
from conferencing.sqlite_files import SharedFile, begin_transaction

__all__ = ["DocumentStore", "open_document_store"]

T = TypeVar("T")


class Backend(Protocol):
    """Where the bytes of documents are kept. Each operation is atomic, and may raise anything."""

    async def read(self, collection: str, key: str) -> bytes | None:
        """Return the bytes under a key, or None."""
        ...

    async def read_all(self, collection: str) -> dict[str, bytes]:
        """Return the bytes of a collection by key."""
        ...

    async def write(self, collection: str, key: str, content: bytes | None) -> None:
        """Store bytes in place of earlier ones; None removes them."""
        ...

    async def swap(self, collection: str, key: str, old: bytes | None, new: bytes) -> bool:
        """Store `new` if `old` is there, and return whether it was; None stands for nothing."""
        ...

    async def aclose(self) -> None:
        """Release connections; calling it again does nothing."""
        ...


class DocumentStore:
    """Keep JSON documents. Methods raise `StoreUnavailable`, which names `setting`."""

    def __init__(self, backend: Backend, setting: str) -> None:
        self._backend = backend
        self._setting = setting

    async def get(self, collection: str, key: str) -> Any:
        """Return a document, or None if there is none."""
        content = await self._guard(self._backend.read(collection, key))
        return None if content is None else self._decode(content)

    async def get_all(self, collection: str) -> dict[str, Any]:
        """Return the documents of a collection by key, in the order of the keys."""
        contents = await self._guard(self._backend.read_all(collection))
        return {key: self._decode(contents[key]) for key in sorted(contents)}

    async def put(self, collection: str, key: str, document: object) -> None:
        """Store a document in place of an earlier one."""
        await self._guard(self._backend.write(collection, key, msgspec.json.encode(document)))

    async def replace(self, collection: str, key: str, old: object, new: object) -> bool:
        """Store `new` if the document is still `old`, and return whether it was.

        None as `old` means that there is no document yet.
        """
        before = None if old is None else msgspec.json.encode(old)
        swap = self._backend.swap(collection, key, before, msgspec.json.encode(new))
        return await self._guard(swap)

    async def delete(self, collection: str, key: str) -> None:
        """Remove a document. One that does not exist is not an error."""
        await self._guard(self._backend.write(collection, key, None))

    async def aclose(self) -> None:
        """Release connections; calling it again does nothing."""
        await self._backend.aclose()

    def _decode(self, content: bytes) -> Any:
        try:
            return msgspec.json.decode(content)
        except (msgspec.DecodeError, RecursionError):
            pass  # outside of `except`: its frames hold the document
        raise self._unavailable("a document in it is not JSON")

    async def _guard(self, work: Awaitable[T]) -> T:
        try:
            return await work
        except ConferencingError:
            raise
        except Exception as error:  # noqa: BLE001 - a backend may raise anything
            # The text of Redis' errors may hold its address, and that a password.
            database = type(error).__module__ == "sqlite3"
            reason = f"{type(error).__name__}: {error}" if database else type(error).__name__
        raise self._unavailable(reason)

    def _unavailable(self, reason: str) -> StoreUnavailable:
        return StoreUnavailable(
            f"the store of documents cannot be used ({reason}); check that it is running and that"
            " its disk is not full",
            field=self._setting,
        )


class MemoryBackend:
    """Keep documents in this process; they are gone when it ends."""

    def __init__(self) -> None:
        self._documents: dict[str, dict[str, bytes]] = {}

    async def read(self, collection: str, key: str) -> bytes | None:
        """Return the bytes under a key, or None."""
        return self._documents.get(collection, {}).get(key)

    async def read_all(self, collection: str) -> dict[str, bytes]:
        """Return the bytes of a collection by key."""
        return dict(self._documents.get(collection, {}))

    async def write(self, collection: str, key: str, content: bytes | None) -> None:
        """Store or remove bytes."""
        documents = self._documents.setdefault(collection, {})
        if content is None:
            documents.pop(key, None)
        else:
            documents[key] = content

    async def swap(self, collection: str, key: str, old: bytes | None, new: bytes) -> bool:
        """Store `new` if `old` is there."""
        if await self.read(collection, key) != old:
            return False
        await self.write(collection, key, new)
        return True

    async def aclose(self) -> None:
        """Do nothing."""


class SQLiteBackend:
    """Keep documents in a file on a local disk, which only its owner may read."""

    def __init__(self, path: Path) -> None:
        self._file = SharedFile(path, _make_table, private=True)

    async def read(self, collection: str, key: str) -> bytes | None:
        """Return the bytes under a key, or None."""
        return await self._file.run(partial(_read, collection, key))

    async def read_all(self, collection: str) -> dict[str, bytes]:
        """Return the bytes of a collection by key."""
        return await self._file.run(partial(_read_all, collection))

    async def write(self, collection: str, key: str, content: bytes | None) -> None:
        """Store or remove bytes."""
        await self._file.run(partial(_write, collection, key, content))

    async def swap(self, collection: str, key: str, old: bytes | None, new: bytes) -> bool:
        """Store `new` if `old` is there."""
        return await self._file.run(partial(_swap, collection, key, old, new))

    async def aclose(self) -> None:
        """Close the file, once no thread uses it any more."""
        await self._file.aclose()


def _make_table(file: sqlite3.Connection) -> None:
    file.execute("PRAGMA journal_mode = WAL")
    # On the disk before a vendor gets its answer: after a power cut it would not send again.
    file.execute("PRAGMA synchronous = FULL")
    file.execute(
        "CREATE TABLE IF NOT EXISTS document (collection TEXT, key TEXT, content BLOB NOT NULL,"
        " PRIMARY KEY (collection, key)) WITHOUT ROWID"
    )


def _read(collection: str, key: str, file: sqlite3.Connection) -> bytes | None:
    row = file.execute(
        "SELECT content FROM document WHERE collection = ? AND key = ?", (collection, key)
    ).fetchone()
    return None if row is None else bytes(row[0])


def _read_all(collection: str, file: sqlite3.Connection) -> dict[str, bytes]:
    rows = file.execute("SELECT key, content FROM document WHERE collection = ?", (collection,))
    return {str(key): bytes(content) for key, content in rows}


def _write(collection: str, key: str, content: bytes | None, file: sqlite3.Connection) -> None:
    with begin_transaction(file):
        _store(collection, key, content, file)


def _swap(
    collection: str, key: str, old: bytes | None, new: bytes, file: sqlite3.Connection
) -> bool:
    with begin_transaction(file):
        if _read(collection, key, file) != old:
            return False
        _store(collection, key, new, file)
        return True


def _store(collection: str, key: str, content: bytes | None, file: sqlite3.Connection) -> None:
    if content is None:
        file.execute("DELETE FROM document WHERE collection = ? AND key = ?", (collection, key))
        return
    file.execute("INSERT OR REPLACE INTO document VALUES (?, ?, ?)", (collection, key, content))


class RedisBackend:
    """Keep documents in Redis, for many machines: each collection is a hash."""

    _SWAP: Final = """
        local present = redis.call('HGET', KEYS[1], ARGV[1])
        local expected = ARGV[2] == '1' and ARGV[3] or false
        if present ~= expected then return 0 end
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[4])
        return 1
    """

    def __init__(self, clients: RedisClients) -> None:
        self._clients = clients

    async def read(self, collection: str, key: str) -> bytes | None:
        """Return the bytes under a key, or None."""
        return _to_bytes(await self._call("hget", _redis_key(collection), key))

    async def read_all(self, collection: str) -> dict[str, bytes]:
        """Return the bytes of a collection by key."""
        contents = await self._call("hgetall", _redis_key(collection))
        return {
            (key.decode() if isinstance(key, bytes) else str(key)): _to_bytes(content) or b""
            for key, content in contents.items()
        }

    async def write(self, collection: str, key: str, content: bytes | None) -> None:
        """Store or remove bytes."""
        if content is None:
            await self._call("hdel", _redis_key(collection), key)
        else:
            await self._call("hset", _redis_key(collection), key, content)

    async def swap(self, collection: str, key: str, old: bytes | None, new: bytes) -> bool:
        """Store `new` if `old` is there."""
        run = self._clients.current().register_script(self._SWAP)
        arguments: list[Any] = [key, int(old is not None), old or b"", new]
        return bool(await run(keys=[_redis_key(collection)], args=arguments))

    async def aclose(self) -> None:
        """Close the running loop's connections."""
        await self._clients.aclose()

    async def _call(self, command: str, *arguments: Any) -> Any:
        return await getattr(self._clients.current(), command)(*arguments)


def _redis_key(collection: str) -> str:
    return f"conferencing:documents:{collection}"


def _to_bytes(value: Any) -> bytes | None:
    """Return what Redis returned as bytes; a client may be set to decode them."""
    return value.encode() if isinstance(value, str) else value


_MEMORY: Final[dict[str, MemoryBackend]] = {}
"""The stores of this process by name, so that all clients of an account share one."""


def open_document_store(address: Secret | None, setting: str) -> DocumentStore:
    """Open `sqlite:<file>`, a `redis://` address, or `memory:<name>`, which this process shares.

    `memory` alone is a store of the caller's own. Raises `ConfigurationError`, which names `setting`,
    for anything else, and for None: what nobody else keeps has to be kept somewhere.
    """
    if address is None:
        raise ConfigurationError(
            f"the vendor keeps nothing of it, so {setting} must say where: 'sqlite:<file>' or a"
            " redis:// address (or 'memory', until the process ends)",
            field=setting,
        )
    return DocumentStore(_open_backend(address, setting), setting)


def _open_backend(address: Secret, setting: str) -> Backend:
    # No local variable holds a part of the address: with a typo in it, any part may be a password.
    if address.reveal() == "memory":
        return MemoryBackend()
    if address.reveal().startswith("memory:"):
        return _MEMORY.setdefault(address.reveal(), MemoryBackend())
    if address.reveal().startswith("sqlite:") and address.reveal() != "sqlite:":
        return SQLiteBackend(Path(address.reveal().removeprefix("sqlite:")).expanduser())
    if address.reveal().startswith(("redis://", "rediss://", "unix://")):
        return RedisBackend(open_redis(address, setting))
    raise ConfigurationError(
        f"{setting} must be 'sqlite:<file>', a redis:// address, or 'memory'", field=setting
    )

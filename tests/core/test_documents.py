"""The store of documents: the same in this process, in a file, and in Redis."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from conferencing import ConfigurationError, Secret, StoreUnavailable
from conferencing.documents import DocumentStore, open_document_store


def open_store(address: str) -> DocumentStore:
    return open_document_store(Secret(address), "room_store")


@pytest.fixture(params=["memory", "sqlite", "redis"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store, which two clients share."""
    if request.param == "memory":
        return f"memory:{uuid4().hex}"
    if request.param == "sqlite":
        return f"sqlite:{tmp_path / 'documents.db'}"
    return str(request.getfixturevalue("redis"))


@pytest.fixture
async def stores(address: str) -> AsyncIterator[tuple[DocumentStore, DocumentStore]]:
    first, second = open_store(address), open_store(address)
    yield first, second
    for store in (first, second):
        await store.aclose()
        await store.aclose()


async def test_documents_are_shared_and_apart(stores: Any) -> None:
    first, second = stores
    assert await second.get("rooms", "a") is None
    await first.put("rooms", "b", {"name": "Łódź", "n": [1, None, True]})
    await first.put("rooms", "a", {"name": "A"})
    await first.put("rooms of b", "a", {"name": "another collection"})
    assert await second.get("rooms", "b") == {"name": "Łódź", "n": [1, None, True]}
    assert [*await second.get_all("rooms")] == ["a", "b"]
    assert await second.get_all("nothing") == {}
    await second.put("rooms", "a", {"name": "replaced"})
    assert await first.get("rooms", "a") == {"name": "replaced"}
    await first.delete("rooms", "a")
    await first.delete("rooms", "a")
    assert [*await second.get_all("rooms")] == ["b"]


async def test_replace_needs_the_present_document(stores: Any) -> None:
    first, second = stores
    assert await first.replace("rooms", "a", None, {"n": 1})
    assert not await second.replace("rooms", "a", None, {"n": 2})
    assert not await second.replace("rooms", "a", {"n": 0}, {"n": 2})
    assert await second.replace("rooms", "a", {"n": 1}, {"n": 2})
    assert await first.get("rooms", "a") == {"n": 2}
    assert not await first.replace("rooms", "b", {"n": 1}, {"n": 2})


async def test_concurrent_changes_lose_nothing(stores: Any) -> None:
    async def add(store: DocumentStore) -> None:
        while True:
            document = await store.get("counts", "all")
            count = document["n"] if document else 0
            if await store.replace("counts", "all", document, {"n": count + 1}):
                return

    await asyncio.gather(*(add(store) for store in stores for _ in range(10)))
    assert await stores[0].get("counts", "all") == {"n": 20}


async def test_file_outlives_its_store_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "documents.db"
    store = open_store(f"sqlite:{path}")
    await store.put("rooms", "a", {"n": 1})
    await store.aclose()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = open_store(f"sqlite:{path}")
    assert await again.get("rooms", "a") == {"n": 1}
    await again.aclose()


async def test_memory_is_the_callers_own() -> None:
    first, second = open_store("memory"), open_store("memory")
    await first.put("rooms", "a", 1)
    assert await second.get("rooms", "a") is None


async def test_unreadable_file_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "documents.db"
    path.write_text("not a database, and long enough to be read as one" * 20)
    store = open_store(f"sqlite:{path}")
    with pytest.raises(StoreUnavailable, match="store of documents") as caught:
        await store.get("rooms", "a")
    assert (caught.value.field, caught.value.retryable) == ("room_store", True)
    await store.aclose()


async def test_document_that_is_not_json_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "documents.db"
    store = open_store(f"sqlite:{path}")
    await store.put("rooms", "a", 1)
    with sqlite3.connect(path) as file:
        file.execute("UPDATE document SET content = X'7B'")
    file.close()
    with pytest.raises(StoreUnavailable, match="not JSON"):
        await store.get("rooms", "a")
    await store.aclose()


async def test_absent_redis_is_unavailable(tmp_path: Path) -> None:
    pytest.importorskip("redis")
    store = open_store(f"unix://{tmp_path}/nobody.sock")
    with pytest.raises(StoreUnavailable, match="ConnectionError") as caught:
        await store.put("rooms", "a", 1)
    assert str(tmp_path) not in str(caught.value)
    await store.aclose()


@pytest.mark.parametrize("address", ["", "sqlite:", "rooms.db", "http://PASSWORD@host", "redis:x"])
def test_other_address_is_a_configuration_error(address: str) -> None:
    with pytest.raises(ConfigurationError, match="'sqlite:<file>'") as caught:
        open_store(address)
    assert "PASSWORD" not in str(caught.value)
    assert caught.value.field == "room_store"


def test_missing_address_says_what_to_set() -> None:
    with pytest.raises(ConfigurationError, match="room_store must say where"):
        open_document_store(None, "room_store")

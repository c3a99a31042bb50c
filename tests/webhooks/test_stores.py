"""Stores of handled events: one owner at a time, done once, free again after a lease."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from conferencing import ClientClosed, ConfigurationError, StoreUnavailable
from conferencing.redis_clients import RedisClients
from conferencing.webhooks import Claim, MemoryEventStore, open_event_store
from conferencing.webhooks.shared_stores import RedisEventStore, SQLiteEventStore

CLAIMING = """
import asyncio, sys
from pathlib import Path
from conferencing.webhooks.shared_stores import SQLiteEventStore

async def main():
    store = SQLiteEventStore(Path(sys.argv[1]))
    for number in range(40):
        claim = await store.claim(f"e{number}", sys.argv[2], 60)
        print(number, claim.value)
        if claim == "taken" and number % 2:
            await store.complete(f"e{number}", sys.argv[2])
    await store.aclose()

asyncio.run(main())
"""


@pytest.fixture
async def make(
    request: pytest.FixtureRequest, tmp_path: Path, clock: Any
) -> AsyncIterator[Callable[..., Any]]:
    """Return a maker of stores on one state; `keep` is in seconds."""
    made: list[Any] = []

    def make(keep: float = 100.0) -> Any:
        if request.param == "memory":
            store: Any = made[0] if made else MemoryEventStore(clock, keep=keep)
        else:
            path = tmp_path / "events.db"
            store = SQLiteEventStore(path, keep=keep, now=clock.monotonic)
        made.append(store)
        return store

    yield make
    for store in made:
        await store.aclose()


both = pytest.mark.parametrize("make", ["memory", "sqlite"], indirect=True)


@both
async def test_claim_has_one_owner_until_done(make: Any) -> None:
    first, second = make(), make()
    assert await first.claim("e1", "a", 60) is Claim.TAKEN
    assert await second.claim("e1", "b", 60) is Claim.HELD
    assert await second.claim("e2", "b", 60) is Claim.TAKEN
    assert not await second.complete("e1", "b")
    await second.release("e1", "b")
    assert await second.claim("e1", "b", 60) is Claim.HELD
    assert await first.complete("e1", "a")
    assert await second.claim("e1", "b", 60) is Claim.DONE
    assert await first.claim("e1", "a", 60) is Claim.DONE


@both
async def test_release_makes_an_event_free(make: Any) -> None:
    store = make()
    assert await store.claim("e1", "a", 60) is Claim.TAKEN
    await store.release("e1", "a")
    assert await store.claim("e1", "b", 60) is Claim.TAKEN


@both
async def test_expired_lease_makes_an_event_free(make: Any, clock: Any) -> None:
    store = make()
    assert await store.claim("e1", "a", 60) is Claim.TAKEN
    clock.time += 59
    assert await store.claim("e1", "b", 60) is Claim.HELD
    clock.time += 1
    assert await store.claim("e1", "b", 60) is Claim.TAKEN
    assert not await store.renew("e1", "a", 60)
    assert not await store.complete("e1", "a")
    await store.release("e1", "a")
    assert await store.claim("e1", "c", 60) is Claim.HELD


@both
async def test_renewed_lease_holds(make: Any, clock: Any) -> None:
    store = make()
    await store.claim("e1", "a", 60)
    for _ in range(5):
        clock.time += 50
        assert await store.renew("e1", "a", 60)
        assert await store.claim("e1", "b", 60) is Claim.HELD
    assert await store.complete("e1", "a")


@both
async def test_done_is_forgotten_by_age(make: Any, clock: Any) -> None:
    store = make(keep=100.0)
    for number in range(300):
        await store.claim(f"e{number}", "a", 60)
        await store.complete(f"e{number}", "a")
    clock.time += 99
    assert await store.claim("e7", "b", 60) is Claim.DONE
    clock.time += 1
    assert await store.claim("e7", "b", 60) is Claim.TAKEN
    for number in range(300, 310):
        await store.claim(f"e{number}", "a", 60)
    assert await count(store) == 11


async def count(store: Any) -> int:
    """Return how many events a store remembers."""
    if isinstance(store, MemoryEventStore):
        return len(store._done) + len(store._held)
    return await store._file.run(
        lambda file: file.execute("SELECT count(*) FROM event").fetchone()[0]
    )


async def test_memory_forgets_leases_of_the_dead(clock: Any) -> None:
    store = MemoryEventStore(clock)
    for number in range(1_500):
        await store.claim(f"e{number}", "a", 60)
    clock.time += 60
    await store.claim("e", "a", 60)
    assert await count(store) == 1


@both
async def test_concurrent_claims_have_one_winner(make: Any) -> None:
    stores = [make() for _ in range(4)]
    claims = await asyncio.gather(
        *(store.claim("e1", str(number), 60) for number, store in enumerate(stores * 5))
    )
    assert Counter(claims) == {Claim.TAKEN: 1, Claim.HELD: 19}


def test_processes_never_share_an_event(tmp_path: Path) -> None:
    command = [sys.executable, "-c", CLAIMING, str(tmp_path / "events.db")]
    running = [
        subprocess.Popen([*command, f"owner{number}"], stdout=subprocess.PIPE, text=True)
        for number in range(3)
    ]
    lines = [line for process in running for line in process.communicate(timeout=60)[0].split("\n")]
    assert [process.returncode for process in running] == [0] * 3
    assert Counter(lines)[""] == 3
    taken = [line for line in lines if line.endswith("taken")]
    assert sorted(taken) == sorted(f"{number} taken" for number in range(40))


async def test_events_survive_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    first = SQLiteEventStore(path)
    await first.claim("done", "a", 60)
    await first.complete("done", "a")
    await first.claim("held", "a", 60)
    await first.aclose()
    await first.aclose()
    second = SQLiteEventStore(path)
    assert await second.claim("done", "b", 60) is Claim.DONE
    assert await second.claim("held", "b", 60) is Claim.HELD
    assert await second.claim("new", "b", 60) is Claim.TAKEN
    await second.aclose()


def modes(folder: Path) -> dict[str, int]:
    """Return the permissions of the files of a folder."""
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


async def test_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    store = SQLiteEventStore(path)
    await store.claim("e1", "a", 60)
    assert path.name in modes(tmp_path)
    assert {*modes(tmp_path).values()} == {0o600}
    await store.aclose()


async def test_closed_store_raises_client_closed(tmp_path: Path) -> None:
    store = SQLiteEventStore(tmp_path / "events.db")
    await store.aclose()
    with pytest.raises(ClientClosed):
        await store.claim("e1", "a", 60)


async def test_locked_file_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    store = SQLiteEventStore(path)
    await store.claim("e0", "a", 60)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        claim = asyncio.create_task(store.claim("e1", "a", 60))
        done, _ = await asyncio.wait([claim], timeout=0.2)
        assert not done
        other.execute("ROLLBACK")
    async with asyncio.timeout(10):
        assert await claim is Claim.TAKEN
    await store.aclose()


@pytest.mark.parametrize("content", [None, b"this is no database, and long enough to say so" * 9])
async def test_unusable_file_is_store_unavailable(
    tmp_path: Path, clock: Any, content: bytes | None
) -> None:
    path = tmp_path / "missing" / "e.db" if content is None else tmp_path / "e.db"
    if content:
        path.write_bytes(content)
    store = open_event_store(f"sqlite:{path}", clock)
    with pytest.raises(StoreUnavailable, match="store of events") as caught:
        await store.claim("e1", "a", 60)
    assert (caught.value.field, caught.value.retryable) == ("store", True)
    await store.aclose()


@pytest.mark.parametrize("address", ["", "sqlite:", "events.db", "http://PASSWORD@host", "redis:x"])
def test_other_address_is_a_configuration_error(address: str, clock: Any) -> None:
    with pytest.raises(ConfigurationError, match="'sqlite:<file>' or a redis:// address") as caught:
        open_event_store(address, clock)
    assert "PASSWORD" not in str(caught.value)


def test_malformed_redis_address_hides_it(clock: Any) -> None:
    pytest.importorskip("redis")
    with pytest.raises(ConfigurationError, match="not a redis:// address") as caught:
        open_event_store("redis://u:PASSWORD@host:port/x", clock)
    assert "PASSWORD" not in str(caught.value)
    assert caught.value.__context__ is None


# ------------------------------------------------------------------------------------------- Redis


async def test_redis_has_one_owner_until_done(redis: str, clock: Any) -> None:
    first, second = (open_event_store(redis, clock) for _ in range(2))
    assert await first.claim("e1", "a", 60) is Claim.TAKEN
    assert await second.claim("e1", "b", 60) is Claim.HELD
    assert not await second.complete("e1", "b")
    assert not await second.renew("e1", "b", 60)
    await second.release("e1", "b")
    assert await first.renew("e1", "a", 60)
    assert await first.complete("e1", "a")
    assert await second.claim("e1", "b", 60) is Claim.DONE
    assert await first.claim("e2", "a", 60) is Claim.TAKEN
    assert await first.claim("e2", "a", 60) is Claim.TAKEN  # sent again by the library
    await first.release("e2", "a")
    assert await second.claim("e2", "b", 60) is Claim.TAKEN
    claims = await asyncio.gather(*(first.claim("e3", str(owner), 60) for owner in range(20)))
    assert Counter(claims) == {Claim.TAKEN: 1, Claim.HELD: 19}
    for store in (first, second):
        await store.aclose()
        await store.aclose()


async def test_redis_expires_leases_and_events(redis: str) -> None:
    from redis.asyncio import Redis  # noqa: PLC0415

    store = RedisEventStore(RedisClients(lambda: Redis.from_url(redis)), keep=1_000)
    await store.claim("e1", "a", 60)
    await store.claim("e2", "a", 60)
    await store.complete("e2", "a")
    async with Redis.from_url(redis) as client:
        assert 59_000 < await client.pttl("conferencing:event:e1") <= 60_000
        assert 999_000 < await client.pttl("conferencing:event:e2") <= 1_000_000
        await client.delete("conferencing:event:e1")  # as an expired lease
    assert not await store.complete("e1", "a")
    assert await store.claim("e1", "b", 60) is Claim.TAKEN
    await store.aclose()


async def test_absent_redis_is_store_unavailable(tmp_path: Path, clock: Any) -> None:
    pytest.importorskip("redis")
    store = open_event_store(f"unix://{tmp_path}/nobody.sock", clock)
    with pytest.raises(StoreUnavailable, match="ConnectionError") as caught:
        await store.claim("e1", "a", 60)
    assert str(tmp_path) not in str(caught.value)
    await store.aclose()

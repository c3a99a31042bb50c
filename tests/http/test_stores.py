"""Stores that several processes share: one rate for all of them, and clear errors."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from real_servers import PostgresServer
from scripted import reply

from conferencing import (
    ConferencingError,
    ConfigurationError,
    Secret,
    Sent,
    StoreUnavailable,
    TimedOut,
)
from conferencing.accounts.context import Context, Rate, SystemClock
from conferencing.http import GET
from conferencing.http.limits import Limiter
from conferencing.http.shared_stores import SQLiteStore
from conferencing.http.stores import RateStore, open_store

BOOK = """
import asyncio, sys
from pathlib import Path
from conferencing.http.shared_stores import SQLiteStore

async def main():
    store = SQLiteStore(Path(sys.argv[1]), now=lambda: 1000.0)
    for _ in range(25):
        print(await store.reserve("k", 1.0, 1e9))
    await store.aclose()

asyncio.run(main())
"""


async def test_two_stores_on_one_file_share_the_pace(tmp_path: Path) -> None:
    now = [1000.0]
    first, second = (SQLiteStore(tmp_path / "pace.db", now=lambda: now[0]) for _ in range(2))
    assert await first.reserve("k", 1.0, 60) == 0
    assert await second.reserve("k", 1.0, 60) == 1
    assert await first.reserve("k", 1.0, 1.5) == 2
    assert await second.reserve("k", 1.0, 60) == 2
    await second.pause("k", 30)
    assert await first.reserve("k", 1.0, 60) == 30
    assert await first.reserve("another", 1.0, 60) == 0
    now[0] = 1100.0
    assert await second.reserve("k", 1.0, 60) == 0
    await first.aclose()
    await second.aclose()
    await second.aclose()


async def test_several_slots_are_reserved_or_none(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "pace.db", now=lambda: 1000.0)
    assert await store.reserve("k", 1.0, 60, 12) == 0
    assert await store.reserve("k", 1.0, 11.5, 3) == 12
    assert await store.reserve("k", 1.0, 12.5, 3) == 12
    assert await store.reserve("k", 1.0, 60) == 15
    await store.aclose()


async def test_threads_never_reserve_a_slot_twice(tmp_path: Path) -> None:
    stores = [SQLiteStore(tmp_path / "pace.db", now=lambda: 1000.0) for _ in range(4)]
    booked = await asyncio.gather(
        *(store.reserve("k", 1.0, 1e9) for store in stores for _ in range(25))
    )
    assert sorted(booked) == list(range(100))
    for store in stores:
        await store.aclose()


def test_processes_never_book_one_slot_twice(tmp_path: Path) -> None:
    command = [sys.executable, "-c", BOOK, str(tmp_path / "pace.db")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    booked = [
        float(line) for process in running for line in process.communicate(timeout=60)[0].split()
    ]
    assert [process.returncode for process in running] == [0] * 4
    assert sorted(booked) == list(range(100))


@pytest.mark.parametrize("content", [None, b"this is no database, and long enough to say so" * 9])
async def test_unusable_file_raises_store_unavailable(
    tmp_path: Path, clock: Any, content: bytes | None
) -> None:
    path = tmp_path / "missing" / "pace.db" if content is None else tmp_path / "pace.db"
    if content:
        path.write_bytes(content)
    store = open_store(Secret(f"sqlite:{path}"), clock)
    with pytest.raises(StoreUnavailable) as caught:
        await Limiter("k", Rate(1), store, clock).acquire(1)
    assert (caught.value.field, caught.value.retryable) == ("rate_store", True)
    await store.aclose()


async def test_machines_share_the_pace_in_redis(redis: str, clock: Any) -> None:
    first, second = open_store(Secret(redis), clock), open_store(Secret(redis), clock)
    booked = [await store.reserve("k", 100.0, 1e6) for _ in range(3) for store in (first, second)]
    assert booked[0] == 0
    assert all(95 < after - before <= 100 for before, after in pairwise(booked))
    assert await second.reserve("k", 100.0, 10) > 500
    assert 500 < await first.reserve("k", 100.0, 1e6) <= 600
    assert await first.reserve("another", 100.0, 1e6) == 0
    await _closed(first, second)


async def test_redis_reserves_all_slots_or_none(redis: str, clock: Any) -> None:
    store = open_store(Secret(redis), clock)
    assert await store.reserve("k", 100.0, 60, 12) == 0
    assert 1195 < await store.reserve("k", 100.0, 100, 3) <= 1200
    assert 1195 < await store.reserve("k", 100.0, 1e6, 3) <= 1200
    assert 1495 < await store.reserve("k", 100.0, 1e6) <= 1500
    await _closed(store)


async def test_two_clients_share_a_file_in_batches(tmp_path: Path) -> None:
    clock, begun = SystemClock(), time.monotonic()
    stores = [SQLiteStore(tmp_path / "pace.db") for _ in range(2)]
    paced = [Limiter("k", Rate(200), store, clock) for store in stores]
    starts: list[float] = []

    async def work(mine: Limiter) -> None:
        for _ in range(10):
            assert await mine.acquire(60) == 0
            starts.append(time.monotonic())

    await asyncio.gather(*(work(limiter) for limiter in paced for _ in range(5)))
    assert len(starts) == 100
    assert 99 * 0.00515 - 0.01 < max(starts) - begun < 5
    for store in stores:
        await store.aclose()


async def test_pause_in_redis_holds_back_all(redis: str, clock: Any) -> None:
    first, second = open_store(Secret(redis), clock), open_store(Secret(redis), clock)
    await first.pause("k", 100)
    await first.pause("k", 1)
    assert 95 < await second.reserve("k", 1.0, 1e6) <= 100
    await _closed(first, second)


async def test_concurrent_redis_calls_get_own_slots(redis: str, clock: Any) -> None:
    store = open_store(Secret(redis), clock)
    begun = time.monotonic()
    slots = sorted(await asyncio.gather(*(store.reserve("k", 10.0, 1e6) for _ in range(50))))
    drift = time.monotonic() - begun
    assert all(10 - drift <= after - before <= 10 + drift for before, after in pairwise(slots))
    await _closed(store)


async def test_missing_redis_error_hides_its_password(clock: Any) -> None:
    store = open_store(Secret("unix://:canary-pw@/nowhere/redis.sock"), clock)
    with pytest.raises(StoreUnavailable) as caught:
        await Limiter("k", Rate(1), store, clock).acquire(1)
    assert "canary" not in str(caught.value)
    await _closed(store)


async def _closed(*stores: RateStore) -> None:
    for store in stores:
        await store.aclose()


# ------------------------------------------------------------------------------------ in trouble


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A rate store that another program keeps locked."""
    path = tmp_path / "pace.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield path


async def test_locked_file_is_given_up_at_the_deadline(
    serve: Any, adapter: Any, locked: Path
) -> None:
    server = await serve(reply({}))
    options = {"rate": Rate(5), "rate_store": Secret(f"sqlite:{locked}"), "timeout": 0.5}
    provider = adapter(server, clock=SystemClock(), **options)
    begun = time.monotonic()
    with pytest.raises(TimedOut) as caught:
        await provider.call(GET("/x"))
    assert (caught.value.sent, caught.value.retryable) == (Sent.NO, True)
    assert time.monotonic() - begun < 5
    assert server.requests == []


async def test_file_locked_at_first_is_used_later(tmp_path: Path, clock: Any) -> None:
    path = tmp_path / "pace.db"
    store = open_store(Secret(f"sqlite:{path}"), clock)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        waiting = asyncio.create_task(store.reserve("k", 1.0, 60))
        await asyncio.sleep(0)
        other.execute("COMMIT")
    assert await waiting == 0
    await store.aclose()


async def test_local_fallback_goes_on_and_warns_once(
    clock: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_store(Secret(f"sqlite:{tmp_path}/missing/pace.db"), clock, "local")
    assert [await store.reserve("k", 1.0, 60) for _ in range(3)] == [0, 1, 2]
    await store.pause("k", 30)
    assert await store.reserve("k", 1.0, 60) == 30
    assert [record.message.partition(":")[0] for record in caplog.records] == [
        "this process limits its own rate meanwhile"
    ]
    await store.aclose()


def test_unknown_fallback_raises() -> None:
    with pytest.raises(ConfigurationError, match="may only be 'local'"):
        Context(rate_store_fallback="remote")


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:{}@127.0.0.1:1/d",
        "postgresql://u:{}@h:port/d",
        "redi://:{}@h",
        "redis:/:{}@h",
        "rediss://:{}@h:port",
        "redis://:{}@127.0.0.1:1",
        "{}",
    ],
)
async def test_unusable_address_shows_no_password(address: str, adapter: Any) -> None:
    secret = "canary-PW-77aa"
    provider = adapter("http://127.0.0.1:1", rate_store=Secret(address.format(secret)))
    with pytest.raises(ConferencingError) as caught:
        await provider.call(GET("/x"))
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    frames = [frame for frame in shown.stack if frame.filename != __file__]
    assert frames
    assert secret not in f"{caught.value} {[frame.locals for frame in frames]}"
    assert caught.value.__context__ is None


async def test_redis_that_restarts_is_used_again(
    start_redis: Callable[[], subprocess.Popen[bytes]], redis: str, clock: Any
) -> None:
    store = open_store(Secret(redis), clock)
    assert await store.reserve("k", 1.0, 60) == 0
    start_redis()
    assert await store.reserve("k", 1.0, 60) == 0
    await store.aclose()


async def test_silent_redis_is_given_up_at_the_deadline(
    serve: Any, adapter: Any, tmp_path: Path
) -> None:
    writers: list[asyncio.StreamWriter] = []
    silent = await asyncio.start_unix_server(
        lambda _, writer: writers.append(writer), tmp_path / "redis.sock"
    )
    server = await serve(reply({}))
    address = Secret(f"unix://{tmp_path}/redis.sock")
    provider = adapter(server, clock=SystemClock(), rate=Rate(5), rate_store=address, timeout=0.5)
    with pytest.raises(TimedOut) as caught:
        await provider.call(GET("/x"))
    assert caught.value.sent is Sent.NO
    await provider.aclose()
    silent.close()
    for writer in writers:
        writer.close()


# ------------------------------------------------------------------------------------- PostgreSQL


async def test_machines_share_the_pace_in_postgres(postgres: str, clock: Any) -> None:
    address = Secret(postgres)
    first, second = open_store(address, clock), open_store(address, clock)
    booked = [await store.reserve("k", 100.0, 1e6) for _ in range(3) for store in (first, second)]
    assert booked[0] == 0
    assert all(95 < after - before <= 100 for before, after in pairwise(booked))
    assert await second.reserve("k", 100.0, 10) > 500
    assert 500 < await first.reserve("k", 100.0, 1e6, 3) <= 600
    assert 800 < await second.reserve("k", 100.0, 1e6) <= 900
    assert await first.reserve("another", 100.0, 1e6) == 0
    await second.pause("another", 500)
    await second.pause("another", 1)
    assert 495 < await first.reserve("another", 1.0, 1e6) <= 500
    await _closed(first, second)


async def test_concurrent_postgres_calls_get_own_slots(postgres: str, clock: Any) -> None:
    stores = [open_store(Secret(postgres), clock) for _ in range(3)]
    begun = time.monotonic()
    calls = (store.reserve("own", 10.0, 1e6) for store in stores for _ in range(15))
    slots = sorted(await asyncio.gather(*calls))
    drift = time.monotonic() - begun
    assert all(10 - drift <= after - before <= 10 + drift for before, after in pairwise(slots))
    await _closed(*stores)


async def test_postgres_that_restarts_is_used_again(
    postgres_server: PostgresServer, postgres: str, clock: Any
) -> None:
    store = open_store(Secret(postgres), clock)
    assert await store.reserve("restart", 1.0, 60) == 0
    postgres_server.kill()
    with pytest.raises(StoreUnavailable) as caught:
        await store.reserve("restart", 1.0, 60)
    assert caught.value.retryable
    postgres_server.start()
    assert await store.reserve("restart", 100.0, 600) <= 1
    await _closed(store)


async def test_accounts_share_one_session_of_postgres(postgres: str, clock: Any) -> None:
    import psycopg  # noqa: PLC0415 - optional

    def count() -> int:
        statement = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = 'conferencing' AND datname = current_database()"
        )
        with psycopg.connect(postgres) as connection:
            row = connection.execute(statement).fetchone()
        return int(row[0]) if row else 0

    stores = [open_store(Secret(postgres), clock) for _ in range(80)]
    await asyncio.gather(*(store.reserve(f"account{n}", 1, 60) for n, store in enumerate(stores)))
    assert count() == 1
    await _closed(*stores[1:], *stores[1:])
    await stores[0].reserve("account0", 1, 60)
    await _closed(stores[0])
    async with asyncio.timeout(10):
        while count():  # noqa: ASYNC110 - the server ends sessions by itself
            await asyncio.sleep(0.05)

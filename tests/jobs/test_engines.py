"""Task queues on real servers: workers are killed and frozen, and nobody is lost or registered twice.

`benchmarks/reliability/jobs_kills.py` does the same with 10,000 people, 60 kills, and servers that die.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random
from typing import Any

import pytest
from real_servers import Missing
from trial import ENGINES, Trial, serving_engine, trying, wait_for

LIBRARIES = {
    "procrastinate": ("procrastinate", "psycopg"),
    "taskiq-rabbitmq": ("taskiq", "taskiq_aio_pika", "taskiq_redis"),
    "taskiq-redis": ("taskiq", "taskiq_redis"),
}
QUICK: dict[str, Any] = {"settle": 1.2, "lease": 1.0, "latest": 0.8, "rate": "100/s", "size": 15}


redis_first = pytest.mark.parametrize(
    "engine",
    [name if name == "taskiq-redis" else pytest.param(name, marks=pytest.mark.exhaustive)
     for name in ENGINES],
    indirect=True,
)  # fmt: skip
redis_only = pytest.mark.parametrize("engine", ["taskiq-redis"], indirect=True)


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest) -> Any:
    """An engine and its servers."""
    for library in LIBRARIES[request.param]:
        pytest.importorskip(library, reason=f"this needs {library}")
    try:
        with serving_engine(request.param) as servers:
            yield request.param, servers
    except Missing as missing:
        pytest.skip(str(missing))


@redis_first
async def test_killed_workers_lose_and_double_nobody(engine: Any, tmp_path: Path) -> None:
    async with trying(*at(engine, tmp_path), count=210, random=Random(7), **QUICK) as trial:
        await trial.submit()
        trial.start_worker()
        trial.start_worker()
        while trial.kills < 6:
            await asyncio.sleep(0.5 + trial.random.random() * 0.4)
            trial.kill_worker()
        await trial.wait_until_done(60)
        progress = await trial.people.progress()
        await check_privacy(trial)
    assert trial.wrong() == []
    assert sum(room.waiting + room.failed for room in progress.values()) == 0
    assert sum(sum(room.counts.values()) for room in progress.values()) == 210


@redis_first
async def test_frozen_worker_doubles_nobody(engine: Any, tmp_path: Path) -> None:
    details: dict[str, Any] = {**QUICK, "rate": "30/s", "late": 0.0}
    async with trying(*at(engine, tmp_path), count=150, **details) as trial:
        await trial.submit()
        frozen = trial.start_worker()
        trial.start_worker()
        await wait_for(lambda: len(trial.posts) >= 30)
        trial.freeze_worker(frozen)
        await trial.wait_until_done(60)  # the other one takes the work over
        trial.thaw_worker(frozen)
        await asyncio.sleep(1)
        assert frozen.poll() is None
    assert trial.wrong() == []


@redis_only
async def test_killed_workers_without_journal_double_people(engine: Any, tmp_path: Path) -> None:
    details = {**QUICK, "late": 0.15, "latest": 3.0}
    async with trying(*at(engine, tmp_path), count=90, **details) as trial:
        await trial.submit_bare()
        trial.start_worker()
        for _ in range(6):
            before = len(trial.posts)
            await wait_for(lambda: len(trial.posts) >= before + 10)  # noqa: B023
            trial.kill_worker()
            if trial.doubled:
                break
        await wait_for(lambda: trial.doubled)


def at(engine: Any, folder: Path) -> tuple[str, Path, list[Any]]:
    name, servers = engine
    return name, folder, servers


async def check_privacy(trial: Trial) -> None:
    """Look for addresses, names and keys in the queue, the journal, the results and the logs."""
    secrets = [b"@example.com", b"Ann", trial.key.encode()]
    kept = trial.log().encode() + b"".join([dump async for dump in dump_servers(trial)])
    assert len(kept) > 1000
    assert [secret for secret in secrets if secret in kept] == []


async def dump_servers(trial: Trial) -> Any:
    """Yield all that the servers have."""
    if trial.engine == "procrastinate":
        import psycopg  # noqa: PLC0415

        async with await psycopg.AsyncConnection.connect(trial.servers[-1].address) as connection:
            cursor = await connection.execute(
                "SELECT query_to_xml('SELECT * FROM ' || quote_ident(table_name), true, true, '')"
                " FROM information_schema.tables WHERE table_schema = 'public'"
            )
            for (text,) in await cursor.fetchall():
                yield text.encode()
        return
    import redis.asyncio  # noqa: PLC0415

    async with redis.asyncio.Redis.from_url(trial.servers[-1].address) as client:
        async for key in client.scan_iter():
            readers = {
                b"hash": client.hgetall, b"set": client.smembers, b"string": client.get,
                b"stream": client.xrange,
            }  # fmt: skip
            yield key + repr(await readers[await client.type(key)](key)).encode()

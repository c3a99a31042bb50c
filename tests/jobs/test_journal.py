"""Shared journals: one holder at a time, nothing written without the lease, nobody named."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from real_servers import STORES, RedisServer
from server_fixtures import serving_or_skip

from conferencing import ConfigurationError, StoreUnavailable
from conferencing.bulk import JournalError, Outcome
from conferencing.jobs import BatchRecord, BatchState, Mark, SharedJournal, open_journal

every_store = pytest.mark.parametrize("address", STORES, indirect=True)

ANN, BO, CY = (letter * 32 for letter in "abc")


def record(number: int = 1, **changes: Any) -> BatchRecord:
    facts = {
        "key": f"main:7:x:{number}",
        "account": "main",
        "room": "7",
        "size": 2,
        "content": "{}",
    }
    return BatchRecord(**{**facts, **changes})


@every_store
async def test_key_has_one_holder_at_a_time(make_journal: Callable[..., SharedJournal]) -> None:
    journals, inside, most = [make_journal(), make_journal()], 0, 0

    async def work(journal: SharedJournal) -> None:
        nonlocal inside, most
        async with journal.hold("k"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.01)
            inside -= 1

    await asyncio.gather(*(work(journal) for journal in [*journals, journals[0]]))
    assert most == 1
    async with journals[0].hold("k"), journals[1].hold("another"):
        pass


@every_store
async def test_marks_belong_to_their_key(journal: SharedJournal) -> None:
    async with journal.hold("one") as first, journal.hold("two") as second:
        assert await first.write([ANN, BO], {}, []) == set()
        assert await second.write([BO, CY], {}, []) == {BO}
        await first.write([], {ANN: Outcome.REGISTERED}, [BO])
        await second.write([], {ANN: Outcome.EXISTED}, [ANN])
        marks = await journal.marks([ANN, BO, CY])
        assert not await second.adopt(first.holder)
    assert marks == {
        ANN: Mark(Outcome.REGISTERED, first.holder),
        CY: Mark(None, second.holder),
    }


@every_store
async def test_marks_of_a_dead_key_are_adopted(journal: SharedJournal) -> None:
    async with journal.hold("one") as first:
        await first.write([ANN], {}, [])
    async with journal.hold("two") as second:
        assert await second.adopt(first.holder)
        assert await second.write([ANN], {ANN: Outcome.REGISTERED}, []) == set()
    assert await journal.marks([ANN]) == {ANN: Mark(Outcome.REGISTERED, second.holder)}
    async with journal.hold("one"):
        pass


@every_store
async def test_batch_is_kept_until_it_is_done(journal: SharedJournal) -> None:
    assert await journal.add([record(1), record(2)]) == [record(1), record(2)]
    assert await journal.load("main:7:x:1") == record(1)
    assert await journal.load("main:7:x:9") is None
    counts = {Outcome.REGISTERED: 1, Outcome.REFUSED: 1}
    done = record(1, state=BatchState.DONE, counts=counts, refused=((3, "no"),), content=None)
    async with journal.hold("main:7:x:1") as hold:
        await hold.finish(done)
    assert await journal.load("main:7:x:1") == done
    assert [row.key for row in await journal.add([record(1), record(2)])] == ["main:7:x:2"]
    assert {row.key: row.content for row in await journal.records()} == {
        "main:7:x:1": None, "main:7:x:2": None,
    }  # fmt: skip


@every_store
async def test_failed_batch_waits_again_when_added(journal: SharedJournal) -> None:
    await journal.add([record()])
    async with journal.hold(record().key) as hold:
        await hold.finish(record(state=BatchState.FAILED, reason="gone"))
    assert [row.content for row in [await journal.load(record().key)] if row] == ["{}"]
    assert len(await journal.add([record()])) == 1
    loaded = await journal.load(record().key)
    assert loaded is not None
    assert (loaded.state, loaded.deliveries) == (BatchState.WAITING, 0)


@every_store
async def test_deliveries_count_until_a_new_mark(journal: SharedJournal) -> None:
    await journal.add([record()])

    async def deliver(*begun: str) -> int:
        async with journal.hold(record().key) as hold:
            started = await hold.start()
            await hold.write(begun, {}, [])
        assert started is not None
        return started.deliveries

    assert [await deliver(), await deliver(), await deliver(ANN)] == [1, 2, 3]
    assert [await deliver(ANN), await deliver(ANN), await deliver(BO)] == [1, 2, 3]
    assert await deliver() == 1
    async with journal.hold("unknown") as hold:
        assert await hold.start() is None


@every_store
async def test_account_is_parked_until_it_is_not(journal: SharedJournal) -> None:
    assert await journal.list_parked() == {}
    await journal.park("main", "revoked")
    await journal.park("main", "still revoked")
    assert await journal.list_parked() == {"main": "still revoked"}
    await journal.unpark("main")
    await journal.unpark("main")
    assert await journal.list_parked() == {}


@every_store
async def test_lease_that_is_not_renewed_is_lost(
    make_journal: Callable[..., SharedJournal], monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen, other = make_journal(lease=0.3), make_journal(lease=0.3)
    async with frozen.hold("k") as hold:
        await hold.write([ANN], {}, [])
        keeper = [task for task in asyncio.all_tasks() if "keep" in repr(task.get_coro())]
        for task in keeper:  # as if the process had been stopped
            task.cancel()
        async with asyncio.timeout(20), other.hold("k") as second:
            with pytest.raises(JournalError, match="lease on this batch is lost"):
                hold.check()
            with pytest.raises(JournalError, match="lease on this batch is lost"):
                await hold.write([BO], {ANN: Outcome.REGISTERED}, [])
            assert await second.write([ANN], {}, []) == set()
    assert await other.marks([ANN, BO]) == {ANN: Mark(None, second.holder)}


@every_store
async def test_renewed_lease_is_kept(make_journal: Callable[..., SharedJournal]) -> None:
    journal = make_journal(lease=0.3)
    async with journal.hold("k") as hold:
        for _ in range(10):
            await asyncio.sleep(0.1)
            hold.check()
        await hold.write([ANN], {}, [])


@every_store
async def test_cancelled_wait_leaves_no_lease(make_journal: Callable[..., SharedJournal]) -> None:
    journal = make_journal()

    async def wait() -> None:
        async with journal.hold("k"):
            raise AssertionError

    async with journal.hold("k"):
        waiting = asyncio.create_task(wait())
        await asyncio.sleep(0.05)
        waiting.cancel()
        assert isinstance((await asyncio.gather(waiting, return_exceptions=True))[0], BaseException)
    async with asyncio.timeout(5), make_journal().hold("k"):
        pass


@pytest.mark.parametrize(
    "address",
    ["redis://:canary-pw@127.0.0.1:1/0", "postgresql://u:canary-pw@127.0.0.1:1/d",
     "sqlite:/nowhere/people.db"],
    indirect=False,
)  # fmt: skip
async def test_absent_store_is_a_retryable_error(address: str) -> None:
    journal = open_journal(address)
    with pytest.raises(StoreUnavailable) as caught:
        await journal.list_parked()
    assert caught.value.retryable
    assert "canary" not in str(caught.value)
    assert caught.value.__context__ is None
    with pytest.raises(StoreUnavailable):
        async with journal.hold("k"):
            raise AssertionError
    await journal.aclose()


@pytest.mark.parametrize(
    "address", ["", "people.db", "sqlite:", "postgres://u:canary@h/d", "mysql://canary@h"]
)
def test_address_of_no_journal_is_refused(address: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_journal(address)
    assert "canary" not in str(caught.value)


async def test_redis_without_appendonly_file_is_refused() -> None:
    redis = pytest.importorskip("redis", reason="this needs redis: pip install redis")
    with serving_or_skip(RedisServer, "redis", appendonly=False) as server:
        journal = open_journal(server.address)
        with pytest.raises(ConfigurationError, match="appendonly yes"):
            await journal.marks([ANN])
        with redis.Redis.from_url(server.address) as client:
            client.config_set("appendonly", "yes")
        assert await journal.marks([ANN]) == {}
        await journal.aclose()


@pytest.mark.parametrize("store", ["redis", "postgres"])
async def test_journal_survives_a_crash_of_its_server(
    request: pytest.FixtureRequest, store: str
) -> None:
    server = request.getfixturevalue(f"{store}_server")
    journal = open_journal(server.address, lease=2)
    async with journal.hold("k") as hold:
        await hold.write([ANN], {ANN: Outcome.REGISTERED}, [])
        server.kill()
        with pytest.raises(StoreUnavailable):
            await hold.write([BO], {}, [])
        server.start()
    async with asyncio.timeout(20), journal.hold("k"):
        assert (await journal.marks([ANN, BO])).keys() == {ANN}
    await journal.aclose()

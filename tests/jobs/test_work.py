"""What becomes of a job: done, put off, parked with its account, or given up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from vendor import POST, Planned, always, people

from conferencing import Room, UnsupportedOperation
from conferencing.bulk import Outcome
from conferencing.jobs import Ended, Jobs, PutOff, SharedJournal, batches
from conferencing.jobs.work import MAX_DELIVERIES
from conferencing.sandbox import Fault


@pytest.fixture
async def jobs(config: Path, journal: SharedJournal) -> AsyncIterator[Jobs]:
    work = Jobs(config=config, journal=journal, settle=0.1)
    yield work
    await work.accounts.aclose()


async def submit(jobs: Jobs, room: Room, count: int = 6, size: int = 2) -> list[str]:
    records, _ = await jobs.plan(batches({("main", room.id): people(count)}, size=size))
    return [record.key for record in records]


def refusing(status: int) -> Fault:
    return Fault(kind="status", status=status, body='{"errors":[]}')


async def test_batches_are_done_and_counted(jobs: Jobs, room: Room, served: Planned) -> None:
    keys = await submit(jobs, room)
    assert (await jobs.progress())["main", room.id].waiting == 6
    outcomes = await asyncio.gather(*map(jobs.run, [*keys, keys[0]]))
    assert all(isinstance(outcome, Ended) and outcome.result for outcome in outcomes)
    progress = (await jobs.progress())["main", room.id]
    assert (progress.counts, progress.complete) == ({Outcome.REGISTERED: 6}, True)
    assert served.counts[POST] == 6


async def test_list_submitted_twice_is_registered_once(jobs: Jobs, room: Room) -> None:
    keys = await submit(jobs, room)
    await asyncio.gather(*map(jobs.run, keys))
    records, submission = await jobs.plan(batches({("main", room.id): people(6)}, size=2))
    assert (records, submission.batches, submission.people, submission.done) == ([], 3, 6, 3)


async def test_bad_rows_are_told_by_submission(jobs: Jobs, room: Room) -> None:
    rows = [{"email": "nonsense"}]
    records, submission = await jobs.plan(batches({("main", room.id): rows}))
    assert records == []
    assert [entry.number for entry in submission.bad["main", room.id]] == [1]


async def test_revoked_key_is_noticed_by_one_call(jobs: Jobs, room: Room, served: Planned) -> None:
    keys = await submit(jobs, room, count=20)
    served.plan = always(refusing(401))
    outcomes = await asyncio.gather(*map(jobs.run, keys))
    assert all(isinstance(outcome, PutOff) and outcome.parked for outcome in outcomes)
    assert served.counts[POST] == 1
    progress = (await jobs.progress())["main", room.id]
    assert progress.waiting == 20
    assert progress.parked is not None
    served.plan = lambda _kind, _number: None
    await jobs.unpark("main")
    outcomes = await asyncio.gather(*map(jobs.run, keys))
    assert all(isinstance(outcome, Ended) for outcome in outcomes)
    assert sum(served.registered(room).values()) == 20


async def test_missing_room_fails_its_batches_only(jobs: Jobs, room: Room, served: Planned) -> None:
    lists = {("main", room.id): people(2), ("main", "999"): people(2)}
    records, _ = await jobs.plan(batches(lists))
    good, bad = [await jobs.run(record.key) for record in records]
    assert isinstance(good, Ended)
    assert good.result is not None
    assert isinstance(bad, Ended)
    assert bad.result is None
    progress = await jobs.progress()
    assert (progress["main", "999"].failed, progress["main", room.id].complete) == (2, True)


async def test_vendor_that_is_away_puts_off(jobs: Jobs, room: Room, served: Planned) -> None:
    keys = await submit(jobs, room, count=2)
    served.plan = always(refusing(503))
    for attempt, seconds in enumerate([30, 60]):
        outcome = await jobs.run(keys[0], attempt)
        assert isinstance(outcome, PutOff)
        assert (outcome.seconds, outcome.parked) == (seconds, False)
    record = await jobs.journal.load(keys[0])
    assert record is not None
    assert record.deliveries == 0  # the worker lived


async def test_batch_that_kills_its_workers_is_given_up(jobs: Jobs, room: Room) -> None:
    [key] = await submit(jobs, room, count=2)
    for _ in range(MAX_DELIVERIES):
        async with jobs.journal.hold(key) as hold:
            await hold.start()
    outcome = await jobs.run(key)
    assert isinstance(outcome, Ended)
    assert outcome.result is None
    assert (await jobs.progress())["main", room.id].failed == 2
    assert await submit(jobs, room, count=2) == [key]
    assert isinstance(await jobs.run(key), Ended)
    assert (await jobs.progress())["main", room.id].complete


async def test_unknown_batch_ends(jobs: Jobs) -> None:
    outcome = await jobs.run("main:7:x:1")
    assert isinstance(outcome, Ended)
    assert outcome.reason is not None
    assert "submit" in outcome.reason


async def test_account_that_registers_nobody_is_refused(
    tmp_path: Path, journal: SharedJournal
) -> None:
    path = tmp_path / "conferencing.toml"
    text = '[accounts.main]\nprovider = "meetrs"\nclient_key = "i"\nclient_secret = "s"\n'
    path.write_text(text, "utf-8")
    jobs = Jobs(config=path, journal=journal)
    with pytest.raises(UnsupportedOperation):
        await jobs.plan(batches({("main", "1"): people(1)}))
    await jobs.accounts.aclose()
    assert await jobs.journal.records() == []


async def test_unknown_account_is_parked(jobs: Jobs, config: Path, room: Room) -> None:
    [key] = await submit(jobs, room, count=2)
    elsewhere = Jobs(config=None, journal=jobs.journal)
    outcome = await elsewhere.run(key)
    assert isinstance(outcome, PutOff)
    assert outcome.parked
    assert list(await jobs.journal.list_parked()) == ["main"]


def test_accounts_are_closed_with_their_loop(config: Path, tmp_path: Path) -> None:
    jobs = Jobs(config=config, journal=f"sqlite:{tmp_path / 'people.db'}")

    async def use() -> Any:
        client = await jobs.accounts.get("main")
        assert await jobs.accounts.get("main") is client
        return client

    first, second = asyncio.run(use()), asyncio.run(use())
    assert first is not second
    assert first.provider._closed

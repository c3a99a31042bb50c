"""Batches over a shared journal: the list is read only in doubt, and whoever lost the lease sends nothing."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from clocks import Waiting
from real_servers import STORES
from vendor import LIST, POST, Planned, always, at, people

from conferencing import Conference, Person, Room, connect, to_json
from conferencing.bulk import JournalError, Outcome
from conferencing.jobs import Batch, SharedJournal, batches, open_journal, run_batch
from conferencing.sandbox import Fault, Sandbox

every_store = pytest.mark.parametrize("address", STORES, indirect=True)


def batch_of(room: Room, count: int = 10, **options: Any) -> Batch:
    [batch] = batches({("clickmeeting", room.id): people(count)}, **options)
    return batch


@every_store
async def test_undisturbed_batch_makes_one_call_a_person(
    conference: Conference, room: Room, served: Planned, journal: SharedJournal
) -> None:
    result = await run_batch(conference, batch_of(room), journal)
    assert (result.counts, result.complete) == ({Outcome.REGISTERED: 10}, True)
    assert served.counts == {POST: 10}
    again = await run_batch(conference, batch_of(room), journal)
    assert (again.counts, again.complete) == ({Outcome.EXISTED: 10}, True)
    assert served.counts == {POST: 10}


@every_store
async def test_lost_replies_are_looked_up(
    conference: Conference, room: Room, served: Planned, journal: SharedJournal
) -> None:
    served.plan = at({2: "commit-reset", 5: "reset"})
    result = await run_batch(conference, batch_of(room), journal)
    assert result.counts == {Outcome.REGISTERED: 10}
    assert served.counts == {POST: 11, LIST: 1}
    assert max(served.registered(room).values()) == 1


async def test_killed_batch_is_continued_by_another_journal(
    room: Room, served: Planned, address: str, conference: Conference, wait_for: Callable[..., Any]
) -> None:
    clock: Any = conference.provider.context.clock
    first, second = open_journal(address), open_journal(address)
    served.plan = at({4: Fault(kind="hang")})
    running = asyncio.create_task(run_batch(conference, batch_of(room), first, concurrency=2))
    await wait_for(lambda: served.counts[POST] >= 4)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    result = await run_batch(conference, batch_of(room), second, settle=60)
    assert result.complete
    assert sum(served.registered(room).values()) == 10
    assert sum(clock.slept) >= 59  # counted from when the second had the lease
    await first.aclose()
    await second.aclose()


async def test_lost_lease_stops_sending(
    conference: Conference, room: Room, served: Planned, journal: Any
) -> None:
    def lose(kind: str, number: int) -> Fault | None:
        if (kind, number) == (POST, 3):  # as another worker does when the lease has ended
            journal._file._file.use(lambda file: file.execute("DELETE FROM leases"))
        return None

    served.plan = lose
    with pytest.raises(JournalError, match="lease") as caught:
        await run_batch(conference, batch_of(room, 40), journal, concurrency=1, settle=0)
    assert served.counts[POST] < 12
    assert served.counts[LIST] == 0
    assert caught.value.retryable
    assert caught.value.result is not None


async def test_row_that_waited_long_is_recorded_anew(
    sandbox: Sandbox, room: Room, served: Planned, journal: Any, clock: Waiting
) -> None:
    writes: Counter[str] = Counter()
    original = journal.write_people

    async def count(connection: Any, hold: Any, begun: Any, *rest: Any) -> Any:
        writes.update(begun)
        return await original(connection, hold, begun, *rest)

    journal.write_people = count
    account = {**sandbox.account("clickmeeting"), "rate": "90/h"}
    async with connect(account, clock=clock) as paced:
        await run_batch(paced, batch_of(room, 3), journal, concurrency=2)
    # All but the first waited for the rate for longer than half of `settle`.
    assert sorted(writes.values()) == [1, 2, 2]
    assert served.counts == {POST: 3}


async def test_person_of_a_running_batch_is_left_to_it(
    conference: Conference,
    room: Room,
    served: Planned,
    journal: SharedJournal,
    wait_for: Callable[..., Any],
) -> None:
    first, second = batch_of(room, 6), batch_of(room, 8, marker="corrected")
    served.plan = always(Fault(kind="slow", seconds=0.2))
    running = asyncio.create_task(run_batch(conference, first, journal))
    await wait_for(lambda: served.counts[POST])
    early = await run_batch(conference, second, journal, settle=0)
    assert not early.complete
    await running
    for batch in (first, second):
        assert (await run_batch(conference, batch, journal, settle=0)).complete
    assert sorted(served.registered(room).values()) == [1] * 8


async def test_refused_rows_name_nobody(
    conference: Conference, room: Room, served: Planned, journal: SharedJournal
) -> None:
    body = json.dumps({"errors": [{"name": "email", "message": "Canary Lee canary@example.com"}]})
    served.plan = always(Fault(kind="status", status=422, body=body))
    rows = [Person(email="canary@example.com", first_name="Canary", last_name="Lee")]
    [batch] = batches({("clickmeeting", room.id): rows})
    result = await run_batch(conference, batch, journal)
    assert result.counts == {Outcome.REFUSED: 1}
    assert [number for number, _ in result.refused] == [1]
    assert "anary" not in to_json(result)
    assert "anary" not in repr(batch)


@every_store
async def test_register_many_shares_its_journal(
    conference: Conference, room: Room, served: Planned, address: str
) -> None:
    served.plan = at({3: "commit-reset"})
    first = await conference.register_many(room, people(6), journal=address)
    assert first.complete
    rehearsed = await conference.register_many(room, people(8), journal=address, dry_run=True)
    assert rehearsed.counts[Outcome.UNSENT] == 2
    second = await conference.register_many(room, people(8), journal=address)
    assert (second.counts[Outcome.EXISTED], second.counts[Outcome.REGISTERED]) == (6, 2)
    assert served.counts[POST] == 8
    assert served.counts[LIST] == 2  # the lost reply, and the dry run

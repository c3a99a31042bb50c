"""Faults of the journal during a run: a typed error with all rows, and nobody lost or doubled."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from clocks import Waiting
from cutting import SETTLE, Forgetful, Listless
from vendor import emails, people

from conferencing import Conference, ConferencingError, Participant, StoreUnavailable
from conferencing.bulk import BulkResult, BulkRow, JournalError, Outcome

COUNT = 30
ROWS = people(COUNT)


@pytest.fixture
def file_size_limit() -> Iterator[Callable[[int], None]]:
    """Fail writes beyond a size, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limit(size: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))

    yield limit
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


class Case:
    """A run of 30 rows, of which each fifth loses its reply, with a fault after the tenth."""

    def __init__(self, clock: Any, journal: Path) -> None:
        self.provider = Forgetful(clock)
        self.conference = Conference(self.provider)
        self.journal = journal
        self.provider.fails = lambda number: number % 2 == 0 if number % 5 == 0 else None
        self.room: Any = None

    async def run(self, fault: Callable[[], None] | None = None) -> BulkResult:
        seen: set[int] = set()

        def on_row(row: BulkRow) -> None:
            seen.add(row.number)
            if fault is not None and len(seen) == 10 and row.number in seen:
                fault()

        self.room = self.room or await self.conference.create_room("Launch")
        return await self.conference.register_many(
            self.room, ROWS, journal=self.journal, settle=SETTLE, concurrency=2, on_row=on_row
        )

    async def check_next_run_completes(self) -> None:
        self.provider.fails = lambda _number: None
        assert (await self.run()).complete
        registered = self.provider.world.participants[self.room.id]
        assert sorted(person.email or "" for person in registered) == sorted(emails(ROWS))


@pytest.fixture
def case(clock: Waiting, journal: Path) -> Case:
    return Case(clock, journal)


def delete(journal: Path) -> None:
    journal.unlink(missing_ok=True)


def empty(journal: Path) -> None:
    journal.write_bytes(b"")


def overwrite(journal: Path) -> None:
    journal.write_bytes(b"SQLite format 3\x00" + bytes(range(256)) * 64)


def replace(journal: Path) -> None:
    other = journal.with_name("other")
    other.write_bytes(journal.read_bytes())
    other.replace(journal)


@pytest.mark.parametrize("fault", [delete, empty, overwrite, replace])
async def test_lost_journal_raises_error_with_rows(
    case: Case, fault: Callable[[Path], None]
) -> None:
    with pytest.raises(JournalError) as caught:
        await case.run(lambda: fault(case.journal))
    await check_rows(case, caught.value)


async def test_full_disk_raises_error_with_rows(
    case: Case, file_size_limit: Callable[[int], None]
) -> None:
    with pytest.raises(JournalError) as caught:
        await case.run(lambda: file_size_limit(1024))
    file_size_limit(resource.RLIM_INFINITY)
    await check_rows(case, caught.value)


async def check_rows(case: Case, error: JournalError) -> None:
    assert isinstance(error, StoreUnavailable)
    assert isinstance(error, ConferencingError)
    assert str(case.journal) in error.message
    assert error.operation == "register"
    result = error.result
    assert result is not None
    assert [row.number for row in result.rows] == list(range(1, COUNT + 1))
    assert {row.outcome for row in result.rows} == {Outcome.REGISTERED, Outcome.UNSENT}
    registered = {person.email for person in case.provider.world.participants[case.room.id]}
    for row in result.rows:
        there = row.person is not None and row.person.email in registered
        assert there == (row.outcome is Outcome.REGISTERED)
    assert result.stopped
    assert "person1@" not in str(dict(error.facts))
    assert case.provider.sent < COUNT
    await case.check_next_run_completes()


async def test_vendor_without_list_leaves_rows_in_doubt(clock: Waiting, journal: Path) -> None:
    case = Case(clock, journal)
    case.provider = Listless(clock)
    case.provider.fails = lambda number: True if number == 5 else None
    case.conference = Conference(case.provider)
    with pytest.raises(JournalError) as caught:
        await case.run(lambda: delete(journal))
    assert caught.value.result is not None
    assert caught.value.result.counts[Outcome.IN_DOUBT] == 1


async def test_reader_of_the_journal_delays_the_run(case: Case) -> None:
    loop = asyncio.get_running_loop()
    with closing(sqlite3.connect(case.journal, isolation_level=None)) as reader:

        def read() -> None:
            if not reader.in_transaction:
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM rows").fetchone()
                loop.call_later(0.3, reader.rollback)

        assert (await case.run(read)).complete
    await case.check_next_run_completes()


@pytest.mark.parametrize("seed", range(8))
async def test_flipped_bit_during_a_run_loses_nobody(case: Case, seed: int) -> None:
    def flip() -> None:
        with case.journal.open("r+b") as file:
            size = file.seek(0, 2)
            file.seek(size * (2 * seed + 1) // 16 + 100)
            byte = file.read(1)[0]
            file.seek(-1, 1)
            file.write(bytes([byte ^ 1 << seed]))

    with suppress(JournalError):
        assert (await case.run(flip)).complete
    await case.check_next_run_completes()


async def test_flipped_bit_in_a_key_puts_all_in_doubt(case: Case, clock: Waiting) -> None:
    """Or one person would take the outcome of another."""
    case.provider.fails = lambda number: True if number > 10 else None
    clock.meanwhile = stop_waiting
    with pytest.raises(StoppedWaiting):
        await case.run()
    clock.meanwhile = None
    raw = case.journal.read_bytes()
    assert raw.count(b"person9@example.comregistered") == 1
    flipped = raw.replace(b"person9@example.comregistered", b"person8@example.conregistered")
    case.journal.write_bytes(flipped.replace(b"person8@", b"person9@"))
    await case.check_next_run_completes()
    assert case.journal.with_name(f"{case.journal.name}.damaged").exists()


# ------------------------------------------------------------------------------------ the clock


class StoppedWaiting(Exception):
    """Ends a run while it waits for the vendor."""


async def stop_waiting() -> None:
    raise StoppedWaiting


class SteppedClock(Waiting):
    """A clock whose wall time is changed while the monotonic time goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.step = timedelta()

    def now(self) -> datetime:
        return super().now() + self.step


@pytest.mark.parametrize("step", [timedelta(seconds=120), timedelta(seconds=-120)])
@pytest.mark.parametrize("resumed", [False, True])
async def test_wall_clock_step_does_not_shorten_settle(
    journal: Path, step: timedelta, resumed: bool
) -> None:
    """The registration arrives late, while the run waits."""
    clock = SteppedClock()
    case = Case(clock, journal)
    late: list[Any] = []

    def fails(number: int) -> bool | None:
        if number != 5:
            return None
        clock.step = step
        late.append(people(1, 5)[0]["email"])
        return False

    async def arrive() -> None:
        registered = case.provider.world.participants[case.room.id]
        registered.extend(Participant(id="late", email=email) for email in late)
        late.clear()

    case.provider.fails = fails
    clock.meanwhile = stop_waiting if resumed else arrive
    if resumed:
        with pytest.raises(StoppedWaiting):
            await case.run()
        clock.slept.clear()
        clock.meanwhile = arrive
    assert (await case.run()).complete
    assert clock.slept == [SETTLE]
    await case.check_next_run_completes()

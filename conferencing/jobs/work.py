"""What a worker does with a job, whatever the task queue: run a batch, put it off, or give it up."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

from attrs import evolve, field, frozen

from conferencing.accounts.config import Config
from conferencing.bulk.entries import Entry
from conferencing.bulk.result import Outcome
from conferencing.capabilities import Operation
from conferencing.client.base import check_count, check_seconds
from conferencing.errors import (
    AuthenticationFailed,
    ConferencingError,
    ConfigurationError,
    NotAvailable,
    NotFound,
    PermissionDenied,
    UnsupportedOperation,
)

from .accounts import Accounts, LoopEnd
from .batch import Batch, BatchResult
from .journal import LEASE, open_journal
from .records import BatchRecord, BatchState, Hold, SharedJournal
from .register import register_held

__all__ = ["Ended", "Jobs", "Progress", "PutOff", "Submission"]

_LOG = logging.getLogger("conferencing.jobs")

PARKING: Final = (AuthenticationFailed, ConfigurationError, NotAvailable, PermissionDenied)
"""Errors that all batches of the account would meet as well."""

FAILING: Final = (NotFound, UnsupportedOperation)
"""Errors that the batch meets whenever it is run."""

MAX_DELIVERIES: Final = 25
"""How often a batch is begun without a new mark in the journal before it is given up."""

AT_ONCE: Final = 50
"""How many batches are recorded at once."""

SHORTEST, LONGEST = 30.0, 900.0
"""The delays before a batch is run again, in seconds."""


@frozen(kw_only=True)
class Submission:
    """What was submitted: batches and people, and the rows that cannot be registered.

    `done` are batches that had been registered before. `bad` are the rows with a problem, by
    account and room.
    """

    batches: int = 0
    people: int = 0
    done: int = 0
    bad: Mapping[tuple[str, str], Sequence[Entry]] = field(
        factory=dict[tuple[str, str], Sequence[Entry]], repr=False
    )


@frozen(kw_only=True)
class Progress:
    """How far the batches of a room are.

    `counts` are the people of batches that are done, by outcome; `waiting` and `failed` are the
    people of the others. `reason` is why the last batch failed, and `parked` why the account waits.
    """

    counts: Mapping[Outcome, int]
    waiting: int = 0
    failed: int = 0
    reason: str | None = None
    parked: str | None = None

    @property
    def complete(self) -> bool:
        """Whether nothing waits and nothing failed."""
        return not self.waiting and not self.failed


@frozen
class PutOff:
    """A job that has to be run again after `seconds`. With `parked`, its account is unusable."""

    seconds: float
    reason: str
    parked: bool = False


@frozen
class Ended:
    """A job that will not be run again. Without a result, its batch failed for `reason`."""

    result: BatchResult | None
    reason: str | None = None


class Jobs:
    """The work of one process: accounts, a journal, and what becomes of each job.

    A binding sends the keys of batches through its task queue, and calls `run` with each.
    """

    def __init__(
        self,
        *,
        config: str | os.PathLike[str] | Config | None = None,
        journal: str | SharedJournal,
        lease: float = LEASE,
        settle: float = 60.0,
        concurrency: int = 8,
        retry_after: float = SHORTEST,
    ) -> None:
        self.accounts = Accounts(config)
        self.journal = open_journal(journal, lease=lease)
        self._settle = check_seconds("settle", settle)
        self._concurrency = check_count("concurrency", concurrency)
        self._retry_after = check_seconds("retry_after", retry_after)
        self._end = LoopEnd(self.journal.aclose)
        self._proven: set[str] = set()
        self._gates: dict[str, asyncio.Lock] = {}

    # -- submitting

    async def plan(self, batches: Iterable[Batch]) -> tuple[list[BatchRecord], Submission]:
        """Record batches in the journal; return those to be run, and what they are.

        Raises `UnsupportedOperation` if an account cannot register people.
        """
        waiting: list[BatchRecord] = []
        planned = people = 0
        bad: dict[tuple[str, str], Sequence[Entry]] = {}
        for part in _chunks(batches):
            for batch in part:
                await self._check_account(batch.account)
                if batch.bad:
                    bad[batch.account, batch.room] = batch.bad
            records = [batch.to_record() for batch in part if batch.entries]
            planned += len(records)
            people += sum(record.size for record in records)
            waiting += [evolve(record, content=None) for record in await self.journal.add(records)]
        done = planned - len(waiting)
        return waiting, Submission(batches=planned, people=people, done=done, bad=bad)

    async def list_waiting(self) -> list[BatchRecord]:
        """Return the batches that are neither done nor failed, to send them to the queue again."""
        records = await self.journal.records()
        return [record for record in records if record.state is BatchState.WAITING]

    async def progress(self) -> dict[tuple[str, str], Progress]:
        """Return how far the batches of each account and room are."""
        parked = await self.journal.list_parked()
        rooms: dict[tuple[str, str], list[BatchRecord]] = {}
        for record in await self.journal.records():
            rooms.setdefault((record.account, record.room), []).append(record)
        return {room: _sum_up(records, parked.get(room[0])) for room, records in rooms.items()}

    async def unpark(self, account: str) -> None:
        """Let the batches of an account be run again, after its credentials were corrected."""
        await self.journal.unpark(account)

    async def aclose(self) -> None:
        """Close the accounts and the journal."""
        await self.accounts.aclose()
        await self.journal.aclose()

    # -- running

    async def run(self, key: str, attempt: int = 0) -> Ended | PutOff:
        """Run a batch once. `attempt` counts how often it was put off, for the delay.

        Whatever a vendor or a store does, it is returned; only a fault of the program is raised.
        """
        await self._end.arm()
        try:
            return await self._run(key, attempt)
        except ConferencingError as error:  # the journal is unavailable, or the lease is lost
            if not error.retryable:
                raise
            return self._put_off(error, attempt)

    async def _run(self, key: str, attempt: int) -> Ended | PutOff:
        record = await self.journal.load(key)
        if record is None:
            return Ended(None, "the journal has no such batch; submit its list again")
        async with self._enter(record.account):
            reason = (await self.journal.list_parked()).get(record.account)
            if reason is not None:
                return PutOff(LONGEST, reason, parked=True)
            async with self.journal.hold(key) as hold:
                return await self._run_held(hold, attempt)

    async def _run_held(self, hold: Hold, attempt: int) -> Ended | PutOff:
        record = await hold.start()
        if record is None or record.state is not BatchState.WAITING:
            return _end(record)
        if record.deliveries > MAX_DELIVERIES:
            reason = f"its worker died {MAX_DELIVERIES} times, and nobody was registered meanwhile"
            return await self._fail(hold, record, reason)
        try:
            return await self._register(hold, record, attempt)
        except PARKING as error:
            # The vendor's own words are left out: they may name somebody.
            await self.journal.park(record.account, error.message)
            _LOG.error("account %s is parked: %s", record.account, error.message)
            return PutOff(LONGEST, error.message, parked=True)
        except FAILING as error:
            return await self._fail(hold, record, error.message)

    @asynccontextmanager
    async def _enter(self, account: str) -> AsyncGenerator[None]:
        """Let in one batch of an account at a time, until one has shown that the account works.

        A revoked key is noticed by one call in each process, and not by one in each batch.
        """
        if account in self._proven:
            yield
            return
        async with self._gates.setdefault(account, asyncio.Lock()):
            yield

    async def _register(self, hold: Hold, record: BatchRecord, attempt: int) -> Ended | PutOff:
        batch = Batch.from_dict(json.loads(record.content or ""))
        conference = await self.accounts.get(record.account)
        result = await register_held(
            conference,
            batch,
            self.journal,
            hold,
            settle=self._settle,
            concurrency=self._concurrency,
        )
        self._proven.add(record.account)
        if result.complete:
            return Ended(result)
        await hold.finish(record)  # the worker lives: this delivery does not count
        return PutOff(self._delay(attempt), result.stopped or "people are in doubt")

    async def _fail(self, hold: Hold, record: BatchRecord, reason: str) -> Ended:
        """Give a batch up; its people stay in the journal, for when its list is submitted again."""
        await hold.finish(evolve(record, state=BatchState.FAILED, reason=reason))
        _LOG.error("batch %s has failed: %s", record.key, reason)
        return Ended(None, reason)

    def _put_off(self, error: ConferencingError, attempt: int) -> PutOff:
        return PutOff(error.retry_after or self._delay(attempt), error.message)

    def _delay(self, attempt: int) -> float:
        return min(self._retry_after * 2.0 ** min(attempt, 10), LONGEST)

    async def _check_account(self, name: str) -> None:
        conference = await self.accounts.get(name)
        if not conference.capabilities.supports(Operation.REGISTER):
            raise UnsupportedOperation(
                f"{conference.provider.name} registers nobody",
                provider=conference.provider.name,
                account=name,
                operation=Operation.REGISTER.value,
            )


def _chunks(batches: Iterable[Batch]) -> Iterable[Sequence[Batch]]:
    chunk: list[Batch] = []
    for batch in batches:
        chunk.append(batch)
        if len(chunk) == AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _end(record: BatchRecord | None) -> Ended:
    """Return what a job comes to whose batch has ended before, since it was delivered twice."""
    if record is None or record.state is not BatchState.DONE:
        return Ended(None, record.reason if record else "the journal has no such batch")
    return Ended(BatchResult(key=record.key, counts=record.counts, refused=record.refused))


def _sum_up(records: Iterable[BatchRecord], parked: str | None) -> Progress:
    counts: Counter[Outcome] = Counter()
    sizes: Counter[BatchState] = Counter()
    reason = None
    for record in records:
        counts.update(record.counts)
        sizes[record.state] += record.size
        reason = record.reason if record.state is BatchState.FAILED else reason
    waiting, failed = sizes[BatchState.WAITING], sizes[BatchState.FAILED]
    return Progress(counts=counts, waiting=waiting, failed=failed, reason=reason, parked=parked)

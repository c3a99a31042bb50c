"""Register many people: record each request before it is sent, and look up those in doubt.

A row whose outcome is unknown is sent again only if it is not on the vendor's list of
registrations. The list is read when the vendor has had `settle` seconds to finish what it may have
begun.
"""

from __future__ import annotations

import os
from asyncio import Queue, TaskGroup
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final, cast

from attrs import define, field

from conferencing.client.base import check_path
from conferencing.client.people import PeopleOperations
from conferencing.errors import (
    AuthenticationFailed,
    ClientClosed,
    ConferencingError,
    ConfigurationError,
    NotAvailable,
    NotFound,
    PermissionDenied,
    RateLimited,
    Sent,
    UnsupportedOperation,
)
from conferencing.handles import Handle, finish
from conferencing.model import Participant, Room

from .journal import Journal, JournalError, JournalRow
from .outcomes import REFUSALS, SENT_BEFORE, Options, Outcomes
from .result import BulkResult, Outcome
from .roster import Entry, Roster

__all__ = ["register_roster"]

ROUNDS: Final = 3
"""How often rows in doubt are looked up, and sent again if they are not registered."""

MAX_UNSENT: Final = 8
"""After how many consecutive rows that could not be sent the run stops."""

MAX_UNKNOWN: Final = 24
"""After how many consecutive rows that were sent and got no answer the run stops."""

_FATAL: Final = (
    AuthenticationFailed, ClientClosed, ConfigurationError, NotAvailable, NotFound,
    PermissionDenied, UnsupportedOperation,
)  # fmt: skip


async def register_roster(
    conference: PeopleOperations,
    room: Room,
    roster: Roster,
    journal: str | os.PathLike[str] | None,
    options: Options,
) -> BulkResult:
    """Register the people of a roster, or continue a run that has ended before it was done."""
    path = None if journal is None else check_path("journal", journal)
    run = Run(conference=conference, room=room, roster=roster, options=options)
    run.journal = Handle(partial(Journal, path, run.subject, list(run.entries)), Journal.close)
    try:
        return await run.register_all()
    finally:
        await run.journal.aclose()


@define(kw_only=True)
class Run(Outcomes):
    """One run over one roster. Times are seconds of the monotonic clock."""

    journal: Handle[Journal] = field(init=False)
    unsent: set[str] = field(init=False, factory=set[str])
    queued: set[str] = field(init=False, factory=set[str])
    lost_at: dict[str, float] = field(init=False, factory=dict[str, float])
    started_at: float = field(init=False, default=0.0)
    unsent_in_a_row: int = field(init=False, default=0)
    unknown_in_a_row: int = field(init=False, default=0)
    journal_error: JournalError | None = field(init=False, default=None)

    async def register_all(self) -> BulkResult:
        """Bring each row to an outcome. Raises `JournalError` if the journal fails meanwhile."""
        self.started_at = self._now()
        self.recorded, self.damaged = await self.journal.run(
            lambda journal: (journal.rows(), journal.damaged)
        )
        self._settle_known_rows(await self._registered())
        new = [entry for entry in self._unsettled() if entry.key not in self.recorded]
        try:
            await self._send(new)
            await self._look_up()
            self._copy_outcomes_to_duplicates()
        finally:
            self.unsent |= self.queued
            await self._record()
        result = self._result()
        if self.journal_error is not None:
            raise self.journal_error.with_result(result)
        return result

    # -- sending

    async def _send(self, entries: Sequence[Entry]) -> None:
        """Send rows, `concurrency` at a time; each batch is recorded before it is sent."""
        queue: Queue[Entry | None] = Queue(self.options.concurrency)
        try:
            async with TaskGroup() as group:
                for _ in range(self.options.concurrency):
                    group.create_task(self._work(queue))
                await self._feed(queue, entries)
        except BaseExceptionGroup as group_error:
            raise _first_error(group_error) from None

    async def _feed(self, queue: Queue[Entry | None], entries: Sequence[Entry]) -> None:
        size = self.options.concurrency
        for start in range(0, len(entries), size):
            batch = entries[start : start + size]
            if self.stopped is None:
                await self._record([entry.key for entry in batch])
            if self.stopped is None:  # the journal may have failed
                self.queued |= {entry.key for entry in batch}
            for entry in batch:
                await queue.put(entry)
        for _ in range(size):
            await queue.put(None)

    async def _work(self, queue: Queue[Entry | None]) -> None:
        while (entry := await queue.get()) is not None:
            self.queued.discard(entry.key)
            if self.stopped is not None:
                self._leave_unsent(entry, self.stopped)
            else:
                await self._register(entry)

    async def _register(self, entry: Entry) -> None:
        try:
            participant = await self._register_at_pace(entry)
        except ConferencingError as error:
            self._handle_failure(entry, error)
        else:
            self.unsent_in_a_row = self.unknown_in_a_row = 0
            existed = participant.existed is True
            outcome = Outcome.EXISTED if existed else Outcome.REGISTERED
            self._settle(entry, outcome, None, participant)

    async def _register_at_pace(self, entry: Entry) -> Participant:
        """Register one person. If the account's own rate is exhausted, wait and try again."""
        while True:
            try:
                return await self.conference.register(
                    self.room, entry.person, **self._extras(entry)
                )
            except RateLimited as error:
                if error.attempts or not error.retry_after or self.stopped is not None:
                    raise
                wait = error.retry_after
            await self.conference.provider.context.clock.sleep(wait)

    def _handle_failure(self, entry: Entry, error: ConferencingError) -> None:
        """Settle a row that the vendor refused, that was not sent, or whose reply was lost."""
        if isinstance(error, REFUSALS):
            self.unsent_in_a_row = self.unknown_in_a_row = 0
            self.unsent.add(entry.key)  # so that a later run tries the corrected row again
            self._report(entry, Outcome.REFUSED, str(error))
        elif isinstance(error, _FATAL):
            self.unsent.add(entry.key)
            raise error
        elif error.sent is Sent.NO or isinstance(error, RateLimited):
            self.unsent_in_a_row += 1
            if self.unsent_in_a_row >= MAX_UNSENT:
                self.stopped = self.stopped or str(error)
            self._leave_unsent(entry, str(error))
        else:
            self.lost_at[entry.key] = self._now()
            self.unknown_in_a_row += 1
            if self.unknown_in_a_row >= MAX_UNKNOWN:
                self.stopped = self.stopped or str(error)
            self._report(entry, Outcome.IN_DOUBT, str(error))

    def _leave_unsent(self, entry: Entry, reason: str) -> None:
        self.unsent.add(entry.key)
        self._report(entry, Outcome.UNSENT, reason)

    # -- looking up rows in doubt

    async def _look_up(self) -> None:
        """Settle rows in doubt: wait, read the vendor's list, send what is not on it.

        Without a journal that works, nothing is sent again, but it is still worth knowing what
        became of the rows: another run could not find out.
        """
        for _ in range(ROUNDS):
            doubtful = self._unsettled()
            interrupted = self.stopped is not None and self.journal_error is None
            if not doubtful or not self._can_list() or interrupted:
                break
            await self._wait_for_vendor(doubtful)
            try:
                registered = await self._registered()
            except ConferencingError as error:
                self.stopped = self.stopped or str(error)
                break
            for entry in doubtful:
                if entry.key in registered:
                    self._settle(entry, Outcome.REGISTERED, None, registered[entry.key])
            await self._send([entry for entry in doubtful if entry.key not in registered])
        for entry in self._unsettled():
            if entry.number not in self.rows:
                self._report(entry, Outcome.IN_DOUBT, SENT_BEFORE)

    async def _wait_for_vendor(self, doubtful: Iterable[Entry]) -> None:
        # An earlier run may have sent its rows until it ended, and it had ended when this started:
        # the journal was locked. So no wall clock is compared, which somebody may have changed.
        latest = max(self.lost_at.get(entry.key, self.started_at) for entry in doubtful)
        left = latest + self.options.settle - self._now()
        if left > 0:
            await self.conference.provider.context.clock.sleep(min(left, self.options.settle))

    # -- reporting and recording

    async def _record(self, begun: Sequence[str] = ()) -> None:
        """Write to the journal which rows begin, and what has ended since the last time."""
        done, self.done = self.done, {}
        unsent, self.unsent = self.unsent, set()
        new = [key for key in done if key not in self.recorded and key not in begun]
        if self.journal_error is not None or not (begun or done or unsent):
            return
        work = partial(Journal.write, begun=[*new, *begun], done=done, unsent=unsent)
        try:
            await finish(self.journal.run(work))
        except JournalError as error:
            self.journal_error = error
            self.stopped = self.stopped or str(error)
        else:
            self.recorded |= dict.fromkeys([*new, *begun], JournalRow())

    def _now(self) -> float:
        return self.conference.provider.context.clock.monotonic()


def _first_error(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    nested = cast("BaseExceptionGroup[BaseException]", first)
    return _first_error(nested) if isinstance(first, BaseExceptionGroup) else first

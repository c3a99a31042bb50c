"""Register many people: record each request before it is sent, and look up those in doubt.

A row whose outcome is unknown is sent again only if it is not on the vendor's list of
registrations. The list is read when the vendor has had `settle` seconds to finish what it may have
begun.
"""

from __future__ import annotations

import os
from asyncio import Queue, TaskGroup
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from functools import partial
from typing import Final, TypeVar, cast

from attrs import define, field

from conferencing.capabilities import Operation
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
from conferencing.model import Participant, Room
from conferencing.model.drafts import RegistrationDraft
from conferencing.sending import check_before_sending

from .journal import JournalError, JournalRow
from .outcomes import BUSY, REFUSALS, SENT_BEFORE, Options, Outcomes
from .result import BulkResult, Outcome
from .roster import Entry, Roster
from .run_journal import FileJournal, RunJournal

__all__ = ["register_roster"]

T = TypeVar("T")

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
    journal: str | os.PathLike[str] | RunJournal | None,
    options: Options,
) -> BulkResult:
    """Register the people of a roster, or continue a run that has ended before it was done.

    `journal` is the path of a file, or a journal that the caller has opened and closes.
    """
    run = Run(conference=conference, room=room, roster=roster, options=options)
    if journal is not None and not isinstance(journal, str | os.PathLike):
        run.journal = journal
        return await run.register_all()
    path = None if journal is None else check_path("journal", journal)
    file = FileJournal(path, run.subject, run.entries)
    run.journal = file
    try:
        return await run.register_all()
    finally:
        await file.aclose()


@define(kw_only=True)
class Run(Outcomes):
    """One bulk registration of a roster. Times are seconds of the monotonic clock."""

    journal: RunJournal = field(init=False)
    begun_at: dict[str, float] = field(init=False, factory=dict[str, float])
    unsent: set[str] = field(init=False, factory=set[str])
    queued: set[str] = field(init=False, factory=set[str])
    lost_at: dict[str, float] = field(init=False, factory=dict[str, float])
    started_at: float = field(init=False, default=0.0)
    batches_work: bool = field(init=False, default=True)
    unsent_in_a_row: int = field(init=False, default=0)
    unknown_in_a_row: int = field(init=False, default=0)
    journal_error: JournalError | None = field(init=False, default=None)

    async def register_all(self) -> BulkResult:
        """Bring each row to an outcome. Raises `JournalError` if the journal fails meanwhile."""
        self.recorded, self.damaged = await self.journal.read()
        self.started_at = self._now()  # whoever sent rows before has lost the journal by now
        # With millions of people in a room, a list for each of many runs would take days.
        first = self.damaged or not self.journal.shared
        self._settle_known_rows(await self._list_registered() if first else {})
        # Rows that an earlier run has begun are not sent yet: `_look_up` reads the list first.
        new = [entry for entry in self._list_unsettled() if entry.key not in self.recorded]
        try:
            # Of many runs, each notices by one call that the account or the room is unusable.
            alone = 1 if self.journal.shared else 0
            await self._send(new[:alone])
            await self._send(new[alone:])
            await self._look_up()
            self._copy_outcomes_to_duplicates()
        finally:
            # Recorded as begun, but never taken from the queue: certainly not sent.
            self.unsent |= self.queued
            await self._record()
        result = self._result()
        if self.journal_error is not None:
            raise self.journal_error.with_result(result)
        return result

    # -- sending

    async def _send(self, entries: Sequence[Entry]) -> None:
        """Send rows, in `concurrency` calls at a time; they are recorded before they are sent."""
        if not entries:
            return
        queue: Queue[Sequence[Entry] | None] = Queue(self.options.concurrency)
        try:
            async with TaskGroup() as group:
                for _ in range(self.options.concurrency):
                    group.create_task(self._work(queue))
                await self._feed(queue, entries)
        except BaseExceptionGroup as group_error:
            raise _first_error(group_error) from None

    async def _feed(self, queue: Queue[Sequence[Entry] | None], entries: Sequence[Entry]) -> None:
        # One transaction of the journal for as many rows as are under way at once.
        size = self._batch_size()
        step = size * self.options.concurrency
        for start in range(0, len(entries), step):
            rows = entries[start : start + step]
            if self.stopped is None:
                rows = self._leave_busy(rows, await self._record([entry.key for entry in rows]))
            if self.stopped is None:  # the journal may have failed
                self.queued |= {entry.key for entry in rows}
            for first in range(0, len(rows), size):
                await queue.put(rows[first : first + size])
        for _ in range(self.options.concurrency):
            await queue.put(None)

    def _leave_busy(self, rows: Sequence[Entry], busy: Collection[str]) -> Sequence[Entry]:
        """Return the rows without those that another run has begun since this one looked."""
        for entry in rows if busy else ():
            if entry.key in busy:
                self.recorded[entry.key] = JournalRow(busy=True)
                self._report(entry, Outcome.IN_DOUBT, BUSY)
        return [entry for entry in rows if entry.key not in busy] if busy else rows

    def _batch_size(self) -> int:
        """Return how many people go into one call: several if the vendor has a call for that."""
        batches = self.conference.capabilities.supports(Operation.REGISTER_BATCH)
        return max(1, self.conference.provider.features.batch) if batches else 1

    async def _work(self, queue: Queue[Sequence[Entry] | None]) -> None:
        while (batch := await queue.get()) is not None:
            self.queued -= {entry.key for entry in batch}
            if len(batch) > 1 and self.stopped is None and self.batches_work:
                await self._register_batch(batch)
                continue
            for entry in batch:
                if self.stopped is not None:
                    self._leave_unsent(entry, self.stopped)
                else:
                    await self._register(entry)

    async def _register_batch(self, entries: Sequence[Entry]) -> None:
        """Register several people with one call.

        If the vendor refuses the call, nobody was registered: the rows are sent one by one, which
        shows which row was at fault. If none was, this room takes no batches.
        """
        pairs = [(entry, draft) for entry in entries if (draft := self._draft_or_refuse(entry))]
        rows, drafts = [entry for entry, _ in pairs], [draft for _, draft in pairs]
        if not rows:
            return
        try:
            with check_before_sending(partial(self._check_journal, rows)):
                results = await self._await_turn(
                    lambda: self.conference.register_batch(self.room, drafts)
                )
        except REFUSALS:
            for entry in rows:
                await self._register(entry)
            refused = [self.rows[entry.number].outcome is Outcome.REFUSED for entry in rows]
            self.batches_work = any(refused)
        except ConferencingError as error:
            # All rows share the outcome of the call, which counts as one call without an answer.
            for number, entry in enumerate(rows):
                self._handle_failure(entry, error, counts=not number)
        else:
            for entry, result in zip(rows, results, strict=True):
                if isinstance(result, Participant):
                    self._settle_registered(entry, result)
                else:
                    self._handle_failure(entry, result)

    def _draft_or_refuse(self, entry: Entry) -> RegistrationDraft | None:
        try:
            return self.conference.draft_registration(
                entry.person, **self._registration_options(entry)
            )
        except REFUSALS as error:
            self._handle_failure(entry, error)
        return None

    async def _register(self, entry: Entry) -> None:
        try:
            with check_before_sending(partial(self._check_journal, [entry])):
                participant = await self._await_turn(
                    lambda: self.conference.register(
                        self.room, entry.person, **self._registration_options(entry)
                    )
                )
        except ConferencingError as error:
            self._handle_failure(entry, error)
        else:
            self._settle_registered(entry, participant)

    async def _check_journal(self, entries: Sequence[Entry]) -> None:
        """Raise if the rows may not be sent any more, now that their turn has come.

        Whoever takes over from a run counts `settle` from when that could send nothing more. So rows
        that waited for long for the account's rate are recorded anew, which proves that this run
        still has the journal.
        """
        self.journal.check()
        begun = min(self.begun_at.get(entry.key, self.started_at) for entry in entries)
        if self._now() - begun > self.options.settle / 2:
            keys = [entry.key for entry in entries]
            await self.journal.write(begun=keys)
            self.begun_at |= dict.fromkeys(keys, self._now())

    def _settle_registered(self, entry: Entry, participant: Participant) -> None:
        self.unsent_in_a_row = self.unknown_in_a_row = 0
        outcome = Outcome.EXISTED if participant.existed is True else Outcome.REGISTERED
        self._settle(entry, outcome, None, participant)

    async def _await_turn(self, send: Callable[[], Awaitable[T]]) -> T:
        """Return what a call returns. If the account's own rate is exhausted, wait and try again."""
        while True:
            try:
                return await send()
            except RateLimited as error:
                # With attempts, it is the vendor that throttles: the transport has retried already.
                if error.attempts or not error.retry_after or self.stopped is not None:
                    raise
                wait = error.retry_after
            await self.conference.provider.context.clock.sleep(wait)

    def _handle_failure(
        self, entry: Entry, error: ConferencingError, *, counts: bool = True
    ) -> None:
        """Settle a row that the vendor refused, that was not sent, or whose reply was lost.

        `counts` says whether it counts as another call that got no answer.
        """
        if isinstance(error, JournalError):  # raised before the request, or before a second try
            self.journal_error = error
            self.stopped = self.stopped or str(error)
            self._report(entry, Outcome.IN_DOUBT if error.sent is not Sent.NO else Outcome.UNSENT,
                         str(error))  # fmt: skip
        elif isinstance(error, REFUSALS):
            self.unsent_in_a_row = self.unknown_in_a_row = 0
            self.unsent.add(entry.key)  # so that a later run tries the corrected row again
            self._report(entry, Outcome.REFUSED, str(error))
        elif isinstance(error, _FATAL):  # concerns every row: end the run
            self.unsent.add(entry.key)
            raise error
        elif error.sent is Sent.NO or isinstance(error, RateLimited):  # certainly not registered
            self.unsent_in_a_row += counts
            if self.unsent_in_a_row >= MAX_UNSENT:
                self.stopped = self.stopped or str(error)
            self._leave_unsent(entry, str(error))
        else:  # the vendor may have registered the person: only its list can show
            self.lost_at[entry.key] = self._now()
            self.unknown_in_a_row += counts
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
            doubtful = self._list_unsettled()
            curious = self.journal_error is not None and not self.journal.shared
            interrupted = self.stopped is not None and not curious
            if not doubtful or not self._can_list() or interrupted:
                break
            await self._wait_for_vendor(doubtful)
            try:
                registered = await self._list_registered()
            except ConferencingError as error:
                self.stopped = self.stopped or str(error)
                break
            for entry in doubtful:
                if entry.key in registered:
                    self._settle(entry, Outcome.REGISTERED, None, registered[entry.key])
            await self._send([entry for entry in doubtful if entry.key not in registered])
        for entry in self._list_unsettled():
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

    async def _record(self, begun: Sequence[str] = ()) -> Collection[str]:
        """Write to the journal which rows begin, and what has ended since the last time.

        Returns those of `begun` that another run has begun: they must not be sent.
        """
        done, self.done = self.done, {}
        unsent, self.unsent = self.unsent, set()
        # Rows settled without a request, such as people on the vendor's list, are recorded as well.
        new = [key for key in done if key not in self.recorded and key not in begun]
        if self.journal_error is not None or not (begun or done or unsent):
            return ()
        try:
            busy = await self.journal.write(begun=[*new, *begun], done=done, unsent=unsent)
        except JournalError as error:
            self.journal_error = error
            self.stopped = self.stopped or str(error)
            return ()
        self.recorded |= dict.fromkeys([*new, *begun], JournalRow())
        self.begun_at |= dict.fromkeys(begun, self._now())
        return busy

    def _now(self) -> float:
        return self.conference.provider.context.clock.monotonic()


def _first_error(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    nested = cast("BaseExceptionGroup[BaseException]", first)
    return _first_error(nested) if isinstance(first, BaseExceptionGroup) else first

"""Registering many people: what is sent is written down first, and what is in doubt is looked up.

A row whose outcome nobody knows is never sent again before the vendor's own list was read, and the
list is read only once the vendor has had `settle` seconds to finish what it may have begun.
"""

from __future__ import annotations

import os
from asyncio import Queue, TaskGroup
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from attrs import define, field, frozen

from conferencing.capabilities import Operation
from conferencing.errors import (
    AuthenticationFailed,
    ClientClosed,
    ConferencingError,
    ConfigurationError,
    Conflict,
    InvalidRequest,
    NotAvailable,
    NotFound,
    PermissionDenied,
    RateLimited,
    Sent,
    UnsupportedOperation,
    UnsupportedOption,
)
from conferencing.handles import Handle, finish
from conferencing.model import Participant, Room
from conferencing.model.emails import email_key

from .journal import Journal, Mark
from .result import BulkResult, BulkRow, Outcome
from .roster import Entry, Roster

if TYPE_CHECKING:
    from conferencing.client.people import PeopleOperations

__all__ = ["Options", "register_roster"]

ROUNDS: Final = 3
"""How often rows in doubt are looked up, and sent again if they are not there."""

STRIKES: Final = 8
"""After how many rows in a row that could not be sent the rest is left for another run."""

DOUBTS: Final = 24
"""The same for rows in a row that were sent and got no answer."""

_FATAL: Final = (
    AuthenticationFailed, ClientClosed, ConfigurationError, NotAvailable, NotFound,
    PermissionDenied, UnsupportedOperation,
)  # fmt: skip
_DONE: Final = (Outcome.REGISTERED, Outcome.EXISTED)
_REFUSALS: Final = (Conflict, InvalidRequest, UnsupportedOption)


@frozen(kw_only=True)
class Options:
    """Say how to register: what goes with each registration, and how careful to be.

    `settle` is how many seconds a vendor may need to finish what it has begun.
    """

    confirmation: bool | None = None
    language: str | None = None
    native: Mapping[str, Any] = field(factory=dict[str, Any])
    settle: float = 60.0
    concurrency: int = 8
    on_row: Callable[[BulkRow], None] | None = None


async def register_roster(
    conference: PeopleOperations,
    room: Room,
    roster: Roster,
    journal: str | os.PathLike[str] | None,
    options: Options,
) -> BulkResult:
    """Register the people of a roster, or go on where a run before has ended."""
    subject = f"{conference.provider.name} {conference.account} {room.id}"
    keys = [entry.key for entry in roster.entries if entry.person is not None]
    now = conference.provider.context.clock.now().timestamp()
    kept = Handle(partial(Journal, journal, subject, keys, now), Journal.close)
    try:
        people = {one.key: one for one in roster.entries if one.person is not None}
        return await Run(conference, room, kept, options, people).all(roster)
    finally:
        await kept.aclose()


@define
class Run:
    """One run over one roster."""

    conference: PeopleOperations
    room: Room
    journal: Handle[Journal]
    options: Options
    entries: Mapping[str, Entry]

    marks: dict[str, Mark] = field(init=False, factory=dict[str, Mark])
    damaged: bool = field(init=False, default=False)
    rows: dict[int, BulkRow] = field(init=False, factory=dict[int, BulkRow])
    done: dict[str, tuple[Outcome, str | None]] = field(
        init=False, factory=dict[str, tuple[Outcome, str | None]]
    )
    unsent: set[str] = field(init=False, factory=set[str])
    waiting: set[str] = field(init=False, factory=set[str])
    lost: dict[str, float] = field(init=False, factory=dict[str, float])
    started: float = field(init=False, default=0.0)
    strikes: int = field(init=False, default=0)
    doubts: int = field(init=False, default=0)
    stopped: str | None = field(init=False, default=None)

    async def all(self, roster: Roster) -> BulkResult:
        """Take each row to its outcome."""
        self.started = self._now()
        self.marks, self.damaged = await self.journal.run(lambda file: (file.marks(), file.damaged))
        present = await self._present()
        self._settle_known(roster, present)
        people = [one for one in self.entries.values() if one.number not in self.rows]
        try:
            await self._send([one for one in people if one.key not in self.marks])
            await self._look_up()
            self._tell_twins(roster)
        finally:
            self.unsent |= self.waiting
            await self._write({})
        return BulkResult(
            rows=tuple(self.rows[one.number] for one in roster.entries), stopped=self.stopped
        )

    def _settle_known(self, roster: Roster, present: Mapping[str, Participant]) -> None:
        """Tell of the rows that need no sending: bad ones, done ones, and those who are there."""
        for entry in roster.entries:
            mark = self.marks.get(entry.key)
            participant = present.get(entry.key)
            if entry.person is None:
                if not entry.key:
                    self._tell(entry, Outcome.REFUSED, entry.problem)
            elif mark is not None and mark.outcome is not None and mark.outcome in _DONE:
                self._tell(entry, mark.outcome, mark.reason, participant)
            elif participant is not None:
                ours = mark is not None and not self.damaged
                self._finish(
                    entry, Outcome.REGISTERED if ours else Outcome.EXISTED, None, participant
                )

    def _tell_twins(self, roster: Roster) -> None:
        """Tell of the rows whose address an earlier row has: they come to the outcome of that."""
        for entry in roster.entries:
            if entry.person is None and entry.key:
                outcome = self.rows[self.entries[entry.key].number].outcome
                self._tell(entry, Outcome.EXISTED if outcome in _DONE else outcome, entry.problem)

    # -- sending

    async def _send(self, entries: Sequence[Entry]) -> None:
        """Send rows, some at a time, each batch written down before the first of it leaves."""
        queue: Queue[Entry | None] = Queue(self.options.concurrency)
        try:
            async with TaskGroup() as group:
                for _ in range(self.options.concurrency):
                    group.create_task(self._worker(queue))
                await self._feed(queue, entries)
        except BaseExceptionGroup as group_of:
            error = _first(group_of)
        else:
            return
        raise error

    async def _feed(self, queue: Queue[Entry | None], entries: Sequence[Entry]) -> None:
        size = self.options.concurrency
        for start in range(0, len(entries), size):
            batch = entries[start : start + size]
            if self.stopped is None:
                await self._write({entry.key: self._now() for entry in batch})
                self.waiting |= {entry.key for entry in batch}
            for entry in batch:
                await queue.put(entry)
        for _ in range(size):
            await queue.put(None)

    async def _worker(self, queue: Queue[Entry | None]) -> None:
        while (entry := await queue.get()) is not None:
            self.waiting.discard(entry.key)
            if self.stopped is not None:
                self._leave(entry, self.stopped)
            else:
                await self._one(entry)

    async def _one(self, entry: Entry) -> None:
        try:
            participant = await self._paced(entry)
        except ConferencingError as error:
            self._failed(entry, error)
        else:
            self.strikes = self.doubts = 0
            existed = participant.existed is True
            outcome = Outcome.EXISTED if existed else Outcome.REGISTERED
            self._finish(entry, outcome, None, participant)

    async def _paced(self, entry: Entry) -> Participant:
        """Register; when the account's own pace is booked for longer than a call may last, wait."""
        while True:
            try:
                return await self.conference.register(
                    self.room,
                    entry.person,
                    fields=entry.fields,
                    confirmation=self.options.confirmation,
                    language=self.options.language,
                    native=self.options.native,
                )
            except RateLimited as error:
                if error.attempts or not error.retry_after or self.stopped is not None:
                    raise
                wait = error.retry_after
            await self.conference.provider.context.clock.sleep(wait)

    def _failed(self, entry: Entry, error: ConferencingError) -> None:
        """Sort a failure: a refusal of this row, a row that was not sent, or a doubt."""
        if isinstance(error, _REFUSALS):
            self.strikes = self.doubts = 0
            self.unsent.add(entry.key)  # so that it is tried again once it is put right
            self._tell(entry, Outcome.REFUSED, str(error))
        elif isinstance(error, _FATAL):
            self.unsent.add(entry.key)
            raise error
        elif error.sent is Sent.NO or isinstance(error, RateLimited):
            self.strikes += 1
            if self.strikes >= STRIKES:
                self.stopped = self.stopped or str(error)
            self._leave(entry, str(error))
        else:
            self.lost[entry.key] = self._now()
            self.doubts += 1
            if self.doubts >= DOUBTS:
                self.stopped = self.stopped or str(error)
            self._tell(entry, Outcome.IN_DOUBT, str(error))

    def _leave(self, entry: Entry, reason: str) -> None:
        self.unsent.add(entry.key)
        self._tell(entry, Outcome.UNSENT, reason)

    # -- looking up what is in doubt

    async def _look_up(self) -> None:
        """Settle what is in doubt: wait, read the vendor's list, send what is not on it."""
        for _ in range(ROUNDS):
            doubtful = self._doubtful()
            if not doubtful or not self._can_list() or self.stopped is not None:
                break
            await self._settle(doubtful)
            try:
                present = await self._present()
            except ConferencingError as error:
                self.stopped = str(error)
                break
            for entry in doubtful:
                if entry.key in present:
                    self._finish(entry, Outcome.REGISTERED, None, present[entry.key])
            await self._send([entry for entry in doubtful if entry.key not in present])
        for entry in self._doubtful():
            if entry.number not in self.rows:
                self._tell(entry, Outcome.IN_DOUBT, "an earlier run sent it, and no answer came")

    def _doubtful(self) -> list[Entry]:
        settled = {number for number, row in self.rows.items() if row.outcome != Outcome.IN_DOUBT}
        return [entry for entry in self.entries.values() if entry.number not in settled]

    async def _settle(self, doubtful: Iterable[Entry]) -> None:
        # An earlier run may have sent its rows until it ended, and it had ended when this began.
        latest = max(self.lost.get(entry.key, self.started) for entry in doubtful)
        left = latest + self.options.settle - self._now()
        if left > 0:
            await self.conference.provider.context.clock.sleep(min(left, self.options.settle))

    def _can_list(self) -> bool:
        return self.conference.capabilities.supports(Operation.LIST_PARTICIPANTS)

    async def _present(self) -> dict[str, Participant]:
        """Return who is registered, by address; nobody where the vendor does not tell."""
        if not self._can_list():
            return {}
        people = await self.conference.participants(self.room).collect()
        return {email_key(one.email): one for one in people if one.email}

    # -- telling, and writing down

    def _finish(
        self,
        entry: Entry,
        outcome: Outcome,
        reason: str | None,
        participant: Participant | None = None,
    ) -> None:
        self.done[entry.key] = (outcome, reason)
        self._tell(entry, outcome, reason, participant)

    def _tell(
        self,
        entry: Entry,
        outcome: Outcome,
        reason: str | None,
        participant: Participant | None = None,
    ) -> None:
        row = BulkRow(
            number=entry.number,
            person=entry.person,
            outcome=outcome,
            reason=reason,
            participant=participant,
        )
        self.rows[entry.number] = row
        if self.options.on_row is not None:
            self.options.on_row(row)

    async def _write(self, begun: dict[str, float]) -> None:
        """Write what begins, together with what has been done since the last time."""
        done, self.done = self.done, {}
        unsent, self.unsent = self.unsent, set()
        new = {key: self._now() for key in done if key not in self.marks and key not in begun}
        self.marks |= {key: Mark(at) for key, at in (new | begun).items()}
        if begun or done or unsent:
            await finish(self.journal.run(lambda file: file.write(new | begun, done, unsent)))

    def _now(self) -> float:
        return self.conference.provider.context.clock.now().timestamp()


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    found = group.exceptions[0]
    inside = cast("BaseExceptionGroup[BaseException]", found)
    return _first(inside) if isinstance(found, BaseExceptionGroup) else found

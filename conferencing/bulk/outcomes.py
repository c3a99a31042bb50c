"""The outcomes of the rows of one run: what a real and a dry run share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, TypedDict

from attrs import define, field, frozen

from conferencing.capabilities import Operation
from conferencing.client.people import PeopleOperations
from conferencing.errors import Conflict, InvalidRequest, UnsupportedOption
from conferencing.model import Participant, Room
from conferencing.model.emails import email_key
from conferencing.model.names import have_common_word

from .journal import JournalRow
from .result import BulkResult, BulkRow, Outcome
from .roster import Entry, Roster

__all__ = ["BUSY", "DONE", "REFUSALS", "SENT_BEFORE", "Options", "Outcomes", "RegistrationOptions"]

REFUSALS: Final = (Conflict, InvalidRequest, UnsupportedOption)
DONE: Final = (Outcome.REGISTERED, Outcome.EXISTED)
SENT_BEFORE: Final = "an earlier run sent this row and got no answer"
BUSY: Final = "another run is registering this person"


class RegistrationOptions(TypedDict):
    """The options of each registration."""

    fields: Mapping[str, str]
    confirmation: bool | None
    language: str | None
    native: Mapping[str, Any]


@frozen(kw_only=True)
class Options:
    """The options of each registration, and how to proceed.

    `settle` is the number of seconds that the vendor may need to finish what it has begun.
    """

    confirmation: bool | None = None
    language: str | None = None
    native: Mapping[str, Any] = field(factory=dict[str, Any])
    settle: float = 60.0
    concurrency: int = 8
    on_row: Callable[[BulkRow], None] | None = None


@define(kw_only=True)
class Outcomes:
    """The rows of a roster with their outcomes so far.

    `recorded` are the rows of the journal; if it is `damaged`, all rows are in doubt. `done` are
    outcomes that the journal does not have yet.
    """

    conference: PeopleOperations
    room: Room
    roster: Roster
    options: Options

    entries: Mapping[str, Entry] = field(init=False)
    recorded: dict[str, JournalRow] = field(init=False, factory=dict[str, JournalRow])
    damaged: bool = field(init=False, default=False)
    rows: dict[int, BulkRow] = field(init=False, factory=dict[int, BulkRow])
    done: dict[str, tuple[Outcome, str | None]] = field(
        init=False, factory=dict[str, tuple[Outcome, str | None]]
    )
    stopped: str | None = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self.entries = {
            entry.key: entry for entry in self.roster.entries if entry.person is not None
        }

    @property
    def subject(self) -> str:
        """The provider, account and room that a journal of these rows belongs to."""
        return f"{self.conference.provider.name} {self.conference.account} {self.room.id}"

    # -- rows that need no request

    def _settle_known_rows(self, registered: Mapping[str, Participant]) -> None:
        """Report invalid rows, rows that an earlier run has done, and people already registered."""
        for entry in self.roster.entries:
            record = self.recorded.get(entry.key)
            participant = registered.get(entry.key)
            if entry.person is None:
                if not entry.key:
                    self._report(entry, Outcome.REFUSED, entry.problem)
            elif record is not None and record.outcome is not None and record.outcome in DONE:
                self._report(entry, Outcome.EXISTED, record.reason, participant)
            elif participant is not None:
                by_us = record is not None and not self.damaged
                outcome = Outcome.REGISTERED if by_us else Outcome.EXISTED
                reason = None if by_us else _compare_names(entry, participant)
                self._settle(entry, outcome, reason, participant)
            elif record is not None and record.busy:
                self._report(entry, Outcome.IN_DOUBT, BUSY)

    def _copy_outcomes_to_duplicates(self, done: Collection[Outcome] = DONE) -> None:
        """Give rows with the address of an earlier row its outcome, unless they name another person."""
        for entry in self.roster.entries:
            if entry.person is None and entry.key:
                outcome = self.rows[self.entries[entry.key].number].outcome
                outcome = Outcome.EXISTED if outcome in done else outcome
                outcome = Outcome.CONFLICT if entry.conflict else outcome
                self._report(entry, outcome, entry.problem)

    def _list_unsettled(self) -> list[Entry]:
        settled = {number for number, row in self.rows.items() if row.outcome != Outcome.IN_DOUBT}
        return [
            entry
            for entry in self.entries.values()
            if entry.number not in settled and not self._is_busy(entry)
        ]

    def _is_busy(self, entry: Entry) -> bool:
        record = self.recorded.get(entry.key)
        return record is not None and record.busy

    # -- the vendor

    def _registration_options(self, entry: Entry) -> RegistrationOptions:
        return {
            "fields": entry.fields,
            "confirmation": self.options.confirmation,
            "language": self.options.language,
            "native": self.options.native,
        }

    def _can_list(self) -> bool:
        return self.conference.capabilities.supports(Operation.LIST_PARTICIPANTS)

    async def _list_registered(self) -> dict[str, Participant]:
        """Return the registrations by `email_key`; none if the vendor does not list them."""
        if not self._can_list():
            return {}
        people = await self.conference.participants(self.room).collect()
        return {email_key(person.email): person for person in people if person.email}

    # -- reporting

    def _settle(
        self,
        entry: Entry,
        outcome: Outcome,
        reason: str | None,
        participant: Participant | None = None,
    ) -> None:
        """Report the final outcome of a row; the next `_record` writes it down."""
        self.done[entry.key] = (outcome, reason)
        self._report(entry, outcome, reason, participant)

    def _report(
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
            email=entry.email,
            reason=reason,
            participant=participant,
        )
        self.rows[entry.number] = row
        if self.options.on_row is not None:
            self.options.on_row(row)

    def _result(self) -> BulkResult:
        return BulkResult(
            rows=tuple(self.rows[entry.number] for entry in self.roster.entries),
            stopped=self.stopped,
            columns=self.roster.columns,
            sheet=self.roster.sheet,
            other_sheets=self.roster.other_sheets,
            hidden_rows_known=self.roster.hidden_rows_known,
        )


def _compare_names(entry: Entry, participant: Participant) -> str | None:
    """Return a reason if an address is registered for somebody else, None otherwise."""
    name = entry.person.display_name if entry.person else None
    registered = participant.display_name
    if not name or not registered or have_common_word(name, registered):
        return None
    return f"this address is registered for {registered}, not for {name}"

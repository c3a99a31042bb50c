"""The outcome of each row of a bulk registration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

from attrs import field, frozen

from conferencing.model import Participant, Person

from .columns import Columns

__all__ = ["BulkResult", "BulkRow", "Outcome"]


class Outcome(StrEnum):
    """The outcome of one row."""

    REGISTERED = "registered"
    EXISTED = "already-registered"  # registered before this run, or by an earlier row of the list
    REFUSED = "refused"  # cannot be registered; `reason` says why
    CONFLICT = "conflict"  # an earlier row has this address for somebody else; not registered
    UNSENT = "not-sent"  # certainly not registered: run it again
    IN_DOUBT = "in-doubt"  # may be registered: run it again with the same journal


@frozen(kw_only=True)
class BulkRow:
    """One row and its outcome. `number` counts from 1; for a file, it is the line.

    `email` is the address as it is written in the list, `person` the one who was registered, or
    would be.
    """

    number: int
    person: Person | None
    outcome: Outcome
    email: str | None = None
    reason: str | None = None
    participant: Participant | None = None


@frozen(kw_only=True)
class BulkResult:
    """All rows in their order. `stopped` is why the run ended early, if it did.

    `columns` is what became of the list's columns. `sheet` is the sheet of a workbook that was
    read; `other_sheets` have people too, and were not.
    `hidden_rows_known` is False for a workbook (.xls, .xlsb) whose hidden rows cannot
    be distinguished from others: they are read like all rows.
    """

    rows: tuple[BulkRow, ...]
    stopped: str | None = None
    columns: Columns = field(factory=Columns)
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()
    hidden_rows_known: bool = True

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many rows have each outcome, including those with none."""
        counted = Counter(row.outcome for row in self.rows)
        return {outcome: counted[outcome] for outcome in Outcome}

    @property
    def complete(self) -> bool:
        """Whether no row is in doubt or unsent, so that another run would change nothing."""
        return not self.counts[Outcome.UNSENT] and not self.counts[Outcome.IN_DOUBT]

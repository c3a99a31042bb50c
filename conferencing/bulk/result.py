"""What became of each person of a list. Values only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum

from attrs import frozen

from conferencing.model import Participant, Person

__all__ = ["BulkResult", "BulkRow", "Outcome"]


class Outcome(StrEnum):
    """What became of one row."""

    REGISTERED = "registered"
    EXISTED = "already-there"  # registered before, or by an earlier row of the list
    REFUSED = "refused"  # not a person that can be registered; `reason` says why
    UNSENT = "not-sent"  # surely not registered: run it again
    IN_DOUBT = "in-doubt"  # may be registered: run it again, with the same journal


@frozen(kw_only=True)
class BulkRow:
    """Tell of one row: its number in the list, counted from 1 (in a file, its line)."""

    number: int
    person: Person | None
    outcome: Outcome
    reason: str | None = None
    participant: Participant | None = None


@frozen(kw_only=True)
class BulkResult:
    """Tell of all rows, in their order. `stopped` says why it ended early, if it did."""

    rows: tuple[BulkRow, ...]
    stopped: str | None = None

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many rows came to which outcome; all outcomes are there."""
        counted = Counter(row.outcome for row in self.rows)
        return {outcome: counted[outcome] for outcome in Outcome}

    @property
    def complete(self) -> bool:
        """Whether each row is settled: nothing is left that another run would do."""
        return not self.counts[Outcome.UNSENT] and not self.counts[Outcome.IN_DOUBT]

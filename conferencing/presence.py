"""People over several sessions, and how many were there at each moment. Pure, like `attendance`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from attrs import evolve, field, frozen

from .attendance import KEYS, Attendance, MatchedBy, MergedBy, Segment, groups_of, union
from .garbage import uncollected

__all__ = ["Presence", "Step", "concurrency", "gather", "peak", "whole_of"]


@frozen(kw_only=True, repr=False)
class Presence:
    """Describe one person over all sessions that they came to, with a record for each.

    `gathered_by` says why records of different sessions were taken for one person's.
    """

    records: tuple[Attendance, ...] = field()
    gathered_by: tuple[MergedBy, ...] = ()

    @property
    def display_name(self) -> str | None:
        """The first name under which this person came."""
        return next((one.display_name for one in self.records if one.display_name), None)

    @property
    def email(self) -> str | None:
        """The address, if any record has one."""
        return next((one.email for one in self.records if one.email), None)

    @property
    def participant_id(self) -> str | None:
        """The registration, if any record is linked to one."""
        return next((one.participant_id for one in self.records if one.participant_id), None)

    @property
    def matched_by(self) -> MatchedBy | None:
        """How the registration was found."""
        return next((one.matched_by for one in self.records if one.matched_by), None)

    @property
    def duration(self) -> timedelta | None:
        """How long this person was present in all, or None as long as one part is unknown."""
        sessions: dict[str | None, list[Attendance]] = {}
        for record in self.records:
            sessions.setdefault(record.session_id, []).append(record)
        total = timedelta()
        for records in sessions.values():
            whole = whole_of(records)
            if whole is None or whole.duration is None:
                return None
            total += whole.duration
        return total

    def __repr__(self) -> str:
        return f"<Presence, {len(self.records)} records, {self.duration or 'unknown'}>"


@frozen
class Step:
    """Say how many people were there from this moment on, until the next step."""

    at: datetime
    present: int


@uncollected
def gather(
    records: Iterable[Attendance],
    by: Sequence[MergedBy] = (MergedBy.REGISTRATION, MergedBy.EMAIL),
) -> list[Presence]:
    """Return one `Presence` per person over all sessions, in the order of first appearance.

    Records are one person's when any of the named keys is equal. Ids are left out unless asked for,
    since most vendors give a new one for each session.
    """
    groups = groups_of(records, {reason: KEYS[reason] for reason in by})
    return [
        Presence(records=tuple(group.rows), gathered_by=tuple(dict.fromkeys(group.reasons)))
        for group in groups
    ]


def whole_of(records: Sequence[Attendance]) -> Attendance | None:
    """Return one person's records of one session as one, or None if they cannot be one.

    Times without a place in time may overlap or not: they are never added up.
    """
    if len(records) == 1:
        return records[0]
    if not all(record.segments for record in records):
        return None
    return evolve(records[0], segments=tuple(part for one in records for part in one.segments))


def concurrency(records: Iterable[Attendance]) -> list[Step]:
    """Return how many people were there over time, as steps in their order.

    Each record counts once at a time, however many devices it has. A stay without an end does not
    count: until when it lasted, nobody knows.
    """
    changes: Counter[datetime] = Counter()
    for record in records:
        for stay in union(record.segments):
            _count(changes, stay)
    steps: list[Step] = []
    present = 0
    for at in sorted(changes):
        if changes[at]:
            present += changes[at]
            steps.append(Step(at, present))
    return steps


def peak(steps: Iterable[Step]) -> Step | None:
    """Return the first moment with the most people, or None if nobody was seen."""
    return max(steps, key=lambda step: step.present, default=None)


def _count(changes: Counter[datetime], stay: Segment) -> None:
    if stay.left_at is not None and stay.duration:
        changes[stay.joined_at.astimezone(UTC)] += 1
        changes[stay.left_at.astimezone(UTC)] -= 1

"""Attendance arithmetic: merge rows, match them to registrations, follow people over sessions.

Pure: no vendor and no I/O. The values and the time arithmetic of one person are in
`conferencing.model.attendance`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from attrs import evolve

from conferencing.model.attendance import (
    Attendance,
    Headcount,
    MatchedBy,
    MergedBy,
    PersonAttendance,
    Segment,
    by_start,
    combine,
    merge_segments,
)
from conferencing.model.emails import email_key
from conferencing.model.people import Participant, Role

__all__ = [
    "combine",
    "concurrency",
    "group_by_person",
    "match",
    "merge",
    "merge_segments",
    "no_shows",
    "peak",
]


def merge(
    records: Iterable[Attendance], by: Sequence[MergedBy] = (MergedBy.ID, MergedBy.EMAIL)
) -> list[Attendance]:
    """Return one record per person and session, and say in `merged_by` why rows became one.

    Records are one person's when any of the named keys is equal (e-mails without regard to case).
    `MergedBy.NAME` is there for vendors that tell nothing else; two people may share a name. A
    record with `reported_duration` stays by itself: whether two such times overlap, nobody knows. The
    result stands in the order of first appearance and keeps the first row's name and `native`.
    """
    rows = list(records)
    keys = {reason: KEYS[reason] for reason in by}
    if len({row.session_id for row in rows}) > 1 or any(
        row.reported_duration is not None for row in rows
    ):
        keys = {reason: _of_one_session(key) for reason, key in keys.items()}
    return [group.record() for group in groups_of(rows, keys)]


def match(records: Iterable[Attendance], participants: Iterable[Participant]) -> list[Attendance]:
    """Return the records, each linked to the one registration that has its e-mail.

    A link that the vendor made itself stays. Where several registrations share the e-mail, none
    is chosen.
    """
    by_email: dict[str, str | None] = {}
    for person in participants:
        email = _email(person.email)
        if email:
            by_email[email] = None if email in by_email else person.id
    return [_linked(record, by_email) for record in records]


def no_shows(
    records: Iterable[Attendance], participants: Iterable[Participant]
) -> list[Participant]:
    """Return those who registered and appear in none of the records, in their order."""
    seen = list(records)
    ids = {record.participant_id for record in seen if record.participant_id}
    emails = {_email(record.email) for record in seen} - {None}
    return [
        person
        for person in participants
        if person.id not in ids and _email(person.email) not in emails
    ]


def group_by_person(
    records: Iterable[Attendance],
    by: Sequence[MergedBy] = (MergedBy.REGISTRATION, MergedBy.EMAIL),
) -> list[PersonAttendance]:
    """Return one `PersonAttendance` per person over all sessions, in the order of first appearance.

    Records are one person's when any of the named keys is equal. Ids are left out unless asked for,
    since most vendors give a new one for each session.
    """
    groups = groups_of(records, {reason: KEYS[reason] for reason in by})
    return [
        PersonAttendance(records=tuple(group.rows), grouped_by=tuple(dict.fromkeys(group.reasons)))
        for group in groups
    ]


def concurrency(records: Iterable[Attendance]) -> list[Headcount]:
    """Return how many people were present over time: one `Headcount` for each change, in order.

    Each record counts once at a time, however many devices it has. Segments without an end do not
    count, since nobody knows how long they lasted.
    """
    changes: Counter[datetime] = Counter()
    for record in records:
        for segment in merge_segments(record.segments):
            _add_segment(changes, segment)
    counts: list[Headcount] = []
    people = 0
    for at in sorted(changes):
        if changes[at]:
            people += changes[at]
            counts.append(Headcount(at, people))
    return counts


def peak(counts: Iterable[Headcount]) -> Headcount | None:
    """Return the first headcount with the most people, or None if there are none."""
    return max(counts, key=lambda count: count.people, default=None)


_RANK = {role: rank for rank, role in enumerate(Role)}  # host first: the order of the enumeration


class Group:
    """Collect the rows of one person while they are being found."""

    def __init__(self, *rows: Attendance) -> None:
        self.rows = [*rows]
        self.reasons: list[MergedBy] = []

    def add(self, row: Attendance, reasons: Iterable[MergedBy]) -> None:
        self.rows.append(row)
        self.reasons.extend(reasons)

    def take(self, other: Group) -> None:
        self.rows.extend(other.rows)
        self.reasons.extend(other.reasons)

    def record(self) -> Attendance:
        first = self.rows[0]
        if len(self.rows) == 1:
            return first
        segments = (segment for row in self.rows for segment in row.segments)
        linked = next((row for row in self.rows if row.participant_id is not None), first)
        return evolve(
            first,
            email=next((row.email for row in self.rows if row.email), None),
            role=min((row.role for row in self.rows), key=_RANK.__getitem__),
            segments=tuple(sorted(segments, key=by_start)),
            participant_id=linked.participant_id,
            matched_by=linked.matched_by,
            merged_by=tuple(dict.fromkeys(self.reasons)),
        )


Key = Callable[[Attendance], Hashable | None]


def groups_of(records: Iterable[Attendance], keys: Mapping[MergedBy, Key]) -> list[Group]:
    """Return the rows of each person, in the order of first appearance: those that share a key."""
    rows = list(records)
    columns = {reason: [*map(key, rows)] for reason, key in keys.items()}
    if all(_distinct(column) for column in columns.values()):
        return [*map(Group, rows)]
    return _joined(rows, columns)


def _distinct(column: Sequence[Hashable | None]) -> bool:
    """Return whether no two rows share a key: so it is with most sessions, and quickly seen."""
    return len({*column} - {None}) == len(column) - column.count(None)


def _joined(
    rows: Sequence[Attendance], columns: Mapping[MergedBy, Sequence[Hashable | None]]
) -> list[Group]:
    groups: dict[int, Group] = {}
    holder: dict[tuple[MergedBy, Hashable], int] = {}
    moved: dict[int, int] = {}
    for number, record in enumerate(rows):
        told = ((reason, column[number]) for reason, column in columns.items())
        keys = [(reason, key) for reason, key in told if key is not None]
        known = sorted({_home(holder[key], moved) for key in keys if key in holder})
        home = known[0] if known else number
        group = groups.setdefault(home, Group())
        reasons = [key[0] for key in keys if key in holder]
        for other in known[1:]:
            group.take(groups.pop(other))
            moved[other] = home
        group.add(record, reasons)
        holder.update(dict.fromkeys(keys, home))
    return [group for _, group in sorted(groups.items())]


def _home(number: int, moved: dict[int, int]) -> int:
    """Return where a group is by now; what was passed on the way points there from then on."""
    home = number
    while home in moved:
        home = moved[home]
    while number != home:
        moved[number], number = home, moved[number]
    return home


def _of_one_session(key: Key) -> Key:
    """Return a key that only rows of one session can share; see `merge` for `reported_duration`."""

    def scoped(record: Attendance) -> Hashable | None:
        found = None if record.reported_duration is not None else key(record)
        return found and (record.session_id, found)

    return scoped


def _name(name: str | None) -> str | None:
    # A vendor that puts names into links may turn their blanks into underscores.
    return (" ".join(name.replace("_", " ").split()).casefold() or None) if name else None


def _email_of(record: Attendance) -> str | None:
    return _email(record.email) if record.email else None


KEYS: Final[Mapping[MergedBy, Key]] = {
    MergedBy.REGISTRATION: lambda record: record.participant_id or None,
    MergedBy.ID: lambda record: record.id or None,
    MergedBy.EMAIL: _email_of,
    MergedBy.NAME: lambda record: _name(record.display_name),
}
"""What tells one person from another, by each reason; None where a record has no such thing."""


def _linked(record: Attendance, by_email: Mapping[str, str | None]) -> Attendance:
    participant = by_email.get(_email(record.email) or "")
    if record.participant_id is not None or participant is None:
        return record
    return evolve(record, participant_id=participant, matched_by=MatchedBy.EMAIL)


def _email(address: str | None) -> str | None:
    return email_key(address) if address and address.strip() else None


def _add_segment(changes: Counter[datetime], segment: Segment) -> None:
    if segment.left_at is not None and segment.duration:
        changes[segment.joined_at.astimezone(UTC)] += 1
        changes[segment.left_at.astimezone(UTC)] -= 1

"""Attendance: merge rows, match them to registrations, group people over sessions.

Pure functions. The values, and the time arithmetic of one person, are in
`conferencing.model.attendance`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import evolve

from conferencing.model.attendance import (
    Attendance,
    Headcount,
    MatchedBy,
    MergedBy,
    PersonAttendance,
    Segment,
    combine,
)
from conferencing.model.attendance_segments import by_start, merge_segments
from conferencing.model.base import to_utc
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
    """Return one record per person and session; `merged_by` says by which keys rows were merged.

    Rows belong to one person if any of the named keys is equal. Use `MergedBy.NAME` only for
    vendors that report nothing else: two people may share a name. Equal segments are one. A record with
    `reported_duration` is not merged, since two such durations may overlap. The result is in the
    order of first appearance and keeps the name and `native` of the first row.
    """
    rows = list(records)
    keys = {reason: KEYS[reason] for reason in by}
    several_sessions = len({row.session_id for row in rows}) > 1
    if several_sessions or any(row.reported_duration is not None for row in rows):
        keys = {reason: _within_session(key) for reason, key in keys.items()}
    columns = _list_keys(rows, keys)
    if _are_distinct(columns):  # so it is in most sessions, and there is nothing to merge
        return rows
    return [group.record() for group in _join_groups(rows, columns)]


def match(records: Iterable[Attendance], participants: Iterable[Participant]) -> list[Attendance]:
    """Return the records, each linked to the registration with the same e-mail address.

    Links made by the vendor are kept. If several registrations share an address, none is chosen:
    `matched_by` is `MatchedBy.EMAIL`, and `participant_id` is None.
    """
    by_email: dict[str, str | None] = {}
    for person in participants:
        email = _email(person.email)
        if email:
            by_email[email] = None if email in by_email else person.id
    return [_link(record, by_email) for record in records]


def no_shows(
    records: Iterable[Attendance], participants: Iterable[Participant]
) -> list[Participant]:
    """Return the participants who appear in none of the records, in their order.

    People are recognized by the registration or the address. Records that have neither, as with
    vendors that report names only, say nothing about who was absent.
    """
    rows = list(records)
    ids = {record.participant_id for record in rows if record.participant_id}
    emails = {_email(record.email) for record in rows} - {None}
    return [
        person
        for person in participants
        if person.id not in ids and _email(person.email) not in emails
    ]


def group_by_person(
    records: Iterable[Attendance],
    by: Sequence[MergedBy] = (MergedBy.REGISTRATION, MergedBy.EMAIL),
) -> list[PersonAttendance]:
    """Return one `PersonAttendance` per person over all sessions, in order of first appearance.

    Records belong to one person if any of the named keys is equal. `MergedBy.ID` is not among them
    by default, since most vendors give a person another id in each session.
    """
    groups = groups_of(records, {reason: KEYS[reason] for reason in by})
    return [
        PersonAttendance(records=tuple(group.rows), grouped_by=tuple(dict.fromkeys(group.reasons)))
        for group in groups
    ]


def concurrency(records: Iterable[Attendance]) -> list[Headcount]:
    """Return how many people were present over time: one `Headcount` for each change, in order.

    Each record counts once at a time, however many devices it has. Segments without an end do not
    count, since their duration is unknown.
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


_RANK: Final = {role: rank for rank, role in enumerate(Role)}  # host first


class Group:
    """The rows of one person, and the keys by which they were joined."""

    def __init__(self, *rows: Attendance) -> None:
        self.rows = [*rows]
        self.reasons: list[MergedBy] = []

    def add(self, row: Attendance, reasons: Iterable[MergedBy]) -> None:
        """Add a row that shares these keys with the group."""
        self.rows.append(row)
        self.reasons.extend(reasons)

    def absorb(self, other: Group) -> None:
        """Add all rows of another group."""
        self.rows.extend(other.rows)
        self.reasons.extend(other.reasons)

    def record(self) -> Attendance:
        """Return the rows merged into one record."""
        first = self.rows[0]
        if len(self.rows) == 1:
            return first
        # A row that a vendor sends twice is one stay.
        segments = dict.fromkeys(segment for row in self.rows for segment in row.segments)
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
Columns = Mapping[MergedBy, Sequence[Hashable | None]]
"""The keys of all rows, in their order, for each reason to merge."""


def groups_of(records: Iterable[Attendance], keys: Mapping[MergedBy, Key]) -> list[Group]:
    """Group rows that share any key, directly or through other rows; in order of appearance."""
    rows = list(records)
    columns = _list_keys(rows, keys)
    return [*map(Group, rows)] if _are_distinct(columns) else _join_groups(rows, columns)


def _list_keys(rows: Sequence[Attendance], keys: Mapping[MergedBy, Key]) -> Columns:
    return {reason: [*map(key, rows)] for reason, key in keys.items()}


def _are_distinct(columns: Columns) -> bool:
    """Return whether no two rows share a key."""
    return all(
        len({*column} - {None}) == len(column) - column.count(None) for column in columns.values()
    )


def _join_groups(rows: Sequence[Attendance], columns: Columns) -> list[Group]:
    """Group rows by their keys: union-find, with the first row of a group as its root."""
    groups: dict[int, Group] = {}
    owners: dict[tuple[MergedBy, Hashable], int] = {}
    parents: dict[int, int] = {}
    for number, record in enumerate(rows):
        columns_of_row = ((reason, column[number]) for reason, column in columns.items())
        keys = [(reason, key) for reason, key in columns_of_row if key is not None]
        roots = sorted({_find_root(owners[key], parents) for key in keys if key in owners})
        root = roots[0] if roots else number
        group = groups.setdefault(root, Group())
        reasons = [key[0] for key in keys if key in owners]
        for other in roots[1:]:  # this row connects groups that were apart until now
            group.absorb(groups.pop(other))
            parents[other] = root
        group.add(record, reasons)
        owners.update(dict.fromkeys(keys, root))
    return [group for _, group in sorted(groups.items())]


def _find_root(number: int, parents: dict[int, int]) -> int:
    """Find the root of a group (union-find with path compression)."""
    root = number
    while root in parents:
        root = parents[root]
    while number != root:
        parents[number], number = root, parents[number]
    return root


def _within_session(key: Key) -> Key:
    """Return a key that only rows of one session share; none for rows that `merge` leaves alone."""

    def find_key(record: Attendance) -> Hashable | None:
        value = None if record.reported_duration is not None else key(record)
        return value and (record.session_id, value)

    return find_key


def _name(name: str | None) -> str | None:
    # Vendors that put names into links may replace blanks by underscores.
    return (" ".join(name.replace("_", " ").split()).casefold() or None) if name else None


def _email(address: str | None) -> str | None:
    return email_key(address) if address and address.strip() else None


KEYS: Final[Mapping[MergedBy, Key]] = {
    MergedBy.REGISTRATION: lambda record: record.participant_id or None,
    MergedBy.ID: lambda record: record.id or None,
    MergedBy.EMAIL: lambda record: _email(record.email),
    MergedBy.NAME: lambda record: _name(record.display_name),
}
"""The key of a record for each reason to merge; None if the record does not have one."""


def _link(record: Attendance, by_email: Mapping[str, str | None]) -> Attendance:
    email = _email(record.email)
    if record.participant_id is not None or email is None or email not in by_email:
        return record
    return evolve(record, participant_id=by_email[email], matched_by=MatchedBy.EMAIL)


def _add_segment(changes: Counter[datetime], segment: Segment) -> None:
    if segment.left_at is not None and segment.duration:
        changes[to_utc(segment.joined_at)] += 1
        changes[to_utc(segment.left_at)] -= 1

"""Who was there, and for how long: records and their arithmetic. Pure; no vendor and no I/O here.

The time that a person was present is the *union* of the segments: two devices at once count once,
and a gap between leaving and coming back does not count. An unknown leave time stays unknown
(None) in everything that is computed from it; it is never taken for zero.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from attrs import evolve, field, frozen

from .garbage import uncollected
from .model import Participant, Record, Role, Session, elapsed
from .native import NO_NATIVE

__all__ = [
    "Attendance",
    "MatchedBy",
    "MergedBy",
    "Precision",
    "Segment",
    "match",
    "merge",
    "no_shows",
    "union",
]


class Precision(StrEnum):
    """How much a vendor tells of somebody's presence."""

    SEGMENTS = "segments"  # each stay with its beginning and end
    SPAN = "span"  # the first beginning and the last end
    DURATION = "duration"  # how long, not when
    JOINED = "joined"  # the beginning only
    COUNT = "count"  # how many, not who


class MatchedBy(StrEnum):
    """How a record was linked to a registration. Never by a name: names are not unique."""

    REGISTRATION = "registration"  # the vendor says so by a key
    EMAIL = "email"


class MergedBy(StrEnum):
    """Why several rows were taken for one person."""

    REGISTRATION = "registration"
    ID = "id"
    EMAIL = "email"
    NAME = "name"


@frozen(kw_only=True)
class Segment:
    """Hold one stay of one person. `left_at` is None where nobody knows, or while they are there.

    A stay that ends before it begins, as some vendors' clocks have it, lasts no time.
    """

    joined_at: datetime
    left_at: datetime | None = None

    @property
    def duration(self) -> timedelta | None:
        """How long this stay lasted, or None if its end is unknown."""
        if self.left_at is None:
            return None
        return max(elapsed(self.joined_at, self.left_at), timedelta())


@frozen(kw_only=True, repr=False)
class Attendance(Record):
    """Describe the presence of one person in one session, with `segments` in order.

    `present` is the time present where the vendor tells that and no times. `participant_id` is the
    registration that belongs to it, `matched_by` how that was found, and `merged_by` why several
    rows of the vendor became this one record.
    """

    _shown = ("id", "session_id", "joined_at", "duration")

    id: str
    session_id: str | None = None
    display_name: str | None = None
    email: str | None = None
    role: Role = Role.UNKNOWN
    segments: tuple[Segment, ...] = ()
    present: timedelta | None = None
    precision: Precision = Precision.SEGMENTS
    participant_id: str | None = None
    matched_by: MatchedBy | None = None
    merged_by: tuple[MergedBy, ...] = ()
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)

    @property
    def joined_at(self) -> datetime | None:
        """When this person was first seen."""
        return min((segment.joined_at for segment in self.segments), key=_instant, default=None)

    @property
    def left_at(self) -> datetime | None:
        """When this person was last seen, or None as long as one leave time is unknown."""
        ends = [segment.left_at for segment in self.segments]
        known = [end for end in ends if end is not None]
        return max(known, key=_instant) if known and len(known) == len(ends) else None

    @property
    def duration(self) -> timedelta | None:
        """How long this person was present, or None as long as one leave time is unknown."""
        return _total(union(self.segments)) if self.segments else self.present

    def share_of(self, session: Session) -> float | None:
        """Return the part of the session, 0 to 1, in which this person was present.

        Time before its start and after its end does not count. None if either side is unknown.
        """
        if session.started_at is None or not session.duration:
            return None
        if not self.segments:
            return None if self.present is None else min(self.present / session.duration, 1.0)
        start = _instant(session.started_at)
        inside = _clipped(self.segments, start, start + session.duration)
        present = _total(union(inside))
        return None if present is None else present / session.duration


def union(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Return the segments in order, with those that overlap or touch made one.

    A segment without an end stays by itself: what it covers is unknown. One that ends before it
    begins ends where it begins.
    """
    given = tuple(map(_forward, segments))
    if len(given) <= 1:
        return given
    joined: list[Segment] = []
    unended: list[Segment] = []
    for segment in sorted(given, key=_order):
        last = joined[-1].left_at if joined else None
        if segment.left_at is None:
            unended.append(segment)
        elif last is None or _instant(segment.joined_at) > _instant(last):
            joined.append(segment)
        elif _instant(segment.left_at) > _instant(last):
            joined[-1] = evolve(joined[-1], left_at=segment.left_at)
    return tuple(sorted(joined + unended, key=_order))


@uncollected
def merge(
    records: Iterable[Attendance], by: Sequence[MergedBy] = (MergedBy.ID, MergedBy.EMAIL)
) -> list[Attendance]:
    """Return one record per person and session, and say in `merged_by` why rows became one.

    Records are one person's when any of the named keys is equal (e-mails without regard to case).
    `MergedBy.NAME` is there for vendors that tell nothing else; two people may share a name. A
    record with `present` stays by itself: whether two such times overlap, nobody knows. The
    result stands in the order of first appearance and keeps the first row's name and `native`.
    """
    rows = list(records)
    keys = {reason: KEYS[reason] for reason in by}
    if len({row.session_id for row in rows}) > 1 or any(row.present is not None for row in rows):
        keys = {reason: _of_one_session(key) for reason, key in keys.items()}
    return [group.record() for group in groups_of(rows, keys)]


@uncollected
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


_RANK = {role: rank for rank, role in enumerate(Role)}  # host first: the order of the enumeration
_NO_END = timedelta(days=10**6)


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
            segments=tuple(sorted(segments, key=_order)),
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
    """Return a key that only rows of one session can share; see `merge` for `present`."""

    def scoped(record: Attendance) -> Hashable | None:
        found = None if record.present is not None else key(record)
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
    if not address:
        return None
    clean = address.strip()
    if not clean:
        return None
    return clean.lower() if clean.isascii() else unicodedata.normalize("NFC", clean).casefold()


def _instant(moment: datetime) -> datetime:
    return moment.astimezone(UTC)  # within one zone, Python would compare wall clocks


def _forward(segment: Segment) -> Segment:
    if segment.left_at is None or elapsed(segment.joined_at, segment.left_at) >= timedelta():
        return segment
    return evolve(segment, left_at=segment.joined_at)


def _order(segment: Segment) -> tuple[datetime, timedelta]:
    return _instant(segment.joined_at), _NO_END if segment.duration is None else segment.duration


def _clipped(segments: Iterable[Segment], start: datetime, end: datetime) -> Iterable[Segment]:
    for segment in segments:
        joined = min(max(_instant(segment.joined_at), start), end)
        left = segment.left_at and min(max(_instant(segment.left_at), joined), end)
        yield Segment(joined_at=joined, left_at=left)


def _total(segments: Iterable[Segment]) -> timedelta | None:
    total = timedelta()
    for segment in segments:
        if segment.duration is None:
            return None
        total += segment.duration
    return total

"""Who was present, and for how long: values and the arithmetic of their segments.

The time that a person was present is the *union* of the segments: two devices at once count once,
and a gap between leaving and coming back does not count. An unknown leave time stays unknown
(None) in everything that is computed from it; it is never taken for zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from attrs import evolve, field, frozen

from .base import Record, elapsed
from .native import NO_NATIVE
from .people import Role
from .sessions import Session

__all__ = [
    "Attendance",
    "Headcount",
    "MatchedBy",
    "MergedBy",
    "PersonAttendance",
    "Precision",
    "Segment",
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

    `reported_duration` is the time present where the vendor tells that and no times. `participant_id` is the
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
    reported_duration: timedelta | None = None
    precision: Precision = Precision.SEGMENTS
    participant_id: str | None = None
    matched_by: MatchedBy | None = None
    merged_by: tuple[MergedBy, ...] = ()
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)

    @property
    def joined_at(self) -> datetime | None:
        """When this person was first seen."""
        return min((segment.joined_at for segment in self.segments), key=to_utc, default=None)

    @property
    def left_at(self) -> datetime | None:
        """When this person was last seen, or None as long as one leave time is unknown."""
        ends = [segment.left_at for segment in self.segments]
        known = [end for end in ends if end is not None]
        return max(known, key=to_utc) if known and len(known) == len(ends) else None

    @property
    def duration(self) -> timedelta | None:
        """How long this person was present, or None as long as one leave time is unknown."""
        return _total(merge_segments(self.segments)) if self.segments else self.reported_duration

    def share_of(self, session: Session) -> float | None:
        """Return the part of the session, 0 to 1, in which this person was present.

        Time before its start and after its end does not count. None if either side is unknown.
        """
        if session.started_at is None or not session.duration:
            return None
        if not self.segments:
            return (
                None
                if self.reported_duration is None
                else min(self.reported_duration / session.duration, 1.0)
            )
        start = to_utc(session.started_at)
        inside = _clipped(self.segments, start, start + session.duration)
        present = _total(merge_segments(inside))
        return None if present is None else present / session.duration


@frozen(kw_only=True, repr=False)
class PersonAttendance:
    """Describe one person over all sessions that they came to, with a record for each.

    `grouped_by` says why records of different sessions were taken for one person's.
    """

    records: tuple[Attendance, ...] = field()
    grouped_by: tuple[MergedBy, ...] = ()

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
            whole = combine(records)
            if whole is None or whole.duration is None:
                return None
            total += whole.duration
        return total

    def __repr__(self) -> str:
        return (
            f"PersonAttendance(records={len(self.records)}, duration={self.duration or 'unknown'})"
        )


@frozen
class Headcount:
    """How many `people` were present from the instant `at` until the next headcount."""

    at: datetime
    people: int


def combine(records: Sequence[Attendance]) -> Attendance | None:
    """Return one person's records of one session as one, or None if they cannot be one.

    Times without a place in time may overlap or not: they are never added up.
    """
    if len(records) == 1:
        return records[0]
    if not all(record.segments for record in records):
        return None
    return evolve(records[0], segments=tuple(part for one in records for part in one.segments))


def merge_segments(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Return the segments in order, with those that overlap or touch made one.

    A segment without an end stays by itself: what it covers is unknown. One that ends before it
    begins ends where it begins.
    """
    given = tuple(map(_forward, segments))
    if len(given) <= 1:
        return given
    joined: list[Segment] = []
    unended: list[Segment] = []
    for segment in sorted(given, key=by_start):
        last = joined[-1].left_at if joined else None
        if segment.left_at is None:
            unended.append(segment)
        elif last is None or to_utc(segment.joined_at) > to_utc(last):
            joined.append(segment)
        elif to_utc(segment.left_at) > to_utc(last):
            joined[-1] = evolve(joined[-1], left_at=segment.left_at)
    return tuple(sorted(joined + unended, key=by_start))


_NO_END = timedelta(days=10**6)


def to_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)  # within one zone, Python would compare wall clocks


def _forward(segment: Segment) -> Segment:
    if segment.left_at is None or elapsed(segment.joined_at, segment.left_at) >= timedelta():
        return segment
    return evolve(segment, left_at=segment.joined_at)


def by_start(segment: Segment) -> tuple[datetime, timedelta]:
    return to_utc(segment.joined_at), _NO_END if segment.duration is None else segment.duration


def _clipped(segments: Iterable[Segment], start: datetime, end: datetime) -> Iterable[Segment]:
    for segment in segments:
        joined = min(max(to_utc(segment.joined_at), start), end)
        left = segment.left_at and min(max(to_utc(segment.left_at), joined), end)
        yield Segment(joined_at=joined, left_at=left)


def _total(segments: Iterable[Segment]) -> timedelta | None:
    total = timedelta()
    for segment in segments:
        if segment.duration is None:
            return None
        total += segment.duration
    return total

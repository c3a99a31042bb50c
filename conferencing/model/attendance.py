"""Who was present, and for how long: values and the arithmetic of their segments.

The time that a person was present is the *union* of the segments: two devices at once count once,
and a gap between leaving and returning does not count. An unknown leave time makes everything that
is computed from it unknown (None); it is never taken for zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from attrs import evolve, field, frozen

from .base import Record, elapsed, to_utc
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
    """What a vendor reports about a person's presence."""

    SEGMENTS = "segments"  # each segment with its start and end
    SPAN = "span"  # the first start and the last end
    DURATION = "duration"  # how long, but not when
    JOINED = "joined"  # the start only
    COUNT = "count"  # how many people, but not who


class MatchedBy(StrEnum):
    """How a record was linked to a registration. Never by name: names are not unique."""

    REGISTRATION = "registration"  # by a key of the vendor
    EMAIL = "email"


class MergedBy(StrEnum):
    """By which key several rows were taken for one person."""

    REGISTRATION = "registration"
    ID = "id"
    EMAIL = "email"
    NAME = "name"


@frozen(kw_only=True)
class Segment:
    """One uninterrupted presence of a person. `left_at` is None if it is not known, or not yet.

    A segment that ends before it starts, as some vendors report, has the length zero.
    """

    joined_at: datetime
    left_at: datetime | None = None

    @property
    def duration(self) -> timedelta | None:
        """The length, or None if the end is unknown."""
        if self.left_at is None:
            return None
        return max(elapsed(self.joined_at, self.left_at), timedelta())


@frozen(kw_only=True, repr=False)
class Attendance(Record):
    """The presence of one person in one session, with `segments` in order.

    `reported_duration` is the time present where the vendor reports only that. `participant_id` is
    the registration that belongs to the record and `matched_by` how it was found. `merged_by` says
    by which keys several rows of the vendor were merged.
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
        """The first join time."""
        return min((segment.joined_at for segment in self.segments), key=to_utc, default=None)

    @property
    def left_at(self) -> datetime | None:
        """The last leave time, or None if any leave time is unknown."""
        ends = [segment.left_at for segment in self.segments]
        times = [end for end in ends if end is not None]
        return max(times, key=to_utc) if times and len(times) == len(ends) else None

    @property
    def duration(self) -> timedelta | None:
        """How long the person was present, or None if any leave time is unknown."""
        return (
            _sum_durations(merge_segments(self.segments))
            if self.segments
            else self.reported_duration
        )

    def share_of(self, session: Session) -> float | None:
        """Return the fraction of the session, 0 to 1, for which the person was present.

        Time before its start and after its end does not count. None if either is unknown.
        """
        if session.started_at is None or session.ended_at is None or not session.duration:
            return None
        if not self.segments:
            return (
                None
                if self.reported_duration is None
                else min(self.reported_duration / session.duration, 1.0)
            )
        inside = _clip(self.segments, to_utc(session.started_at), to_utc(session.ended_at))
        present = _sum_durations(merge_segments(inside))
        return None if present is None else present / session.duration


@frozen(kw_only=True, repr=False)
class PersonAttendance:
    """One person over all sessions that they attended, with the records of each.

    `grouped_by` says by which keys records of different sessions were taken for one person's.
    """

    records: tuple[Attendance, ...] = field()
    grouped_by: tuple[MergedBy, ...] = ()

    @property
    def display_name(self) -> str | None:
        """The first display name in the records."""
        return next((record.display_name for record in self.records if record.display_name), None)

    @property
    def email(self) -> str | None:
        """The first e-mail address in the records."""
        return next((record.email for record in self.records if record.email), None)

    @property
    def participant_id(self) -> str | None:
        """The id of the registration, if a record is linked to one."""
        return next(
            (record.participant_id for record in self.records if record.participant_id), None
        )

    @property
    def matched_by(self) -> MatchedBy | None:
        """How the registration was found, if there is one."""
        return next((record.matched_by for record in self.records if record.matched_by), None)

    @property
    def duration(self) -> timedelta | None:
        """How long the person was present in all sessions, or None if any part is unknown."""
        sessions: dict[str | None, list[Attendance]] = {}
        for record in self.records:
            sessions.setdefault(record.session_id, []).append(record)
        total = timedelta()
        for records in sessions.values():
            combined = combine(records)
            if combined is None or combined.duration is None:
                return None
            total += combined.duration
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
    """Combine one person's records of one session, or return None if that is not possible.

    Durations without times may overlap, so they are never added up.
    """
    if len(records) == 1:
        return records[0]
    if not all(record.segments for record in records):
        return None
    return evolve(
        records[0], segments=tuple(segment for record in records for segment in record.segments)
    )


def merge_segments(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Return the segments in order, with overlapping and adjacent ones merged.

    A segment without an end is not merged: what it covers is unknown. One that ends before it
    starts ends at its start.
    """
    forward = tuple(map(_forward, segments))
    if len(forward) <= 1:
        return forward
    merged: list[Segment] = []
    unended: list[Segment] = []
    for segment in sorted(forward, key=by_start):
        last = merged[-1].left_at if merged else None
        if segment.left_at is None:
            unended.append(segment)
        elif last is None or to_utc(segment.joined_at) > to_utc(last):
            merged.append(segment)
        elif to_utc(segment.left_at) > to_utc(last):
            merged[-1] = evolve(merged[-1], left_at=segment.left_at)
    return tuple(sorted(merged + unended, key=by_start))


_NO_END = timedelta.max  # sorts a segment without an end behind all others


def _forward(segment: Segment) -> Segment:
    if segment.left_at is None or elapsed(segment.joined_at, segment.left_at) >= timedelta():
        return segment
    return evolve(segment, left_at=segment.joined_at)


def by_start(segment: Segment) -> tuple[datetime, timedelta]:
    return to_utc(segment.joined_at), _NO_END if segment.duration is None else segment.duration


def _clip(segments: Iterable[Segment], start: datetime, end: datetime) -> Iterable[Segment]:
    for segment in segments:
        joined = min(max(to_utc(segment.joined_at), start), end)
        left = segment.left_at and min(max(to_utc(segment.left_at), joined), end)
        yield Segment(joined_at=joined, left_at=left)


def _sum_durations(segments: Iterable[Segment]) -> timedelta | None:
    total = timedelta()
    for segment in segments:
        if segment.duration is None:
            return None
        total += segment.duration
    return total

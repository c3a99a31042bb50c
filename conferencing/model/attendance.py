"""Who was present, and for how long: values and the arithmetic of their segments.

The time that a person was present is the *union* of the segments: two devices at once count once,
and a gap between leaving and returning does not count. An unknown leave time makes the duration
unknown (None); it is never taken for zero. `known_duration` is what is certain of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from attrs import evolve, field, frozen

from .attendance_segments import Segment, clip_segments, merge_segments, sum_durations
from .base import Record, to_utc
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
        if not self.segments:
            return self.reported_duration
        unknown = any(segment.left_at is None for segment in self.segments)
        return None if unknown else self.known_duration

    @property
    def known_duration(self) -> timedelta:
        """How long the person was present at least, without segments whose end is unknown."""
        if not self.segments:
            return self.reported_duration or timedelta()
        return sum_durations(merge_segments(self.segments))

    def share_of(self, session: Session) -> float | None:
        """Return the fraction of the session, 0 to 1, for which the person was present.

        Time before its start and after its end does not count. None if either is unknown. A segment
        without an end does not matter where others cover the rest of the session.
        """
        if session.started_at is None or session.ended_at is None or not session.duration:
            return None
        if session.duration < timedelta():
            return None
        if not self.segments:
            reported = self.reported_duration
            return None if reported is None else min(reported / session.duration, 1.0)
        inside = clip_segments(self.segments, session.started_at, session.ended_at)
        if any(segment.left_at is None for segment in inside):
            return None
        return sum_durations(inside) / session.duration


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
        """How long the person was present in all sessions, or None if any part is unknown.

        Sessions that overlap count once, as far as the times of both are known.
        """
        combined = [combine(records) for records in self._by_session()]
        if any(record is None or record.duration is None for record in combined):
            return None
        return self.known_duration

    @property
    def known_duration(self) -> timedelta:
        """How long the person was present at least, without what is unknown."""
        present = sum_durations(
            merge_segments(segment for record in self.records for segment in record.segments)
        )
        untimed = (
            max((record.known_duration for record in records), default=timedelta())
            for records in self._by_session()
            if not any(record.segments for record in records)
        )
        return sum(untimed, present)

    def _by_session(self) -> Sequence[Sequence[Attendance]]:
        sessions: dict[str | None, list[Attendance]] = {}
        for record in self.records:
            sessions.setdefault(record.session_id, []).append(record)
        return list(sessions.values())

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

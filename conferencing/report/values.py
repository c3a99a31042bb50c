"""The contents of an attendance report. Values only; `build` computes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from attrs import frozen

from conferencing.model import Participant, Role, Room, Session
from conferencing.model.attendance import Headcount, MatchedBy, MergedBy, Segment
from conferencing.model.base import Record

__all__ = [
    "AttendanceReport",
    "Attendee",
    "Limitation",
    "LimitationKind",
    "SessionSegment",
    "Summary",
]


class LimitationKind(StrEnum):
    """Something that the data of a report cannot show."""

    COUNT_ONLY = "count only"
    JOIN_ONLY = "join times only"
    SPAN_ONLY = "first and last times only"
    DURATION_ONLY = "durations only"
    LEAVE_UNKNOWN = "leave times missing"
    TIMES_UNKNOWN = "times missing"
    RUNNING = "still running"
    RESOLUTION = "coarse times"
    NAMES_ONLY = "names only"
    EMAIL_UNKNOWN = "e-mails missing"
    MERGED_BY_NAME = "merged by name"
    NO_REGISTRATION = "no registrations"
    UNMATCHED = "unmatched people"
    LENGTH_UNKNOWN = "session length unknown"
    COUNTS_DIFFER = "counts differ"


@frozen
class Limitation:
    """What the data of this report cannot show, and what follows from that, in English."""

    kind: LimitationKind
    text: str


@frozen(kw_only=True)
class SessionSegment(Segment):
    """A segment with its session. Devices that overlap make one segment."""

    session_id: str


@frozen(kw_only=True, repr=False)
class Attendee(Record):
    """One person who attended, in whatever role, over all sessions of the report.

    `session_ids` are the sessions attended, and `segments` are in order. `duration` is the time
    present, and `share`, 0 to 1, its fraction of the time of all sessions; either is None if any
    part of it is unknown. `matched_by` says how the registration `participant_id` was found, and
    `merged_by` by which keys several rows were taken for one person.
    """

    _shown = ("role", "joined_at", "duration")

    name: str | None = None
    email: str | None = None
    role: Role = Role.UNKNOWN
    session_ids: tuple[str, ...] = ()
    segments: tuple[SessionSegment, ...] = ()
    duration: timedelta | None = None
    share: float | None = None
    participant_id: str | None = None
    matched_by: MatchedBy | None = None
    merged_by: tuple[MergedBy, ...] = ()

    @property
    def joined_at(self) -> datetime | None:
        """The first join time."""
        return self.segments[0].joined_at if self.segments else None

    @property
    def left_at(self) -> datetime | None:
        """The last leave time, or None if any leave time is unknown."""
        ends = [segment.left_at for segment in self.segments]
        times = [end for end in ends if end is not None]
        return max(times) if times and len(times) == len(ends) else None


@frozen(kw_only=True)
class Summary:
    """The headline figures. None means unknown; the report's `limitations` say why.

    `attended` counts people in whatever role, and `attended_registered` those of them with a
    registration. `mean` and `median` are the time present of the `timed` people, those for whom it
    is known. `peak` is the first moment with the most people, among segments with both ends known.
    """

    registered: int | None
    attended: int | None
    attended_registered: int | None
    no_shows: int | None
    timed: int
    mean: timedelta | None
    median: timedelta | None
    peak: Headcount | None


@frozen(kw_only=True, repr=False)
class AttendanceReport(Record):
    """Who attended a room, when and for how long, who did not show up, and what is unknown.

    All times are in `timezone`. `people` are ordered by role, hosts first, then by arrival. `headcounts`
    are the people present over time.
    """

    _shown = ("provider", "made_at")

    room: Room
    provider: str
    account: str
    timezone: ZoneInfo
    made_at: datetime
    sessions: tuple[Session, ...] = ()
    summary: Summary
    people: tuple[Attendee, ...] = ()
    no_shows: tuple[Participant, ...] = ()
    headcounts: tuple[Headcount, ...] = ()
    limitations: tuple[Limitation, ...] = ()

    @property
    def title(self) -> str:
        """The room's name, or its id if it has none."""
        return self.room.name or self.room.id

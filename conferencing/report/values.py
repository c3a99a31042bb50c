"""The contents of an attendance report. Values only; `build` computes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from attrs import frozen

from conferencing.model import Participant, Role, Room, Session
from conferencing.model.attendance import Headcount, MatchedBy, MergedBy, Segment
from conferencing.model.base import Record, to_utc

__all__ = [
    "AttendanceReport",
    "Attendee",
    "Limitation",
    "LimitationKind",
    "SessionSegment",
    "Summary",
]

STAFF: Final = frozenset({Role.HOST, Role.PRESENTER})
"""The roles of people who are listed, but not counted as attendees."""


class LimitationKind(StrEnum):
    """Something that the data of a report cannot show."""

    COUNT_ONLY = "count only"
    JOIN_ONLY = "join times only"
    SPAN_ONLY = "first and last times only"
    DURATION_ONLY = "durations only"
    LEAVE_UNKNOWN = "leave times missing"
    TIMES_UNKNOWN = "times missing"
    SEGMENT_REVERSED = "left before joining"
    RUNNING = "still running"
    RESOLUTION = "coarse times"
    NAMES_ONLY = "names only"
    EMAIL_UNKNOWN = "e-mails missing"
    MERGED_BY_NAME = "merged by name"
    NO_REGISTRATION = "no registrations"
    UNMATCHED = "unmatched people"
    DURATION_UNKNOWN = "session duration unknown"
    SESSION_REVERSED = "session ends before it starts"
    COUNTS_DIFFER = "counts differ"
    ZONE_UNKNOWN = "unknown time zone"
    LETTERS_MISSING = "letters missing"


@frozen
class Limitation:
    """What the data of this report cannot show, and what follows from that, in English.

    `count`, `duration` and `detail` are what the text mentions: how many people or sessions, the
    resolution of times, or a name. A report in another language has a text of its own.
    """

    kind: LimitationKind
    text: str
    count: int | None = None
    duration: timedelta | None = None
    detail: str = ""


@frozen(kw_only=True)
class SessionSegment(Segment):
    """A segment with its session. Devices that overlap make one segment."""

    session_id: str


@frozen(kw_only=True, repr=False)
class Attendee(Record):
    """One person who attended, in whatever role, over all sessions of the report.

    `session_ids` are the sessions attended, and `segments` are in order. `duration` is the time
    present, where sessions that overlap count once, and `share`, 0 to 1, the fraction of the time of
    all sessions; either is None if any part of it is unknown. `known_duration` and `known_share` are
    what it is at least. `late_by` and `left_early_by` are the times between the start of a session
    and the first join, and between the last departure and its end, summed over the sessions
    attended. `reached` says whether the person was present for the `at_least` of the report: None
    if that is unknown, or if the report has none.

    `matched_by` says how the registration `participant_id` was found; the id is None if several
    have the same e-mail address. `merged_by` says by which keys several rows were taken for one
    person.
    """

    _shown = ("role", "joined_at", "duration")

    name: str | None = None
    email: str | None = None
    role: Role = Role.UNKNOWN
    session_ids: tuple[str, ...] = ()
    segments: tuple[SessionSegment, ...] = ()
    duration: timedelta | None = None
    share: float | None = None
    known_duration: timedelta = timedelta()
    known_share: float | None = None
    late_by: timedelta | None = None
    left_early_by: timedelta | None = None
    reached: bool | None = None
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
        return max(times, key=to_utc) if times and len(times) == len(ends) else None

    @property
    def is_staff(self) -> bool:
        """Whether this is a host or a presenter, who is not counted as an attendee."""
        return self.role in STAFF

    @property
    def is_registered(self) -> bool:
        """Whether there is a registration."""
        return self.participant_id is not None or self.matched_by is not None


@frozen(kw_only=True)
class Summary:
    """The headline figures. None means unknown; the report's `limitations` say why.

    They count people once and leave out hosts and presenters, of whom `staff` attended; people of
    unknown role count as attendees. `attended_registered` are the attendees with a registration.
    `reached` are those who were present for the `at_least` of the report, None if it has none, and
    `reached_unknown` those of whom that is unknown. `mean` and `median` are the time present of the
    `timed` attendees, those for whom it is known. `peak` is the first moment with the most
    attendees, among segments with both ends known.
    """

    registered: int | None
    attended: int | None
    attended_registered: int | None
    no_shows: int | None
    staff: int
    reached: int | None
    reached_unknown: int
    timed: int
    mean: timedelta | None
    median: timedelta | None
    peak: Headcount | None


@frozen(kw_only=True, repr=False)
class AttendanceReport(Record):
    """Who attended a room, when and for how long, who did not show up, and what is unknown.

    All times are in `timezone`. `people` are ordered by role, hosts first, then by arrival, then by
    name. `headcounts` are the attendees present over time. `at_least` is the share, 0 to 1, or the
    time from which a person counts as present.
    """

    _shown = ("provider", "made_at")

    room: Room
    provider: str
    account: str
    timezone: ZoneInfo
    made_at: datetime
    at_least: float | timedelta | None = None
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

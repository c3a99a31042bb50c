"""What an attendance report says: values only. How they are found is in `facts`."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from attrs import frozen

from conferencing.model import Participant, Role, Room, Session
from conferencing.model.attendance import Headcount, MatchedBy, MergedBy
from conferencing.model.base import Record

__all__ = ["AttendanceReport", "Attendee", "Gap", "GapKind", "Stay", "Summary"]


class GapKind(StrEnum):
    """Name what a report cannot know."""

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
class Gap:
    """Say what this report cannot know, and what follows from that, in words for people."""

    kind: GapKind
    text: str


@frozen(kw_only=True)
class Stay:
    """Hold one stay in one session; devices that overlap are one stay. See `Segment`."""

    session_id: str
    joined_at: datetime
    left_at: datetime | None = None


@frozen(kw_only=True, repr=False)
class Attendee(Record):
    """Describe one person who came, in whatever role, over all sessions of the report.

    `session_ids` are the sessions that they came to. `stays` are in order. `duration` is the time present and `share`, 0 to 1, the part of the
    sessions' whole time; both are None as long as anything of it is unknown. `matched_by` says how
    the registration `participant_id` was found, `merged_by` why several rows are one person.
    """

    _shown = ("role", "joined_at", "duration")

    name: str | None = None
    email: str | None = None
    role: Role = Role.UNKNOWN
    session_ids: tuple[str, ...] = ()
    stays: tuple[Stay, ...] = ()
    duration: timedelta | None = None
    share: float | None = None
    participant_id: str | None = None
    matched_by: MatchedBy | None = None
    merged_by: tuple[MergedBy, ...] = ()

    @property
    def joined_at(self) -> datetime | None:
        """When this person was first seen."""
        return self.stays[0].joined_at if self.stays else None

    @property
    def left_at(self) -> datetime | None:
        """When this person was last seen, or None as long as one leave time is unknown."""
        ends = [stay.left_at for stay in self.stays]
        known = [end for end in ends if end is not None]
        return max(known) if known and len(known) == len(ends) else None


@frozen(kw_only=True)
class Summary:
    """Hold the numbers on top. None: it cannot be known; the report's `gaps` say why.

    `came` counts people in whatever role, and is None where the vendor counts them and tells no more; `expected` those of them who were registered. `mean` and
    `median` are of the `timed` people, whose time present is known. `peak` is the first moment with
    the most people, among the stays whose both ends are known.
    """

    registered: int | None
    came: int | None
    expected: int | None
    no_shows: int | None
    timed: int
    mean: timedelta | None
    median: timedelta | None
    peak: Headcount | None


@frozen(kw_only=True, repr=False)
class AttendanceReport(Record):
    """Say who was in a room, when and how long, who was expected in vain, and what nobody knows.

    All times are in `timezone`. `people` begin with the hosts and are in the order of arrival.
    `curve` tells how many were there over time.
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
    curve: tuple[Headcount, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def title(self) -> str:
        """What the report is called: the room's name, or its id where it has none."""
        return self.room.name or self.room.id

"""Runs of rooms by their attendance reports, and who was there (docs/vendors/teams.md#attendance)."""

from __future__ import annotations

from functools import partial
from typing import Final

from attrs import define

from conferencing.errors import MalformedResponse
from conferencing.http import Reply
from conferencing.model import MatchedBy, Role, Session, SessionStatus
from conferencing.model.attendance import Attendance, Segment
from conferencing.model.native import Native

from .base import MARK, WIRE, extract
from .zones import parse_instant

__all__ = ["read_attendance", "read_report", "read_reports"]

ROLES: Final = {
    "organizer": Role.HOST,
    "coorganizer": Role.HOST,
    "presenter": Role.PRESENTER,
    "producer": Role.PRESENTER,
    "attendee": Role.ATTENDEE,
}
"""By the word in lower case: records have capital letters (docs/vendors/teams.md#oddity-4)."""


@define
class ReportRow:
    """A report of one run, which Graph makes some minutes after its end."""

    id: str
    totalParticipantCount: int | None = None  # noqa: N815 - Graph's spelling
    meetingStartDateTime: str | None = None  # noqa: N815 - Graph's spelling
    meetingEndDateTime: str | None = None  # noqa: N815 - Graph's spelling


@define
class IdentityRow:
    """Who somebody is: a person of a directory, a guest, or null."""

    id: str | None = None
    displayName: str | None = None  # noqa: N815 - Graph's spelling


@define
class IntervalRow:
    """One presence. The start is required: without it, the time present would be too short."""

    # `durationInSeconds` is not read: it is cut (docs/vendors/teams.md#attendance).
    joinDateTime: str  # noqa: N815 - Graph's spelling
    leaveDateTime: str | None = None  # noqa: N815 - Graph's spelling


@define
class RecordRow:
    """One identity in a run, with all its presences. The id is unique in its report only."""

    id: str
    # Graph's total is not read: it counts twice what overlaps (docs/vendors/teams.md#attendance).
    attendanceIntervals: list[IntervalRow]  # noqa: N815 - Graph's spelling
    emailAddress: str | None = None  # noqa: N815 - Graph's spelling
    identity: IdentityRow | None = None
    role: str | None = None
    registrationId: str | None = None  # noqa: N815 - Graph's spelling


def read_reports(reply: Reply, room_id: str, base: str) -> list[Session]:
    """Return a page of reports as sessions, whose ids begin with `base`."""
    return WIRE.records(reply, ReportRow, partial(_to_session, room_id=room_id, base=base), "value")


def read_report(reply: Reply, room_id: str, base: str) -> Session:
    """Return one report as a session."""
    return WIRE.record(extract(reply), ReportRow, partial(_to_session, room_id=room_id, base=base))


def _to_session(row: ReportRow, native: Native, *, room_id: str, base: str) -> Session:
    return Session(
        id=f"{base}{MARK}{row.id}",
        room_id=room_id,
        status=SessionStatus.ENDED,
        started_at=parse_instant(row.meetingStartDateTime),
        ended_at=parse_instant(row.meetingEndDateTime),
        people=row.totalParticipantCount,
        native=native,
    )


def read_attendance(reply: Reply, session_id: str) -> list[Attendance]:
    """Return a page of records, of which each is about one person."""
    return WIRE.records(reply, RecordRow, partial(_to_attendance, session_id=session_id), "value")


def _to_attendance(row: RecordRow, native: Native, *, session_id: str) -> Attendance:
    registration = row.registrationId or None
    return Attendance(
        id=row.id,
        session_id=session_id,
        display_name=(row.identity.displayName if row.identity else None) or None,
        email=row.emailAddress or None,
        role=ROLES.get((row.role or "").lower(), Role.UNKNOWN),
        segments=tuple(map(_to_segment, row.attendanceIntervals)),
        participant_id=registration,
        matched_by=MatchedBy.REGISTRATION if registration else None,
        native=native,
    )


def _to_segment(row: IntervalRow) -> Segment:
    start = parse_instant(row.joinDateTime)
    if start is None:
        raise MalformedResponse("an attendance interval has no start", path="$.joinDateTime")
    return Segment(joined_at=start, left_at=parse_instant(row.leaveDateTime))

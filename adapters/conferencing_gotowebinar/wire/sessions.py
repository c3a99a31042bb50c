"""Sessions, which exist when they have ended, and who was there (docs/vendors/gotowebinar.md#sessions)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from attrs import define

from conferencing.attendance import merge
from conferencing.http import Aware, Id, LaxInt, Reply, pack_id, to_duration, to_int
from conferencing.model import MatchedBy, Role, Session, SessionStatus
from conferencing.model.attendance import Attendance, MergedBy, Precision, Segment
from conferencing.model.native import Native

from .base import WIRE, join_names, read_embedded


@define
class SessionRow:
    """A session; `registrantsAttended` counts people, without organizers and panelists."""

    sessionKey: Id
    webinarName: str | None = None
    startTime: Aware | None = None
    endTime: Aware | None = None
    registrantsAttended: LaxInt | None = None


@define
class IntervalRow:
    """A stay."""

    joinTime: Aware | None = None
    leaveTime: Aware | None = None


@define
class AttendeeRow:
    """A registrant who attended. GoTo's total is the sum of the stays, also where they overlap."""

    registrantKey: Id
    firstName: str | None = None
    lastName: str | None = None
    email: str | None = None
    attendanceTimeInSeconds: LaxInt | None = None
    attendance: list[IntervalRow] | None = None


def read_sessions(reply: Reply, room_id: str) -> list[Session]:
    """Return a page of a webinar's sessions."""
    build = partial(_to_session, room_id=room_id)
    return read_embedded(reply, SessionRow, build, "sessionInfoResources")


def _to_session(row: SessionRow, native: Native, room_id: str) -> Session:
    return Session(
        # Calls about a session name its webinar as well (docs/vendors/gotowebinar.md#sessions).
        id=pack_id(room_id, row.sessionKey),
        room_id=room_id,
        title=row.webinarName,
        status=SessionStatus.ENDED,
        started_at=row.startTime,
        ended_at=row.endTime,
        people=to_int(row.registrantsAttended),
        native=native,
    )


def read_attendance(reply: Reply, session_id: str) -> list[Attendance]:
    """Return a record for each row, known by the registration."""
    return WIRE.records(reply, AttendeeRow, partial(_to_attendance, session_id=session_id))


def _to_attendance(row: AttendeeRow, native: Native, session_id: str) -> Attendance:
    key = str(row.registrantKey)
    segments = tuple(
        Segment(joined_at=stay.joinTime, left_at=stay.leaveTime)
        for stay in row.attendance or ()
        if stay.joinTime is not None
    )
    return Attendance(
        id=key,
        session_id=session_id,
        display_name=join_names(row.firstName, row.lastName),
        email=row.email or None,
        # Organizers and panelists are in no row, which is not confirmed
        # (docs/vendors/gotowebinar.md#sessions).
        role=Role.ATTENDEE,
        segments=segments,
        reported_duration=None if segments else to_duration(row.attendanceTimeInSeconds),
        precision=Precision.SEGMENTS if segments else Precision.DURATION,
        participant_id=key,
        matched_by=MatchedBy.REGISTRATION,
        native=native,
    )


def merge_attendance(records: Iterable[Attendance]) -> list[Attendance]:
    """Return one record per registrant."""
    return merge(records, by=(MergedBy.REGISTRATION,))

"""Runs of rooms, who was there, and the usage report (docs/vendors/webex.md#sessions)."""
# ruff: noqa: N815 - a row's fields are spelled as Webex spells them

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Final

from attrs import define

from conferencing.errors import NotFound
from conferencing.http import Aware, LaxInt, Reply, to_int
from conferencing.model import Role, Session, SessionStatus, Usage
from conferencing.model.attendance import Attendance, Precision, Segment
from conferencing.model.native import Native

from .base import WIRE, series_of, to_moment

STATUSES: Final = {
    **dict.fromkeys(["lobby", "inProgress"], SessionStatus.RUNNING),
    "ended": SessionStatus.ENDED,
}


@define
class RunRow:
    """A run; one that goes on has no end."""

    id: str
    meetingType: str | None = None
    title: str | None = None
    state: str | None = None
    start: Aware | None = None
    end: Aware | None = None
    meetingSeriesId: str | None = None
    scheduledMeetingId: str | None = None


def read_session(reply: Reply) -> Session:
    """Return one run."""
    return WIRE.record(reply, RunRow, to_session)


def read_sessions(reply: Reply) -> list[Session]:
    """Return a page of runs."""
    return WIRE.records(reply, RunRow, to_session, "items")


def to_session(row: RunRow, native: Native) -> Session:
    """Return a run. Raises `NotFound` for a room, or one of its dates."""
    # One path and one field serve all three kinds of ids (docs/vendors/webex.md#ids).
    if row.meetingType in {"meetingSeries", "scheduledMeeting"}:
        raise NotFound("this is the id of a room or of one of its dates, and not of a run")
    status = STATUSES.get(row.state or "", SessionStatus.UNKNOWN)
    return Session(
        id=row.id,
        room_id=row.meetingSeriesId or series_of(row.id),
        title=row.title,
        status=status,
        started_at=row.start,
        ended_at=None if status is SessionStatus.RUNNING else row.end,
        occurrence_id=row.scheduledMeetingId,
        native=native,
    )


# -------------------------------------------------------------------------------------- attendance


@define
class DeviceRow:
    """One join of a person, who may use several devices at a time."""

    correlationId: str | None = None
    joinedTime: Aware | None = None
    leftTime: Aware | None = None


@define
class PersonRow:
    """A person in a run; the times are those of the first join and the last leave."""

    id: str
    meetingId: str | None = None
    displayName: str | None = None
    email: str | None = None
    host: bool | None = None
    coHost: bool | None = None
    state: str | None = None
    joinedTime: Aware | None = None
    leftTime: Aware | None = None
    devices: list[DeviceRow] | None = None

    def find_role(self, usual: Role = Role.UNKNOWN) -> Role:
        """Return the role; `usual` is that of people who are not hosts, and may be panelists."""
        return Role.HOST if self.host or self.coHost else usual


def _to_segments(row: DeviceRow | PersonRow) -> tuple[Segment, ...]:
    joined = to_moment(row.joinedTime)
    return (Segment(joined_at=joined, left_at=to_moment(row.leftTime)),) if joined else ()


def read_attendance(reply: Reply, *, session_id: str, usual: Role) -> list[Attendance]:
    """Return a page of people; those who were in the lobby only were not present."""
    build = partial(_to_attendance, session_id=session_id, usual=usual)
    records = WIRE.records(reply, PersonRow, build, "items")
    return [record for record in records if record.segments]


def _to_attendance(row: PersonRow, native: Native, *, session_id: str, usual: Role) -> Attendance:
    # Devices overlap, so that no length of Webex's is added up (docs/vendors/webex.md#attendance).
    joins = [part for device in row.devices or () for part in _to_segments(device)]
    # Somebody who only waited in the lobby has a list of devices that is empty, which is inferred
    # (docs/vendors/webex.md#attendance).
    whole = _to_segments(row) if row.devices is None and row.state != "lobby" else ()
    return Attendance(
        id=row.id,
        session_id=session_id,
        display_name=row.displayName or None,
        email=row.email or None,
        role=row.find_role(usual),
        segments=whole or tuple(sorted(joins, key=lambda part: part.joined_at)),
        precision=Precision.SPAN if whole else Precision.SEGMENTS,
        native=native,
    )


# ------------------------------------------------------------------------------------------- usage


@define
class UsageRow:
    """A run in the usage report; its duration is in minutes."""

    meetingId: str
    meetingTitle: str | None = None
    start: Aware | None = None
    end: Aware | None = None
    duration: LaxInt | None = None
    totalParticipants: LaxInt | None = None


def read_usage(reply: Reply) -> list[Usage]:
    """Return a page of the usage report. Webex does not report what it charges for."""
    return WIRE.records(reply, UsageRow, _to_usage, "items")


def _to_usage(row: UsageRow, native: Native) -> Usage:
    minutes = to_int(row.duration)
    return Usage(
        id=row.meetingId,
        room_id=series_of(row.meetingId),
        title=row.meetingTitle,
        people=to_int(row.totalParticipants),
        started_at=row.start,
        ended_at=row.end,
        duration=None if minutes is None else timedelta(minutes=minutes),
        native=native,
    )

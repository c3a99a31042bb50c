"""Runs of rooms, and who was there (docs/vendors/zoom.md#runs)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from attrs import define

from conferencing.attendance import merge
from conferencing.errors import MalformedResponse
from conferencing.http import Aware, Id, LaxInt, Reply, pack_id, to_int
from conferencing.model import MatchedBy, Role, RoomKind, Session, SessionStatus, Usage
from conferencing.model.attendance import Attendance, MergedBy, Segment
from conferencing.model.native import Native

from .base import WIRE, room_id, run_id
from .rooms import RoomRow

__all__ = [
    "PersonRow",
    "by_start",
    "fold_attendance",
    "is_running",
    "months_back",
    "read_attendance",
    "read_run",
    "read_runs",
    "read_usage",
    "to_kind",
    "to_running_session",
]

_WEBINARS = frozenset({5, 6, 9})


@define
class RunRow:
    """A run in the list of a room's runs; of its times it has the start only."""

    uuid: str
    start_time: Aware | None = None
    occurrence_id: Id | None = None


@define
class RunDetailRow:
    """A run. Its `duration` is not read: it is in minutes, and the times are in seconds."""

    uuid: str  # without it, an empty object would be a session
    topic: str | None = None
    start_time: Aware | None = None
    end_time: Aware | None = None
    participants_count: LaxInt | None = None


def to_running_session(row: RoomRow, kind: RoomKind) -> Session | None:
    """Return the session that runs in a meeting, or None; webinars do not report one."""
    if row.status != "started" or row.uuid is None:
        return None
    return Session(  # without a start: the room has the planned one only
        id=run_id(kind, row.id, row.uuid),
        room_id=room_id(kind, row.id),
        title=row.topic,
        status=SessionStatus.RUNNING,
    )


def is_running(row: RoomRow, uuid: str) -> bool:
    """Return whether a run is the one that runs, or the next: it is not in the past, in any case."""
    # A webinar has no status at all (docs/vendors/zoom.md#rooms-reply).
    return row.uuid == uuid and row.status != "waiting"


def read_runs(reply: Reply, *, kind: RoomKind, number: str) -> list[Session]:
    """Return the ended runs of a room, without their ends."""
    build = partial(_to_session, kind=kind, number=number)
    return WIRE.records(reply, RunRow, build, f"{kind.value}s")


def by_start(session: Session) -> datetime:
    """Return the start of a session, to sort by; one without a start comes first."""
    return session.started_at or datetime.min.replace(tzinfo=UTC)


def _to_session(row: RunRow, native: Native, *, kind: RoomKind, number: str) -> Session:
    return Session(
        id=run_id(kind, number, row.uuid),
        room_id=room_id(kind, number),
        status=SessionStatus.ENDED,
        started_at=row.start_time,
        occurrence_id=None if row.occurrence_id is None else str(row.occurrence_id),
        native=native,
    )


def read_run(reply: Reply, *, kind: RoomKind, number: str) -> Session:
    """Return one ended run with its times."""
    return WIRE.record(reply, RunDetailRow, partial(_to_detailed, kind=kind, number=number))


def _to_detailed(row: RunDetailRow, native: Native, *, kind: RoomKind, number: str) -> Session:
    return Session(
        id=run_id(kind, number, row.uuid),
        room_id=room_id(kind, number),
        title=row.topic,
        status=SessionStatus.ENDED,
        started_at=row.start_time,
        ended_at=row.end_time,
        people=to_int(row.participants_count),
        native=native,
    )


# -------------------------------------------------------------------------------------- attendance


@define
class PersonRow:
    """Who somebody in a run is. `id` is empty for guests; `user_id` is of one join only."""

    user_id: Id | None = None
    id: str | None = None
    participant_user_id: str | None = None
    registrant_id: str | None = None

    @property
    def account_user(self) -> str | None:
        """The user of the account that the person is, if any."""
        # An empty text is no id (docs/vendors/zoom.md#oddity-11).
        return self.participant_user_id or self.id or None

    def find_key(self) -> str:
        """Return what the person is known by in a session: the registration, the user, or one join.

        Raises `MalformedResponse` for a row that is about nobody.
        """
        if self.user_id is None and not (self.registrant_id or self.account_user):
            raise MalformedResponse("a row of attendance does not say whom it is about", path="$")
        return self.registrant_id or self.account_user or pack_id("join", self.user_id or "")

    def find_role(self, host_id: str | None) -> Role:
        """Return the role as far as a row shows it: panelists and guests look alike."""
        if self.account_user is not None and self.account_user == host_id:
            return Role.HOST
        return Role.ATTENDEE if self.registrant_id else Role.UNKNOWN


@define
class AttendeeRow(PersonRow):
    """One join."""

    name: str | None = None
    user_email: str | None = None
    # `duration` is not read: rows of breakout rooms overlap that of the meeting, so that
    # the union of the times counts (docs/vendors/zoom.md#attendance).
    join_time: Aware | None = None
    leave_time: Aware | None = None
    status: str | None = None


def read_attendance(reply: Reply, *, session_id: str, host_id: str | None) -> list[Attendance]:
    """Return a record for each join; time in the waiting room is not a presence."""
    build = partial(_to_attendance, session_id=session_id, host_id=host_id)
    records = WIRE.records(reply, AttendeeRow, build, "participants")
    return [record for record in records if record.segments]


def _to_attendance(
    row: AttendeeRow, native: Native, *, session_id: str, host_id: str | None
) -> Attendance:
    waited = row.status == "in_waiting_room"
    start = None if waited else row.join_time
    return Attendance(
        id=row.find_key(),
        session_id=session_id,
        # Accounts under HIPAA blank name and address (docs/vendors/zoom.md#attendance).
        display_name=row.name or None,
        email=row.user_email or None,
        role=row.find_role(host_id),
        segments=(Segment(joined_at=start, left_at=row.leave_time),) if start else (),
        participant_id=row.registrant_id or None,
        matched_by=MatchedBy.REGISTRATION if row.registrant_id else None,
        native=native,
    )


def fold_attendance(records: Sequence[Attendance]) -> list[Attendance]:
    """Return one record per person, known by registration or user, or else by address."""
    return merge(records, by=(MergedBy.REGISTRATION, MergedBy.ID, MergedBy.EMAIL))


# ------------------------------------------------------------------------------------------- usage


@define
class UsageRow:
    """A run in the report on a host; durations are in minutes."""

    uuid: str
    id: Id
    type: LaxInt | None = None
    topic: str | None = None
    start_time: Aware | None = None
    end_time: Aware | None = None
    duration: LaxInt | None = None
    participants_count: LaxInt | None = None


def read_usage(reply: Reply) -> list[Usage]:
    """Return a page of the report on a host. Zoom does not report what it charges for."""
    return WIRE.records(reply, UsageRow, _to_usage, "meetings")


def _to_usage(row: UsageRow, native: Native) -> Usage:
    kind = to_kind(row.type)
    minutes = to_int(row.duration)
    return Usage(
        id=row.uuid,
        room_id=None if kind is None else room_id(kind, row.id),
        title=row.topic,
        people=to_int(row.participants_count),
        started_at=row.start_time,
        ended_at=row.end_time,
        duration=None if minutes is None else timedelta(minutes=minutes),
        native=native,
    )


def to_kind(number: int | str | None) -> RoomKind | None:
    """Return the kind of a room from the number of its type, or None without one."""
    if number is None:
        return None
    return RoomKind.WEBINAR if to_int(number) in _WEBINARS else RoomKind.MEETING


def months_back(since: datetime, until: datetime) -> list[tuple[str, str]]:
    """Return ranges of at most 30 days, the newest first, as dates in UTC."""
    ranges: list[tuple[str, str]] = []
    while until >= since:
        # Both ends count, and a call takes at most a month (docs/vendors/zoom.md#recordings).
        start = max(since, until - timedelta(days=29))
        ranges.append((f"{start:%Y-%m-%d}", f"{until:%Y-%m-%d}"))
        until = start - timedelta(days=1)
    return ranges

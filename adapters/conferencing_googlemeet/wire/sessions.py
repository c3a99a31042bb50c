"""Conference records, and who was there (docs/vendors/googlemeet.md#records)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, cast

from attrs import define, evolve

from conferencing.http import Reply
from conferencing.model import Occurrence, Session, SessionStatus
from conferencing.model.attendance import Attendance, Precision, Segment
from conferencing.model.native import Native

from .base import WIRE, Name, RecordId, SpaceId, Time, is_empty, last_part, read_rows, to_time

__all__ = [
    "KEPT",
    "RecordRow",
    "add_emails",
    "by_start",
    "find_occurrence",
    "find_user_id",
    "read_count",
    "read_directory_user",
    "read_participants",
    "read_people",
    "read_record",
    "read_segments",
    "read_session",
    "read_sessions",
    "sort_people",
    "warn_of_expiry",
    "with_segments",
]

KEPT: Final = timedelta(days=30)
"""How long Google keeps a record after its end (docs/vendors/googlemeet.md#oddity-12)."""

EXPIRED: Final = (
    "Google deletes the record of a session 30 days after its end, attendance included; earlier"
    " sessions of this room are not listed"
)


@define
class RecordRow:
    """A session. It has no end while it runs."""

    name: Name
    space: Name | None = None
    startTime: Time | None = None  # noqa: N815
    endTime: Time | None = None  # noqa: N815
    expireTime: Time | None = None  # noqa: N815


def read_record(reply: Reply) -> RecordRow:
    """Return the row itself, of which some operations need the space."""
    return WIRE.read(reply, RecordRow)


def read_session(reply: Reply, owner: str) -> Session:
    """Return a session, in a room that is known by its space."""
    return WIRE.record(reply, RecordRow, partial(_to_session, owner=owner))


def read_sessions(reply: Reply, owner: str, room_id: str | None = None) -> list[Session]:
    """Return a page of sessions; `room_id` is the room that was asked for."""
    build = partial(_to_session, owner=owner, room_id=room_id)
    return read_rows(reply, RecordRow, build, "conferenceRecords")


def _to_session(
    row: RecordRow, native: Native, *, owner: str, room_id: str | None = None
) -> Session:
    space = str(SpaceId(owner, last_part(row.space))) if row.space else None
    return Session(
        id=str(RecordId(owner, last_part(row.name))),
        # A record names its space, and not the event that the space belongs to.
        room_id=room_id or space,
        status=SessionStatus.ENDED if row.endTime else SessionStatus.RUNNING,
        started_at=to_time(row.startTime),
        ended_at=to_time(row.endTime),
        expires_at=to_time(row.expireTime),
        native=native,
    )


def by_start(session: Session) -> datetime:
    """Return the start of a session, to sort by; one without a start comes first."""
    return session.started_at or datetime.min.replace(tzinfo=UTC)


def find_occurrence(session: Session, dates: Sequence[Occurrence]) -> str | None:
    """Return the date of a series that is nearest to a session: all of them have one space."""
    start = session.started_at
    planned = [(date.starts_at, date.id) for date in dates if date.starts_at and not date.cancelled]
    if start is None or not planned:
        return None
    # That it is the nearest one is inferred (docs/vendors/googlemeet.md#oddity-13).
    return min(planned, key=lambda pair: abs(pair[0].astimezone(UTC) - start.astimezone(UTC)))[1]


def warn_of_expiry(created_at: datetime | None, now: datetime) -> tuple[str, ...]:
    """Return what a listing may lack: nothing if the room is surely younger than what is kept."""
    return () if created_at is not None and now - created_at < KEPT else (EXPIRED,)


@define
class CountRow:
    """How many people were there."""

    totalSize: int  # noqa: N815


def read_count(reply: Reply) -> int:
    """Return the number of people; zero is left out (docs/vendors/googlemeet.md#json)."""
    return 0 if is_empty(reply) else WIRE.read(reply, CountRow).totalSize


# -------------------------------------------------------------------------------------- attendance


@define
class UserRow:
    """Somebody who is signed in, or anonymous, or calls by telephone."""

    user: Name | None = None
    displayName: str | None = None  # noqa: N815


@define
class ParticipantRow:
    """A person in a session: signed in, with a name that was typed, or by telephone."""

    name: Name
    earliestStartTime: Time | None = None  # noqa: N815
    latestEndTime: Time | None = None  # noqa: N815
    signedinUser: UserRow | None = None  # noqa: N815
    anonymousUser: UserRow | None = None  # noqa: N815
    phoneUser: UserRow | None = None  # noqa: N815


@define
class VisitRow:
    """One presence of a person with one device."""

    name: Name
    startTime: Time | None = None  # noqa: N815
    endTime: Time | None = None  # noqa: N815


def read_participants(reply: Reply, session_id: str) -> list[Attendance]:
    """Return a page of people, each with the first and the last time of presence."""
    build = partial(_to_attendance, session_id=session_id)
    return read_rows(reply, ParticipantRow, build, "participants")


def _to_attendance(row: ParticipantRow, native: Native, *, session_id: str) -> Attendance:
    # One of three, without an e-mail address (docs/vendors/googlemeet.md#records).
    user = row.signedinUser or row.anonymousUser or row.phoneUser
    return Attendance(
        id=last_part(row.name),
        session_id=session_id,
        display_name=(user.displayName if user else None) or None,
        segments=_to_segments(row.earliestStartTime, row.latestEndTime),
        precision=Precision.SPAN,
        native=native,
    )


def _to_segments(start: str | None, end: str | None) -> tuple[Segment, ...]:
    joined = to_time(start)
    # An end may be absent for good: it is unknown (docs/vendors/googlemeet.md#oddity-8).
    return (Segment(joined_at=joined, left_at=to_time(end)),) if joined else ()


def read_segments(reply: Reply) -> list[Segment]:
    """Return a page of the times at which one person was there."""
    rows = read_rows(reply, VisitRow, _to_visit, "participantSessions")
    return [segment for segments in rows for segment in segments]


def _to_visit(row: VisitRow, native: Native) -> tuple[Segment, ...]:  # noqa: ARG001
    return _to_segments(row.startTime, row.endTime)


def _by_join(segment: Segment) -> datetime:
    return segment.joined_at


def sort_people(records: Iterable[Attendance]) -> list[Attendance]:
    """Return the records by their first time, those without one at the end."""
    # Google lists the newest first (docs/vendors/googlemeet.md#records).
    return sorted(records, key=lambda record: record.joined_at or datetime.max.replace(tzinfo=UTC))


def with_segments(record: Attendance, segments: Sequence[Segment]) -> Attendance:
    """Return a record with all times of a person, two devices at once included, in order."""
    ordered = tuple(sorted(segments, key=_by_join))
    return evolve(record, segments=ordered, precision=Precision.SEGMENTS)


def find_user_id(record: Attendance) -> str | None:
    """Return the id of the user whom a record is about, or None for a guest.

    It has 21 digits and stays text (docs/vendors/googlemeet.md#oddity-11).
    """
    user = record.native.get("signedinUser")
    name = cast("Mapping[str, Any]", user).get("user") if isinstance(user, Mapping) else None
    return last_part(name) if isinstance(name, str) and name else None


def add_emails(records: Sequence[Attendance], emails: Mapping[str, str]) -> list[Attendance]:
    """Return the records with the addresses of those users that are known."""
    return [evolve(record, email=emails.get(find_user_id(record) or "")) for record in records]


# ----------------------------------------------------------------------------- whose address is it


@define
class MetadataRow:
    primary: bool | None = None


@define
class AddressRow:
    value: str | None = None
    metadata: MetadataRow | None = None


@define
class PersonRow:
    resourceName: Name | None = None  # noqa: N815
    emailAddresses: list[AddressRow] | None = None  # noqa: N815

    @property
    def email(self) -> str | None:
        """The primary address, or else the first one."""
        rows = self.emailAddresses or []
        first = [row for row in rows if row.metadata and row.metadata.primary] + rows
        return next((row.value for row in first if row.value), None)


@define
class ResponseRow:
    person: PersonRow | None = None


@define
class PeopleRow:
    responses: list[ResponseRow] | None = None


@define
class DirectoryRow:
    primaryEmail: str | None = None  # noqa: N815


def read_people(reply: Reply) -> dict[str, str]:
    """Return the addresses of users by their ids; most people outside of the domain have none."""
    people = [row.person for row in WIRE.read(reply, PeopleRow).responses or () if row.person]
    return {
        last_part(person.resourceName): person.email
        for person in people
        if person.resourceName and person.email
    }


def read_directory_user(reply: Reply) -> str | None:
    """Return the address of a user of the domain."""
    return WIRE.read(reply, DirectoryRow).primaryEmail

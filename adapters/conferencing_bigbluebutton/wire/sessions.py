"""Sessions: single lives of a meeting, and who was seen in them by polling.

docs/vendors/bigbluebutton.md#monitoring
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from attrs import define, evolve, frozen
from msgspec import Struct, field

from conferencing.http import Reply
from conferencing.model import Session, SessionStatus
from conferencing.model.attendance import Attendance, Precision
from conferencing.model.native import Native
from conferencing.webhooks.attendance import attendance_from_events
from conferencing.webhooks.events import Event, ParticipantJoined, ParticipantLeft

from .base import WIRE, find_rows, read_response, session_id, to_moment
from .people import to_email, to_role
from .rooms import Meeting

__all__ = [
    "Attendee",
    "Sightings",
    "StoredSession",
    "add_sighting",
    "read_attendees",
    "read_sightings",
    "to_session",
]


class StoredSession(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a session; times are in milliseconds since 1970, as the server's."""

    meeting: str
    internal: str
    title: str = ""
    started: int | None = None
    ended: int | None = None
    people: int | None = None


def to_session(stored: StoredSession, meeting: Meeting | None) -> Session:
    """Return a session. `meeting` is the one that exists, which may be a later life.

    An end that nobody reported is unknown: the meeting is gone, and that is all.
    """
    current = meeting if meeting and meeting.row.internalMeetingID == stored.internal else None
    return Session(
        id=session_id(stored.meeting, stored.internal),
        room_id=stored.meeting,
        title=stored.title or None,
        status=SessionStatus.RUNNING if current else SessionStatus.ENDED,
        started_at=to_moment(stored.started),
        ended_at=None if current else to_moment(stored.ended),
        people=stored.people,
        native=current.native if current else Native(msgspec.to_builtins(stored)),
    )


# ------------------------------------------------------------------------------------------ polling


@define
class AttendeeRow:
    """Somebody who is in a meeting; the server does not say since when."""

    userID: str  # noqa: N815 - the vendor's spelling
    fullName: str | None = None  # noqa: N815
    role: str | None = None


@frozen(kw_only=True)
class Attendee:
    """Somebody who is in a meeting now."""

    id: str
    name: str | None
    role: str | None


class Sighting(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How long a person was seen without a gap: the first and the last poll, in milliseconds."""

    user: str
    first: int
    last: int
    name: str | None = None
    role: str | None = None


class Sightings(Struct, frozen=True, kw_only=True):
    """Who was seen in a session by polls, the last of which was `at`."""

    at: int = 0
    stays: list[Sighting] = field(default_factory=list[Sighting])


def read_attendees(reply: Reply) -> list[Attendee]:
    """Return who is in a meeting now."""
    rows = find_rows(read_response(reply), "attendees", "attendee")
    return WIRE.convert(reply, rows, AttendeeRow, _to_attendee, "attendees.attendee")


def _to_attendee(row: AttendeeRow, _: Native) -> Attendee:
    return Attendee(id=row.userID, name=row.fullName or None, role=row.role or None)


def add_sighting(sightings: Sightings, attendees: Iterable[Attendee], at: int) -> Sightings:
    """Return the sightings with one more poll. One that is older than the last changes nothing."""
    if at < sightings.at:
        return sightings
    present = {attendee.id: attendee for attendee in attendees}
    stays: list[Sighting] = []
    for stay in sightings.stays:
        # A stay that the last poll did not see is over; whoever is back begins a new one.
        goes_on = stay.last == sightings.at and present.pop(stay.user, None) is not None
        stays.append(_extend(stay, at) if goes_on else stay)
    stays += [
        Sighting(user=user, first=at, last=at, name=each.name, role=each.role)
        for user, each in present.items()
    ]
    return Sightings(at=at, stays=stays)


def _extend(stay: Sighting, at: int) -> Sighting:
    return Sighting(user=stay.user, first=stay.first, last=at, name=stay.name, role=stay.role)


def read_sightings(sightings: Sightings, session: str, *, running: bool) -> list[Attendance]:
    """Return the attendance as far as polls have seen it.

    People came at their first sighting or before it, and stayed until the last one or longer, which
    is told by the precision `SPAN`. Of those who were seen once nothing more is known, which is
    `JOINED`. Who was there at the last poll of a running session has not left.
    """
    events: list[Event] = []
    once: set[str] = set()
    for stay in sightings.stays:
        inside = running and stay.last == sightings.at
        events.append(_to_event(stay, session, inside=inside))
        if stay.first == stay.last and not inside:
            once.add(stay.user)
    return [
        evolve(record, precision=Precision.JOINED if record.id in once else Precision.SPAN)
        for record in attendance_from_events(events)
    ]


def _to_event(stay: Sighting, session: str, *, inside: bool) -> Event:
    facts: dict[str, Any] = {
        "id": f"{stay.user}/{stay.first}",
        "session_id": session,
        "person_id": stay.user,
        "display_name": stay.name,
        "email": to_email(stay.user),
        "role": to_role(stay.role),
        "joined_at": to_moment(stay.first),
    }
    if inside or stay.first == stay.last:
        return ParticipantJoined(**facts)
    return ParticipantLeft(left_at=to_moment(stay.last), **facts)

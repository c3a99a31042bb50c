"""The callbacks about recordings and attendance (docs/vendors/bigbluebutton.md#callbacks)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import define

from conferencing.http import Aware, LaxInt, to_int
from conferencing.model import Recording, RecordingStatus, Role
from conferencing.model.native import Native
from conferencing.webhooks.events import (
    Event,
    ParticipantJoined,
    ParticipantLeft,
    RecordingReady,
    SessionEnded,
)

from .base import WIRE, session_id, to_mapping
from .people import to_email
from .pushed import Document, Pushed
from .sessions import StoredSession

__all__ = ["ANALYTICS", "push_analytics", "push_recording", "read_analytics"]

ANALYTICS: Final = "analytics"
"""The key of the document with the attendance of a whole session."""


@define
class RecordingClaims:
    """The claims of the callback about a recording."""

    record_id: str
    meeting_id: str | None = None


def push_recording(claims: Mapping[str, Any]) -> Pushed:
    """Return the event of a recording that is ready, by the claims of its token."""
    row = WIRE.read_pushed(claims, RecordingClaims, "signed_parameters")
    recording = Recording(
        id=row.record_id,
        room_id=row.meeting_id,
        # A recording has the internal id of its meeting: docs/vendors/bigbluebutton.md#ids
        session_id=session_id(row.meeting_id, row.record_id) if row.meeting_id else None,
        status=RecordingStatus.READY,
    )
    event = RecordingReady(
        id=f"{row.record_id}/recording-ready",
        room_id=row.meeting_id,
        session_id=recording.session_id,
        recording=recording,
        native=Native(claims),
    )
    return Pushed(events=(event,))


@define
class AnalyticsAttendeeRow:
    """A person over a whole session: times of coming and of leaving, in order."""

    ext_user_id: str | None = None
    name: str | None = None
    moderator: bool | None = None
    joins: list[Aware] | None = None
    leaves: list[Aware] | None = None


@define
class AnalyticsDataRow:
    """What happened in a session."""

    attendees: list[AnalyticsAttendeeRow]
    start: Aware | None = None
    finish: Aware | None = None
    duration: LaxInt | None = None


@define
class AnalyticsRow:
    """The callback at the end of a session."""

    meeting_id: str
    internal_meeting_id: str
    data: AnalyticsDataRow


def push_analytics(body: Mapping[str, Any]) -> Pushed:
    row = WIRE.read_pushed(body, AnalyticsRow)
    name = to_mapping(body["data"].get("metadata")).get("meeting_name")
    session = StoredSession(
        meeting=row.meeting_id,
        internal=row.internal_meeting_id,
        title=name if isinstance(name, str) else "",
        started=_to_milliseconds(row.data.start),
        ended=_to_milliseconds(_find_end(row.data)),
        people=len(row.data.attendees),
    )
    document = Document(session=session, key=ANALYTICS, body=body)
    return Pushed(events=tuple(read_analytics(body)), documents=(document,))


def read_analytics(body: Mapping[str, Any]) -> list[Event]:
    """Return the events of a session by its attendance: who came and left when, and the end."""
    row = WIRE.read_pushed(body, AnalyticsRow)
    events = [
        event
        for number, attendee in enumerate(row.data.attendees)
        for event in _list_presence(row, attendee, number, body["data"]["attendees"][number])
    ]
    # A leave that is missing is the end of the meeting: docs/vendors/bigbluebutton.md#callbacks
    ended = SessionEnded(
        started_at=row.data.start,
        ended_at=_find_end(row.data),
        **_common(row, "meeting-ended", row.data.finish),
        native=Native({name: value for name, value in body.items() if name != "data"}),
    )
    return [*events, ended]


def _list_presence(
    row: AnalyticsRow, attendee: AnalyticsAttendeeRow, number: int, native: Mapping[str, Any]
) -> Iterable[Event]:
    person = attendee.ext_user_id or f"attendee-{number}"
    who: dict[str, Any] = {
        "person_id": person,
        "display_name": attendee.name or None,
        "email": to_email(attendee.ext_user_id),
        "role": _to_role(attendee.moderator),
        "native": Native(native),
    }
    # Two devices may come or leave at one moment, so the place in the list is part of the id.
    for place, moment in enumerate(attendee.joins or ()):
        yield ParticipantJoined(
            joined_at=moment, **who, **_common(row, f"{person}/joined-{place}", moment)
        )
    for place, moment in enumerate(attendee.leaves or ()):
        yield ParticipantLeft(
            left_at=moment, **who, **_common(row, f"{person}/left-{place}", moment)
        )


def _common(row: AnalyticsRow, what: str, moment: datetime | None) -> dict[str, Any]:
    return {
        "id": f"{row.internal_meeting_id}/{what}/{_to_milliseconds(moment) or ''}",
        "time": moment,
        "room_id": row.meeting_id,
        "session_id": session_id(row.meeting_id, row.internal_meeting_id),
    }


def _to_role(moderator: bool | None) -> Role:
    if moderator is None:
        return Role.UNKNOWN
    return Role.HOST if moderator else Role.ATTENDEE


def _find_end(data: AnalyticsDataRow) -> datetime | None:
    """Return the end, or what start and duration give."""
    seconds = to_int(data.duration)
    if data.finish is not None or data.start is None or seconds is None:
        return data.finish
    return data.start + timedelta(seconds=seconds)


def _to_milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else round(moment.timestamp() * 1000)

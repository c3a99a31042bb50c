"""The events of webhooks (docs/vendors/bigbluebutton.md#webhooks)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from attrs import define

from conferencing.http import Id, LaxInt, to_int
from conferencing.model import Recording, RecordingStatus, Role
from conferencing.model.native import Native
from conferencing.webhooks.events import (
    Event,
    OtherEvent,
    ParticipantJoined,
    ParticipantLeft,
    RecordingDeleted,
    RecordingReady,
    SessionEnded,
    SessionStarted,
    join_id,
)

from .base import WIRE, session_id, to_mapping, to_moment
from .people import to_email, to_role
from .pushed import Document, Pushed
from .sessions import StoredSession

__all__ = ["EVENTS", "push_events", "read_event"]

DEPTH: Final = 3
"""How deep the fields of an event are."""

KEPT: Final = frozenset({"meeting-created", "meeting-ended", "user-joined", "user-left"})


@define
class EventMeetingRow:
    """The meeting of an event."""

    internal_meeting_id: str
    external_meeting_id: str
    name: str | None = None
    create_time: LaxInt | None = None


@define
class EventUserRow:
    """The person of an event. The internal id is another one for each join."""

    internal_user_id: str
    external_user_id: str | None = None
    name: str | None = None
    role: str | None = None
    guest: bool | None = None


@define
class EventRecordingRow:
    """The recording of an event; times are in milliseconds."""

    name: str | None = None
    start_time: LaxInt | None = None
    end_time: LaxInt | None = None


@define
class AttributesRow:
    """What an event is about."""

    meeting: EventMeetingRow | None = None
    user: EventUserRow | None = None
    recording: EventRecordingRow | None = None
    record_id: Id | None = None


@define
class TimeRow:
    """When it happened, in milliseconds."""

    ts: LaxInt | None = None


@define
class DataRow:
    """An event of a webhook."""

    id: str
    attributes: AttributesRow | None = None
    event: TimeRow | None = None


def read_event(body: Mapping[str, Any]) -> Event:
    """Return the neutral event of a webhook; one that lacks what it is about is other."""
    return _EventReader(body).read()


def push_events(bodies: Sequence[Mapping[str, Any]]) -> Pushed:
    """Return the events of a webhook, and those of them that have to be kept."""
    readers = [_EventReader(body) for body in bodies]
    kept = (reader.to_document() for reader in readers)
    return Pushed(
        events=tuple(reader.read() for reader in readers),
        documents=tuple(document for document in kept if document is not None),
    )


class _EventReader:
    """Turn one event of a webhook into its neutral form."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.body = body
        row = WIRE.read_pushed(_to_names(body.get("data")), DataRow, "event[0].data")
        self.name = row.id
        self.about = row.attributes or AttributesRow()
        self.milliseconds = to_int(row.event.ts) if row.event else None

    def read(self) -> Event:
        """Return the neutral event."""
        read = _READERS.get(self.name)
        needs_user = self.name.startswith("user-")
        if read is None or self.about.meeting is None or (needs_user and self.about.user is None):
            return OtherEvent(name=self.name, **self.common)
        return read(self)

    @property
    def common(self) -> dict[str, Any]:
        """What all events have. They come without ids, so one is made of their facts."""
        meeting, user = self.about.meeting, self.about.user
        about = meeting.internal_meeting_id if meeting else self.about.record_id
        person = user.internal_user_id if user else None
        return {
            "id": join_id(about, self.name, person, self.milliseconds),
            "time": to_moment(self.milliseconds),
            "room_id": meeting.external_meeting_id if meeting else None,
            "session_id": self._session_id,
            "native": Native(self.body, WIRE.secret),
        }

    @property
    def _session_id(self) -> str | None:
        meeting = self.about.meeting
        if meeting is None:
            return None
        return session_id(meeting.external_meeting_id, meeting.internal_meeting_id)

    def to_document(self) -> Document | None:
        """Return what has to be kept, for events about who is in a session."""
        meeting = self.about.meeting
        if meeting is None or self.name not in KEPT:
            return None
        session = StoredSession(
            meeting=meeting.external_meeting_id,
            internal=meeting.internal_meeting_id,
            title=meeting.name or "",
            started=to_int(meeting.create_time),
            ended=self.milliseconds if self.name == "meeting-ended" else None,
        )
        return Document(session=session, key=str(self.common["id"]), body=self.body)

    def read_started(self) -> Event:
        """Return the creation of a meeting, which begins a session."""
        created = self.about.meeting.create_time if self.about.meeting else None
        return SessionStarted(started_at=to_moment(created or self.milliseconds), **self.common)

    def read_ended(self) -> Event:
        """Return the end of a session."""
        return SessionEnded(ended_at=to_moment(self.milliseconds), **self.common)

    def read_joined(self) -> Event:
        """Return that somebody came."""
        return ParticipantJoined(**self._presence())

    def read_left(self) -> Event:
        """Return that somebody left."""
        return ParticipantLeft(left_at=to_moment(self.milliseconds), **self._presence())

    def _presence(self) -> dict[str, Any]:
        user = self.about.user
        assert user is not None  # noqa: S101 - `read` looks first
        person = user.external_user_id or user.internal_user_id
        return {
            **self.common,
            "person_id": person,
            "display_name": user.name or None,
            "email": to_email(person),
            # `guest` says that the policy for guests counts, which it may for a moderator too:
            # docs/vendors/bigbluebutton.md#join
            "role": Role.GUEST if user.guest and user.role != "MODERATOR" else to_role(user.role),
        }

    def read_recorded(self) -> Event:
        """Return a recording that can be watched."""
        meeting, row = self.about.meeting, self.about.recording or EventRecordingRow()
        started_at, ended_at = to_moment(row.start_time), to_moment(row.end_time)
        recording = Recording(
            id=self._record_id,
            room_id=meeting.external_meeting_id if meeting else None,
            session_id=self._session_id,
            name=row.name or None,
            status=RecordingStatus.READY,
            started_at=started_at,
            duration=ended_at - started_at if started_at and ended_at else None,
        )
        return RecordingReady(recording=recording, **self.common)

    def read_recording_deleted(self) -> Event:
        """Return that a recording is gone."""
        return RecordingDeleted(recording_id=self._record_id, **self.common)

    @property
    def _record_id(self) -> str:
        """The id of the recording, which is that of its meeting's life."""
        meeting = self.about.meeting
        return str(self.about.record_id or (meeting.internal_meeting_id if meeting else ""))


_READERS: Final[Mapping[str, Callable[[_EventReader], Event]]] = {
    "meeting-created": _EventReader.read_started,
    "meeting-ended": _EventReader.read_ended,
    "user-joined": _EventReader.read_joined,
    "user-left": _EventReader.read_left,
    "rap-publish-ended": _EventReader.read_recorded,
    "rap-deleted": _EventReader.read_recording_deleted,
}
EVENTS: Final = tuple(_READERS)
"""The events that are subscribed to: those with a neutral form. Others carry what people write."""


def _to_names(value: Any, depth: int = 0) -> Any:
    """Return the JSON with underscores in its keys; deeper objects are not read."""
    rows = to_mapping(value) if depth <= DEPTH else {}
    if not rows:
        return value
    return {name.replace("-", "_"): _to_names(part, depth + 1) for name, part in rows.items()}

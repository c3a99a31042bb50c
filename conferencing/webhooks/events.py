"""What happened, in neutral terms: the events that vendors push.

Values only. `id` is the same whenever the vendor repeats an event, and is what the stores of seen
events remember. What a vendor does not say is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

from attrs import Attribute, field, frozen

from conferencing.model import File, Participant, Recording, Role, Room
from conferencing.model.base import Record
from conferencing.model.native import NO_NATIVE

__all__ = [
    "Event",
    "OtherEvent",
    "ParticipantJoined",
    "ParticipantLeft",
    "RecordingDeleted",
    "RecordingReady",
    "RegistrationChanged",
    "RegistrationCreated",
    "RoomChanged",
    "RoomDeleted",
    "SessionEnded",
    "SessionStarted",
    "TranscriptReady",
    "join_id",
]


def join_id(*parts: object) -> str:
    """Return an id made of what distinguishes events, for a vendor that gives them none."""
    return "/".join("" if part is None else str(part) for part in parts)


def check_aware(_: Any, attribute: Attribute[Any], value: datetime | None) -> None:
    """Raise `ValueError` for a time without an offset: nobody could compare it."""
    if value is not None and value.utcoffset() is None:
        raise ValueError(f"{attribute.name} has no time zone")


@frozen(kw_only=True, repr=False)
class Event(Record):
    """What all events share. `time` is when it happened, by the vendor's clock.

    `native` is the vendor's own mapping.
    """

    _shown: ClassVar[tuple[str, ...]] = ("id", "time", "room_id", "session_id")
    _kind: ClassVar[str] = "event"

    id: str
    time: datetime | None = field(default=None, validator=check_aware)
    room_id: str | None = None
    session_id: str | None = None
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)

    @property
    def kind(self) -> str:
        """What happened, as a word for logs and JSON: `participant_joined`."""
        return self._kind


@frozen(kw_only=True, repr=False)
class SessionStarted(Event):
    """A session began."""

    _kind = "session_started"

    started_at: datetime | None = field(default=None, validator=check_aware)


@frozen(kw_only=True, repr=False)
class SessionEnded(Event):
    """A session ended, and everybody who was still present has left."""

    _kind = "session_ended"

    started_at: datetime | None = field(default=None, validator=check_aware)
    ended_at: datetime | None = field(default=None, validator=check_aware)


@frozen(kw_only=True, repr=False)
class PresenceEvent(Event):
    """What joining and leaving share.

    `visit_id` is the vendor's key of one presence: its joining and its leaving share it, and coming
    back has another. `person_id` is the vendor's key of the person in the session, the same after
    coming back, and becomes `Attendance.id`. `participant_id` is the registration.
    """

    visit_id: str | None = None
    person_id: str | None = None
    participant_id: str | None = None
    display_name: str | None = None
    email: str | None = None
    role: Role = Role.UNKNOWN
    joined_at: datetime | None = field(default=None, validator=check_aware)


@frozen(kw_only=True, repr=False)
class ParticipantJoined(PresenceEvent):
    """A person entered a session."""

    _kind = "participant_joined"


@frozen(kw_only=True, repr=False)
class ParticipantLeft(PresenceEvent):
    """A person left a session."""

    _kind = "participant_left"

    left_at: datetime | None = field(default=None, validator=check_aware)


@frozen(kw_only=True, repr=False)
class RegistrationCreated(Event):
    """A person registered for a room."""

    _kind = "registration_created"

    participant: Participant | None = None


@frozen(kw_only=True, repr=False)
class RegistrationChanged(Event):
    """A registration was approved, denied, cancelled or edited."""

    _kind = "registration_changed"

    participant: Participant | None = None


@frozen(kw_only=True, repr=False)
class RecordingReady(Event):
    """A recording can be downloaded. `recording.files` may have links that expire."""

    _kind = "recording_ready"

    recording: Recording | None = None


@frozen(kw_only=True, repr=False)
class RecordingDeleted(Event):
    """A recording was deleted, or moved to the trash."""

    _kind = "recording_deleted"

    recording_id: str | None = None


@frozen(kw_only=True, repr=False)
class TranscriptReady(Event):
    """A transcript can be downloaded."""

    _kind = "transcript_ready"

    recording_id: str | None = None
    files: tuple[File, ...] = ()


@frozen(kw_only=True, repr=False)
class RoomChanged(Event):
    """A room was created or changed. `room` has only what the vendor sent along."""

    _kind = "room_changed"

    room: Room | None = None


@frozen(kw_only=True, repr=False)
class RoomDeleted(Event):
    """A room was deleted."""

    _kind = "room_deleted"


@frozen(kw_only=True, repr=False)
class OtherEvent(Event):
    """An event without a neutral form. `name` is what the vendor calls it; see `native`."""

    _shown = ("id", "name", "time", "room_id", "session_id")
    _kind = "other"

    name: str | None = None


EVENT_TYPES: Final[Mapping[str, type[Event]]] = {
    event_type._kind: event_type  # noqa: SLF001 - its own  # pyright: ignore[reportPrivateUsage]
    for event_type in (
        SessionStarted,
        SessionEnded,
        ParticipantJoined,
        ParticipantLeft,
        RegistrationCreated,
        RegistrationChanged,
        RecordingReady,
        RecordingDeleted,
        TranscriptReady,
        RoomChanged,
        RoomDeleted,
        OtherEvent,
    )
}
"""The classes of events by their `kind`."""

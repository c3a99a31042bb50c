"""Events that Zoom pushes, in neutral terms (docs/vendors/zoom.md#webhooks)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from attrs import define

from conferencing.errors import MalformedResponse, WebhookMalformed
from conferencing.http import Aware, Id, LaxInt, epoch, to_int
from conferencing.model import Participant, RegistrationStatus, Room, RoomKind, Secret
from conferencing.model.native import Native
from conferencing.webhooks import (
    Delivery,
    Event,
    OtherEvent,
    ParticipantJoined,
    ParticipantLeft,
    RecordingDeleted,
    RecordingReady,
    RegistrationChanged,
    RegistrationCreated,
    RoomChanged,
    RoomDeleted,
    SessionEnded,
    SessionStarted,
    TranscriptReady,
    WebhookAnswer,
    WebhookRequest,
    join_id,
)
from conferencing.webhooks.verification import (
    check_hmac,
    check_timestamp,
    sign_hmac,
    signed_content,
)

from .base import KINDS, WIRE, room_id, run_id
from .people import RegistrantRow, to_participant
from .recordings import RecordingRow, to_recording
from .rooms import RoomRow, to_room
from .sessions import PersonRow, to_kind

__all__ = ["read_webhook"]

SIGNATURE: Final = "x-zm-signature"
TIMESTAMP: Final = "x-zm-request-timestamp"
CHALLENGE: Final = "endpoint.url_validation"  # sent at set-up, and every 72 hours

_STATUSES: Final = {
    "registration_approved": RegistrationStatus.APPROVED,
    "registration_denied": RegistrationStatus.DENIED,
    "registration_cancelled": RegistrationStatus.CANCELLED,
}


@define
class PresentRow(PersonRow):
    """Who joined or left."""

    user_name: str | None = None
    email: str | None = None
    join_time: Aware | None = None
    leave_time: Aware | None = None


@define
class ObjectRow:
    """What an event is about: a room or a run, and perhaps somebody in it."""

    id: Id | None = None
    uuid: str | None = None
    type: LaxInt | None = None
    host_id: str | None = None
    start_time: Aware | None = None
    end_time: Aware | None = None
    participant: PresentRow | None = None
    registrant: RegistrantRow | None = None


@define
class PayloadRow:
    """The body of an event, or of a challenge."""

    object: ObjectRow | None = None
    plainToken: str | None = None  # noqa: N815 - Zoom's spelling


@define
class EventRow:
    """An event; `event_ts` is in milliseconds."""

    event: str
    payload: PayloadRow
    event_ts: LaxInt | None = None


def read_webhook(
    request: WebhookRequest, secrets: Iterable[Secret], *, now: datetime, tolerance: float
) -> Delivery:
    """Verify a request and return its event, or the answer to Zoom's challenge."""
    timestamp = request.header(TIMESTAMP)
    # Signed over the raw bytes: JSON written again may differ (docs/vendors/zoom.md#webhooks).
    secret = check_hmac(
        secrets,
        signed_content(timestamp or "", request.body),
        request.header(SIGNATURE),
        prefix="v0=",
        header=SIGNATURE,
    )
    check_timestamp(timestamp, now=now, tolerance=tolerance, header=TIMESTAMP)
    body = request.json(dict[str, Any])
    row = WIRE.read_pushed(body, EventRow)
    if row.event == CHALLENGE:
        # By the secret that signed it: while one replaces the other, there are two.
        return Delivery(challenge=_answer(secret, row.payload.plainToken))
    return Delivery(events=(_Reader(row, body, now).read(),))


def _answer(secret: Secret, token: str | None) -> WebhookAnswer:
    if not token:
        raise WebhookMalformed("the challenge has no plainToken", path="$.payload.plainToken")
    answer = {"plainToken": token, "encryptedToken": sign_hmac(secret, token.encode())}
    return WebhookAnswer(
        headers={"Content-Type": "application/json"}, body=json.dumps(answer).encode()
    )


class _Reader:
    """Turn one event into its neutral form."""

    def __init__(self, row: EventRow, body: Mapping[str, Any], now: datetime) -> None:
        family, _, self.name = row.event.partition(".")
        self.event = row.event
        self.time = epoch(to_int(row.event_ts) or 0) if row.event_ts is not None else None
        self.about = row.payload.object or ObjectRow()
        self.object: Mapping[str, Any] = body["payload"].get("object") or {}
        self.native = Native(body, WIRE.secret)
        self.now = now
        # Events of recordings name the kind of the room by the number of its type
        # (docs/vendors/zoom.md#events).
        self.kind = KINDS.get(family) or to_kind(self.about.type) or RoomKind.MEETING
        self.family = family

    def read(self) -> Event:
        """Return the neutral event; an event without one, or that lacks what it is about, is other."""
        read = _READERS.get(self.name) if self.family in {"meeting", "webinar"} else None
        if self.family == "recording":
            read = _RECORDING_READERS.get(self.name)
        if read is None or self.about.id is None:
            return OtherEvent(name=self.event, **self.common)
        return read(self)

    @property
    def common(self) -> dict[str, Any]:
        """What all events have. Zoom gives them no ids, so one is made of their facts."""
        # Whether the header x-zm-request-id stays the same in a retry is not known
        # (docs/vendors/zoom.md#webhooks).
        about = self.about
        number, uuid = about.id, about.uuid
        person = about.participant.user_id if about.participant else None
        registrant = about.registrant.id if about.registrant else None
        return {
            "id": join_id(self.event, _epoch_of(self.time), uuid or number, person or registrant),
            "time": self.time,
            "room_id": None if number is None else room_id(self.kind, number),
            "session_id": run_id(self.kind, number, uuid) if number and uuid else None,
            "native": self.native,
        }

    def read_started(self) -> Event:
        """Return the beginning of a session."""
        # In events of runs, start_time is the real start (docs/vendors/zoom.md#events).
        return SessionStarted(started_at=self.about.start_time, **self.common)

    def read_ended(self) -> Event:
        """Return the end of a session."""
        return SessionEnded(
            started_at=self.about.start_time, ended_at=self.about.end_time, **self.common
        )

    def read_joined(self) -> Event:
        """Return that somebody came; one in the waiting room has another event."""
        return ParticipantJoined(**self._presence())

    def read_left(self) -> Event:
        """Return that somebody left."""
        row = self.about.participant
        return ParticipantLeft(left_at=row.leave_time if row else None, **self._presence())

    def _presence(self) -> dict[str, Any]:
        row = self.about.participant or PresentRow()
        return {
            **self.common,
            "visit_id": None if row.user_id is None else str(row.user_id),
            "person_id": row.find_key(),
            "role": row.find_role(self.about.host_id),
            "participant_id": row.registrant_id or None,
            "display_name": row.user_name or None,
            "email": row.email or None,
            "joined_at": row.join_time,
        }

    def read_registered(self) -> Event:
        """Return a new registration."""
        return RegistrationCreated(participant=self._participant(None), **self.common)

    def read_registration_changed(self) -> Event:
        """Return a registration with the status that the event is named after."""
        participant = self._participant(_STATUSES[self.name])
        return RegistrationChanged(participant=participant, **self.common)

    def _participant(self, status: RegistrationStatus | None) -> Participant | None:
        row = self.about.registrant
        if row is None:
            return None
        native = Native(self.object.get("registrant") or {}, WIRE.secret)
        return to_participant(row, native, room_id=self.common["room_id"], status=status)

    def read_room_changed(self) -> Event:
        """Return a room with what the event holds of it: an update has the changed fields only."""
        return RoomChanged(room=self._room(), **self.common)

    def _room(self) -> Room | None:
        try:
            row = WIRE.convert_value(self.object, RoomRow)
        except MalformedResponse:
            return None
        return to_room(row, Native(self.object, WIRE.secret), kind=self.kind, now=self.now)

    def read_room_deleted(self) -> Event:
        """Return that a room is gone."""
        return RoomDeleted(**self.common)

    def read_recorded(self) -> Event:
        """Return a recording that can be downloaded."""
        try:
            row = WIRE.convert_value(self.object, RecordingRow)
        except MalformedResponse:
            return RecordingReady(**self.common)
        recording = to_recording(row, Native(self.object, WIRE.secret))
        return RecordingReady(recording=recording, **self.common)

    def read_transcribed(self) -> Event:
        """Return the files of a transcript."""
        event = self.read_recorded()
        recording = event.recording if isinstance(event, RecordingReady) else None
        return TranscriptReady(
            recording_id=recording.id if recording else None,
            files=recording.files if recording else (),
            **self.common,
        )

    def read_recording_deleted(self) -> Event:
        """Return that a recording is in the trash or gone."""
        return RecordingDeleted(recording_id=self.about.uuid, **self.common)


def _epoch_of(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)


# Waiting and breakout rooms are left out: moving there is neither joining nor leaving the session.
_READERS: Final[Mapping[str, Callable[[_Reader], Event]]] = {
    "started": _Reader.read_started,
    "ended": _Reader.read_ended,
    "participant_joined": _Reader.read_joined,
    "participant_left": _Reader.read_left,
    "registration_created": _Reader.read_registered,
    "registration_approved": _Reader.read_registration_changed,
    "registration_denied": _Reader.read_registration_changed,
    "registration_cancelled": _Reader.read_registration_changed,
    "created": _Reader.read_room_changed,
    "updated": _Reader.read_room_changed,
    "recovered": _Reader.read_room_changed,
    "deleted": _Reader.read_room_deleted,
    "permanently_deleted": _Reader.read_room_deleted,
}
_RECORDING_READERS: Final[Mapping[str, Callable[[_Reader], Event]]] = {
    "completed": _Reader.read_recorded,
    "transcript_completed": _Reader.read_transcribed,
    "trashed": _Reader.read_recording_deleted,
    "deleted": _Reader.read_recording_deleted,
}

"""The neutral form of webhooks, which the memory provider reads: signed JSON.

A body is one event, a list of events, or a challenge:

    {"kind": "participant_joined", "id": "e1", "time": "2026-10-01T09:00:00Z", "room_id": "r1",
     "session_id": "s1", "visit_id": "v1", "display_name": "Ann Lee", "email": "ann@example.com"}
    {"challenge": "…"}

Two headers prove where it comes from: `Webhook-Timestamp`, in seconds since 1970, and
`Webhook-Signature`, `v0=` and the HMAC-SHA256 of `v0:<timestamp>:<body>` in hex. A challenge is
answered by `{"challenge": …, "proof": …}`, where `proof` is the HMAC of the challenge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Annotated, Any, Final, TypeVar, cast

import msgspec
from attrs import fields

from conferencing.errors import WebhookMalformed
from conferencing.model import (
    File,
    FileKind,
    Participant,
    Recording,
    RecordingStatus,
    RegistrationStatus,
    Role,
    Room,
    Secret,
)
from conferencing.model.native import Native

from .events import EVENT_TYPES, Event
from .request import Delivery, WebhookAnswer, WebhookRequest
from .verification import check_hmac, check_timestamp, sign_hmac, signed_content

__all__ = ["read_neutral", "sign_neutral", "write_neutral"]

SIGNATURE: Final = "Webhook-Signature"
TIMESTAMP: Final = "Webhook-Timestamp"
PREFIX: Final = "v0="
SECRET: Final = frozenset({"url"})

E = TypeVar("E", bound=StrEnum)

Time = Annotated[datetime, msgspec.Meta(tz=True)] | None


class FileRow(msgspec.Struct):
    """A file of a recording or a transcript."""

    url: str
    kind: str = FileKind.UNKNOWN.value
    name: str | None = None
    media_type: str | None = None
    size: int | None = None


class EventRow(msgspec.Struct, kw_only=True):
    """An event, or a challenge, as it is in the body: all fields of all kinds."""

    kind: str = "other"
    id: str | None = None
    time: Time = None
    room_id: str | None = None
    session_id: str | None = None
    started_at: Time = None
    ended_at: Time = None
    joined_at: Time = None
    left_at: Time = None
    visit_id: str | None = None
    person_id: str | None = None
    participant_id: str | None = None
    display_name: str | None = None
    email: str | None = None
    role: str = Role.UNKNOWN.value
    status: str | None = None
    recording_id: str | None = None
    duration: float | None = None
    files: list[FileRow] = []
    name: str | None = None
    challenge: str | None = None


def sign_neutral(secret: Secret, body: bytes, now: datetime) -> dict[str, str]:
    """Return the two headers that sign a body at a time, for `read_neutral`."""
    timestamp = str(int(now.timestamp()))
    content = signed_content(timestamp, body)
    return {TIMESTAMP: timestamp, SIGNATURE: sign_hmac(secret, content, prefix=PREFIX)}


def read_neutral(
    request: WebhookRequest, secrets: Iterable[Secret], *, now: datetime, tolerance: float
) -> Delivery:
    """Verify a request in the neutral form and return what it holds.

    `tolerance` is how many seconds its signature's time may differ from now. Raises
    `WebhookRejected`.
    """
    timestamp = request.header(TIMESTAMP)
    content = signed_content(timestamp or "", request.body)
    signature = request.header(SIGNATURE)
    secret = check_hmac(secrets, content, signature, prefix=PREFIX, header=SIGNATURE)
    check_timestamp(timestamp, now=now, tolerance=tolerance, header=TIMESTAMP)
    rows = request.json(cast("type[EventRow | list[EventRow]]", EventRow | list[EventRow]))
    natives = msgspec.json.decode(request.body)
    if not isinstance(rows, list):
        rows, natives = [rows], [natives]
    if len(rows) == 1 and rows[0].challenge is not None:
        return Delivery(challenge=_answer_challenge(secret, rows[0].challenge))
    return Delivery(events=tuple(map(_read_event, range(len(rows)), rows, natives)))


def _answer_challenge(secret: Secret, challenge: str) -> WebhookAnswer:
    proof = sign_hmac(secret, challenge.encode())
    body = msgspec.json.encode({"challenge": challenge, "proof": proof})
    return WebhookAnswer(headers={"Content-Type": "application/json"}, body=body)


def _read_event(index: int, row: EventRow, native: Mapping[str, Any]) -> Event:
    event_type = EVENT_TYPES.get(row.kind)
    if event_type is None:
        raise WebhookMalformed(
            f"the kind {row.kind[:50]!r} is none of {', '.join(EVENT_TYPES)}",
            path=f"$[{index}].kind",
        )
    if not row.id:
        raise WebhookMalformed("an event has no id", path=f"$[{index}].id")
    values: dict[str, Any] = {
        **msgspec.structs.asdict(row),
        "role": _read_word(Role, row.role),
        "files": _read_files(row.files),
        "participant": _read_participant(row),
        "recording": _read_recording(row),
        "room": Room(id=row.room_id, name=row.name or "") if row.room_id else None,
        "native": Native(native, SECRET),
    }
    return event_type(**{name: values[name] for name in _names(event_type)})


def _names(event_type: type[Event]) -> list[str]:
    return [attribute.name for attribute in fields(event_type)]


def _read_word(enum: type[E], word: str) -> E:
    """Return the member, or UNKNOWN for a word that it does not have."""
    return enum(word) if word in {member.value for member in enum} else enum("unknown")


def _read_files(rows: Sequence[FileRow]) -> tuple[File, ...]:
    return tuple(
        File(
            url=row.url,
            kind=_read_word(FileKind, row.kind),
            name=row.name,
            media_type=row.media_type,
            size=row.size,
        )
        for row in rows
    )


def _read_participant(row: EventRow) -> Participant | None:
    if row.participant_id is None:
        return None
    return Participant(
        id=row.participant_id,
        room_id=row.room_id,
        email=row.email,
        name=row.display_name,
        status=None if row.status is None else _read_word(RegistrationStatus, row.status),
    )


def _read_recording(row: EventRow) -> Recording | None:
    if row.recording_id is None:
        return None
    return Recording(
        id=row.recording_id,
        room_id=row.room_id,
        session_id=row.session_id,
        name=row.name,
        status=RecordingStatus.READY,
        started_at=row.started_at,
        duration=None if row.duration is None else timedelta(seconds=row.duration),
        files=_read_files(row.files),
    )


def write_neutral(events: Iterable[Event]) -> bytes:
    """Return the body of a webhook with these events, for tests of a receiver."""
    return msgspec.json.encode([_write_event(event) for event in events])


def _write_event(event: Event) -> dict[str, Any]:
    values = {name: getattr(event, name) for name in _names(type(event)) if name != "native"}
    participant = cast("Participant | None", values.pop("participant", None))
    recording = cast("Recording | None", values.pop("recording", None))
    room = cast("Room | None", values.pop("room", None))
    if participant is not None:
        values |= {
            "participant_id": participant.id,
            "email": participant.email,
            "display_name": participant.display_name,
            "status": participant.status,
        }
    if recording is not None:
        duration = recording.duration
        values |= {
            "recording_id": recording.id,
            "name": recording.name,
            "started_at": recording.started_at,
            "duration": None if duration is None else duration.total_seconds(),
            "files": recording.files,
        }
    if room is not None:
        values["name"] = room.name or None
    return {"kind": event.kind} | {
        name: _write_value(value) for name, value in values.items() if value is not None
    }


def _write_value(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_write_file(file) for file in cast("tuple[File, ...]", value)]
    return value.value if isinstance(value, Enum) else value


def _write_file(file: File) -> dict[str, Any]:
    return {
        "url": file.url,
        "kind": file.kind.value,
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
    }

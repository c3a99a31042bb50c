"""Rooms: planned, running and past."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

from attrs import define

from conferencing.errors import InvalidRequest, MalformedResponse
from conferencing.http import (
    Id,
    LaxBool,
    LaxInt,
    LooseInstant,
    deep_merge,
    without_none,
)
from conferencing.model import (
    Room,
    RoomKind,
    RoomSettings,
    RoomStatus,
    Session,
    SessionStatus,
)
from conferencing.model.drafts import RoomDraft
from conferencing.model.native import Native

from .base import SECRET, WIRE, Moment
from .people import InfoReply, user_id

_LOCKS: Final = {
    "lock_microphone": "microphone",
    "lock_webcam": "camera",
    "lock_chat": "public_chat",
    "lock_private_chat": "private_chat",
    "lock_shared_notepad": "shared_notes",
}


@define
class CreatedRow:
    """A new room, with what was asked for in it."""

    room_id: Id
    name: str | None = None
    max_participants: LaxInt | None = None
    start_at: LooseInstant | None = None
    start_time: Moment | None = None


@define
class RoomRow:
    """A room that runs: `room_info` of one, and an element of the list of all."""

    room_id: Id
    room_title: str | None = None
    joined_participants: LaxInt | None = None
    is_running: LaxBool | None = None
    creation_time: Moment | None = None
    metadata: str | None = None


@define
class PastRow:
    """A room that has run."""

    room_id: Id
    room_title: str | None = None
    created: Moment | None = None
    ended: Moment | None = None
    joined_participants: LaxInt | None = None


def room_body(draft: RoomDraft, project_id: str, client_room_id: str) -> dict[str, Any]:
    """Write a new room. `client_room_id` is what makes asking twice harmless."""
    body = without_none(
        project_id=project_id,
        client_room_id=client_room_id,
        name=draft.name,
        moderator_id=user_id(draft.host) if draft.host else None,
        max_participants=draft.capacity,
        start_at=_minute(draft.starts_at) if draft.starts_at else None,
        metadata=without_none(room_title=draft.name, welcome_message=draft.description) or None,
    )
    return deep_merge(body, draft.native)


def _minute(moment: datetime) -> str:
    if moment.second or moment.microsecond:
        raise InvalidRequest(
            f"starts_at is {moment.isoformat()}; vconnct takes whole minutes", field="starts_at"
        )
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")


def created(payload: Any, draft: RoomDraft) -> Room:
    """Read a new room; what its reply does not repeat is as it was asked for."""
    row = WIRE.read(payload, CreatedRow)
    planned = draft.starts_at is not None
    return Room(
        id=row.room_id,
        name=row.name or draft.name or "",
        kind=RoomKind.MEETING,
        status=RoomStatus.SCHEDULED if planned else RoomStatus.LIVE,
        starts_at=(row.start_at or row.start_time or draft.starts_at) if planned else None,
        permanent=False,
        description=draft.description,
        capacity=row.max_participants or draft.capacity,
        host=draft.host,
        native=Native(payload, SECRET),
    )


def active_rooms(payload: Any) -> list[Room]:
    """Read the rooms that run: flat below `rooms`, or as v3 has them below `response`."""
    body = payload.get("response", payload)
    rows = [_info(row) for row in WIRE.read(body, Rooms).rooms]
    return [_active_room(raw) for raw in rows]


@define
class Rooms:
    rooms: list[dict[str, Any]]


def _info(row: dict[str, Any]) -> dict[str, Any]:
    inside = row.get("room_info")
    return cast("dict[str, Any]", inside) if isinstance(inside, dict) else row


def _active_room(raw: Mapping[str, Any]) -> Room:
    row = WIRE.read(raw, RoomRow)
    metadata = _metadata(row.metadata)
    return Room(
        id=row.room_id,
        name=row.room_title or "",
        kind=RoomKind.MEETING,
        status=RoomStatus.OPEN if row.is_running is False else RoomStatus.LIVE,
        permanent=False,
        description=metadata.welcome_message,
        settings=_settings(metadata.default_lock_settings),
        created_at=row.creation_time,
        native=Native(raw, SECRET),
    )


@define
class Metadata:
    """What `metadata` holds, which is a text of JSON."""

    welcome_message: str | None = None
    default_lock_settings: dict[str, Any] | None = None


def _metadata(text: str | None) -> Metadata:
    try:
        return WIRE.read(json.loads(text or "{}"), Metadata)
    except (ValueError, RecursionError, MalformedResponse):
        return Metadata()  # free text of whoever made the room: no fault of the reply


def _settings(locks: Mapping[str, Any] | None) -> RoomSettings | None:
    if locks is None:
        return None
    known = {name: locks.get(lock) for lock, name in _LOCKS.items()}
    return RoomSettings(
        **{name: not lock for name, lock in known.items() if isinstance(lock, bool)}
    )


@define
class PastPage:
    rooms_list: list[dict[str, Any]]


@define
class PastReply:
    rooms: PastPage


def past_rooms(payload: Any) -> list[tuple[Room, Session]]:
    """Read rooms that have run, each with its one session."""
    return [_past(raw) for raw in WIRE.read(payload, PastReply).rooms.rooms_list]


def _past(raw: Mapping[str, Any]) -> tuple[Room, Session]:
    row = WIRE.read(raw, PastRow)
    native = Native(raw, SECRET)
    room = Room(
        id=row.room_id,
        name=row.room_title or "",
        kind=RoomKind.MEETING,
        status=RoomStatus.ENDED,
        permanent=False,
        created_at=row.created,
        native=native,
    )
    session = Session(
        id=row.room_id,
        room_id=row.room_id,
        title=row.room_title,
        status=SessionStatus.ENDED,
        started_at=row.created,
        ended_at=row.ended,
        people=row.joined_participants,
        native=native,
    )
    return room, session


def active_room(payload: Any) -> tuple[Room, Session]:
    """Read a room that runs, and its session."""
    raw = WIRE.read(payload, InfoReply).result.room_info
    room, row = _active_room(raw), WIRE.read(raw, RoomRow)
    session = Session(
        id=room.id,
        room_id=room.id,
        title=row.room_title,
        status=SessionStatus.RUNNING,
        started_at=row.creation_time,
        people=row.joined_participants,
        native=room.native,
    )
    return room, session

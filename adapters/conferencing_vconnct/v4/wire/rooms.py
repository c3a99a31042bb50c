"""Rooms: planned, running and past."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

import msgspec
from attrs import define

from conferencing.errors import InvalidRequest, MalformedResponse
from conferencing.http import (
    Id,
    LaxBool,
    LaxInt,
    Reply,
    deep_merge,
    to_bool,
    to_int,
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

from .base import WIRE, Moment, to_time
from .people import user_id

_LOCKS: Final = {
    "lock_microphone": "microphone",
    "lock_webcam": "camera",
    "lock_chat": "public_chat",
    "lock_private_chat": "private_chat",
    "lock_shared_notepad": "shared_notes",
}


@define
class CreatedRow:
    """A new room. Beside its id, the reply repeats what was asked for."""

    room_id: Id
    name: str | None = None
    max_participants: LaxInt | None = None
    start_at: Moment | None = None
    start_time: Moment | None = None


@define
class RoomRow:
    """A room that is running: `room_info` of one, and an element of the list of all."""

    room_id: Id
    room_title: str | None = None
    joined_participants: LaxInt | None = None
    is_running: LaxBool | None = None
    creation_time: Moment | None = None
    metadata: Any = None  # a string of JSON, and seen as an object


@define
class PastRow:
    """A room that has run."""

    room_id: Id
    room_title: str | None = None
    created: Moment | None = None
    ended: Moment | None = None
    joined_participants: LaxInt | None = None


def write_room(draft: RoomDraft, project_id: str, client_room_id: str) -> dict[str, Any]:
    """Return the body of a new room. `client_room_id` makes a repeated creation harmless."""
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


def read_created_room(reply: Reply, draft: RoomDraft) -> Room:
    """Return a new room; what its reply does not repeat is as it was asked for."""
    planned = draft.starts_at is not None

    def build(row: CreatedRow, native: Native) -> Room:
        starts_at = to_time(row.start_at) or to_time(row.start_time) or draft.starts_at
        return Room(
            id=str(row.room_id),
            name=row.name or draft.name or "",
            kind=RoomKind.MEETING,
            status=RoomStatus.SCHEDULED if planned else RoomStatus.LIVE,
            starts_at=starts_at if planned else None,
            permanent=False,
            description=draft.description,
            capacity=to_int(row.max_participants) or draft.capacity,
            host=draft.host,
            native=native,
        )

    return WIRE.record(reply, CreatedRow, build)


def read_rooms(reply: Reply) -> list[Room]:
    """Return the rooms that are running: flat below `rooms`, or as v3 has them below `response`.

    Of an account without one, the engine says so by a status that is false and an empty list, or by
    none at all.
    """
    payload = _unwrap(reply.json())
    if payload.get("status") is False and not payload.get("rooms"):
        return []
    if not isinstance(payload.get("rooms"), list):
        raise MalformedResponse("the reply has no list of rooms", path="$.rooms")
    rows = [_inner(row) for row in cast("list[object]", payload["rooms"])]
    return WIRE.convert(reply, rows, RoomRow, _to_active_room, "rooms")


def _unwrap(payload: object) -> dict[str, Any]:
    """Return the object of a reply, which v3 wraps in `response`."""
    outer = cast("dict[str, Any]", payload) if isinstance(payload, dict) else {}
    inner = outer.get("response")
    return cast("dict[str, Any]", inner) if isinstance(inner, dict) else outer


def _inner(row: object) -> object:
    fields = cast("dict[str, Any]", row) if isinstance(row, dict) else {}
    return fields.get("room_info", row)


def _to_active_room(row: RoomRow, native: Native) -> Room:
    metadata = _to_metadata(row.metadata)
    return Room(
        id=str(row.room_id),
        name=row.room_title or "",
        kind=RoomKind.MEETING,
        status=RoomStatus.OPEN if to_bool(row.is_running) is False else RoomStatus.LIVE,
        permanent=False,
        description=metadata.welcome_message,
        settings=_to_settings(metadata.default_lock_settings),
        created_at=to_time(row.creation_time),
        native=native,
    )


@define
class Metadata:
    """What `metadata` holds."""

    welcome_message: str | None = None
    default_lock_settings: dict[str, Any] | None = None


def _to_metadata(value: object) -> Metadata:
    """Return the metadata; it may be free text of whoever created the room."""
    try:
        if isinstance(value, str):
            value = msgspec.json.decode(value or "{}")
        return WIRE.convert_value(value or {}, Metadata)
    except (msgspec.MsgspecError, RecursionError, MalformedResponse):
        return Metadata()


def _to_settings(locks: Mapping[str, Any] | None) -> RoomSettings | None:
    if locks is None:
        return None
    values = {name: locks.get(lock) for lock, name in _LOCKS.items()}
    return RoomSettings(
        **{name: not lock for name, lock in values.items() if isinstance(lock, bool)}
    )


def read_past_rooms(reply: Reply) -> list[tuple[Room, Session]]:
    """Return rooms that have run, each with its one session."""
    rooms = _unwrap(reply.json()).get("rooms")
    if isinstance(rooms, dict):
        rooms = cast("dict[str, Any]", rooms).get("rooms_list")
    if not isinstance(rooms, list):
        raise MalformedResponse("the reply has no list of rooms", path="$.rooms.rooms_list")
    return WIRE.convert(reply, cast("list[object]", rooms), PastRow, _to_past, "rooms.rooms_list")


def _to_past(row: PastRow, native: Native) -> tuple[Room, Session]:
    room = Room(
        id=str(row.room_id),
        name=row.room_title or "",
        kind=RoomKind.MEETING,
        status=RoomStatus.ENDED,
        permanent=False,
        created_at=to_time(row.created),
        native=native,
    )
    session = Session(
        id=room.id,
        room_id=room.id,
        title=row.room_title,
        status=SessionStatus.ENDED,
        started_at=to_time(row.created),
        ended_at=to_time(row.ended),
        people=to_int(row.joined_participants),
        native=native,
    )
    return room, session


def read_active_room(reply: Reply) -> tuple[Room, Session]:
    """Return a room that is running, and its session.

    `room_info` is below `result`; the vendor's own client also reads it below `room`.
    """
    at = "result.room_info" if "result" in _unwrap(reply.json()) else "room.room_info"
    return WIRE.record(reply, RoomRow, _to_active, at=at)


def _to_active(row: RoomRow, native: Native) -> tuple[Room, Session]:
    room = _to_active_room(row, native)
    session = Session(
        id=room.id,
        room_id=room.id,
        title=row.room_title,
        status=SessionStatus.RUNNING,
        started_at=to_time(row.creation_time),
        people=to_int(row.joined_participants),
        native=native,
    )
    return room, session

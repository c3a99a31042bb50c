"""Rooms: planned, running and past."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

from attrs import define

from conferencing.errors import InvalidRequest
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

from .base import WIRE, Moment, to_metadata, to_object, to_time
from .people import user_id

# A lock that is on takes the right away, so the values are the opposite.
_LOCKS: Final = {
    "lock_microphone": "microphone",
    "lock_webcam": "camera",
    "lock_chat": "public_chat",
    "lock_private_chat": "private_chat",
    "lock_shared_notepad": "shared_notes",
}


@define
class CreatedRow:
    """A new room. Beside its id, the reply repeats what was requested."""

    room_id: Id
    name: str | None = None
    max_participants: LaxInt | None = None
    start_at: Moment | None = None
    start_time: Moment | None = None


@define
class RoomRow:
    """A room that is running: `room_info` of one, and an element of the list of all.

    Numbers are strings or numbers, and `metadata` is a string of JSON
    (docs/vendors/vconnct.md#v4-rooms).
    """

    room_id: Id
    room_title: str | None = None
    joined_participants: LaxInt | None = None
    is_running: LaxBool | None = None
    creation_time: Moment | None = None
    metadata: Any = None


@define
class PastRow:
    """A room that has run."""

    room_id: Id
    room_title: str | None = None
    created: Moment | None = None
    ended: Moment | None = None
    joined_participants: LaxInt | None = None


def write_room(draft: RoomDraft, project_id: str, client_room_id: str) -> dict[str, Any]:
    """Return the body of a new room.

    `client_room_id` makes a repeated creation harmless (docs/vendors/vconnct.md#v4-oddity-7).
    """
    body = without_none(
        project_id=project_id,
        client_room_id=client_room_id,
        name=draft.name,
        moderator_id=user_id(draft.host) if draft.host else None,
        max_participants=draft.capacity,
        start_at=_minute(draft.starts_at) if draft.starts_at else None,
        # A running room shows this title, and not the name: docs/vendors/vconnct.md#v4-rooms
        metadata=without_none(room_title=draft.name, welcome_message=draft.description) or None,
    )
    return deep_merge(body, draft.native)


def _minute(moment: datetime) -> str:
    if moment.second or moment.microsecond:
        raise InvalidRequest(
            f"starts_at is {moment.isoformat()}; vconnct takes whole minutes", field="starts_at"
        )
    # No zone is sent; another client writes UTC too: docs/vendors/vconnct.md#v4-endpoints
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")


def read_created_room(reply: Reply, draft: RoomDraft) -> Room:
    """Return a new room; what its reply does not repeat is as in the draft."""
    planned = draft.starts_at is not None

    def build(row: CreatedRow, native: Native) -> Room:
        # The second name is that of v3: docs/vendors/vconnct.md#v4-endpoints
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
    """Return the rooms that are running, in any shape (docs/vendors/vconnct.md#v4-oddity-5)."""
    rooms = _unwrap(reply).get("rooms")
    if isinstance(rooms, list):
        rooms = [to_object(row).get("room_info", row) for row in cast("list[object]", rooms)]
    return WIRE.convert(reply, rooms, RoomRow, _to_active_room, "rooms")


def _unwrap(reply: Reply) -> dict[str, Any]:
    """Return the object of a reply, which v3 wraps in `response`."""
    payload = to_object(reply.json())
    return to_object(payload.get("response")) or payload


def _to_active_room(row: RoomRow, native: Native) -> Room:
    metadata = to_metadata(row.metadata, Metadata)
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
    """What `metadata` of a room holds."""

    welcome_message: str | None = None
    default_lock_settings: dict[str, Any] | None = None


def _to_settings(locks: Mapping[str, Any] | None) -> RoomSettings | None:
    if locks is None:
        return None
    values = {name: locks.get(lock) for lock, name in _LOCKS.items()}
    return RoomSettings(
        **{name: not lock for name, lock in values.items() if isinstance(lock, bool)}
    )


def read_past_rooms(reply: Reply) -> list[tuple[Room, Session]]:
    """Return rooms that have run, each with its one session.

    The vendor's own client also takes a bare list, as `rooms` or as `result`.
    """
    payload = _unwrap(reply)
    rooms = payload.get("result") if payload.get("rooms") is None else payload["rooms"]
    if not isinstance(rooms, list):
        rooms = to_object(rooms).get("rooms_list")
    return WIRE.convert(reply, cast("object", rooms), PastRow, _to_past, "rooms.rooms_list")


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

    The vendor's own client reads the room in `result.room_info`, else in `room`.
    """
    payload = to_object(reply.json())
    flat = "room" in payload and not isinstance(payload.get("result"), dict)
    return WIRE.record(reply, RoomRow, _to_active, at="room" if flat else "result.room_info")


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

"""`conferencing rooms`: list, show, create, update and delete rooms."""

from __future__ import annotations

from typing import Literal

from conferencing.model.drafts import RoomChanges

from .options import (
    COMMON,
    CREATE,
    DELETE,
    LIST,
    WRITE,
    CommonOptions,
    CreateOptions,
    DeleteOptions,
    ListOptions,
    WriteOptions,
    confirm,
)
from .output import Output
from .room_options import NO_ROOM_OPTIONS, RoomOptions, parse_native
from .runner import list_values, run_for_each, show_value
from .tables import Column

__all__ = ["create", "delete", "list_", "show", "update"]

COLUMNS = (
    Column("id"),
    Column("name", shorten=True),
    Column("kind", drop=3),
    Column("status", drop=1),
    Column("starts_at"),
    Column("duration", drop=2),
    Column("registration", drop=4),
)

Status = Literal["scheduled", "open", "live", "ended"]


def list_(*, status: Status | None = None, options: ListOptions = LIST) -> Output | None:
    """List rooms.

    Parameters
    ----------
    status
        Only rooms with this status.
    """
    return list_values(options, lambda conference: conference.rooms(status), COLUMNS)


def show(room: str, /, *, options: CommonOptions = COMMON) -> Output | None:
    """Show a room, without links and passcodes.

    Parameters
    ----------
    room
        Room id.
    """
    return show_value(options, lambda conference: conference.get_room(room))


def create(
    name: str | None = None,
    /,
    *,
    fields: RoomOptions = NO_ROOM_OPTIONS,
    options: CreateOptions = CREATE,
) -> Output | None:
    """Create a room. What the provider does not support is refused before anything is sent.

    Parameters
    ----------
    name
        Name of the room.
    """
    draft = fields.to_fields(options.timezone)
    native, ignored = parse_native(fields.native), fields.fields_to_ignore()
    return show_value(
        options,
        lambda conference: conference.create_room(
            name, native=native, ignore_unsupported=ignored, **draft
        ),
    )


def update(
    room: str,
    /,
    *,
    name: str | None = None,
    status: Literal["open", "ended"] | None = None,
    fields: RoomOptions = NO_ROOM_OPTIONS,
    options: WriteOptions = WRITE,
) -> Output | None:
    """Change fields of a room, and show the updated room. Other fields are kept.

    Parameters
    ----------
    room
        Room id.
    name
        New name.
    status
        Open or end the room.
    """
    changes: RoomChanges = {**fields.to_fields(options.timezone), "name": name, "status": status}
    native, ignored = parse_native(fields.native), fields.fields_to_ignore()
    return show_value(
        options,
        lambda conference: conference.update_room(
            room, native=native, ignore_unsupported=ignored, **changes
        ),
    )


def delete(room: list[str], /, *, options: DeleteOptions = DELETE) -> Output | None:
    """Delete rooms, with their registrations and recordings.

    Parameters
    ----------
    room
        Room ids.
    """
    confirm(options, f"Delete {', '.join(room)} and everything in it?")
    return run_for_each(
        options, room, lambda conference, room_id: conference.delete_room(room_id), "room"
    )

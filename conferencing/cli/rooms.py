"""`conferencing rooms`: list, show, create, update and delete rooms."""

from __future__ import annotations

from typing import Literal

from conferencing.model.drafts import RoomChanges

from .options import (
    DELETE,
    LIST,
    MAKE,
    READ,
    WRITE,
    CommonOptions,
    CreateOptions,
    DeleteOptions,
    Listing,
    WriteOptions,
    confirm,
)
from .output import Output
from .terms import TERMS, RoomOptions, native_of
from .work import deleted, listed, shown

__all__ = ["create", "delete", "list_", "show", "update"]

COLUMNS = ("id", "name", "kind", "status", "starts_at", "duration", "registration")

Status = Literal["scheduled", "open", "live", "ended"]


def list_(*, status: Status | None = None, at: Listing = LIST) -> Output | None:
    """List the rooms.

    Parameters
    ----------
    status
        Only those that are scheduled, open, live or ended.
    """
    return listed(at, lambda conference: conference.rooms(status), COLUMNS)


def show(room: str, /, *, at: CommonOptions = READ) -> Output | None:
    """Show one room: all that the provider tells of it, except links and passcodes.

    Parameters
    ----------
    room
        Its id.
    """
    return shown(at, lambda conference: conference.get_room(room))


def create(
    name: str | None = None, /, *, terms: RoomOptions = TERMS, at: CreateOptions = MAKE
) -> Output | None:
    """Create a room. What the provider cannot express is refused before anything is sent.

    Parameters
    ----------
    name
        How it is called.
    """
    draft = terms.fields(at.timezone)
    native = native_of(terms.native)
    ignore = terms.ignore_unsupported
    return shown(
        at,
        lambda conference: conference.create_room(
            name, native=native, ignore_unsupported=ignore, **draft
        ),
    )


def update(
    room: str,
    /,
    *,
    name: str | None = None,
    status: Literal["open", "ended"] | None = None,
    terms: RoomOptions = TERMS,
    at: WriteOptions = WRITE,
) -> Output | None:
    """Change what is given of a room, and show the whole new room.

    Parameters
    ----------
    room
        Its id.
    name
        How it shall be called.
    status
        `open` switches it on and `ended` off.
    """
    changes: RoomChanges = {**terms.fields(at.timezone), "name": name, "status": status}
    native = native_of(terms.native)
    ignore = terms.ignore_unsupported
    return shown(
        at,
        lambda conference: conference.update_room(
            room, native=native, ignore_unsupported=ignore, **changes
        ),
    )


def delete(room: list[str], /, *, at: DeleteOptions = DELETE) -> Output | None:
    """Delete rooms with all that belongs to them.

    Parameters
    ----------
    room
        The ids.
    """
    confirm(at, f"Delete {', '.join(room)} with all that belongs to it?")
    return deleted(at, room, lambda conference, one: conference.delete_room(one), "Room")

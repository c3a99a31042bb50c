"""Rooms as planned: kinds, settings, occurrences and templates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from attrs import field, frozen

from .base import Record
from .native import NO_NATIVE
from .people import EntryRule, Person

__all__ = [
    "Occurrence",
    "Room",
    "RoomKind",
    "RoomKindName",
    "RoomSettings",
    "RoomStatus",
    "RoomStatusName",
    "Template",
]


class RoomKind(StrEnum):
    MEETING = "meeting"
    WEBINAR = "webinar"
    UNKNOWN = "unknown"


class RoomStatus(StrEnum):
    SCHEDULED = "scheduled"  # starts in the future
    OPEN = "open"  # can be entered now
    LIVE = "live"  # a session is running, according to the vendor
    ENDED = "ended"  # over, or switched off
    UNKNOWN = "unknown"


RoomKindName = RoomKind | Literal["meeting", "webinar"]
"""What arguments take for a kind of room: a member, or its value. Convert other strings by `RoomKind`."""

RoomStatusName = RoomStatus | Literal["scheduled", "open", "live", "ended"]
"""What arguments take for a status of a room: a member, or its value."""


@frozen(kw_only=True)
class RoomSettings:
    """What attendees may do and what is recorded. None: not set, or not known.

    `public_chat` to `see_cameras` are what attendees may use. `recording` permits recording,
    `auto_recording` starts it with the session, `recording_control` lets hosts start and stop it.
    """

    public_chat: bool | None = None
    private_chat: bool | None = None
    microphone: bool | None = None
    camera: bool | None = None
    see_cameras: bool | None = None
    shared_notes: bool | None = None
    change_layout: bool | None = None
    recording: bool | None = None
    auto_recording: bool | None = None
    recording_control: bool | None = None
    encryption: bool | None = None


@frozen(kw_only=True)
class Occurrence:
    """One planned date of a recurring room; a `cancelled` one will not take place."""

    id: str
    starts_at: datetime | None = None
    duration: timedelta | None = None
    cancelled: bool = False


@frozen(kw_only=True, repr=False)
class Room(Record):
    """A room as the vendor has it. `Room(id=…)` stands for a room of which only the id is known.

    `starts_at` is an instant and `timezone` the IANA name of the zone in which it was planned. A
    `permanent` room has no dates. A recurring one has the rule (RFC 5545) in `recurrence` and its
    planned dates in `occurrences`; `starts_at` is the first or next of them. `join_url` is the plain
    link, the same for everybody. `left_out` are the fields that `ignore_unsupported` left out of
    the call that returned this room. `approval` is True where registrations wait for the host. `entry`
    is None where the vendor does not report it.
    """

    _shown = ("id", "name", "kind", "status", "starts_at")

    id: str
    name: str = ""
    kind: RoomKind = RoomKind.UNKNOWN
    status: RoomStatus = RoomStatus.UNKNOWN
    starts_at: datetime | None = None
    duration: timedelta | None = None
    timezone: str | None = None
    permanent: bool | None = None
    entry: tuple[EntryRule, ...] | None = None
    join_url: str | None = None
    description: str | None = None
    registration: bool | None = None
    approval: bool | None = None
    waiting_room: bool | None = None
    capacity: int | None = None
    settings: RoomSettings | None = None
    host: Person | None = None
    recurrence: str | None = None
    occurrences: tuple[Occurrence, ...] = ()
    left_out: tuple[str, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)

    @property
    def ends_at(self) -> datetime | None:
        """The planned end, or None if start or duration is not set."""
        if self.starts_at is None or self.duration is None:
            return None
        try:
            end = self.starts_at.astimezone(UTC) + self.duration
            return end.astimezone(self.starts_at.tzinfo)
        except OverflowError:  # a placeholder such as 9999-12-31
            return None


@frozen(kw_only=True, repr=False)
class Template(Record):
    """A set of room settings that the vendor stores under an id."""

    _shown = ("id", "name", "default")

    id: str
    name: str = ""
    description: str | None = None
    default: bool = False
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)

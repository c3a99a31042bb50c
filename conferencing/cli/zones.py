"""In which time zone the times of a record are printed: the one of its room."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from attrs import field, frozen

from conferencing.conference import Conference
from conferencing.errors import ConferencingError, InvalidRequest
from conferencing.model.zones import zone_of

__all__ = [
    "FindZones",
    "RoomZones",
    "describe_zone",
    "find_room_zone",
    "find_session_zone",
    "find_zones_by_room",
]


@frozen(kw_only=True)
class RoomZones:
    """The zones of records: `--timezone`, else the zone of their room, else that of the computer.

    `room` is the zone of the one room that all records belong to; `by_room` maps ids of rooms.
    """

    explicit: tzinfo | None = None
    room: tzinfo | None = None
    by_room: Mapping[str, tzinfo] = field(factory=dict[str, tzinfo])

    def find(self, record: Any) -> tzinfo | None:
        """Return the zone of a record; None is the zone of this computer."""
        return (
            self.explicit
            or _parse_zone(getattr(record, "timezone", None))
            or self.by_room.get(getattr(record, "room_id", None) or "")
            or self.room
        )


FindZones = Callable[[Conference], Awaitable[RoomZones]]


def find_room_zone(room_id: str) -> FindZones:
    """Return a function that looks up the zone of a room."""

    async def find(conference: Conference) -> RoomZones:
        with suppress(ConferencingError):  # the zone of this computer is named instead
            return RoomZones(room=_parse_zone((await conference.get_room(room_id)).timezone))
        return RoomZones()

    return find


def find_session_zone(session_id: str) -> FindZones:
    """Return a function that looks up the zone of a session's room."""

    async def find(conference: Conference) -> RoomZones:
        with suppress(ConferencingError):
            session = await conference.get_session(session_id)
            if session.room_id:
                return await find_room_zone(session.room_id)(conference)
        return RoomZones()

    return find


async def find_zones_by_room(conference: Conference) -> RoomZones:
    """Return the zones of all rooms, for listings of a whole account."""
    zones: dict[str, tzinfo] = {}
    with suppress(ConferencingError):
        async for room in conference.rooms():
            zone = _parse_zone(room.timezone)
            if zone:
                zones[room.id] = zone
    return RoomZones(by_room=zones)


def describe_zone(zone: tzinfo | None) -> str:
    """Return the name of a zone for people; None is the zone of this computer."""
    if isinstance(zone, ZoneInfo):
        return zone.key
    return f"the zone of this computer ({datetime.now().astimezone().tzname()})"


def _parse_zone(name: str | None) -> tzinfo | None:
    """Return the zone, or None: some vendors use names that are not in the IANA database."""
    try:
        return zone_of(name) if name else None
    except InvalidRequest:
        return None

"""The lists of a user's meetings and webinars: docs/vendors/zoom.md#rooms"""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Final

from conferencing.model import Room
from conferencing.sandbox.kit import Fields
from conferencing.sandbox.simulator import Answer
from conferencing.world import User

from .endpoints import Endpoints
from .formats import read_date
from .pages import PAGING, write_page
from .rooms import check_addon, is_expired, list_item
from .state import Caller, ZoomState
from .users import user_of

__all__ = ["endpoints"]

endpoints = Endpoints()

SIX_MONTHS: Final = timedelta(days=183)
LISTS: Final = {
    "meetings": (*("scheduled", "live", "upcoming", "upcoming_meetings", "previous_meetings"),),
    "webinars": ("scheduled", "upcoming"),
}


@endpoints(
    "GET",
    "/users/{user}/{family:meetings|webinars}",
    *("M", "{kind}:read:list_{kind}s"),
    *(*PAGING, "type", "from", "to", "timezone"),
)
def list_rooms(
    simulator: ZoomState, fields: Fields, caller: Caller, user: str, family: str
) -> Answer:
    host = user_of(simulator, caller, user)
    kind = family.removesuffix("s")
    check_addon(simulator, kind, host.id)
    which = fields.choice("type", LISTS[family]) or "scheduled"
    rooms = [
        room
        for room in map(simulator.world.room, list(simulator.world.rooms))
        if _is_listed(simulator, room, kind, host) and _is_of(simulator, room, which)
    ]
    rooms.sort(key=lambda room: room.starts_at or simulator.world.start, reverse=True)
    rooms = [room for room in rooms if _is_between(room, fields)]
    rows = [list_item(simulator, room) for room in rooms]
    return Answer.json(write_page(simulator, fields, family, rows, numbered=True))


def _is_listed(simulator: ZoomState, room: Room, kind: str, host: User) -> bool:
    details = simulator.details_of(room)
    return details.kind == kind and details.host_id == host.id and details.type != 1


def _is_of(simulator: ZoomState, room: Room, which: str) -> bool:
    """Return whether a room is in a list; the last three look at six months."""
    now = simulator.world.now
    ends = room.ends_at
    ahead = ends is None or ends > now or simulator.world.running(room.id) is not None
    match which:
        case "live":
            return simulator.world.running(room.id) is not None
        case "upcoming" | "upcoming_meetings":
            return ahead and not (room.starts_at and room.starts_at > now + SIX_MONTHS)
        case "previous_meetings":
            ended = [session.ended_at for session in simulator.world.sessions_of(room.id)]
            return any(end is not None and end > now - SIX_MONTHS for end in ended)
        case _:
            return not is_expired(simulator, room)


def _is_between(room: Room, fields: Fields) -> bool:
    since, until = (read_date(fields.text(name), name) for name in ("from", "to"))
    if room.starts_at is None:
        return True
    day = room.starts_at.astimezone(UTC).date()
    return (since is None or day >= since) and (until is None or day <= until)

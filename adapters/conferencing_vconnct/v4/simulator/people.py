"""Invitation links, recordings and analytics of v4: docs/vendors/vconnct.md#v4-endpoints"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from conferencing.attendance import merge
from conferencing.model import Role
from conferencing.sandbox.kit import Fields, Refusal, Router

from .state import CloudState, epoch

__all__ = ["route"]

route = Router()

Reply = dict[str, Any]


@route("POST", "/rooms/create_invitation_link", "room_id", "user_id", "role")
def create_invitation_link(simulator: CloudState, fields: Fields) -> Reply:
    fields.require("user_id", "role")
    is_admin = fields.choice("role", ("admin", "viewer")) == "admin"
    room = simulator.cloud_room(fields)
    if simulator.is_over(room.id):
        raise Refusal(404, "room is not active")
    role = Role.HOST if is_admin else Role.ATTENDEE
    return {"invitation_link": simulator.invitation(room.id, fields.text("user_id") or "", role)}


@route("GET", "/recordings/get_record", "room_id")
def get_record(simulator: CloudState, fields: Fields) -> Reply:
    room = simulator.cloud_room(fields)
    recordings = simulator.world.recordings.values()
    urls = [f"{simulator.root}/files/{r.id}.mp4" for r in recordings if r.room_id == room.id]
    if not urls:
        raise Refusal(404, "no recordings found")
    if simulator.quirks["records_as_list"]:
        return {"data": [{"room_id": room.id, "url": url} for url in urls]}
    return {"data": {"room_id": room.id, "url": ",".join(urls)}}


@route("GET", "/analytics/get_analytics", "room_id")
def get_analytics(simulator: CloudState, fields: Fields) -> Reply:
    """Return how long each person was present, in one of three known shapes.

    docs/vendors/vconnct.md#v4-oddity-6
    """
    room = simulator.cloud_room(fields)
    if not simulator.is_over(room.id):
        raise Refusal(404, "no analytics found")
    session = simulator.world.sessions_of(room.id)[-1]
    visits = {visit.id: visit for visit in simulator.world.visits_of(session.id)}
    people = [
        {
            "user_id": simulator.identity(visits[record.id]),
            "name": record.display_name,
            "duration": (record.duration or timedelta()) // timedelta(seconds=1),
            "joined": epoch(record.joined_at),
            "left": epoch(record.left_at),
        }
        for record in merge(simulator.world.attendance(session.id))
    ]
    durations = {person["user_id"]: person["duration"] for person in people}
    if simulator.quirks["analytics_at_top"]:
        return {"room_id": room.id, "participant_durations": durations}
    if simulator.quirks["analytics_as_rows"]:
        length = (session.duration or timedelta()) // timedelta(seconds=1)
        counts = {"participants_count": len(people), "duration": length}
        return {"data": {"room_id": room.id, **counts, "participants": people}}
    return {"data": {"room_id": room.id, "participant_durations": durations}}

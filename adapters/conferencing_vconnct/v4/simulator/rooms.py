"""Rooms of v4, which run once: docs/vendors/vconnct.md#v4-rooms"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final

from conferencing.model import Person, Role, Room, RoomStatus, Session
from conferencing.sandbox.kit import Fields, Refusal, Router, page_by_offset

from .state import CloudState, epoch

__all__ = ["route", "running_session"]

route = Router()

CREATE: Final = (
    *("project_id", "client_room_id", "name", "moderator_id", "max_participants"),
    *("empty_timeout", "metadata"),
)
PAST: Final = ("project_id", "room_ids", "from", "from_", "limit", "order_by")
LOGOS: Final = ("logo", "dark_logo", "mobile_logo", "mobile_dark_logo", "fav_icon")

Reply = dict[str, Any]


# ------------------------------------------------------------------------------- creating, running


@route("POST", "/rooms/create_quick_{kind:audio|video}_room", *CREATE)
def create_room(simulator: CloudState, fields: Fields, kind: str) -> Reply:
    """Create a room that runs at once, or return the one of the same `client_room_id`.

    docs/vendors/vconnct.md#v4-oddity-7
    """
    return _create(simulator, fields, kind, None)


@route("POST", "/rooms/create_schedule_{kind:audio|video}_room", *CREATE, "start_at")
def create_planned_room(simulator: CloudState, fields: Fields, kind: str) -> Reply:
    """Create a room with a start, or return the one of the same `client_room_id`."""
    start = _read_start(simulator, fields)
    return _create(simulator, fields, kind, start)


def _create(simulator: CloudState, fields: Fields, kind: str, start: datetime | None) -> Reply:
    fields.require("project_id", "client_room_id")
    _check_project(simulator, fields)
    changes = _read_room(fields)
    client_room_id = fields.text("client_room_id") or ""
    room = _find(simulator, client_room_id)
    if room is None:
        room = simulator.world.add_room(status=RoomStatus.OPEN, starts_at=start, **changes)
        sid = f"RM_{simulator.world.random.randbytes(6).hex()}"
        simulator.world.notes[room.id].update(v4=client_room_id, sid=sid, kind=kind)
        if start is None:
            simulator.world.start_session(room.id, room.name)
    reply = {
        **fields,
        "room_id": room.id,
        "room_type": kind,
        "final_link": _host_link(simulator, room),
    }
    if room.starts_at:
        reply["start_time"] = format_datetime(room.starts_at, usegmt=True)
    return reply


def _find(simulator: CloudState, client_room_id: str) -> Room | None:
    notes = simulator.world.notes
    for room_id in simulator.world.rooms:
        if notes[room_id].get("v4") == client_room_id and not simulator.is_over(room_id):
            return simulator.world.room(room_id)
    return None


def _read_room(fields: Fields) -> dict[str, Any]:
    metadata = fields.child("metadata")
    fields.number("empty_timeout")
    host = fields.text("moderator_id")
    return {
        "name": metadata.text("room_title") or fields.text("name") or "",
        "description": metadata.text("welcome_message"),
        "host": Person(email=host) if host else None,
        "capacity": fields.number("max_participants", 1),
    }


def _read_start(simulator: CloudState, fields: Fields) -> datetime:
    """Return the start, in UTC to the minute. The vendor's tests expect one in the past refused."""
    text = fields.require_text("start_at")
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d", text) is None:
        raise fields.refuse("start_at", "must be YYYY-MM-DDTHH:MM")
    start = fields.time("start_at", UTC) or simulator.world.now
    if start < simulator.world.now:
        raise fields.refuse("start_at", "must be in the future")
    return start


def _check_project(simulator: CloudState, fields: Fields) -> None:
    if fields.text("project_id") != simulator.project_id:
        raise Refusal(404, "project not found")


def _host_link(simulator: CloudState, room: Room) -> str:
    return simulator.invitation(room.id, "moderator", Role.HOST)


@route("POST", "/rooms/start_schedule_room", "room_id", "name")
def start_room(simulator: CloudState, fields: Fields) -> Reply:
    room = simulator.cloud_room(fields)
    if simulator.world.sessions_of(room.id):
        raise Refusal(400, "the room has been started already")
    simulator.world.start_session(room.id, room.name)
    return {"room_id": room.id, "final_link": _host_link(simulator, room)}


@route("POST", "/rooms/end_room", "room_id")
def end_room(simulator: CloudState, fields: Fields) -> Reply:
    room, session = running_session(simulator, fields)
    simulator.world.end_session(room.id)
    return {"ended": session.room_id == room.id}


def running_session(simulator: CloudState, fields: Fields) -> tuple[Room, Session]:
    """Return the room of `room_id` and the session that runs in it. Raises `Refusal`."""
    room = simulator.cloud_room(fields)
    session = simulator.world.running(room.id)
    if session is None:
        raise Refusal(404, "room is not active")
    return room, session


# --------------------------------------------------------------------------- what runs, and what ran


@route("GET", "/rooms/get_active_room_info", "room_id")
def get_active_room(simulator: CloudState, fields: Fields) -> Reply:
    room, session = running_session(simulator, fields)
    inside = [v for v in simulator.world.visits_of(session.id) if v.left_at is None]
    people: list[Reply] = [
        {
            "sid": f"PA_{visit.id[:12]}",
            "identity": simulator.identity(visit),
            "name": visit.name,
            "state": "ACTIVE",
            "joined_at": epoch(visit.joined_at),
            "is_publisher": True,
            "kind": "STANDARD",
            "tracks": [],
            "metadata": {"is_admin": visit.role is Role.HOST, "is_presenter": False},
        }
        for visit in inside
    ]
    info = _info(simulator, room, session)
    return {"result": {"room_info": info, "participants_info": people}}


@route("GET", "/rooms/get_active_rooms_info")
def list_active_rooms(simulator: CloudState, fields: Fields) -> Reply:
    world = simulator.world
    running = [
        (world.room(room_id), session)
        for room_id in world.rooms
        if "v4" in world.notes[room_id] and (session := world.running(room_id))
    ]
    if not running and simulator.quirks["idle_is_failure"]:
        # The engine answers so if no room is active: docs/vendors/vconnct.md#v4-oddity-5
        return {"status": False, "msg": "no active room found", "rooms": []}
    # v3 wraps the rooms: docs/vendors/vconnct.md#v4-oddity-5
    rows = [_info(simulator, room, session) for room, session in running]
    if simulator.quirks["rooms_in_response"]:
        wrapped = [{"room_info": row, "participants_info": list[Any]()} for row in rows]
        return {"response": {"status": True, "msg": "success", "rooms": wrapped}}
    return {"rooms": rows}


def _info(simulator: CloudState, room: Room, session: Session) -> Reply:
    inside = sum(visit.left_at is None for visit in simulator.world.visits_of(session.id))
    metadata = {"room_title": room.name, "welcome_message": room.description or ""}
    return {
        "room_id": room.id,
        "room_title": room.name,
        "sid": simulator.world.notes[room.id]["sid"],
        "joined_participants": str(inside),
        "is_running": 1,
        "is_recording": 0,
        "is_active_rtmp": 0,
        "is_breakout_room": 0,
        "parent_room_id": "",
        "creation_time": epoch(session.started_at),
        "webhook_url": "",
        "metadata": json.dumps({**metadata, "default_lock_settings": {"lock_microphone": False}}),
    }


@route("POST", "/rooms/fetch_past_rooms", *PAST)
def list_past_rooms(simulator: CloudState, fields: Fields) -> Reply:
    fields.require("project_id", "room_ids")
    _check_project(simulator, fields)
    order = fields.choice("order_by", ("ASC", "DESC")) or "DESC"
    # The vendor's SDK sends `from_` for callers who follow its readme: docs/vendors/vconnct.md#v4-oddity-2
    start = fields.number("from", 0) or fields.number("from_", 0) or 0
    limit = fields.number("limit", 0) or 20
    rooms = simulator.world.rooms
    ids = [key for key in fields.texts("room_ids") if key in rooms and simulator.is_over(key)]
    if not ids:
        raise Refusal(404, "no rooms found")
    ids.sort(
        key=lambda key: epoch(_last_session(simulator, key).started_at), reverse=order == "DESC"
    )
    page = page_by_offset(ids, start, limit)
    rows = [_past_row(simulator, room_id) for room_id in page.rows]
    if simulator.quirks["past_rooms_as_list"]:
        return {"rooms": rows}
    return {
        "rooms": {
            "from": start,
            "limit": limit,
            "order_by": order,
            "total_rooms": str(page.total),
            "rooms_list": rows,
        }
    }


def _past_row(simulator: CloudState, room_id: str) -> Reply:
    room, session = simulator.world.room(room_id), _last_session(simulator, room_id)
    return {
        "room_id": room.id,
        "room_sid": simulator.world.notes[room.id].get("sid", ""),
        "room_title": room.name,
        "created": _plain_time(session.started_at),
        "ended": _plain_time(session.ended_at),
        "joined_participants": str(session.people or 0),
        "analytics_file_id": f"AF_{session.id}",
        "webhook_url": "",
    }


def _last_session(simulator: CloudState, room_id: str) -> Session:
    return simulator.world.sessions_of(room_id)[-1]


def _plain_time(moment: datetime | None) -> str:
    """Return a time in UTC as the engine writes it: `2025-06-17 09:48:04`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}" if moment else ""


# --------------------------------------------------------------------------------------- branding


@route("POST", "/branding", "project_id", *LOGOS)
@route("PATCH", "/branding", "project_id", *LOGOS)
def set_branding(simulator: CloudState, fields: Fields) -> Reply:
    fields.require("project_id")
    _check_project(simulator, fields)
    sizes = {name: len(fields.text(name) or "") for name in LOGOS if name in fields}
    simulator.branding |= sizes
    return {"message": "branding saved"}

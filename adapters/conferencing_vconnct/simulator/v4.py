"""V.cloud's v4: signed calls, rooms that run once, invitation links."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Final

from conferencing.attendance import merge
from conferencing.errors import Conflict, NotFound
from conferencing.model import Person, Role, Room, RoomStatus, Session, SessionStatus
from conferencing.sandbox.simulator import Answer, Call, Router

from .signed import (
    Given,
    Refused,
    are_texts,
    checked,
    given_in,
    is_mapping,
    is_number,
    is_order,
    is_role,
    is_signed,
    is_start,
    is_text,
)

if TYPE_CHECKING:
    from . import VConnctSimulator

__all__ = ["PREFIX", "answer"]

PREFIX: Final = "/api/v4"

route = Router()


def answer(simulator: VConnctSimulator, call: Call) -> Answer:
    """Answer a call of v4: the key and the signature first, then what was given."""
    if call.headers.get("key") != simulator.key or not is_signed(simulator, call):
        return _failed(401, "invalid key or hash-signature")
    try:
        found = route.find(call.method, call.path.removeprefix(PREFIX))
        if found is None:
            return Answer(status=404, media_type="text/html", body=b"<h1>Not Found</h1>")
        reply = found[0](simulator, given_in(call), **found[1])
    except Refused as refused:
        return _failed(refused.status, refused.text)
    except (NotFound, Conflict):
        return _failed(404, "room not found")
    return Answer.json({"status": True, "msg": "success", **reply})


def _failed(status: int, text: str) -> Answer:
    return Answer.json({"status": False, "message": text}, status)


ROOM: Final[Mapping[str, Callable[[Any], bool]]] = {
    "project_id": is_text, "client_room_id": is_text, "name": is_text, "moderator_id": is_text,
    "max_participants": is_number, "empty_timeout": is_number, "metadata": is_mapping,
}  # fmt: skip


def _project(simulator: VConnctSimulator, given: Given) -> None:
    if given.get("project_id") != simulator.project_id:
        raise Refused(404, "project not found")


def _room(simulator: VConnctSimulator, room_id: str) -> Room:
    room = simulator.world.room(room_id)
    if "v4" not in simulator.world.notes[room.id]:
        raise Refused(404, "room not found")
    return room


def _running(simulator: VConnctSimulator, given: Given) -> tuple[Room, Session]:
    checked(given, {"room_id": is_text}, "room_id")
    room = _room(simulator, given["room_id"])
    session = simulator.world.running(room.id)
    if session is None:
        raise Refused(404, "room is not active")
    return room, session


# ------------------------------------------------------------------------------------------- rooms


@route("POST", "/rooms/create_{when:quick|schedule}_{kind:audio|video}_room")
def create_room(simulator: VConnctSimulator, given: Given, when: str, kind: str) -> Given:
    """Make a room, or find the one of the same `client_room_id`."""
    planned = when == "schedule"
    known = {**ROOM, "start_at": is_start} if planned else ROOM
    needed = ("project_id", "client_room_id", *(("start_at",) if planned else ()))
    checked(given, known, *needed)
    _project(simulator, given)
    room = _same(simulator, given["client_room_id"]) or _new(simulator, given, kind)
    reply = {**given, "room_id": room.id, "room_type": kind, "final_link": _final(simulator, room)}
    if room.starts_at:
        reply["start_time"] = format_datetime(room.starts_at, usegmt=True)
    return reply


def _same(simulator: VConnctSimulator, client_room_id: str) -> Room | None:
    notes = simulator.world.notes
    mine = (one for one in simulator.world.rooms if notes[one].get("v4") == client_room_id)
    return next((simulator.world.room(one) for one in mine if not _over(simulator, one)), None)


def _over(simulator: VConnctSimulator, room_id: str) -> bool:
    sessions = simulator.world.sessions_of(room_id)
    return bool(sessions) and all(one.status is SessionStatus.ENDED for one in sessions)


def _new(simulator: VConnctSimulator, given: Given, kind: str) -> Room:
    start, host = given.get("start_at"), given.get("moderator_id")
    metadata: dict[str, Any] = given.get("metadata") or {}
    room = simulator.world.add_room(
        name=metadata.get("room_title") or given.get("name") or "",
        status=RoomStatus.OPEN,
        description=metadata.get("welcome_message"),
        host=Person(email=host) if host else None,
        capacity=int(given["max_participants"]) if "max_participants" in given else None,
        starts_at=datetime.fromisoformat(start).replace(tzinfo=UTC) if start else None,
    )
    sid = f"RM_{simulator.world.random.randbytes(6).hex()}"
    simulator.world.notes[room.id].update(v4=given["client_room_id"], sid=sid, kind=kind)
    if not start:
        simulator.world.start_session(room.id, room.name)
    return simulator.world.room(room.id)


def _final(simulator: VConnctSimulator, room: Room) -> str:
    return simulator.invitation(room.id, "moderator", Role.HOST)


@route("POST", "/rooms/start_schedule_room")
def start_room(simulator: VConnctSimulator, given: Given) -> Given:
    checked(given, {"room_id": is_text, "name": is_text}, "room_id")
    room = _room(simulator, given["room_id"])
    if simulator.world.sessions_of(room.id):
        raise Refused(400, "the room has been started already")
    simulator.world.start_session(room.id, room.name)
    return {"room_id": room.id, "final_link": _final(simulator, room)}


@route("POST", "/rooms/create_invitation_link")
def create_invitation_link(simulator: VConnctSimulator, given: Given) -> Given:
    checked(
        given,
        {"room_id": is_text, "user_id": is_text, "role": is_role},
        "room_id",
        "user_id",
        "role",
    )
    room = _room(simulator, given["room_id"])
    if _over(simulator, room.id):
        raise Refused(404, "room is not active")
    role = Role.HOST if given["role"] == "admin" else Role.ATTENDEE
    return {"invitation_link": simulator.invitation(room.id, given["user_id"], role)}


@route("GET", "/rooms/get_active_room_info")
def active_room(simulator: VConnctSimulator, given: Given) -> Given:
    room, session = _running(simulator, given)
    inside = [one for one in simulator.world.visits_of(session.id) if one.left_at is None]
    return {
        "result": {
            "room_info": _info(simulator, room, session),
            "participants_info": [
                {
                    "sid": f"PA_{one.id[:12]}",
                    "identity": simulator.identity(one),
                    "name": one.name,
                    "state": "ACTIVE",
                    "joined_at": _epoch(one.joined_at),
                    "is_publisher": True,
                    "kind": "STANDARD",
                    "tracks": [],
                    "metadata": {"is_admin": one.role is Role.HOST, "is_presenter": False},
                }
                for one in inside
            ],
        }
    }


@route("GET", "/rooms/get_active_rooms_info")
def active_rooms(simulator: VConnctSimulator, given: Given) -> Given:
    checked(given, {})
    running = [
        (simulator.world.room(room_id), session)
        for room_id in simulator.world.rooms
        if "v4" in simulator.world.notes[room_id] and (session := simulator.world.running(room_id))
    ]
    rows = [_info(simulator, room, session) for room, session in running]
    if simulator.quirks["rooms_in_response"]:
        wrapped: list[Given] = [{"room_info": row, "participants_info": []} for row in rows]
        return {"response": {"status": True, "msg": "success", "rooms": wrapped}}
    return {"rooms": rows}


def _info(simulator: VConnctSimulator, room: Room, session: Session) -> Given:
    inside = sum(one.left_at is None for one in simulator.world.visits_of(session.id))
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
        "creation_time": _epoch(session.started_at),
        "webhook_url": "",
        "metadata": json.dumps({**metadata, "default_lock_settings": {"lock_microphone": False}}),
    }


@route("POST", "/rooms/end_room")
def end_room(simulator: VConnctSimulator, given: Given) -> Given:
    room, session = _running(simulator, given)
    simulator.world.end_session(room.id)
    return {"ended": session.room_id == room.id}


PAST: Final = {
    "project_id": is_text, "room_ids": are_texts, "from": is_number, "from_": is_number,
    "limit": is_number, "order_by": is_order,
}  # fmt: skip


@route("POST", "/rooms/fetch_past_rooms")
def past_rooms(simulator: VConnctSimulator, given: Given) -> Given:
    checked(given, PAST, "project_id", "room_ids")
    _project(simulator, given)
    known = simulator.world.rooms
    ids = [one for one in given["room_ids"] if one in known and _over(simulator, one)]
    if not ids:
        raise Refused(404, "no rooms found")
    rows = [_past(simulator, one) for one in ids]
    rows.sort(key=lambda row: int(str(row["created"])), reverse=given.get("order_by") == "DESC")
    start = int(str(given.get("from", given.get("from_", 0))))
    limit = int(given.get("limit", 20))
    return {
        "rooms": {
            "from": start,
            "limit": limit,
            "order_by": given.get("order_by", "ASC"),
            "total_rooms": str(len(rows)),
            "rooms_list": rows[start : start + limit],
        }
    }


def _past(simulator: VConnctSimulator, room_id: str) -> Given:
    room = simulator.world.room(room_id)
    session = simulator.world.sessions_of(room_id)[-1]
    return {
        "room_id": room.id,
        "room_sid": simulator.world.notes[room.id].get("sid", ""),
        "room_title": room.name,
        "created": _epoch(session.started_at),
        "ended": _epoch(session.ended_at),
        "joined_participants": str(session.people or 0),
        "analytics_file_id": f"AF_{session.id}",
        "webhook_url": "",
    }


def _epoch(moment: datetime | None) -> str:
    return str(int(moment.timestamp())) if moment else ""


# ------------------------------------------------------------------------------------ what is left


@route("GET", "/recordings/get_record")
def get_record(simulator: VConnctSimulator, given: Given) -> Given:
    checked(given, {"room_id": is_text}, "room_id")
    room = _room(simulator, given["room_id"])
    mine = [one.id for one in simulator.world.recordings.values() if one.room_id == room.id]
    if not mine:
        raise Refused(404, "no recordings found")
    urls = [f"{simulator.root}/files/{one}.mp4" for one in mine]
    if simulator.quirks["records_as_list"]:
        return {"data": [{"room_id": room.id, "url": url} for url in urls]}
    return {"data": {"room_id": room.id, "url": ",".join(urls)}}


@route("GET", "/analytics/get_analytics")
def get_analytics(simulator: VConnctSimulator, given: Given) -> Given:
    checked(given, {"room_id": is_text}, "room_id")
    room = _room(simulator, given["room_id"])
    if not _over(simulator, room.id):
        raise Refused(404, "no analytics found")
    session = simulator.world.sessions_of(room.id)[-1]
    seconds: dict[str, int] = {}
    names = {one.id: simulator.identity(one) for one in simulator.world.visits_of(session.id)}
    for one in merge(simulator.world.attendance(session.id)):
        seconds[names[one.id]] = int((one.duration or timedelta()).total_seconds())
    return {"data": {"room_id": room.id, "participant_durations": seconds}}


FILES: Final = ("logo", "dark_logo", "mobile_logo", "mobile_dark_logo", "fav_icon")


@route("POST", "/branding")
@route("PATCH", "/branding")
def branding(simulator: VConnctSimulator, given: Given) -> Given:
    checked(given, {"project_id": is_text} | dict.fromkeys(FILES, is_text), "project_id")
    _project(simulator, given)
    simulator.branding |= {name: len(given[name]) for name in FILES if name in given}
    return {"message": "branding saved"}

"""The methods of v1 that are about sessions, and what is left of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha1
from typing import TYPE_CHECKING, Any, Final

from conferencing.errors import NotFound
from conferencing.model import Role, Session

from .envelope import Given, Refused, checked, is_text, is_uuid, route
from .meetings import moderator_password, room_of

if TYPE_CHECKING:
    from . import VConnctSimulator

__all__ = ["route"]

START: Final = {
    "meeting_id": is_uuid, "title": is_text, "attendee_password": is_text,
    "moderator_password": is_text, "moderator_name": is_text, "logout_url": is_text,
}  # fmt: skip
JOIN: Final = {"meeting_id": is_uuid, "fullname": is_text, "password": is_text, "role": is_text}


@route("POST", "/api/v1/start_meeting/")
def start_meeting(simulator: VConnctSimulator, given: Given) -> tuple[int, Any, str]:
    """Start or, since the document prints the same path for both, join: the fields tell."""
    starts = "moderator_name" in given
    joins = "fullname" in given or "role" in given
    if starts is joins:
        raise Refused(400, ("start_or_join", ""))
    if joins:
        return _join(simulator, given)
    checked(given, START, "meeting_id", "moderator_name")
    room = simulator.world.room(given["meeting_id"])
    password = moderator_password(room)
    if password and given.get("moderator_password") != password:
        raise Refused(401, ("password", ""))
    fresh = simulator.world.running(room.id) is None
    session = simulator.world.start_session(room.id, given.get("title") or room.name)
    if fresh:
        simulator.world.notes[session.id]["attendee_password"] = (
            given.get("attendee_password") or ""
        )
    link = simulator.link(room.id, given["moderator_name"], password, Role.HOST)
    return 200, {"title": session.title, "url": link}, "started"


@route("POST", "/api/v1/join_meeting/")
def join_meeting(simulator: VConnctSimulator, given: Given) -> tuple[int, Any, str]:
    if simulator.quirks["no_join_path"]:
        raise Refused(404, ("no_path", ""))
    return _join(simulator, given)


def _join(simulator: VConnctSimulator, given: Given) -> tuple[int, Any, str]:
    checked(given, JOIN, "meeting_id", "fullname", "role")
    if given["role"] not in {"moderator", "viewer"}:
        raise Refused(400, ("invalid", "role"))
    room = simulator.world.room(given["meeting_id"])
    session = simulator.world.running(room.id)
    if session is None:
        raise Refused(400, ("not_running", ""))
    moderator = given["role"] == "moderator"
    kept = simulator.world.notes[session.id].get("attendee_password", "")
    password = moderator_password(room) if moderator else kept
    if password and given.get("password") != password:
        raise Refused(401, ("password", ""))
    inside = [one for one in simulator.world.visits_of(session.id) if one.left_at is None]
    if len(inside) >= simulator.max_attendance:
        raise Refused(400, ("full", ""))
    shown = moderator_password(room) if simulator.quirks["moderator_link"] else password
    role = Role.HOST if moderator else Role.ATTENDEE
    return 200, {"url": simulator.link(room.id, given["fullname"], shown, role)}, "joined"


@route("GET", "/api/v1/end_meeting/")
def end_meeting(simulator: VConnctSimulator, given: Given) -> tuple[int, Any, str]:
    room = room_of(simulator, given)
    if simulator.world.running(room.id) is None:
        raise Refused(400, ("not_running", ""))
    session = simulator.world.end_session(room.id)
    settings = simulator.world.notes[room.id]["settings"]
    if settings["record"] and settings["auto_start_recording"]:
        simulator.world.record(room.id, session.duration or timedelta())
    return 200, None, "done"


@route("GET", "/api/v1/list_sessions/")
def list_sessions(simulator: VConnctSimulator, given: Given) -> tuple[int, Any, str]:
    room = room_of(simulator, given)
    rows = [
        {
            "session_id": session.id,
            "title": session.title or "",
            "session_start_time": _stamp(session.started_at),
            "session_end_time": _stamp(session.ended_at),
            "attendee_password": simulator.world.notes[session.id].get("attendee_password", ""),
            "status": True,
        }
        for session in simulator.world.sessions_of(room.id)
    ]
    return 200, simulator.repeated(rows), "done"


@route("GET", "/api/v1/list_attendance/")
def list_attendance(simulator: VConnctSimulator, given: Given) -> tuple[int, Any, str]:
    session = _session(simulator, given)
    rows = [
        {"full_name": visit.name, "joined_date": _stamp(visit.joined_at)}
        for visit in simulator.world.visits_of(session.id)
    ]
    return 200, rows[::-1], "done"


@route("GET", "/api/v1/get_record/")
def get_record(simulator: VConnctSimulator, given: Given) -> tuple[int, Any, str]:
    session = _session(simulator, given)
    mine = [one for one in simulator.world.recordings.values() if one.session_id == session.id]
    settings = simulator.world.notes[session.room_id or ""].get("settings", {})
    if not mine or not settings.get("record"):
        if simulator.quirks["no_record_is_null"]:
            return 200, None, "done"
        if simulator.quirks["no_record_is_empty"]:
            return 200, "", "done"
        raise Refused(404, ("no_record", ""))
    started = session.started_at or simulator.world.now
    digest = sha1(session.id.encode(), usedforsecurity=False).hexdigest()
    record_id = f"{digest}-{int(started.timestamp() * 1000)}"
    simulator.playbacks[record_id] = mine[0].id
    return 200, f"{simulator.root}/playback/presentation/2.3/{record_id}", "done"


def _session(simulator: VConnctSimulator, given: Given) -> Session:
    checked(given, {"session_id": is_uuid}, "session_id")
    try:
        return simulator.world.session(given["session_id"])
    except NotFound:
        raise Refused(404, ("no_session", "")) from None


def _stamp(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

"""The methods of v1 for sessions, attendance and recordings: docs/vendors/vconnct.md#v1-endpoints"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha1
from typing import Final

from conferencing.errors import NotFound
from conferencing.model import Role, Session
from conferencing.sandbox.kit import Fields, Router

from .rooms import moderator_password
from .state import Done, VConnctState, read_uuid, refusal

__all__ = ["route"]

route = Router()

START: Final = {
    "meeting_id": read_uuid,
    "title": Fields.text,
    "attendee_password": Fields.text,
    "moderator_password": Fields.text,
    "moderator_name": Fields.text,
    "logout_url": Fields.text,
}
JOIN: Final = {
    "meeting_id": read_uuid,
    "fullname": Fields.text,
    "password": Fields.text,
    "role": Fields.text,
}


@route("POST", "/api/v1/start_meeting/")
def start_meeting(simulator: VConnctState, fields: Fields) -> Done:
    """Start a meeting, or join it: the document prints one path for both.

    The fields decide which is meant: docs/vendors/vconnct.md#oddity-1
    """
    starts = "moderator_name" in fields
    joins = "fullname" in fields or "role" in fields
    if starts is joins:
        raise refusal(400, "start_or_join")
    if joins:
        return _join(simulator, fields)
    fields.check(START, "meeting_id", "moderator_name")
    room = simulator.world.room(fields.text("meeting_id") or "")
    password = moderator_password(room)
    if password and fields.text("moderator_password") != password:
        raise refusal(401, "password")
    is_new = simulator.world.running(room.id) is None
    session = simulator.world.start_session(room.id, fields.text("title") or room.name)
    if is_new:
        note = simulator.world.notes[session.id]
        note["attendee_password"] = fields.text("attendee_password") or ""
    link = simulator.link(room.id, fields.text("moderator_name") or "", password, Role.HOST)
    return 200, {"title": session.title, "url": link}, "started"


@route("POST", "/api/v1/join_meeting/")
def join_meeting(simulator: VConnctState, fields: Fields) -> Done:
    if simulator.quirks["no_join_path"]:
        raise refusal(404, "no_path")
    return _join(simulator, fields)


def _join(simulator: VConnctState, fields: Fields) -> Done:
    fields.check(JOIN, "meeting_id", "fullname", "role")
    if fields["role"] not in {"moderator", "viewer"}:
        raise fields.refuse("role", "must be moderator or viewer")
    room = simulator.world.room(fields.text("meeting_id") or "")
    session = simulator.world.running(room.id)
    if session is None:
        raise refusal(400, "not_running")
    is_moderator = fields["role"] == "moderator"
    # The attendees' password is that of the session: docs/vendors/vconnct.md#oddity-23
    attendee_password = simulator.world.notes[session.id].get("attendee_password", "")
    password = moderator_password(room) if is_moderator else attendee_password
    if password and fields.text("password") != password:
        raise refusal(401, "password")
    inside = sum(visit.left_at is None for visit in simulator.world.visits_of(session.id))
    if inside >= simulator.max_attendance:
        raise refusal(400, "full")
    # The viewer's sample has the moderators' password: docs/vendors/vconnct.md#oddity-5
    shown = moderator_password(room) if simulator.quirks["moderator_link"] else password
    role = Role.HOST if is_moderator else Role.ATTENDEE
    link = simulator.link(room.id, fields.text("fullname") or "", shown, role)
    return 200, {"url": link}, "joined"


@route("GET", "/api/v1/end_meeting/")
def end_meeting(simulator: VConnctState, fields: Fields) -> Done:
    room = simulator.meeting(fields)
    if simulator.world.running(room.id) is None:
        raise refusal(400, "not_running")
    session = simulator.world.end_session(room.id)
    settings = simulator.world.notes[room.id]["settings"]
    if settings["record"] and settings["auto_start_recording"]:
        simulator.world.record(room.id, session.duration or timedelta())
    return 200, None, "done"


@route("GET", "/api/v1/list_sessions/")
def list_sessions(simulator: VConnctState, fields: Fields) -> Done:
    room = simulator.meeting(fields)
    rows = [
        {
            "session_id": session.id,
            "title": session.title or "",
            "session_start_time": _time(session.started_at),
            "session_end_time": _time(session.ended_at),
            "attendee_password": simulator.world.notes[session.id].get("attendee_password", ""),
            "status": True,  # true for ended sessions, too: docs/vendors/vconnct.md#oddity-8
        }
        for session in simulator.world.sessions_of(room.id)
    ]
    return 200, simulator.repeat_first_id(rows), "done"


@route("GET", "/api/v1/list_attendance/")
def list_attendance(simulator: VConnctState, fields: Fields) -> Done:
    session = _session(simulator, fields)
    rows = [
        {"full_name": visit.name, "joined_date": _time(visit.joined_at)}
        for visit in simulator.world.visits_of(session.id)
    ]
    return 200, rows[::-1], "done"  # in no documented order: docs/vendors/vconnct.md#oddity-14


@route("GET", "/api/v1/get_record/")
def get_record(simulator: VConnctState, fields: Fields) -> Done:
    session = _session(simulator, fields)
    recordings = simulator.world.recordings.values()
    recording = next((r for r in recordings if r.session_id == session.id), None)
    settings = simulator.world.notes[session.room_id or ""].get("settings", {})
    if recording is None or not settings.get("record"):
        # The document does not say what is answered then: docs/vendors/vconnct.md#oddity-17
        if simulator.quirks["no_record_is_null"]:
            return 200, None, "done"
        if simulator.quirks["no_record_is_empty"]:
            return 200, "", "done"
        raise refusal(404, "no_record")
    started = session.started_at or simulator.world.now
    digest = sha1(session.id.encode(), usedforsecurity=False).hexdigest()
    record_id = f"{digest}-{int(started.timestamp() * 1000)}"
    simulator.playbacks[record_id] = recording.id
    return 200, f"{simulator.root}/playback/presentation/2.3/{record_id}", "done"


def _session(simulator: VConnctState, fields: Fields) -> Session:
    fields.check({"session_id": read_uuid}, "session_id")
    try:
        return simulator.world.session(fields.text("session_id") or "")
    except NotFound as error:
        raise refusal(404, "no_session") from error


def _time(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

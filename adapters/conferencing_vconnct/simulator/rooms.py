"""The methods of v1 for meetings and their settings: docs/vendors/vconnct.md#v1-endpoints"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from conferencing.model import Anyone, Passcode, Role, Room, RoomStatus
from conferencing.sandbox.kit import Fields, Problem, Refusal, Router

from .state import SETTINGS, Done, VConnctState, read_uuid, refusal

__all__ = ["moderator_password", "route"]

route = Router()

MEETING: Final = {
    "title": Fields.text,
    "moderator_password": Fields.text,
    "welcome_text": Fields.text,
    "meeting_setting": Fields.children,
}


@route("POST", "/api/v1/create_meeting/")
def create_meeting(simulator: VConnctState, fields: Fields) -> Done:
    settings = _read_settings(fields)
    fields.check(MEETING)
    if len(simulator.world.rooms) >= simulator.max_rooms:
        raise refusal(400, "room_limit")
    changes = _read_changes(fields)
    room = simulator.world.add_room(status=RoomStatus.OPEN, permanent=True, **changes)
    simulator.world.notes[room.id]["settings"] = settings
    return 201, _row(simulator, room), "created"


@route("PUT", "/api/v1/update_meeting/")
def update_meeting(simulator: VConnctState, fields: Fields) -> Done:
    settings = _read_settings(fields)
    fields.check(MEETING | {"meeting_id": read_uuid}, "meeting_id")
    meeting_id = fields.text("meeting_id") or ""
    room = simulator.world.change_room(meeting_id, **_read_changes(fields))
    simulator.world.notes[room.id]["settings"] = settings
    return 200, _row(simulator, room), "updated"


@route("DELETE", "/api/v1/delete_scheduled_meeting/")
def delete_meeting(simulator: VConnctState, fields: Fields) -> Done:
    room = simulator.meeting(fields)
    if simulator.world.running(room.id):
        raise refusal(400, "running")
    simulator.world.remove_room(room.id)
    return 200, None, "deleted"


@route("GET", "/api/v1/list_meetings/")
def list_meetings(simulator: VConnctState, fields: Fields) -> Done:
    fields.only()
    rows = [
        {
            "meeting_id": room.id,
            "title": room.name,
            "is_running": simulator.world.running(room.id) is not None,
            "moderator_password": moderator_password(room),
            "welcome_text": room.description or "",
        }
        for room in simulator.world.rooms.values()
        if "v4" not in simulator.world.notes[room.id]
    ]
    return 200, simulator.repeat_first_id(rows), "done"


@route("GET", "/api/v1/list_setting/")
def list_settings(simulator: VConnctState, fields: Fields) -> Done:
    room = simulator.meeting(fields)
    return 200, _setting_rows(simulator.world.notes[room.id]["settings"]), "done"


@route("GET", "/api/v1/list_general_meeting_setting/")
def list_general_settings(simulator: VConnctState, fields: Fields) -> Done:
    """Return the settings as an object; three other shapes are possible.

    The sample of the document is not JSON: docs/vendors/vconnct.md#oddity-3
    """
    fields.only()
    values = simulator.general_settings
    if simulator.quirks["settings_as_rows"]:
        return 200, _setting_rows(values), "done"
    if simulator.quirks["settings_as_single_objects"]:
        return 200, [{name: value} for name, value in values.items()], "done"
    return 200, values, "done"


def _read_settings(fields: Fields) -> dict[str, bool]:
    """Return the ten settings; refuse with a problem for each that is missing or wrong."""
    if not isinstance(fields.get("meeting_setting"), list):
        raise refusal(400, "required", "meeting_setting")
    settings: dict[str, bool] = {}
    wrong: list[str] = []
    for row in fields.children("meeting_setting"):
        name, value = row.get("setting"), row.get("value")
        if name not in SETTINGS or name in settings or not isinstance(value, bool):
            wrong.append(str(name))
        else:
            settings[name] = value
    wrong += [name for name in SETTINGS if name not in settings]
    if wrong:
        raise Refusal(400, *(Problem(field=name, code="ten") for name in dict.fromkeys(wrong)))
    return settings


def _read_changes(fields: Fields) -> dict[str, Any]:
    """Return the changes; what is left out is kept: docs/vendors/vconnct.md#oddity-22"""
    changes: dict[str, Any] = {}
    if "title" in fields:
        changes["name"] = fields.text("title") or ""
    if "welcome_text" in fields:
        changes["description"] = fields.text("welcome_text")
    if "moderator_password" in fields:
        password = fields.text("moderator_password")
        changes["entry"] = (Passcode(password, role=Role.HOST) if password else Anyone(),)
    return changes


def _row(simulator: VConnctState, room: Room) -> dict[str, Any]:
    return {
        "meeting_id": room.id,
        "title": room.name,
        "moderator_password": moderator_password(room),
        "welcome_text": room.description or "",
        "meeting_setting": _setting_rows(simulator.world.notes[room.id]["settings"]),
    }


def _setting_rows(values: Mapping[str, bool]) -> list[dict[str, Any]]:
    return [{"setting": name, "value": value} for name, value in values.items()]


def moderator_password(room: Room) -> str:
    """Return the moderators' password of a meeting, or an empty string."""
    return room.entry[0].code.reveal() if room.entry and isinstance(room.entry[0], Passcode) else ""

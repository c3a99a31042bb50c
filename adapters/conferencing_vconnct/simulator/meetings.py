"""The methods of v1 that are about meetings and their settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from conferencing.model import Anyone, Passcode, Role, Room, RoomStatus

from .envelope import Given, Refused, checked, is_text, is_uuid, route

if TYPE_CHECKING:
    from . import VConnctSimulator

__all__ = ["SETTINGS", "moderator_password", "room_of"]

SETTINGS: Final = (
    "lock_settings_disable_public_chat",
    "lock_settings_disable_mic",
    "auto_start_recording",
    "lock_settings_disable_cam",
    "lock_settings_locked_layout",
    "allow_start_stop_recording",
    "record",
    "webcam_only_for_moderators",
    "lock_settings_disable_note",
    "lock_settings_disable_private_chat",
)
MEETING: Final = {"title": is_text, "moderator_password": is_text, "welcome_text": is_text}


@route("POST", "/api/v1/create_meeting/")
def create_meeting(simulator: VConnctSimulator, given: Given) -> tuple[int, Any, str]:
    settings = _ten(given.pop("meeting_setting", None))
    checked(given, MEETING)
    if len(simulator.world.rooms) >= simulator.max_rooms:
        raise Refused(400, ("room_limit", ""))
    room = simulator.world.add_room(status=RoomStatus.OPEN, permanent=True, **_fields(given))
    simulator.world.notes[room.id]["settings"] = settings
    return 201, _meeting(simulator, room), "created"


@route("PUT", "/api/v1/update_meeting/")
def update_meeting(simulator: VConnctSimulator, given: Given) -> tuple[int, Any, str]:
    settings = _ten(given.pop("meeting_setting", None))
    checked(given, MEETING | {"meeting_id": is_uuid}, "meeting_id")
    room = simulator.world.change_room(given["meeting_id"], **_fields(given))
    simulator.world.notes[room.id]["settings"] = settings
    return 200, _meeting(simulator, room), "updated"


@route("DELETE", "/api/v1/delete_scheduled_meeting/")
def delete_meeting(simulator: VConnctSimulator, given: Given) -> tuple[int, Any, str]:
    room = room_of(simulator, given)
    if simulator.world.running(room.id):
        raise Refused(400, ("running", ""))
    simulator.world.remove_room(room.id)
    return 200, None, "deleted"


@route("GET", "/api/v1/list_meetings/")
def list_meetings(simulator: VConnctSimulator, given: Given) -> tuple[int, Any, str]:
    checked(given, {})
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
    return 200, simulator.repeated(rows), "done"


@route("GET", "/api/v1/list_setting/")
def list_setting(simulator: VConnctSimulator, given: Given) -> tuple[int, Any, str]:
    room = room_of(simulator, given)
    return 200, _setting_rows(simulator.world.notes[room.id]["settings"]), "done"


@route("GET", "/api/v1/list_general_meeting_setting/")
def list_general_setting(simulator: VConnctSimulator, given: Given) -> tuple[int, Any, str]:
    checked(given, {})
    values = simulator.general_settings
    if simulator.quirks["settings_as_rows"]:
        return 200, _setting_rows(values), "done"
    if simulator.quirks["settings_as_single_objects"]:
        return 200, [{name: value} for name, value in values.items()], "done"
    return 200, values, "done"


def _ten(given: Any) -> dict[str, bool]:
    """Return the settings, or refuse with one fault for each that is not as it must be."""
    rows = cast("list[object]", given) if isinstance(given, list) else None
    if rows is None:
        raise Refused(400, ("required", "meeting_setting"))
    found: dict[str, bool] = {}
    faults: list[tuple[str, str]] = []
    for row in rows:
        pair = cast("dict[str, Any]", row) if isinstance(row, dict) else {}
        name, value = pair.get("setting"), pair.get("value")
        if name not in SETTINGS or name in found or not isinstance(value, bool):
            faults.append(("ten", str(name)))
        else:
            found[name] = value
    faults += [("ten", name) for name in SETTINGS if name not in found]
    if faults:
        raise Refused(400, *dict.fromkeys(faults))
    return found


def _fields(given: Given) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if "title" in given:
        fields["name"] = given["title"] or ""
    if "welcome_text" in given:
        fields["description"] = given["welcome_text"]
    if "moderator_password" in given:
        code = given["moderator_password"]
        fields["entry"] = (Passcode(code, role=Role.HOST) if code else Anyone(),)
    return fields


def _meeting(simulator: VConnctSimulator, room: Room) -> dict[str, Any]:
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
    return room.entry[0].code.reveal() if room.entry and isinstance(room.entry[0], Passcode) else ""


def room_of(simulator: VConnctSimulator, given: Given) -> Room:
    checked(given, {"meeting_id": is_uuid}, "meeting_id")
    room = simulator.world.room(given["meeting_id"])
    if "v4" in simulator.world.notes[room.id]:
        raise Refused(404, ("no_meeting", ""))
    return room

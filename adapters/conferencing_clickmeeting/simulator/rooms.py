"""Rooms.

docs/vendors/clickmeeting.md#rooms-create, docs/vendors/clickmeeting.md#rooms-update,
docs/vendors/clickmeeting.md#availability
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from attrs import evolve

from conferencing.model import (
    Anyone,
    EntryKind,
    EntryRule,
    Passcode,
    PersonalToken,
    Room,
    RoomKind,
    RoomStatus,
)
from conferencing.sandbox.kit import Fields, Router, page_by_number
from conferencing.sandbox.simulator import Answer

from .account import SKINS, is_time_zone
from .state import ClickMeetingState, escape_html

__all__ = ["close_past_rooms", "random_hash", "route"]

route = Router()

OPEN, PASSWORD, TOKEN = 1, 2, 3
PAGE_SIZE: Final = 250
HIDDEN_AFTER: Final = timedelta(days=183)
DEFAULT_DURATION: Final = timedelta(hours=3)
SETTINGS: Final = (
    "show_on_personal_page",
    "thank_you_emails_enabled",
    "connection_tester_enabled",
    "phonegateway_enabled",
    "recorder_autostart_enabled",
    "room_invite_button_enabled",
    "social_media_sharing_enabled",
    "connection_status_enabled",
    "encryption_enabled",
)
DEFAULT_SETTINGS: Final = SETTINGS[:3]
FIELDS: Final = (
    *("name", "room_type", "permanent_room", "access_type", "password", "lobby_description"),
    *("lobby_enabled", "starts_at", "duration", "timezone", "skin_id", "registration", "settings"),
)


@route("GET", "/v1/conferences/{status:active|inactive}", "page")
def list_rooms(simulator: ClickMeetingState, fields: Fields, status: str) -> Answer:
    # `page=1.json` is page 1, as PHP casts it: docs/vendors/clickmeeting.md#paths
    match = re.match(r"\d+", fields.text("page") or "1")
    number = max(int(match[0]) if match else 1, 1)
    if simulator.quirks["ignore_page"]:
        number = 1
    page = page_by_number(_list(simulator, status), number, PAGE_SIZE)
    return Answer.json([_row(simulator, room) for room in page.rows])


@route("GET", "/v1/conferences")
def list_rooms_by_status(simulator: ClickMeetingState, fields: Fields) -> Answer:
    # Without a status it is a map, and not a list: docs/vendors/clickmeeting.md#oddity-3
    rows = [_row(simulator, room) for room in _list(simulator, "active")]
    return Answer.json({"active_conferences": rows})


@route("POST", "/v1/conferences", *FIELDS, "custom_room_url_name")
def create_room(simulator: ClickMeetingState, fields: Fields) -> Answer:
    fields.require("name", "room_type", "permanent_room", "access_type")
    note = _new_note(simulator, fields)
    room = simulator.world.add_room(status=RoomStatus.OPEN, **_changes(simulator, fields, None))
    simulator.world.notes[room.id] = note
    room = simulator.world.change_room(room.id, join_url=simulator.join_url(note["slug"]))
    return Answer.json({"room": _row(simulator, room)}, 201)


@route("GET", "/v1/conferences/{room:\\d+}")
def get_room(simulator: ClickMeetingState, fields: Fields, room: str) -> Answer:
    return Answer.json({"conference": _row(simulator, simulator.world.room(room))})


@route("PUT", "/v1/conferences/{room:\\d+}", *FIELDS, "status")
def update_room(simulator: ClickMeetingState, fields: Fields, room: str) -> Answer:
    before = simulator.world.room(room)
    # The times need permanent_room beside them: docs/vendors/clickmeeting.md#oddity-5
    if fields.keys() & {"starts_at", "duration"}:
        fields.require("permanent_room")
    changes = _changes(simulator, fields, before)
    status = fields.choice("status", ("active", "inactive"))
    if status is not None:
        changes["status"] = RoomStatus.OPEN if status == "active" else RoomStatus.ENDED
    _change_note(simulator.world.notes[room], fields)
    changed = simulator.world.change_room(room, **changes)
    return Answer.json({"conference": _row(simulator, changed)})


@route("DELETE", "/v1/conferences/{room:\\d+}")
def delete_room(simulator: ClickMeetingState, fields: Fields, room: str) -> Answer:
    simulator.world.remove_room(room)
    return Answer.json({"result": "OK"})


@route("POST", "/v1/conference/availability", "start_time", "duration", "id")
def check_availability(simulator: ClickMeetingState, fields: Fields) -> Answer:
    fields.require("start_time", "duration")
    start = fields.time("start_time", UTC) or simulator.world.now
    end = start + timedelta(hours=fields.number("duration", 1, 24) or 0)
    taken = any(
        room.starts_at is not None and room.ends_at is not None
        and room.id != fields.text("id") and room.starts_at < end and start < room.ends_at
        for room in _list(simulator, "active")
    )  # fmt: skip
    return Answer.json({"available": not taken}, 422 if taken else 200)


def close_past_rooms(simulator: ClickMeetingState) -> None:
    """Close the rooms whose end has passed, as of the next ten-minute mark.

    docs/vendors/clickmeeting.md#oddity-35: an end at 15:20 shows at 15:30, and one at 3:52 at 4:00.
    """
    for room in list(simulator.world.rooms.values()):
        if room.ends_at is None or room.status is RoomStatus.ENDED:
            continue
        mark = _next_mark(room.ends_at)
        if mark <= simulator.world.now and not simulator.world.running(room.id):
            closed = evolve(room, status=RoomStatus.ENDED, updated_at=mark)
            simulator.world.rooms[room.id] = closed


def _next_mark(moment: datetime) -> datetime:
    past = timedelta(minutes=moment.minute % 10, seconds=moment.second)
    return moment - past + timedelta(minutes=10)


def _list(simulator: ClickMeetingState, status: str) -> list[Room]:
    """Return the rooms of a status; those that are inactive for half a year are left out."""
    inactive = status == "inactive"
    horizon = simulator.world.now - HIDDEN_AFTER
    return [
        room
        for room in simulator.world.rooms.values()
        if (room.status is RoomStatus.ENDED) is inactive
        and not (inactive and room.updated_at is not None and room.updated_at < horizon)
    ]


# ------------------------------------------------------------------------- parameters to a room


def _changes(simulator: ClickMeetingState, fields: Fields, before: Room | None) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if "name" in fields:
        changes["name"] = fields.require_text("name")
    if "room_type" in fields:
        changes["kind"] = RoomKind(fields.choice("room_type", ("meeting", "webinar")) or "meeting")
    if "access_type" in fields or "password" in fields:
        changes["entry"] = (_entry(fields, before),)
    if "lobby_description" in fields:
        changes["description"] = fields.text("lobby_description")
    if "lobby_enabled" in fields:
        changes["waiting_room"] = fields.flag("lobby_enabled")
    if "registration" in fields:
        changes["registration"] = _registration(fields.child("registration"))
    return changes | _times(simulator, fields, before)


def _times(simulator: ClickMeetingState, fields: Fields, before: Room | None) -> dict[str, Any]:
    zone = fields.text("timezone") or (before.timezone if before else None) or simulator.zone
    if not is_time_zone(zone):
        raise fields.refuse("timezone", "is not in time_zone_list")
    permanent = fields.flag("permanent_room")
    if permanent is None:
        permanent = bool(before and before.permanent)
    if permanent:
        return {"timezone": zone, "permanent": True, "starts_at": None, "duration": None}
    now = simulator.world.now.replace(second=0, microsecond=0)
    start = fields.time("starts_at", ZoneInfo(zone)) or (before and before.starts_at) or now
    duration = _duration(simulator, fields) or (before and before.duration) or DEFAULT_DURATION
    start = start.astimezone(UTC)
    return {"timezone": zone, "permanent": False, "starts_at": start, "duration": duration}


def _duration(simulator: ClickMeetingState, fields: Fields) -> timedelta | None:
    """Return a duration written as `H:MM`, or as a number of hours.

    docs/vendors/clickmeeting.md#oddity-6
    """
    text = fields.text("duration")
    if text is None:
        return None
    pattern = r"(\d+)(?::([0-5]\d))?"
    if simulator.quirks["loose_durations"]:
        pattern = r"(\d+(?:\.\d+)?)(?::([0-5]?\d))?"
    match = re.fullmatch(pattern, text)
    if not match:
        raise fields.refuse("duration", "must be H:MM")
    return timedelta(hours=float(match[1]), minutes=int(match[2] or 0))


def _entry(fields: Fields, before: Room | None) -> EntryRule:
    rule = before.entry[0] if before and before.entry else Anyone()
    access = fields.number("access_type", OPEN, TOKEN) or _access_type(rule)
    if access == PASSWORD:
        if isinstance(rule, Passcode) and "password" not in fields:
            return Passcode(rule.code)
        return Passcode(fields.require_text("password"))
    return PersonalToken() if access == TOKEN else Anyone()


def _access_type(rule: EntryRule) -> int:
    return {EntryKind.PASSCODE: PASSWORD, EntryKind.TOKEN: TOKEN}.get(rule.kind, OPEN)


def _registration(fields: Fields) -> bool:
    fields.only("enabled", "template")
    fields.require("enabled")
    fields.number("template", 1, 3)
    return bool(fields.flag("enabled"))


# --------------------------------------------- what is kept of a room in addition to the world


def _new_note(simulator: ClickMeetingState, fields: Fields) -> dict[str, Any]:
    random = simulator.world.random
    note = {
        "slug": _slug(simulator, fields),
        "pin": random.randrange(100_000_000, 999_999_999),
        "presenter_pin": random.randrange(100_000_000, 999_999_999),
        "listener_pin": random.randrange(100_000_000, 999_999_999),
        "hashes": {role: random.randbytes(16).hex() for role in ("listener", "presenter", "host")},
        "widgets": simulator.random_text(6, "0123456789abcdefghijklmnopqrstuvwxyz"),
        "owner": random_hash(simulator),
        "settings": dict.fromkeys(DEFAULT_SETTINGS, True) | {"thank_you_page_url": ""},
        "skin_id": "5",
    }
    _change_note(note, fields)
    return note


def _change_note(note: dict[str, Any], fields: Fields) -> None:
    settings = fields.child("settings")
    settings.only(*SETTINGS, "thank_you_page_url")
    changes: dict[str, Any] = {name: settings.flag(name) for name in SETTINGS if name in settings}
    if "thank_you_page_url" in settings:
        changes["thank_you_page_url"] = settings.text("thank_you_page_url")
    skin = fields.choice("skin_id", SKINS) or note["skin_id"]
    note |= {"settings": note["settings"] | changes, "skin_id": skin}


def random_hash(simulator: ClickMeetingState) -> str:
    """Return a hash as long as the observed ones, with their underscores at the end."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return simulator.random_text(111, alphabet) + "__"


def _slug(simulator: ClickMeetingState, fields: Fields) -> str:
    """Return the last part of the room's URL: the custom one, or that of the name, or random."""
    taken = {note.get("slug") for note in simulator.world.notes.values()}
    custom = fields.text("custom_room_url_name")
    if custom in taken:
        raise fields.refuse("custom_room_url_name", "is taken")
    if custom in {".", ".."}:  # browsers remove these from a path
        raise fields.refuse("custom_room_url_name", "cannot be part of a URL")
    slug = custom or _transliterate(fields.text("name") or "")
    return slug if slug and slug not in taken else simulator.world.random.randbytes(8).hex()


def _transliterate(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("ł", "l").replace("Ł", "L"))
    return re.sub(r"[^a-z0-9]+", "_", plain.encode("ascii", "ignore").decode().lower()).strip("_")


# --------------------------------------------------------------------------------------- the row


def _row(simulator: ClickMeetingState, room: Room) -> dict[str, Any]:
    """Return a room as ClickMeeting writes it.

    docs/vendors/clickmeeting.md#room-object; the types of booleans differ (oddity-10), the keys of
    settings vary (oddity-11), and the owner's hash is a secret (oddity-12).
    """
    note = simulator.world.notes[room.id]
    rule = room.entry[0] if room.entry else Anyone()
    created = room.created_at or simulator.world.now
    updated = room.updated_at or simulator.world.now
    offset = updated.astimezone(ZoneInfo(room.timezone or simulator.zone)).utcoffset()
    row: dict[str, Any] = {
        "id": int(room.id),
        "parent_id": None,
        "room_type": room.kind.value,
        "room_pin": note["pin"],
        "name": escape_html(room.name),
        "name_url": note["slug"],
        "access_type": _access_type(rule),
        "lobby_enabled": bool(room.waiting_room),
        "lobby_description": room.description or "",
        "registration_enabled": int(bool(room.registration)),
        "status": "inactive" if room.status is RoomStatus.ENDED else "active",
        "timezone": room.timezone,
        "timezone_offset": int(offset.total_seconds()) if offset else 0,
        "paid_enabled": 0,
        "automated_enabled": 0,
        "created_at": simulator.local_time(created, room.timezone),
        "updated_at": simulator.local_time(updated, room.timezone),
        "type": 0,
        "permanent_room": bool(room.permanent),
        "access_role_hashes": note["hashes"],
        "room_url": room.join_url,
        "phone_presenter_pin": note["presenter_pin"],
        "phone_listener_pin": note["listener_pin"],
        "embed_room_url": f"{simulator.root}/embed_conference.html?r=17{note['pin']}{room.id}",
        "widgets_hash": note["widgets"],
        "recorder_list": [],
        "settings": note["settings"],
        "autologin_hashes": {"host": note["owner"]},
        "autologin_hash": note["owner"],
    }
    if isinstance(rule, Passcode):
        row["password"] = rule.code.reveal()
    if room.starts_at is not None and room.ends_at is not None:
        # A permanent room has none of these: docs/vendors/clickmeeting.md#oddity-9
        row["starts_at"] = simulator.local_time(room.starts_at, room.timezone)
        row["ends_at"] = simulator.local_time(room.ends_at, room.timezone)
        row["ccc"] = f"{room.starts_at:%Y-%m-%d %H:%M:%S}"
    return row

"""Rooms: sections 3 and 15 of the notes on the wire."""

from __future__ import annotations

import html
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

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
from conferencing.sandbox.simulator import Answer

from .shared import Refused, flag, number, only, required, route

if TYPE_CHECKING:
    from . import ClickMeetingSimulator

OPEN, PASSWORD, TOKEN = 1, 2, 3
PAGE = 250
HIDDEN_AFTER = timedelta(days=183)
DEFAULT = timedelta(hours=3)
SETTINGS = (
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
SHOWN = SETTINGS[:3]
FIELDS = frozenset(
    [
        "name",
        "room_type",
        "permanent_room",
        "access_type",
        "password",
        "lobby_description",
        "lobby_enabled",
        "starts_at",
        "duration",
        "timezone",
        "skin_id",
        "registration",
        "settings",
    ]
)
SKINS = {"5": "Business 2", "1": "Default", "12": "Education"}


@route("GET", "/v1/ping")
def ping(simulator: ClickMeetingSimulator, given: dict[str, Any]) -> Answer:
    return Answer.json({"ping": "pong"})


@route("GET", "/v1/conferences/skins")
def skins(simulator: ClickMeetingSimulator, given: dict[str, Any]) -> Answer:
    url = f"{simulator.root}/skins/"
    rows = [{"id": key, "name": name, "thumbnail_url": url + key} for key, name in SKINS.items()]
    return Answer.json(rows)


@route("GET", "/v1/conferences/{status:active|inactive}", "page")
def list_rooms(simulator: ClickMeetingSimulator, given: dict[str, Any], status: str) -> Answer:
    found = re.match(r"\d+", given.get("page", "1"))
    page = max(int(found[0]) if found else 1, 1)
    start = 0 if simulator.quirks["ignore_page"] else (page - 1) * PAGE
    rows = _listed(simulator, status)[start : start + PAGE]
    return Answer.json([room_row(simulator, room) for room in rows])


@route("GET", "/v1/conferences")
def list_all(simulator: ClickMeetingSimulator, given: dict[str, Any]) -> Answer:
    rows = [room_row(simulator, room) for room in _listed(simulator, "active")]
    return Answer.json({"active_conferences": rows})


@route("POST", "/v1/conferences", *FIELDS, "custom_room_url_name")
def create_room(simulator: ClickMeetingSimulator, given: dict[str, Any]) -> Answer:
    required(given, "name", "room_type", "permanent_room", "access_type")
    note = _note(simulator, given)
    room = simulator.world.add_room(status=RoomStatus.OPEN, **_fields(simulator, given, None))
    simulator.world.notes[room.id] = note
    _linked(simulator, room, note)
    return Answer.json({"room": room_row(simulator, simulator.world.room(room.id))}, 201)


@route("GET", "/v1/conferences/{room:\\d+}")
def get_room(simulator: ClickMeetingSimulator, given: dict[str, Any], room: str) -> Answer:
    return Answer.json({"conference": room_row(simulator, simulator.world.room(room))})


@route("PUT", "/v1/conferences/{room:\\d+}", *FIELDS, "status")
def update_room(simulator: ClickMeetingSimulator, given: dict[str, Any], room: str) -> Answer:
    present = simulator.world.room(room)
    if given.keys() & {"starts_at", "duration"}:
        required(given, "permanent_room")
    note = simulator.world.notes[room]
    changes = _fields(simulator, given, present)
    if "status" in given:
        changes["status"] = _status(given["status"])
    _apply(note, given)
    simulator.world.change_room(room, **changes)
    return get_room(simulator, {}, room)


@route("DELETE", "/v1/conferences/{room:\\d+}")
def delete_room(simulator: ClickMeetingSimulator, given: dict[str, Any], room: str) -> Answer:
    simulator.world.remove_room(room)
    return Answer.json({"result": "OK"})


@route("POST", "/v1/conference/availability", "start_time", "duration", "id")
def availability(simulator: ClickMeetingSimulator, given: dict[str, Any]) -> Answer:
    required(given, "start_time", "duration")
    start = _moment(given["start_time"], "start_time", UTC)
    end = start + timedelta(hours=number(given, "duration", 1, 24))
    taken = any(
        room.starts_at is not None and room.ends_at is not None
        and room.id != given.get("id") and room.starts_at < end and start < room.ends_at
        for room in _listed(simulator, "active")
    )  # fmt: skip
    return Answer.json({"available": not taken}, 422 if taken else 200)


def tick(simulator: ClickMeetingSimulator) -> None:
    """Switch off the rooms whose end has passed, at the ten-minute mark after it."""
    for room in list(simulator.world.rooms.values()):
        if room.ends_at is None or room.status is RoomStatus.ENDED:
            continue
        mark = _mark_after(room.ends_at)
        if mark <= simulator.world.now and not simulator.world.running(room.id):
            ended = evolve(room, status=RoomStatus.ENDED, updated_at=mark)
            simulator.world.rooms[room.id] = ended


def _mark_after(moment: datetime) -> datetime:
    past = timedelta(minutes=moment.minute % 10, seconds=moment.second)
    return moment - past + timedelta(minutes=10)


def _listed(simulator: ClickMeetingSimulator, status: str) -> list[Room]:
    """Return the rooms of a status; those that are long inactive drop off."""
    ended = status == "inactive"
    horizon = simulator.world.now - HIDDEN_AFTER
    return [
        room
        for room in simulator.world.rooms.values()
        if (room.status is RoomStatus.ENDED) is ended
        and not (ended and room.updated_at is not None and room.updated_at < horizon)
    ]


# ------------------------------------------------------------------------- parameters to a room


def _fields(
    simulator: ClickMeetingSimulator, given: dict[str, Any], present: Room | None
) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if "name" in given:
        required(given, "name")
        fields["name"] = given["name"]
    if "room_type" in given:
        if given["room_type"] not in {"meeting", "webinar"}:
            raise Refused(422, {"room_type": "must be meeting or webinar"})
        fields["kind"] = RoomKind(given["room_type"])
    if "access_type" in given or "password" in given:
        fields["entry"] = (_entry(given, present),)
    if "lobby_description" in given:
        fields["description"] = given["lobby_description"]
    if "lobby_enabled" in given:
        fields["waiting_room"] = flag(given, "lobby_enabled")
    if "registration" in given:
        fields["registration"] = _registration(given["registration"])
    return fields | _times(simulator, given, present)


@cache
def _zones() -> set[str]:
    return available_timezones()


def _times(
    simulator: ClickMeetingSimulator, given: dict[str, Any], present: Room | None
) -> dict[str, Any]:
    zone = given.get("timezone") or (present.timezone if present else None) or simulator.zone
    if zone not in _zones():
        raise Refused(422, {"timezone": "is not in time_zone_list"})
    permanent = (
        flag(given, "permanent_room")
        if "permanent_room" in given
        else bool(present and present.permanent)
    )
    if permanent:
        return {"timezone": zone, "permanent": True, "starts_at": None, "duration": None}
    now = simulator.world.now.replace(second=0, microsecond=0)
    start = present.starts_at if present and present.starts_at else now
    duration = present.duration if present and present.duration else DEFAULT
    if "starts_at" in given:
        start = _moment(given["starts_at"], "starts_at", ZoneInfo(zone))
    if "duration" in given:
        duration = _duration(given["duration"])
    return {"timezone": zone, "permanent": False, "starts_at": start, "duration": duration}


def _moment(text: str, name: str, zone: Any) -> datetime:
    for shape in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"):
        try:
            return datetime.strptime(text, shape).replace(tzinfo=zone).astimezone(UTC)
        except ValueError:
            continue
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(422, {name: "is not a time"}) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _duration(text: str) -> timedelta:
    found = re.fullmatch(r"(\d+)(?::([0-5]\d))?", text)
    if not found:
        raise Refused(422, {"duration": "must be H:MM"})
    return timedelta(hours=int(found[1]), minutes=int(found[2] or 0))


def _entry(given: dict[str, Any], present: Room | None) -> EntryRule:
    rule = present.entry[0] if present and present.entry else Anyone()
    access = number(given, "access_type", 1, 3) if "access_type" in given else _access(rule)
    if access == PASSWORD:
        kept = rule.code if isinstance(rule, Passcode) and "password" not in given else None
        if kept is None:
            required(given, "password")
        return Passcode(kept or given["password"])
    return PersonalToken() if access == TOKEN else Anyone()


def _access(rule: EntryRule) -> int:
    return {EntryKind.PASSCODE: PASSWORD, EntryKind.TOKEN: TOKEN}.get(rule.kind, OPEN)


def _registration(given: Any) -> bool:
    if not isinstance(given, dict):
        raise Refused(422, {"registration": "must be a map"})
    only(given, {"enabled", "template"}, "registration.")  # pyright: ignore[reportUnknownArgumentType]
    if "template" in given:
        number(given, "template", 1, 3)  # pyright: ignore[reportUnknownArgumentType]
    return flag(given, "enabled")  # pyright: ignore[reportUnknownArgumentType]


def _status(text: str) -> RoomStatus:
    if text not in {"active", "inactive"}:
        raise Refused(422, {"status": "must be active or inactive"})
    return RoomStatus.OPEN if text == "active" else RoomStatus.ENDED


# ----------------------------------------------------------------------------- what is kept aside


def _note(simulator: ClickMeetingSimulator, given: dict[str, Any]) -> dict[str, Any]:
    random = simulator.world.random
    slug = given.get("custom_room_url_name") or _slug(given["name"])
    taken = {note.get("slug") for note in simulator.world.notes.values()}
    if given.get("custom_room_url_name") in taken:
        raise Refused(422, {"custom_room_url_name": "is taken"})
    if given.get("custom_room_url_name") in {".", ".."}:  # browsers climb on these
        raise Refused(422, {"custom_room_url_name": "is no part of an address"})
    note = {
        "slug": slug if slug and slug not in taken else random.randbytes(8).hex(),
        "pin": random.randrange(100_000_000, 999_999_999),
        "presenter_pin": random.randrange(100_000_000, 999_999_999),
        "listener_pin": random.randrange(100_000_000, 999_999_999),
        "hashes": {role: random.randbytes(16).hex() for role in ("listener", "presenter", "host")},
        "widgets": simulator.code(6, "0123456789abcdefghijklmnopqrstuvwxyz"),
        "owner": login_hash(simulator),
        "settings": dict.fromkeys(SHOWN, True) | {"thank_you_page_url": ""},
        "skin_id": "5",
    }
    _apply(note, given)
    return note


def _apply(note: dict[str, Any], given: dict[str, Any]) -> None:
    settings: dict[str, Any] = given.get("settings", {})
    if not isinstance(settings, dict):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise Refused(422, {"settings": "must be a map"})
    only(settings, {*SETTINGS, "thank_you_page_url"}, "settings.")
    changes: dict[str, Any] = {name: flag(settings, name) for name in SETTINGS if name in settings}
    if "thank_you_page_url" in settings:
        changes["thank_you_page_url"] = settings["thank_you_page_url"]
    skin = given.get("skin_id", note["skin_id"])
    if skin not in SKINS:
        raise Refused(422, {"skin_id": "is not known"})
    note |= {"settings": note["settings"] | changes, "skin_id": skin}


def login_hash(simulator: ClickMeetingSimulator) -> str:
    """Make up a hash as long as the observed ones, with their trailing underscores."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return simulator.code(111, alphabet) + "__"


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("ł", "l").replace("Ł", "L"))
    return re.sub(r"[^a-z0-9]+", "_", plain.encode("ascii", "ignore").decode().lower()).strip("_")


def _linked(simulator: ClickMeetingSimulator, room: Room, note: dict[str, Any]) -> None:
    simulator.world.change_room(room.id, join_url=simulator.join_url(note["slug"]))


# --------------------------------------------------------------------------------------- the row


def room_row(simulator: ClickMeetingSimulator, room: Room) -> dict[str, Any]:
    """Return a room as ClickMeeting writes it (section 3.4)."""
    note = simulator.world.notes[room.id]
    rule = room.entry[0] if room.entry else Anyone()
    created, updated = (
        room.created_at or simulator.world.now,
        room.updated_at or simulator.world.now,
    )
    offset = updated.astimezone(ZoneInfo(room.timezone or simulator.zone)).utcoffset()
    lobby = bool(room.waiting_room)
    row: dict[str, Any] = {
        "id": int(room.id),
        "parent_id": None,
        "room_type": room.kind.value,
        "room_pin": note["pin"],
        "name": escaped(room.name),
        "name_url": note["slug"],
        "access_type": _access(rule),
        "lobby_enabled": str(int(lobby)) if simulator.quirks["documented_types"] else lobby,
        "lobby_description": room.description or "",
        "registration_enabled": int(bool(room.registration)),
        "status": "inactive" if room.status is RoomStatus.ENDED else "active",
        "timezone": room.timezone,
        "timezone_offset": int(offset.total_seconds()) if offset else 0,
        "paid_enabled": 0,
        "automated_enabled": 0,
        "created_at": simulator.local(created, room.timezone),
        "updated_at": simulator.local(updated, room.timezone),
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
        row["starts_at"] = simulator.local(room.starts_at, room.timezone)
        row["ends_at"] = simulator.local(room.ends_at, room.timezone)
        row["ccc"] = f"{room.starts_at:%Y-%m-%d %H:%M:%S}"
    return row


def escaped(name: str) -> str:
    """Escape as PHP does for HTML."""
    return html.escape(name).replace("&#x27;", "&#039;")

"""Meetings and webinars as Zoom writes them, and what their calls share: docs/vendors/zoom.md#rooms"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

from attrs import evolve

from conferencing.model import Anyone, Occurrence, Passcode, Person, Room, RoomSettings

from .defaults import settings_of_room
from .errors import no_permission, no_room, refuse, wrong_family
from .formats import instant, minutes
from .recurrence import write_rule
from .state import Caller, PlannedRun, RoomDetails, ZoomState

__all__ = [
    "check_addon",
    "find_occurrence",
    "find_room",
    "is_expired",
    "join_link",
    "list_item",
    "passcode_key",
    "room_row",
    "run_uuid",
    "sync_room",
]

EXPIRES_AFTER: Final = timedelta(days=30)
HOST_LINK_LIFETIME: Final = timedelta(hours=2)
LISTED_AGENDA: Final = 250
ONE_OFF: Final = {1, 2, 5}
RECURRING: Final = {8, 9}

Row = dict[str, Any]


# ------------------------------------------------------------------------------ finding a room


def find_room(
    simulator: ZoomState, caller: Caller, family: str, number: str
) -> tuple[Room, RoomDetails]:
    """Return the room of a number with its details, if it is of the family of the path.

    docs/vendors/zoom.md#ids: a number of the other family is 400 with code 3000 for meetings.
    """
    kind = family.removesuffix("s")
    if not number.isdecimal():
        raise refuse(400, 300, f"Invalid {kind} id.")
    room = simulator.world.rooms.get(number)
    if room is None or is_expired(simulator, room):
        raise no_room(kind, number)
    details = simulator.details_of(room)
    if details.kind != kind:
        raise wrong_family(kind, number)
    if caller.user_id not in {None, details.host_id}:
        raise no_room(kind, number)
    check_addon(simulator, details.kind, details.host_id)
    return simulator.world.room(number), details


def find_occurrence(details: RoomDetails, run_id: str) -> PlannedRun:
    """Return an occurrence. Raises `Refusal` with code 300."""
    for run in details.occurrences:
        if run.id == run_id:
            return run
    raise refuse(400, 300, "Invalid occurrence id.")


def check_addon(simulator: ZoomState, kind: str, host_id: str) -> None:
    """Refuse calls about webinars of a host without the add-on: docs/vendors/zoom.md#oddity-5"""
    if kind == "webinar" and host_id not in simulator.webinar_hosts:
        refusal = no_permission("Webinar plan is missing. You must subscribe to the webinar plan.")
        if simulator.quirks["no_plan_in_200"]:
            refusal.status = 200
        raise refusal


def is_expired(simulator: ZoomState, room: Room) -> bool:
    """Return whether a one-off room has expired, 30 days after its last use or planned end."""
    if simulator.details_of(room).type not in ONE_OFF or simulator.world.running(room.id):
        return False
    ends = [session.ended_at for session in simulator.world.sessions_of(room.id)]
    last = max((end for end in [*ends, room.ends_at] if end is not None), default=None)
    return last is not None and last + EXPIRES_AFTER < simulator.world.now


# ----------------------------------------------------------------------------- keeping the world


def sync_room(simulator: ZoomState, room: Room, details: RoomDetails) -> Room:
    """Write the details of a room into the neutral `Room` of the world, and return that."""
    settings = settings_of_room(details)
    host = simulator.world.users[details.host_id]
    changed = evolve(
        room,
        permanent=details.permanent,
        registration=details.registers,
        approval=details.registers and settings["approval_type"] == 1,
        waiting_room=settings.get("waiting_room"),
        entry=(Passcode(details.password),) if details.password else (Anyone(),),
        join_url=join_link(simulator, room.id, details),
        settings=RoomSettings(
            auto_recording=settings["auto_recording"] != "none",
            encryption=settings.get("encryption_type") == "e2ee" or None,
        ),
        host=Person(email=host.email, first_name=host.first_name, last_name=host.last_name),
        recurrence=write_rule(details.recurrence) if details.recurrence else None,
        occurrences=tuple(
            Occurrence(
                id=run.id,
                starts_at=run.starts_at,
                duration=run.duration,
                cancelled=run.status == "deleted",
            )
            for run in details.occurrences
        ),
    )
    simulator.world.rooms[room.id] = changed
    return changed


# ------------------------------------------------------------------------------------- the links


def passcode_key(details: RoomDetails, number: str) -> str:
    """Return the passcode as links have it; another passcode gives another text."""
    digest = sha256(f"{number}/{details.password}".encode()).digest()
    return urlsafe_b64encode(digest).decode()[:30].rstrip("=") + ".1"


def join_link(simulator: ZoomState, number: str, details: RoomDetails) -> str:
    """Return the plain link, which changes with the passcode: docs/vendors/zoom.md#oddity-3"""
    url = simulator.join_url("j", number)
    return f"{url}?pwd={passcode_key(details, number)}" if details.password else url


def start_link(simulator: ZoomState, number: str) -> str:
    """Return a new link that logs its bearer in as the host, for two hours."""
    key = simulator.new_text(40)
    simulator.host_keys[key] = (number, simulator.world.now + HOST_LINK_LIFETIME)
    return f"{simulator.join_url('s', number)}?zak={key}"


def register_link(simulator: ZoomState, details: RoomDetails) -> str:
    code = details.register_code
    return simulator.join_url(details.kind, "register", code)


# -------------------------------------------------------------------------------------- the rows


def run_uuid(simulator: ZoomState, number: str) -> str:
    """Return the uuid of the run that is on, or of the next one."""
    session = simulator.world.running(number)
    if session is not None:
        return session.id
    following = simulator.world.next_session_ids
    if number not in following:
        following[number] = simulator.world.new_id("session")
    return following[number]


def room_row(
    simulator: ZoomState, room: Room, details: RoomDetails, *, previous: bool = True
) -> Row:
    """Return a room as POST and GET have it: docs/vendors/zoom.md#rooms-reply

    `previous` keeps the occurrences whose planned end has passed.
    """
    row: Row = {
        "uuid": run_uuid(simulator, room.id),
        "id": int(room.id),
        "host_id": details.host_id,
        "host_email": simulator.world.users[details.host_id].email,
        "topic": room.name,
        "type": details.type,
    }
    if details.kind == "meeting":
        running = simulator.world.running(room.id)
        row["status"] = "started" if running else "waiting"
    row |= _times(room, details) | {
        "agenda": room.description or "",
        "created_at": instant(room.created_at or simulator.world.now),
        "start_url": start_link(simulator, room.id),
        "join_url": join_link(simulator, room.id, details),
    }
    if details.registers:
        row["registration_url"] = register_link(simulator, details)
    if details.password:
        row |= _passcodes(room, details)
    row |= {"is_simulive": False} if details.kind == "webinar" else {"pre_schedule": False}
    row["creation_source"] = "open_api"
    if details.tracking_fields:
        row["tracking_fields"] = [{**field, "visible": True} for field in details.tracking_fields]
    if details.recurrence is not None:
        row["recurrence"] = details.recurrence
        row["occurrences"] = [
            occurrence_row(run)
            for run in details.occurrences
            if previous or run.starts_at + run.duration >= simulator.world.now
        ]
    return row | {"settings": settings_of_room(details)}


def occurrence_row(run: PlannedRun) -> Row:
    return {
        "occurrence_id": run.id,
        "start_time": instant(run.starts_at),
        "duration": minutes(run.duration),
        "status": run.status,
    }


def list_item(simulator: ZoomState, room: Room) -> Row:
    """Return a room as lists have it: no settings, status, passcode or start link."""
    details = simulator.details_of(room)
    # A list cuts the agenda: docs/vendors/zoom.md#oddity-8
    agenda = (room.description or "")[:LISTED_AGENDA]
    row = {
        "uuid": run_uuid(simulator, room.id),
        "id": int(room.id),
        "host_id": details.host_id,
        "topic": room.name,
        "type": details.type,
        **_times(room, details),
        "created_at": instant(room.created_at or simulator.world.now),
        "join_url": join_link(simulator, room.id, details),
    }
    return row | ({"agenda": agenda} if agenda else {})


def _times(room: Room, details: RoomDetails) -> Row:
    """Return the planned times. Instant and permanent rooms have no start."""
    row: Row = {}
    if room.starts_at is not None and not details.permanent and details.type != 1:
        row["start_time"] = instant(room.starts_at)
    if not details.permanent:
        row["duration"] = minutes(room.duration or timedelta(hours=1))
    return row | {"timezone": room.timezone or "UTC"}


def _passcodes(room: Room, details: RoomDetails) -> Row:
    """Return the passcode, and its forms for telephones and links, whose names differ by kind."""
    word = "passcode" if details.kind == "webinar" else "password"
    digits = f"{int(sha256(details.password.encode()).hexdigest(), 16) % 10**6:06}"
    row = {"password": details.password, f"h323_{word}": digits}
    if details.kind == "meeting":
        row["pstn_password"] = digits
    return row | {f"encrypted_{word}": passcode_key(details, room.id)}

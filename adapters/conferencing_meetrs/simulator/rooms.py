"""Meetings, and the mails that they cause: docs/vendors/meetrs.md#meets-create"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from attrs import evolve

from conferencing.errors import NotFound
from conferencing.model import JoinLink, Passcode, Room, RoomKind, RoomStatus
from conferencing.sandbox.kit import Fields, Router
from conferencing.sandbox.simulator import Answer

from .people import entry_options, read_participants, to_person
from .state import MeetRSState, Tenant, micros, stable_id

__all__ = ["route", "send_reminders"]

route = Router()

FIELDS: Final = ("title", "description", "participants", "addonConfigurationId", "schedulingInfo")
REMINDER: Final = timedelta(hours=1)
A_DAY: Final = 24 * 60

Row = dict[str, Any]


@route("POST", "/v1/meetings", *FIELDS, "code", "addonsInfo")
def create_meeting(simulator: MeetRSState, fields: Fields, tenant: Tenant) -> Answer:
    code = fields.text("code")
    if code and code in simulator.world.rooms:
        # The vendor's own program sends its last code again: docs/vendors/meetrs.md#meets-create
        return Answer.json(_basic_row(simulator, simulator.own_room(code, tenant)))
    sent = _read_note(simulator, fields)
    room = _add_room(simulator, code, fields)
    note: Row = {
        "id": stable_id(simulator.seed, "meeting", room.id),
        "tenant": tenant.id,
        "room": room,
        "participants": [],
        "configuration": _default_configuration(simulator),
        **sent,
    }
    simulator.world.notes[room.id] = note
    _invite(simulator, room, note["participants"])
    return Answer.json(_basic_row(simulator, room))


def _add_room(simulator: MeetRSState, code: str | None, fields: Fields) -> Room:
    world = simulator.world
    room = world.add_room(
        name=fields.text("title") or _quick_title(simulator),
        description=fields.text("description"),
        kind=RoomKind.MEETING,
        status=RoomStatus.OPEN,
        **_read_scheduling(simulator, fields.child("schedulingInfo")),
    )
    if code:
        world.rooms[code] = evolve(world.rooms.pop(room.id), id=code)
    return world.change_room(code or room.id, join_url=simulator.join_url(code or room.id))


def _quick_title(simulator: MeetRSState) -> str:
    simulator.quick_meetings += 1
    return f"Quick meet {simulator.world.now:%m/%d} - {simulator.quick_meetings}"


def _read_note(simulator: MeetRSState, fields: Fields) -> Row:
    """Return what is kept of a meeting in addition to the room."""
    note: Row = {}
    if "participants" in fields:
        note["participants"] = read_participants(fields)
    for addon in fields.children("addonsInfo"):
        addon.only("identifier")
        addon.require_text("identifier")
    configuration = fields.text("addonConfigurationId")
    if configuration is not None:
        if configuration not in simulator.world.templates:
            raise fields.refuse("addonConfigurationId", "is not known")
        note["configuration"] = configuration
    return note


def _default_configuration(simulator: MeetRSState) -> str | None:
    templates = simulator.world.templates.values()
    return next((template.id for template in templates if template.default), None)


def _read_scheduling(simulator: MeetRSState, fields: Fields) -> dict[str, Any]:
    """Return duration and start; a free account has a shorter default.

    docs/vendors/meetrs.md#oddity-6
    """
    minutes = 20 if simulator.quirks["free_account"] else 60
    scheduling: dict[str, Any] = {}
    if simulator.quirks["assumed_start"]:
        fields.only("duration", "startsAt")
        scheduling["starts_at"] = fields.time("startsAt")
    else:
        fields.only("duration")
    minutes = fields.number("duration", 1, A_DAY) or minutes
    return scheduling | {"duration": timedelta(minutes=minutes)}


# ---------------------------------------------------------------------------------------- mails


def _invite(simulator: MeetRSState, room: Room, participants: list[Row]) -> None:
    for row in participants:
        person, option = to_person(row), entry_options([row])[0]
        if person is not None and person.email:
            # The text of the mail has the passcode: docs/vendors/meetrs.md#participants
            rule = option.rule
            native = {"passcode": rule.code} if isinstance(rule, Passcode) else {}
            link = JoinLink(url=room.join_url or "", role=option.role, person=person, native=native)
            simulator.world.post("invitation", person.email, room.id, role=option.role, link=link)


def send_reminders(simulator: MeetRSState) -> None:
    """Mail the reminders that are due, to everybody who was invited by then."""
    world = simulator.world
    for room in world.rooms.values():
        due = room.starts_at - REMINDER if room.starts_at else None
        if due is None or due > world.now or "reminded" in world.notes[room.id]:
            continue
        world.notes[room.id]["reminded"] = due
        mails = [mail for mail in world.outbox if mail.room_id == room.id and mail.sent_at <= due]
        for mail in {mail.to: mail for mail in mails}.values():
            world.outbox.append(evolve(mail, kind="reminder", sent_at=due))


# ------------------------------------------------------------------------------ what is assumed


@route("GET", "/v1/meetings")
def list_meetings(simulator: MeetRSState, fields: Fields, tenant: Tenant) -> Answer:
    _check_assumed(simulator)
    notes = simulator.world.notes
    rooms = simulator.world.rooms.values()
    own = [room for room in rooms if notes[room.id]["tenant"] == tenant.id]
    return Answer.json([_row(simulator, room) for room in own])


@route("GET", "/v1/meetings/{code}")
def get_meeting(simulator: MeetRSState, fields: Fields, tenant: Tenant, code: str) -> Answer:
    _check_assumed(simulator)
    return Answer.json(_row(simulator, simulator.own_room(code, tenant)))


@route("PUT", "/v1/meetings/{code}", *FIELDS)
def update_meeting(simulator: MeetRSState, fields: Fields, tenant: Tenant, code: str) -> Answer:
    _check_assumed(simulator)
    simulator.own_room(code, tenant)
    note = _read_note(simulator, fields)
    room = simulator.world.change_room(code, **_read_changes(simulator, fields))
    simulator.world.notes[code] |= {"room": room, **note}
    _invite(simulator, room, note.get("participants", []))
    return Answer.json(_row(simulator, room))


def _read_changes(simulator: MeetRSState, fields: Fields) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if "title" in fields:
        changes["name"] = fields.text("title") or ""
    if "description" in fields:
        changes["description"] = fields.text("description")
    if "schedulingInfo" in fields:
        scheduling = _read_scheduling(simulator, fields.child("schedulingInfo"))
        changes["duration"] = scheduling["duration"]
    return changes


@route("DELETE", "/v1/meetings/{code}")
def delete_meeting(simulator: MeetRSState, fields: Fields, tenant: Tenant, code: str) -> Answer:
    _check_assumed(simulator)
    simulator.world.remove_room(simulator.own_room(code, tenant).id)
    return Answer(status=204)


def _check_assumed(simulator: MeetRSState) -> None:
    if not simulator.quirks["assumed_crud"]:
        raise NotFound("there is nothing here")


# -------------------------------------------------------------------------------------- the rows


def _basic_row(simulator: MeetRSState, room: Room) -> Row:
    """Return a meeting with the fields that the vendor's samples have."""
    note = simulator.world.notes[room.id]
    row = {
        "id": note["id"],
        "code": room.id,
        "joinUrl": room.join_url,
        "title": room.name,
        "description": room.description,
        "partitionKey": note["tenant"],
    }
    if simulator.quirks["missing_fields"]:
        # The vendor's later client declares no more: docs/vendors/meetrs.md#meets-create
        return {name: row[name] for name in ("id", "code", "partitionKey")}
    return row


def _row(simulator: MeetRSState, room: Room) -> Row:
    """Return a meeting with everything that was sent; this is assumed."""
    note = simulator.world.notes[room.id]
    minutes = room.duration // timedelta(minutes=1) if room.duration else None
    return _basic_row(simulator, room) | {
        "participants": note["participants"],
        "schedulingInfo": {"duration": minutes},
        "addonConfigurationId": note["configuration"],
        "createdAt": micros(room.created_at),
    }

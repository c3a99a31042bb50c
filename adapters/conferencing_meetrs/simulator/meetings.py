"""Meets: sections 3 and 4 of the notes on the wire, and the mails that they cause."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from attrs import evolve

from conferencing.errors import NotFound
from conferencing.model import JoinLink, Passcode, Room, RoomKind, RoomStatus
from conferencing.sandbox.simulator import Answer

from .people import entry_options, participants, person
from .shared import Given, Refused, guid, instant, items, micros, only, route, text

if TYPE_CHECKING:
    from . import MeetRSSimulator
    from .tokens import Account

FIELDS = ("title", "description", "participants", "addonConfigurationId", "schedulingInfo")
ADDONS = ("monaco", "rnto", "orpheus", "roster", "twilio")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
REMINDED = timedelta(hours=1)


@route("POST", "/v1/meetings")
def create_meeting(simulator: MeetRSSimulator, given: Given, tenant: Account) -> Answer:
    only(given, (*FIELDS, "code", "addonsInfo"))
    code = text(given, "code")
    if code and code in simulator.world.rooms:
        return Answer.json(created_row(simulator, _own(simulator, code, tenant)))
    said = _said(simulator, given)
    room = _added(simulator, code, given)
    note: Given = {
        "id": guid(simulator.seed, "meeting", room.id),
        "tenant": tenant.id,
        "room": room,
        "participants": said.get("participants", []),
        "configuration": said.get("configuration", _default(simulator)),
    }
    simulator.world.notes[room.id] = note
    _invite(simulator, room, note["participants"])
    return Answer.json(created_row(simulator, room))


def _added(simulator: MeetRSSimulator, code: str | None, given: Given) -> Room:
    world = simulator.world
    room = world.add_room(
        name=text(given, "title") or _quick_title(simulator),
        description=text(given, "description"),
        kind=RoomKind.MEETING,
        status=RoomStatus.OPEN,
        duration=_duration(simulator, given),
        starts_at=_start(simulator, given),
    )
    if code:
        world.rooms[code] = evolve(world.rooms.pop(room.id), id=code)
    return world.change_room(code or room.id, join_url=simulator.join_url(code or room.id))


def _quick_title(simulator: MeetRSSimulator) -> str:
    simulator.quick_meets += 1
    return f"Quick meet {simulator.world.now:%m/%d} - {simulator.quick_meets}"


def _said(simulator: MeetRSSimulator, given: Given) -> Given:
    """Return what is said of a meet that is kept beside the room."""
    note: Given = {}
    if "participants" in given:
        note["participants"] = participants(given["participants"])
    for addon in items(given.get("addonsInfo", []), "addonsInfo"):
        only(addon, ("identifier",), "addonsInfo.")
        if addon.get("identifier") not in ADDONS:
            raise Refused(400, f"addonsInfo.identifier must be one of {', '.join(ADDONS)}")
    configuration = text(given, "addonConfigurationId")
    if configuration is not None:
        if configuration not in simulator.world.templates:
            raise Refused(400, "addonConfigurationId is not known")
        note["configuration"] = configuration
    return note


def _default(simulator: MeetRSSimulator) -> str | None:
    templates = simulator.world.templates.values()
    return next((one.id for one in templates if one.default), None)


def _scheduling(simulator: MeetRSSimulator, given: Given) -> Given:
    scheduling: Any = given.get("schedulingInfo", {})
    if not isinstance(scheduling, dict):
        raise Refused(400, "schedulingInfo must be an object")
    known = ("duration", "startsAt") if simulator.quirks["assumed_start"] else ("duration",)
    only(scheduling, known, "schedulingInfo.")  # pyright: ignore[reportUnknownArgumentType]
    return scheduling  # pyright: ignore[reportUnknownVariableType]


def _duration(simulator: MeetRSSimulator, given: Given) -> timedelta:
    usual = 20 if simulator.quirks["free_account"] else 60
    minutes: Any = _scheduling(simulator, given).get("duration", usual)
    if type(minutes) is not int or not 0 < minutes <= 24 * 60:
        raise Refused(400, "schedulingInfo.duration must be a number of minutes")
    return timedelta(minutes=minutes)


def _start(simulator: MeetRSSimulator, given: Given) -> Any:
    scheduling = _scheduling(simulator, given)
    return instant(text(scheduling, "startsAt"), "schedulingInfo.startsAt")


# ---------------------------------------------------------------------------------------- mails


def _invite(simulator: MeetRSSimulator, room: Room, people: list[Given]) -> None:
    for one in people:
        who, way = person(one), entry_options([one])[0]
        if who is not None and who.email:
            # A passcode stands in the text of the mail.
            native = {"passcode": way.rule.code} if isinstance(way.rule, Passcode) else {}
            link = JoinLink(url=room.join_url or "", role=way.role, person=who, native=native)
            simulator.world.post("invitation", who.email, room.id, role=way.role, link=link)


def remind(simulator: MeetRSSimulator) -> None:
    """Mail the reminders whose time has come: an hour before the start, to who was invited by then."""
    world = simulator.world
    for room in world.rooms.values():
        due = room.starts_at - REMINDED if room.starts_at else None
        if due is None or due > world.now or "reminded" in world.notes[room.id]:
            continue
        world.notes[room.id]["reminded"] = due
        mails = [one for one in world.outbox if one.room_id == room.id and one.sent_at <= due]
        for mail in {one.to: one for one in mails}.values():
            world.outbox.append(evolve(mail, kind="reminder", sent_at=due))


# ------------------------------------------------------------------------------ what is assumed


@route("GET", "/v1/meetings")
def list_meetings(simulator: MeetRSSimulator, given: Given, tenant: Account) -> Answer:
    _assumed(simulator)
    notes = simulator.world.notes
    mine = [
        room for room in simulator.world.rooms.values() if notes[room.id]["tenant"] == tenant.id
    ]
    return Answer.json([meeting_row(simulator, room) for room in mine])


@route("GET", "/v1/meetings/{code}")
def get_meeting(simulator: MeetRSSimulator, given: Given, tenant: Account, code: str) -> Answer:
    _assumed(simulator)
    return Answer.json(meeting_row(simulator, _own(simulator, code, tenant)))


@route("PUT", "/v1/meetings/{code}")
def update_meeting(simulator: MeetRSSimulator, given: Given, tenant: Account, code: str) -> Answer:
    _assumed(simulator)
    _own(simulator, code, tenant)
    only(given, FIELDS)
    said = _said(simulator, given)
    room = simulator.world.change_room(code, **_changes(simulator, given))
    simulator.world.notes[code] |= {"room": room, **said}
    _invite(simulator, room, said.get("participants", []))
    return Answer.json(meeting_row(simulator, room))


def _changes(simulator: MeetRSSimulator, given: Given) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if "title" in given:
        changes["name"] = text(given, "title") or ""
    if "description" in given:
        changes["description"] = text(given, "description")
    if "schedulingInfo" in given:
        changes["duration"] = _duration(simulator, given)
    return changes


@route("DELETE", "/v1/meetings/{code}")
def delete_meeting(simulator: MeetRSSimulator, given: Given, tenant: Account, code: str) -> Answer:
    _assumed(simulator)
    simulator.world.remove_room(_own(simulator, code, tenant).id)
    return Answer(status=204)


def _assumed(simulator: MeetRSSimulator) -> None:
    if not simulator.quirks["assumed_crud"]:
        raise NotFound("there is nothing here")


def _own(simulator: MeetRSSimulator, code: str, tenant: Account) -> Room:
    room = simulator.world.room(code)
    if simulator.world.notes[code]["tenant"] != tenant.id:
        raise NotFound("there is no such meet")
    return room


# --------------------------------------------------------------------------------------- the row


def created_row(simulator: MeetRSSimulator, room: Room) -> Given:
    """Return a meet with the fields that were seen in the vendor's samples, and no more."""
    note = simulator.world.notes[room.id]
    return {
        "id": note["id"],
        "code": room.id,
        "joinUrl": room.join_url,
        "title": room.name,
        "description": room.description,
        "partitionKey": note["tenant"],
    }


def meeting_row(simulator: MeetRSSimulator, room: Room) -> Given:
    """Return a meet with all that was said of it: an assumption."""
    note = simulator.world.notes[room.id]
    minutes = int(room.duration.total_seconds()) // 60 if room.duration else None
    return created_row(simulator, room) | {
        "participants": note["participants"],
        "schedulingInfo": {"duration": minutes},
        "addonConfigurationId": note["configuration"],
        "createdAt": micros(room.created_at),
    }

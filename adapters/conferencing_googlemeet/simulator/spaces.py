"""Spaces and their members: docs/vendors/googlemeet.md#spaces"""

from __future__ import annotations

from typing import Any, Final

from attrs import evolve

from conferencing.model import (
    Anyone,
    EntryRule,
    IdentityProvider,
    Person,
    Room,
    RoomKind,
    RoomSettings,
    SignIn,
)
from conferencing.sandbox.simulator import Answer

from .endpoints import Endpoints, Query
from .errors import forbidden_space, meet_failure
from .formats import find_part, without_defaults
from .protos import CONFIG, apply_mask, read_message
from .records import write_page
from .state import CALENDAR_APP, Caller, Event, MeetState, Space

__all__ = ["endpoints", "entry_of", "sync_space"]

endpoints = Endpoints()

C, R, S = "meetings.space.created", "meetings.space.readonly", "meetings.space.settings"
OUTPUT: Final = {
    "name",
    "meetingUri",
    "meetingCode",
    "activeConference",
    "phoneAccess",
    "gatewaySipAccess",
}
SCHEMA: Final[dict[str, Any]] = {"config": CONFIG, **dict.fromkeys(OUTPUT)}
MEMBER: Final[dict[str, Any]] = {"name": None, "email": None, "role": None}
SPACE: Final = "/v2/spaces/{space:[^/:]+}"

Row = dict[str, Any]


def space_row(simulator: MeetState, space: Space, caller: Caller) -> Row:
    """Return a space. Settings are shown to the owner, what runs to those who may see it."""
    session = simulator.world.running(space.room_id)
    row: Row = {
        "name": f"spaces/{space.id}",
        "meetingUri": simulator.link_of(space),
        "meetingCode": space.code,
    }
    if caller.email == space.owner:
        row["config"] = space.config
    if session is not None:
        row["activeConference"] = {"conferenceRecord": f"conferenceRecords/{session.id}"}
    if simulator.quirks["phone_access"]:
        row["phoneAccess"] = [
            {
                "phoneNumber": "+48221234567",
                "pin": "123456789",
                "regionCode": "PL",
                "languageCode": "pl",
            }
        ]
    shown: Row = without_defaults(row)
    return shown


def find_space(simulator: MeetState, caller: Caller, text: str, *, by_code: bool = False) -> Space:
    """Return a space that the caller may see. Codes are for GET only: elsewhere they are a 403."""
    simulator.adopt_rooms()
    space = simulator.space_by(text) if by_code else simulator.spaces.get(text)
    if space is None or space.room_id not in simulator.world.rooms:
        raise forbidden_space()
    if not {R, S} & caller.scopes and space.app != caller.app:
        raise forbidden_space()
    return space


def own_space(simulator: MeetState, caller: Caller, text: str) -> Space:
    """Return a space of the caller's own."""
    space = find_space(simulator, caller, text)
    if space.owner != caller.email:
        raise forbidden_space()
    return space


def sync_space(simulator: MeetState, space: Space, event: Event | None = None) -> None:
    """Write what a space means into the room of the world."""
    world, config = simulator.world, space.config
    if space.room_id not in world.rooms:
        return
    recording = find_part(config, "artifactConfig", "recordingConfig", "autoRecordingGeneration")
    chat = find_part(config, "moderationRestrictions", "chatRestriction")
    moderated = config.get("moderation") == "ON"
    room = world.rooms[space.room_id]
    world.rooms[space.room_id] = evolve(
        room,
        join_url=simulator.link_of(space),
        entry=entry_of(space, event),
        waiting_room=config.get("accessType") != "OPEN",
        settings=RoomSettings(
            auto_recording=None if recording is None else recording == "ON",
            public_chat=chat != "HOSTS_ONLY" if moderated else True,
        ),
    )


def entry_of(space: Space, event: Event | None) -> tuple[EntryRule, ...]:
    """Return who enters without knocking."""
    access = space.config.get("accessType")
    if access == "OPEN":
        return (Anyone(),)
    if access == "TRUSTED":
        return (SignIn(IdentityProvider.GOOGLE),)
    guests = event.list_guests() if event else []
    named = [str(row["email"]) for row in (*guests, *space.members.values())]
    return tuple(SignIn(IdentityProvider.GOOGLE, email=email) for email in named)


def _read_config(query: Query) -> Row:
    message = read_message(query.body, SCHEMA, "space")
    return message.get("config") or {}


# ------------------------------------------------------------------------------------------ spaces


@endpoints("POST", "/v2/spaces", [C])
def create_space(simulator: MeetState, query: Query, caller: Caller) -> Answer:
    config = _read_config(query)
    space = simulator.add_space(caller.email, caller.app)
    space.config = apply_mask(space.config, config, None, CONFIG)
    now = simulator.world.now
    simulator.world.rooms[space.id] = Room(
        id=space.id,
        kind=RoomKind.MEETING,
        permanent=True,
        host=Person(email=caller.email),
        created_at=now,
        updated_at=now,
    )
    sync_space(simulator, space)
    simulator.world.announce("room created", space.id)
    return Answer.json(space_row(simulator, space, caller))


@endpoints("GET", SPACE, [C, R, S])
def get_space(simulator: MeetState, query: Query, caller: Caller, space: str) -> Answer:
    target = find_space(simulator, caller, space, by_code=True)
    return Answer.json(space_row(simulator, target, caller))


@endpoints("PATCH", SPACE, [C, S], "updateMask")
def patch_space(simulator: MeetState, query: Query, caller: Caller, space: str) -> Answer:
    target = own_space(simulator, caller, space)
    if S not in caller.scopes and target.app != caller.app:
        raise forbidden_space()
    config, mask = _read_config(query), query.text("updateMask")
    if mask or not simulator.quirks["mask_needed"]:
        changed = apply_mask({"config": target.config}, {"config": config}, mask, SCHEMA)
        target.config = changed.get("config") or {}
        if target.config.get("moderation") == "OFF":
            target.config.pop("moderationRestrictions", None)
    sync_space(simulator, target, _event_of(simulator, target))
    simulator.world.announce("room changed", target.room_id)
    return Answer.json(space_row(simulator, target, caller))


def _event_of(simulator: MeetState, space: Space) -> Event | None:
    return simulator.calendars[space.owner].get(space.room_id)


@endpoints("POST", f"{SPACE}:endActiveConference", [C])
def end_conference(simulator: MeetState, query: Query, caller: Caller, space: str) -> Answer:
    read_message(query.body, {}, "request")
    target = own_space(simulator, caller, space)
    foreign = target.app != caller.app
    if foreign and not (target.app == CALENDAR_APP and simulator.quirks["end_of_events"]):
        raise forbidden_space()
    if simulator.world.running(target.room_id) is None:
        raise meet_failure(
            400,
            "There is no active conference for the given space.",
            code="FAILED_PRECONDITION",
        )
    simulator.world.end_session(target.room_id)
    return Answer.json({})


# ----------------------------------------------------------------------------------------- members


def _members(simulator: MeetState, caller: Caller, text: str) -> Space:
    space = own_space(simulator, caller, text)
    if space.app == CALENDAR_APP:  # docs/vendors/googlemeet.md#oddity-4
        raise forbidden_space()
    return space


def _member(space: Space, member: str) -> Row:
    if member not in space.members:
        raise meet_failure(404, "Requested entity was not found.")
    return space.members[member]


@endpoints("POST", f"{SPACE}/members", [C])
def create_member(simulator: MeetState, query: Query, caller: Caller, space: str) -> Answer:
    target = _members(simulator, caller, space)
    message = read_message(query.body, MEMBER, "member")
    if not message.get("email"):
        raise meet_failure(400, "email is required")
    member = simulator.world.new_id("member")
    target.members[member] = without_defaults(
        {
            "name": f"spaces/{target.id}/members/{member}",
            "email": message["email"],
            "role": message.get("role"),
        }
    )
    sync_space(simulator, target)
    return Answer.json(target.members[member])


@endpoints("GET", f"{SPACE}/members", [C, R], "pageSize", "pageToken")
def list_members(simulator: MeetState, query: Query, caller: Caller, space: str) -> Answer:
    target = _members(simulator, caller, space)
    rows = list(target.members.values())
    return Answer.json(write_page(simulator, query, rows, "members", (250, 500)))


@endpoints("GET", f"{SPACE}/members/{{member}}", [C, R])
def get_member(
    simulator: MeetState, query: Query, caller: Caller, space: str, member: str
) -> Answer:
    return Answer.json(_member(_members(simulator, caller, space), member))


@endpoints("PATCH", f"{SPACE}/members/{{member}}", [C], "updateMask")
def patch_member(
    simulator: MeetState, query: Query, caller: Caller, space: str, member: str
) -> Answer:
    target = _members(simulator, caller, space)
    old, message = _member(target, member), read_message(query.body, MEMBER, "member")
    changed = apply_mask(old, message, query.text("updateMask") or "role", MEMBER)
    target.members[member] = without_defaults(
        changed | {"name": old["name"], "email": old["email"]}
    )
    return Answer.json(target.members[member])


@endpoints("DELETE", f"{SPACE}/members/{{member}}", [C])
def delete_member(
    simulator: MeetState, query: Query, caller: Caller, space: str, member: str
) -> Answer:
    target = _members(simulator, caller, space)
    _member(target, member)
    del target.members[member]
    return Answer.json({})

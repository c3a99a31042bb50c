"""What the links open, in a browser: section 8 of the notes on the wire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from conferencing.errors import NotFound
from conferencing.model import Person, PersonalToken, Role, Room
from conferencing.model.secret import Secret
from conferencing.sandbox.simulator import EntryOption, JoinTarget

from .rooms import tick

if TYPE_CHECKING:
    from . import ClickMeetingSimulator

__all__ = ["open_door"]


def open_door(
    simulator: ClickMeetingSimulator, parts: Sequence[str], query: Mapping[str, str]
) -> JoinTarget:
    """Return what `/<slug or pin>[/<token>][?l=<hash>|?r=<registration>]` opens.

    Raises `NotFound` if any part of it is not known. Other parameters, such as `popup`, are let go.
    """
    tick(simulator)
    room = _room(simulator, parts[0] if parts else "")
    if len(parts) > 1:
        return JoinTarget(room_id=room.id, entry_options=(_by_token(room, parts[1:]),))
    if "l" in query:
        return JoinTarget(room_id=room.id, entry_options=(_by_hash(simulator, room, query["l"]),))
    if "r" in query:
        return JoinTarget(
            room_id=room.id, entry_options=(_by_registration(simulator, room, query["r"]),)
        )
    return JoinTarget(
        room_id=room.id,
        entry_options=tuple(EntryOption(rule=rule) for rule in room.entry or ())
        or (EntryOption(),),
    )


def _room(simulator: ClickMeetingSimulator, name: str) -> Room:
    """Find a room by its slug, or else by its pin, as registrations and embedded rooms have it."""
    for key in ("slug", "pin"):
        for room_id in simulator.world.rooms:
            if str(simulator.world.notes[room_id].get(key)) == name:
                return simulator.world.room(room_id)
    raise NotFound("this link leads nowhere")


def _by_token(room: Room, codes: Sequence[str]) -> EntryOption:
    if len(codes) > 1 or not any(isinstance(rule, PersonalToken) for rule in room.entry or ()):
        raise NotFound("this link leads nowhere")
    return EntryOption(rule=PersonalToken(), brought=Secret(codes[0]))


def _by_hash(simulator: ClickMeetingSimulator, room: Room, key: str) -> EntryOption:
    """Return the way of a personal hash; the room's own one is its owner's, whose name is open."""
    if key == simulator.world.notes[room.id]["owner"]:
        return EntryOption(role=Role.HOST)
    known = simulator.autologins.get(key)
    if known is None or known.room_id != room.id:
        raise NotFound("this link leads nowhere")
    return EntryOption(role=known.role, person=Person(email=known.email, name=known.nickname))


def _by_registration(simulator: ClickMeetingSimulator, room: Room, code: str) -> EntryOption:
    for one in simulator.world.participants[room.id]:
        if one.native["r"] == code:
            return EntryOption(role=one.role, person=one.person)
    raise NotFound("this link leads nowhere")

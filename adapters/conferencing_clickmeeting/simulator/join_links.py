"""What the join links open in a browser: docs/vendors/clickmeeting.md#join-links"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conferencing.errors import NotFound
from conferencing.model import Person, PersonalToken, Role, Room
from conferencing.model.secret import Secret
from conferencing.sandbox.simulator import EntryOption, JoinTarget

from .rooms import close_past_rooms
from .state import ClickMeetingState

__all__ = ["join_target"]


def join_target(
    simulator: ClickMeetingState, parts: Sequence[str], query: Mapping[str, str]
) -> JoinTarget:
    """Return what `/<slug or pin>[/<token>][?l=<hash>|?r=<registration>]` opens.

    Other parameters, such as `popup`, are ignored. Raises `NotFound` if a part is not known.
    """
    close_past_rooms(simulator)
    room = _room(simulator, parts[0] if parts else "")
    options: tuple[EntryOption, ...]
    if len(parts) > 1:
        options = (_token_option(room, parts[1:]),)
    elif "l" in query:
        options = (_hash_option(simulator, room, query["l"]),)
    elif "r" in query:
        options = (_registration_option(simulator, room, query["r"]),)
    else:
        options = tuple(EntryOption(rule=rule) for rule in room.entry or ()) or (EntryOption(),)
    return JoinTarget(room_id=room.id, entry_options=options)


def _room(simulator: ClickMeetingState, name: str) -> Room:
    """Return a room by its slug, or else by its pin, which links of registrations have."""
    for key in ("slug", "pin"):
        for room_id in simulator.world.rooms:
            if str(simulator.world.notes[room_id].get(key)) == name:
                return simulator.world.room(room_id)
    raise NotFound("this link leads nowhere")


def _token_option(room: Room, codes: Sequence[str]) -> EntryOption:
    if len(codes) > 1 or not any(isinstance(rule, PersonalToken) for rule in room.entry or ()):
        raise NotFound("this link leads nowhere")
    return EntryOption(rule=PersonalToken(), token=Secret(codes[0]))


def _hash_option(simulator: ClickMeetingState, room: Room, key: str) -> EntryOption:
    """Return the option of a personal hash. The room's own hash is the owner's, without a name."""
    if key == simulator.world.notes[room.id]["owner"]:
        return EntryOption(role=Role.HOST)
    autologin = simulator.autologins.get(key)
    if autologin is None or autologin.room_id != room.id:
        raise NotFound("this link leads nowhere")
    person = Person(email=autologin.email, name=autologin.nickname)
    return EntryOption(role=autologin.role, person=person)


def _registration_option(simulator: ClickMeetingState, room: Room, code: str) -> EntryOption:
    for participant in simulator.world.participants[room.id]:
        if participant.native["r"] == code:
            return EntryOption(role=participant.role, person=participant.person)
    raise NotFound("this link leads nowhere")

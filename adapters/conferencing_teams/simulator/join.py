"""What the links open in a browser. Most of it is a guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conferencing.errors import Conflict, NotFound
from conferencing.model import RegistrationStatus
from conferencing.sandbox.simulator import EntryOption, JoinTarget

from .state import MeetingDetails, TeamsState

__all__ = ["open_link"]


def open_link(simulator: TeamsState, parts: Sequence[str], query: Mapping[str, str]) -> JoinTarget:
    """Return what `/l/meetup-join/{thread}/0?context=` opens, or the own link of a registrant."""
    match parts:
        case ["l", "meetup-join", thread, "0"]:
            meeting = _find(simulator, thread)
        case ["register", *_]:
            raise Conflict("this page is Teams' registration form, which is not simulated")
        case _:
            raise NotFound("this link leads nowhere")
    key = query.get("registrant")
    options = (EntryOption(),) if key is None else (_find_registrant(simulator, meeting, key),)
    return JoinTarget(room_id=meeting.room_id, entry_options=options)


def _find(simulator: TeamsState, thread: str) -> MeetingDetails:
    for meeting in simulator.meetings.values():
        if meeting.thread == thread and meeting.room_id in simulator.world.rooms:
            return meeting
    raise NotFound("this meeting does not exist, or was canceled")


def _find_registrant(simulator: TeamsState, meeting: MeetingDetails, key: str) -> EntryOption:
    for person in simulator.world.participants[meeting.room_id]:
        own = simulator.registrant_keys.get(person.id or "")
        if own == (meeting.room_id, key):
            if person.status is RegistrationStatus.CANCELLED:
                raise Conflict("this registration was canceled")
            return EntryOption(person=person.person)
    raise NotFound("this link leads nowhere")

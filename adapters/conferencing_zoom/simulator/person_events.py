"""Events about people in a run: docs/vendors/zoom.md#events"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from conferencing.model import Room
from conferencing.world import Change, Place, Stay, Visit

from .attendance import breakout_id, participant_uuid, presence_of
from .event_parts import make_event, run_object
from .formats import instant
from .state import Event, RoomDetails, ZoomState

__all__ = ["build_entered", "build_left", "build_moved"]

Row = dict[str, Any]


def _participant(simulator: ZoomState, visit: Visit) -> Row:
    presence = presence_of(simulator, visit)
    registrant = presence.registrant
    return {
        "user_id": visit.id,
        "user_name": presence.name,
        "id": presence.user_id,
        "participant_user_id": presence.user_id,
        "participant_uuid": participant_uuid(visit),
        "email": presence.email,
        "registrant_id": (registrant.id if registrant else None) or "",
        "customer_key": "",
    }


def _person_event(
    simulator: ZoomState,
    change: Change,
    what: str,
    times: Row,
    more: Mapping[str, Any] = MappingProxyType({}),
) -> Event:
    """Return an event about a person; `more` is beside the person in the object."""
    visit = simulator.world.visits[change.subject_id]
    room = simulator.room_or_deleted(change.room_id)
    assert room is not None  # noqa: S101 - `build_events` has looked
    details = simulator.details_of(room)
    row = run_object(simulator, room, details, simulator.world.sessions[visit.session_id])
    person = {**_participant(simulator, visit), **times}
    name = f"{details.kind}.participant_{what}"
    return make_event(simulator, name, change.at, {**row, **more, "participant": person})


def build_entered(
    simulator: ZoomState, change: Change, room: Room, details: RoomDetails
) -> Iterator[Event]:
    at = instant(change.at)
    if simulator.world.visits[change.subject_id].waits:
        for what in ("joined_waiting_room", "put_in_waiting_room"):
            yield _person_event(simulator, change, what, {"date_time": at})
    else:
        yield _person_event(simulator, change, "joined", {"join_time": at})


def build_moved(
    simulator: ZoomState, change: Change, room: Room, details: RoomDetails
) -> Iterator[Event]:
    """Yield the events of a move: in or out of the waiting room, a breakout room, the meeting."""
    at = instant(change.at)
    before, after = (
        stay for stay, _ in simulator.world.visits[change.subject_id].list_stays()[-2:]
    )
    if before.place is Place.BREAKOUT:
        yield _breakout_event(simulator, change, before, "left", {"leave_time": at})
    if before.place is Place.WAITING_ROOM:
        for what in ("left_waiting_room", "admitted"):
            yield _person_event(simulator, change, what, {"date_time": at})
        yield _person_event(simulator, change, "joined", {"join_time": at})
    if after.place is Place.WAITING_ROOM:
        yield _leave_event(simulator, change)
        yield _person_event(simulator, change, "put_in_waiting_room", {"date_time": at})
    if after.place is Place.BREAKOUT:
        yield _breakout_event(simulator, change, after, "joined", {"join_time": at})


def _breakout_event(
    simulator: ZoomState, change: Change, stay: Stay, word: str, times: Row
) -> Event:
    visit = simulator.world.visits[change.subject_id]
    more = {"breakout_room_uuid": breakout_id(visit.session_id, stay.breakout)}
    what = f"{word}_breakout_room"
    return _person_event(simulator, change, what, {**times, "parent_user_id": visit.id}, more)


def build_left(
    simulator: ZoomState, change: Change, room: Room, details: RoomDetails
) -> Iterator[Event]:
    visit = simulator.world.visits[change.subject_id]
    if visit.waits:
        at = {"date_time": instant(visit.left_at or change.at)}
        yield _person_event(simulator, change, "left_waiting_room", at)
    elif not simulator.quirks["lose_left"]:
        yield _leave_event(simulator, change)


def _leave_event(simulator: ZoomState, change: Change) -> Event:
    visit = simulator.world.visits[change.subject_id]
    times = {
        "leave_time": instant(visit.left_at or change.at),
        "leave_reason": f"{visit.name} left the meeting.<br>Reason: left the meeting.",
    }
    return _person_event(simulator, change, "left", times)

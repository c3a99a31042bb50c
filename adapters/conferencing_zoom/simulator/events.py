"""Events from changes of the world: docs/vendors/zoom.md#events

`build_events` is a function of the state and one change. Nothing is sent here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from conferencing.model import Participant, Room, Session
from conferencing.world import Change, Place, Stay, Visit

from .attendance import breakout_id, participant_uuid, presence_of
from .formats import instant, minutes
from .recordings import find_recordings, is_ready, recording_row, secrets_row, share_link
from .registrants import registrant_row, status_of
from .rooms import room_row
from .state import Event, RoomDetails, ZoomState

__all__ = ["build_events"]

Row = dict[str, Any]
Builder = Callable[[ZoomState, Change, Room, RoomDetails], Iterator[Event]]

IDENTITY: Final[tuple[str, ...]] = (
    *("uuid", "id", "host_id", "topic", "type", "start_time", "duration", "timezone"),
)
UPDATED: Final = ("topic", "agenda", "start_time", "duration", "timezone", "password", "settings")


def build_events(simulator: ZoomState, change: Change) -> list[Event]:
    """Return the events that Zoom sends for a change, in order."""
    room = simulator.room_or_deleted(change.room_id)
    build = _BUILDERS.get(change.kind)
    if room is None or build is None:
        return []
    return list(build(simulator, change, room, simulator.details_of(room)))


def _event(simulator: ZoomState, name: str, at: datetime, object_: Row, **payload: Any) -> Event:
    body = {"account_id": simulator.account_id, **payload, "object": object_}
    return Event(name=name, at=at, payload=body)


# ------------------------------------------------------------------------------------------- runs


def _run(simulator: ZoomState, room: Room, details: RoomDetails, session: Session) -> Row:
    """Return the object of an event about a run.

    Its `id` is a text or a number, depending on the event and the sample: docs/vendors/zoom.md#events
    """
    start = session.started_at or simulator.world.now
    return {
        "duration": minutes(room.duration),
        "start_time": instant(start),
        "timezone": room.timezone or "UTC",
        "topic": room.name,
        "id": room.id if simulator.quirks["ids_as_text"] else int(room.id),
        "type": details.type,
        "uuid": session.id,
        "host_id": details.host_id,
    }


def _started(
    simulator: ZoomState, change: Change, room: Room, details: RoomDetails
) -> Iterator[Event]:
    row = _run(simulator, room, details, simulator.world.sessions[change.subject_id])
    yield _event(simulator, f"{details.kind}.started", change.at, row)


def _ended(
    simulator: ZoomState, change: Change, room: Room, details: RoomDetails
) -> Iterator[Event]:
    session = simulator.world.sessions[change.subject_id]
    row = _run(simulator, room, details, session)
    row["end_time"] = instant(session.ended_at or change.at)
    yield _event(simulator, f"{details.kind}.ended", session.ended_at or change.at, row)


# ------------------------------------------------------------------------------------------ people


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
    row = _run(simulator, room, details, simulator.world.sessions[visit.session_id])
    person = {**_participant(simulator, visit), **times}
    name = f"{details.kind}.participant_{what}"
    return _event(simulator, name, change.at, {**row, **more, "participant": person})


def _entered(
    simulator: ZoomState, change: Change, room: Room, details: RoomDetails
) -> Iterator[Event]:
    at = instant(change.at)
    if simulator.world.visits[change.subject_id].waits:
        for what in ("joined_waiting_room", "put_in_waiting_room"):
            yield _person_event(simulator, change, what, {"date_time": at})
    else:
        yield _person_event(simulator, change, "joined", {"join_time": at})


def _moved(
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


def _left(
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


# ---------------------------------------------------------------------------- rooms, registrations


def _room_event(what: str) -> Builder:
    """Return a builder of an event about a room: created, deleted or recovered."""

    def build(
        simulator: ZoomState, change: Change, room: Room, details: RoomDetails
    ) -> Iterator[Event]:
        row = room_row(simulator, room, details)
        names = IDENTITY
        if what == "created":
            names = (*names, "join_url", "password", "settings", "occurrences", "recurrence")
        object_ = {name: row[name] for name in names if name in row}
        operation = {"operator": row["host_email"], "operator_id": details.host_id}
        yield _event(simulator, f"{details.kind}.{what}", change.at, object_, **operation)

    return build


def _converted(
    simulator: ZoomState, change: Change, room: Room, details: RoomDetails
) -> Iterator[Event]:
    """Yield the event of a room that has become one of the other kind."""
    row = room_row(simulator, room, details)
    object_ = {name: row[name] for name in IDENTITY if name in row}
    former = "meeting" if details.kind == "webinar" else "webinar"
    yield _event(simulator, f"{former}.converted_to_{details.kind}", change.at, object_)


def _updated(
    simulator: ZoomState, change: Change, room: Room, details: RoomDetails
) -> Iterator[Event]:
    """Yield an event with what has changed, and no more."""
    old, new = simulator.updates[room.id]
    changed = [name for name in UPDATED if old.get(name) != new.get(name)]
    identity = {"id": int(room.id), "uuid": new["uuid"]}
    yield _event(
        simulator,
        f"{details.kind}.updated",
        change.at,
        identity | {name: new.get(name) for name in changed},
        operator=new["host_email"],
        operator_id=details.host_id,
        old_object=identity | {name: old.get(name) for name in changed},
        time_stamp=round(change.at.timestamp() * 1000),
        scope="single",
    )


def _registration(what: str) -> Builder:
    """Return a builder of an event about a registrant."""

    def build(
        simulator: ZoomState, change: Change, room: Room, details: RoomDetails
    ) -> Iterator[Event]:
        people = simulator.world.participants[room.id]
        person = next((p for p in people if p.id == change.subject_id), None)
        if person is None:
            return
        row = room_row(simulator, room, details)
        object_ = {name: row[name] for name in IDENTITY if name in row}
        object_["registrant"] = _registrant(simulator, person, whole=what == "created")
        operation = {} if what == "created" else {"operator": row["host_email"]}
        name = f"{details.kind}.registration_{what}"
        yield _event(simulator, name, change.at, object_, **operation)

    return build


def _registrant(simulator: ZoomState, person: Participant, *, whole: bool) -> Row:
    row = registrant_row(simulator, person)
    if whole:
        return row
    names = ("id", "email", "first_name", "last_name", "join_url")
    short = {name: row[name] for name in names if name in row}
    return short | {"status": status_of(person)}


# -------------------------------------------------------------------------------------- recordings


def _recording(what: str) -> Builder:
    """Return a builder of an event about a recording; the completed one has a token beside it."""

    def build(
        simulator: ZoomState, change: Change, room: Room, details: RoomDetails
    ) -> Iterator[Event]:
        part = simulator.world.recordings.get(change.subject_id)
        if part is None or not is_ready(simulator, part):
            return
        run = next(run for run in find_recordings(simulator) if part in run.parts)
        host = simulator.world.users[details.host_id]
        row = recording_row(simulator, run, text_type=False) | secrets_row(simulator, run)
        row |= {"host_email": host.email, "share_url": share_link(simulator, run)}
        name = f"recording.{what}"
        event = _event(simulator, name, change.at, row)
        if what == "completed":
            beside = {"download_token": simulator.new_download_token()}
            event = Event(name=name, at=change.at, payload=event.payload, beside=beside)
        yield event

    return build


_BUILDERS: Final[Mapping[str, Builder]] = {
    "session started": _started,
    "session ended": _ended,
    "entered": _entered,
    "moved": _moved,
    "left": _left,
    "created": _room_event("created"),
    "deleted": _room_event("deleted"),
    "converted": _converted,
    "recovered": _room_event("recovered"),
    "updated": _updated,
    "registered": _registration("created"),
    "registration approved": _registration("approved"),
    "registration denied": _registration("denied"),
    "registration cancelled": _registration("cancelled"),
    "recorded": _recording("completed"),
    "recording ready": _recording("completed"),
    "recording trashed": _recording("trashed"),
    "recording deleted": _recording("deleted"),
    "recording recovered": _recording("recovered"),
}

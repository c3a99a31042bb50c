"""Events from changes of the world: docs/vendors/zoom.md#events

`build_events` is a function of the state and one change. Nothing is sent here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from conferencing.model import Participant, Room
from conferencing.world import Change

from .event_parts import make_event, run_object
from .formats import instant
from .person_events import build_entered, build_left, build_moved
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


def _build_started(
    simulator: ZoomState, change: Change, room: Room, details: RoomDetails
) -> Iterator[Event]:
    row = run_object(simulator, room, details, simulator.world.sessions[change.subject_id])
    yield make_event(simulator, f"{details.kind}.started", change.at, row)


def _build_ended(
    simulator: ZoomState, change: Change, room: Room, details: RoomDetails
) -> Iterator[Event]:
    session = simulator.world.sessions[change.subject_id]
    row = run_object(simulator, room, details, session)
    row["end_time"] = instant(session.ended_at or change.at)
    yield make_event(simulator, f"{details.kind}.ended", session.ended_at or change.at, row)


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
        yield make_event(simulator, f"{details.kind}.{what}", change.at, object_, **operation)

    return build


def _build_converted(
    simulator: ZoomState, change: Change, room: Room, details: RoomDetails
) -> Iterator[Event]:
    """Yield the event of a room that has become one of the other kind."""
    row = room_row(simulator, room, details)
    object_ = {name: row[name] for name in IDENTITY if name in row}
    former = "meeting" if details.kind == "webinar" else "webinar"
    yield make_event(simulator, f"{former}.converted_to_{details.kind}", change.at, object_)


def _build_updated(
    simulator: ZoomState, change: Change, room: Room, details: RoomDetails
) -> Iterator[Event]:
    """Yield an event with what has changed, and no more."""
    old, new = simulator.updates[room.id]
    changed = [name for name in UPDATED if old.get(name) != new.get(name)]
    identity = {"id": int(room.id), "uuid": new["uuid"]}
    yield make_event(
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
        yield make_event(simulator, name, change.at, object_, **operation)

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
        event = make_event(simulator, name, change.at, row)
        if what == "completed":
            beside = {"download_token": simulator.new_download_token()}
            event = Event(name=name, at=change.at, payload=event.payload, beside=beside)
        yield event

    return build


_BUILDERS: Final[Mapping[str, Builder]] = {
    "session started": _build_started,
    "session ended": _build_ended,
    "entered": build_entered,
    "moved": build_moved,
    "left": build_left,
    "created": _room_event("created"),
    "deleted": _room_event("deleted"),
    "converted": _build_converted,
    "recovered": _room_event("recovered"),
    "updated": _build_updated,
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

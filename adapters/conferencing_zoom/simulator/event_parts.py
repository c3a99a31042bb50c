"""What events have in common: the envelope, and the object of those about a run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from conferencing.model import Room, Session

from .formats import instant, minutes
from .state import Event, RoomDetails, ZoomState

__all__ = ["make_event", "run_object"]

Row = dict[str, Any]


def make_event(
    simulator: ZoomState, name: str, at: datetime, object_: Row, **payload: Any
) -> Event:
    body = {"account_id": simulator.account_id, **payload, "object": object_}
    return Event(name=name, at=at, payload=body)


def run_object(simulator: ZoomState, room: Room, details: RoomDetails, session: Session) -> Row:
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

"""What happens in a world of simulated people, and the events of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from random import Random
from typing import Any

from conferencing.webhooks import (
    Event,
    ParticipantJoined,
    ParticipantLeft,
    SessionEnded,
    SessionStarted,
)
from conferencing.world import World


def play_story(world: World, chance: Random, people_count: int) -> None:
    """Play two sessions in one room, in which people come, go, return, and use two devices."""
    room = world.add_room(name="Launch")
    for _ in range(2):
        world.start_session(room.id)
        inside: list[str] = []
        for _ in range(people_count * 3):
            world.advance(timedelta(seconds=chance.randrange(1, 60)))
            if inside and chance.random() < 0.4:
                world.leave(inside.pop(chance.randrange(len(inside))))
            else:
                number = chance.randrange(people_count)
                email = f"p{number}@example.com" if number % 4 else None
                inside.append(world.enter(room.id, f"Person {number}", email).id)
        world.advance(timedelta(minutes=1))
        world.end_session(room.id)
        world.advance(timedelta(minutes=10))


def events_of(world: World) -> Iterable[Event]:
    """Yield the events of all that happened in a world."""
    for session in world.sessions.values():
        ids: dict[str, Any] = {"session_id": session.id, "room_id": session.room_id}
        yield SessionStarted(id=f"{session.id} started", started_at=session.started_at, **ids)
        yield SessionEnded(id=f"{session.id} ended", ended_at=session.ended_at, **ids)
        for visit in world.visits_of(session.id):
            who: dict[str, Any] = {
                "visit_id": visit.id,
                "display_name": visit.name,
                "email": visit.email,
                "role": visit.role,
            }
            yield ParticipantJoined(
                id=f"{visit.id} joined", joined_at=visit.joined_at, **ids, **who
            )
            yield ParticipantLeft(id=f"{visit.id} left", left_at=visit.left_at, **ids, **who)

"""One story of a meeting, told by what Pub/Sub pushes and by the API."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

from stories import deliver_all, send_late

from conferencing import connect
from conferencing.sandbox import Sandbox
from conferencing.webhooks import (
    Event,
    SessionEnded,
    SessionStarted,
    aiohttp_handler,
    attendance_from_events,
)


def play_session(world: Any, key: str, chance: Random) -> None:
    """Let 30 people come and go, some with two devices, and one in three not signed in."""
    inside: list[str] = []
    for _ in range(90):
        world.advance(timedelta(seconds=chance.randrange(1, 30)))
        if inside and chance.random() < 0.45:
            world.leave(inside.pop(chance.randrange(len(inside))))
        else:
            number = chance.randrange(30)
            email = f"p{number}@example.org" if number % 3 else None
            inside.append(world.enter(key, f"P {number}", email).id)
    world.advance(timedelta(minutes=1))
    world.end_session(key)


async def test_pushed_events_and_api_agree(serve: Any, clock: Any) -> None:
    """Late, twice and in any order, messages fold to the records of the API; only names are missing."""
    received: list[Event] = []
    async with (
        Sandbox(["googlemeet"]) as sandbox,
        connect(sandbox.account("googlemeet"), clock=clock) as conference,
        conference.webhooks.receiver(received.append, answer_within=20) as receiver,
    ):
        simulator: Any = sandbox["googlemeet"].simulator
        send_late(simulator)
        url = await serve(aiohttp_handler(receiver))
        simulator.push(url)
        room = await conference.create_room("Launch")
        await conference.webhooks.subscribe(url, room)
        for _ in range(2):
            play_session(simulator.world, room.id.rpartition(":")[2], Random(7))
        assert not received  # they are late
        simulator.world.advance(timedelta(hours=1))
        await deliver_all(simulator, clock)
        asked = {
            (session.id, record.id): record.segments
            for session in await conference.sessions(room).collect()
            for record in await conference.attendance(session).collect()
        }
    assert sum(isinstance(event, SessionStarted | SessionEnded) for event in received) == 4
    told = attendance_from_events(received)
    assert {(record.session_id, record.id): record.segments for record in told} == asked
    assert len(asked) > 40

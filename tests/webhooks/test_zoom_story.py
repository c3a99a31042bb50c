"""A vendor's webhooks end to end: its simulator, its adapter, a receiver, and its report."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from conferencing import Support, connect
from conferencing.sandbox import Sandbox
from conferencing.webhooks import (
    Event,
    SessionEnded,
    SessionStarted,
    aiohttp_handler,
    attendance_from_events,
)
from conferencing.world import World
from conferencing_zoom.wire.base import split_room_id


def play(world: World, room_id: str, chance: Random) -> None:
    """Let 60 people come, go, and return, some of them twice at a time."""
    inside: list[str] = []
    for _ in range(150):
        world.advance(timedelta(seconds=chance.randrange(1, 30)))
        if inside and chance.random() < 0.4:
            world.leave(inside.pop(chance.randrange(len(inside))))
        else:
            number = chance.randrange(60)
            inside.append(world.enter(room_id, f"P {number}", f"p{number}@example.com").id)
    world.advance(timedelta(minutes=1))
    world.end_session(room_id)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.exhaustive)])
async def test_zooms_webhooks_give_what_its_report_gives(seed: int, serve: Any, clock: Any) -> None:
    received: list[Event] = []
    async with (
        Sandbox(["zoom"]) as sandbox,
        connect(sandbox.account("zoom"), clock=clock) as conference,
        conference.webhooks.receiver(received.append, answer_within=20) as receiver,
    ):
        assert conference.capabilities.webhooks is Support.NATIVE
        simulator: Any = sandbox["zoom"].simulator
        assert await simulator.subscribe(await serve(aiohttp_handler(receiver)))
        simulator.quirks["duplicate_webhooks"] = simulator.quirks["reorder_webhooks"] = True
        room = await conference.create_room(
            "Launch", starts_at=simulator.world.now, duration=timedelta(hours=1)
        )
        play(simulator.world, split_room_id(room.id)[1], Random(seed))
        clock.time = (simulator.world.now - clock.start).total_seconds()
        while simulator.webhooks.pending or await simulator.webhooks.deliver():
            await simulator.webhooks.deliver()
        simulator.world.advance(timedelta(hours=1))
        (session,) = await conference.sessions(room).collect()
        reported = await conference.attendance(session).collect()
    assert len(received) == len({event.id for event in received}) > 150
    assert sum(isinstance(event, SessionStarted | SessionEnded) for event in received) == 2
    folded = attendance_from_events(received)
    assert sorted(folded, key=lambda row: row.id) == sorted(reported, key=lambda row: row.id)

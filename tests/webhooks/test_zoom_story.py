"""One story of a meeting, told by webhooks, by the report, and by the list of past participants.

60 people, 40 of them registered, come, some with two devices at a time; some wait to be let in;
they go and return; one "left" is lost; and the meeting is ended and started again.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from attrs import evolve
from stories import (
    LAST,
    REGISTERED,
    address_of,
    deliver_all,
    expect_in_any_order,
    fetch_attendance,
    in_order,
    play_session,
    send_late,
)

from conferencing import Attendance, Person, Precision, Support, connect
from conferencing.sandbox import Sandbox
from conferencing.webhooks import (
    Event,
    SessionEnded,
    SessionStarted,
    aiohttp_handler,
)
from conferencing_zoom.wire.base import split_room_id


def _presence(row: Attendance) -> tuple[Any, ...]:
    """Return who was there and when, without ids."""
    segments = [(segment.joined_at, segment.left_at) for segment in row.segments]
    return row.session_id, row.display_name, row.email or "", segments, row.precision


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.exhaustive)])
async def test_a_meetings_sources_agree(seed: int, serve: Any, clock: Any) -> None:
    chance = Random(seed)
    received: list[Event] = []
    async with (
        Sandbox(["zoom"]) as sandbox,
        connect(sandbox.account("zoom"), clock=clock) as conference,
        connect({**sandbox.account("zoom"), "attendance": "past"}, clock=clock) as of_past,
        conference.webhooks.receiver(received.append, answer_within=20) as receiver,
    ):
        assert conference.capabilities.webhooks is Support.NATIVE
        simulator: Any = sandbox["zoom"].simulator
        assert await simulator.subscribe(await serve(aiohttp_handler(receiver)))
        send_late(simulator)
        room = await conference.create_room(
            "Launch",
            starts_at=simulator.world.now,
            duration=timedelta(hours=3),
            registration=True,
        )
        for name in REGISTERED:
            await conference.register(room, Person(name=name, email=address_of(name)))
        number = split_room_id(room.id)[1]
        play_session(simulator, number, chance)
        simulator.world.advance(timedelta(minutes=2))
        play_session(simulator, number, chance)
        assert not received  # they are late
        simulator.world.advance(timedelta(hours=2))
        await deliver_all(simulator, clock)
        reported = in_order(await fetch_attendance(conference, room))
        past = in_order(await fetch_attendance(of_past, room))

    assert len(received) == len({event.id for event in received}) > 300
    assert sum(isinstance(event, SessionStarted | SessionEnded) for event in received) == 4
    # The list of past participants names no registration, so only its ids differ.
    assert sorted(map(_presence, past)) == sorted(map(_presence, reported))
    # What the events cannot know is told: this end is the session's, not the person's.
    expected = [
        evolve(row, precision=Precision.SPAN) if row.display_name == LAST else row
        for row in reported
    ]
    assert sum(row.display_name == LAST for row in reported) == 2

    expect_in_any_order(received, expected)

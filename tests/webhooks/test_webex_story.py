"""The story of a meeting, told by Webex's webhooks and by its list of participants."""

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

from conferencing import Person, Precision, Role, connect
from conferencing.sandbox import Sandbox
from conferencing.webhooks import (
    Event,
    SessionEnded,
    SessionStarted,
    aiohttp_handler,
)

UNTOLD = {"role": Role.UNKNOWN, "merged_by": ()}
"""What events do not tell, or tell otherwise: whether the run is that of a meeting."""


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.exhaustive)])
async def test_a_meetings_sources_agree(seed: int, serve: Any, clock: Any) -> None:
    chance = Random(seed)
    received: list[Event] = []
    async with (
        Sandbox(["webex"]) as sandbox,
        connect(sandbox.account("webex"), clock=clock) as conference,
        conference.webhooks.receiver(received.append, answer_within=20) as receiver,
    ):
        simulator: Any = sandbox["webex"].simulator
        await conference.webhooks.subscribe(await serve(aiohttp_handler(receiver)))
        room = await conference.create_room(
            "Launch",
            starts_at=simulator.world.now,
            duration=timedelta(hours=3),
            registration=True,
        )
        for name in REGISTERED:
            person = Person(first_name=name, last_name="X", email=address_of(name))
            await conference.register(room, person)
        send_late(simulator)
        play_session(simulator, room.id, chance)
        simulator.world.advance(timedelta(minutes=2))
        play_session(simulator, room.id, chance)
        simulator.world.advance(timedelta(hours=2))
        await deliver_all(simulator, clock)
        listed = in_order(await fetch_attendance(conference, room))
        truth = [
            record
            for session in simulator.world.sessions.values()
            for record in simulator.world.attendance(session.id)
        ]

    assert len(received) == len({event.id for event in received}) > 200
    assert sum(isinstance(event, SessionStarted | SessionEnded) for event in received) == 4
    people = {(row.session_id, row.email, segment) for row in truth for segment in row.segments}
    assert {(row.session_id, row.email, part) for row in listed for part in row.segments} == people
    assert {row.role for row in listed} == {Role.ATTENDEE}
    expected = [
        evolve(row, **UNTOLD, precision=Precision.SPAN)
        if row.display_name == LAST
        else evolve(row, **UNTOLD)
        for row in listed
    ]
    assert sum(row.display_name == LAST for row in listed) == 2

    expect_in_any_order(received, expected, **UNTOLD)

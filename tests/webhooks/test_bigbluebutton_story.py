"""One story of a meeting, told by the callback at its end, by webhooks, and by polling.

People come, some with two devices at a time or without an address; they go and return; one "left" is
lost; and the meeting is ended and held again. The three programs know nothing of each other.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from random import Random
from typing import Any

from attrs import evolve, frozen
from stories import LAST, deliver_all, expect_in_any_order, in_order, send_late

from conferencing import Attendance, Conference, Person, Precision, Role, Session, connect
from conferencing.sandbox import Sandbox
from conferencing.webhooks import Event, aiohttp_handler

MEETING = {"meetingID": "course-17"}


@frozen
class Programs:
    """Three programs with stores of their own, about the same meeting."""

    called_back: Conference
    subscribed: Conference
    polling: Conference
    received: list[Event]


@asynccontextmanager
async def run_programs(sandbox: Sandbox, serve: Any, clock: Any) -> AsyncIterator[Programs]:
    account = sandbox.account("bigbluebutton")
    received: list[Event] = []
    async with (
        connect({**account, "room_store": "memory"}, clock=clock) as subscribed,
        connect({**account, "room_store": "memory"}, clock=clock) as polling,
        subscribed.webhooks.receiver(received.append, answer_within=20) as receiver,
    ):
        hooks = await serve(aiohttp_handler(receiver))
        handlers: list[Any] = []

        async def handle(request: Any) -> Any:
            return await handlers[0](request)

        url = await serve(handle)
        own = {**account, "room_store": "memory", "callback_url": url}
        async with (
            connect(own, clock=clock) as called_back,
            called_back.webhooks.receiver(lambda _: None, answer_within=20) as other,
        ):
            handlers.append(aiohttp_handler(other))
            for conference in (called_back, subscribed, polling):
                await conference.create_room("Course", native=MEETING)
            await subscribed.webhooks.subscribe(hooks, MEETING["meetingID"])
            yield Programs(called_back, subscribed, polling, received)


def address_of(number: int) -> str | None:
    """Return the e-mail address of a person; every sixth comes without one."""
    return f"p{number}@example.com" if number % 6 else None


async def play_session(programs: Programs, simulator: Any, chance: Random) -> None:
    """Let people come and go, and end the session with one person inside, whose "left" is lost."""
    world, room = simulator.world, MEETING["meetingID"]
    await programs.called_back.start_session(room, Person(name="Zoë", email="zoe@example.com"))
    inside = [world.enter(room, "Zoë", "zoe@example.com", Role.HOST).id]
    for step in range(90):
        world.advance(timedelta(seconds=chance.randrange(1, 30)))
        if inside and chance.random() < 0.45:
            world.leave(inside.pop(chance.randrange(len(inside))))
        else:
            number = chance.randrange(30)
            inside.append(world.enter(room, f"P {number}", address_of(number)).id)
        if step % 5 == 0:
            await look(programs.polling)
    world.enter(room, LAST, "last@example.com")
    world.advance(timedelta(seconds=30))
    for visit_id in inside:
        world.leave(visit_id)
    world.advance(timedelta(seconds=20))
    await look(programs.polling)
    simulator.quirks["lose_left"] = True
    world.end_session(room)
    simulator.quirks["lose_left"] = False
    await look(programs.polling)


async def look(conference: Conference) -> None:
    """Look who is in the meeting, as a program does on a timer."""
    await conference.sessions(MEETING["meetingID"]).collect()


async def fetch(conference: Conference) -> tuple[list[Session], list[Attendance]]:
    """Return the two sessions and their attendance, in an order that depends on no source."""
    sessions = await conference.sessions(MEETING["meetingID"]).collect()
    rows = [await conference.attendance(session).collect() for session in sessions]
    return sessions, in_order(row for listed in rows for row in listed)


async def test_a_meetings_sources_agree(serve: Any, clock: Any) -> None:
    chance = Random(0)
    async with (
        Sandbox(["bigbluebutton"]) as sandbox,
        run_programs(sandbox, serve, clock) as programs,
    ):
        simulator: Any = sandbox["bigbluebutton"].simulator
        send_late(simulator)
        await play_session(programs, simulator, chance)
        simulator.world.advance(timedelta(minutes=2))
        await play_session(programs, simulator, chance)
        assert not programs.received  # they are late
        simulator.world.advance(timedelta(hours=2))
        await deliver_all(simulator, clock)
        sessions, reported = await fetch(programs.called_back)
        others, pushed = await fetch(programs.subscribed)
        polled_sessions, polled = await fetch(programs.polling)

    assert len(sessions) == 2
    facts = [(each.id, each.started_at, each.ended_at, each.title) for each in sessions]
    assert [(each.id, each.started_at, each.ended_at, each.title) for each in others] == facts
    # What the events cannot know is told: this end is the session's, not the person's.
    expected = [
        evolve(row, precision=Precision.SPAN) if row.display_name == LAST else row
        for row in reported
    ]
    assert len(reported) > 50
    assert sum(row.display_name == LAST for row in reported) == 2
    assert pushed == expected
    assert [each.id for each in polled_sessions] == [each.id for each in sessions]
    assert [each.ended_at for each in polled_sessions] == [None, None]  # nobody has reported it
    check_coarse(polled, reported)

    expect_in_any_order(programs.received, expected)


def check_coarse(polled: list[Attendance], reported: list[Attendance]) -> None:
    """Check that polls saw nobody who was not there, at no other time, and say how exact they are."""
    real = {(row.session_id, row.id): row for row in reported}
    assert len(polled) > len(reported) / 3
    for row in polled:
        same = real[row.session_id, row.id]
        assert (row.display_name, row.email, row.role) == (same.display_name, same.email, same.role)
        assert row.precision in {Precision.SPAN, Precision.JOINED}
        for segment in row.segments:
            moments = filter(None, (segment.joined_at, segment.left_at))
            assert all(was_inside(same, moment) for moment in moments)


def was_inside(row: Attendance, moment: Any) -> bool:
    return any(
        segment.left_at is not None and segment.joined_at <= moment <= segment.left_at
        for segment in row.segments
    )

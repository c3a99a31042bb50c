"""A meeting on Meet.rs: people enter in different ways, and the reports match."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio
from test_joining import join, leave, sign_in

from conferencing import Conference, Invitee, Passcode, Person, Room, SignIn, connect
from conferencing.sandbox import Sandbox

JOHN = Person(first_name="John", last_name="Smith", email="john@example.com")
JACK = Person(first_name="Jack", last_name="Sparrow", email="jack@example.com")
ZUMI = Person(first_name="Zumi", last_name="Zami", email="zumi@example.com")


@pytest_asyncio.fixture(loop_scope="session")
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(["meetrs"]) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def conference(sandbox: Sandbox) -> AsyncIterator[Conference]:
    async with connect(sandbox.account("meetrs")) as client:
        yield client


async def planned(conference: Conference) -> Room:
    return await conference.create_room(
        "Interview",
        people=[
            Invitee(person=JOHN, role="host", entry=Passcode("112233")),
            Invitee(person=JACK, role="presenter", entry=SignIn("google")),
            Invitee(
                person=ZUMI, role="attendee", entry=SignIn("microsoft", email="z@zami.example")
            ),
            Invitee(role="guest", entry=Passcode("55555")),
        ],
    )


async def test_people_enter_in_four_ways_and_are_reported(sandbox, conference, person) -> None:
    room = await planned(conference)
    world = sandbox["meetrs"].simulator.world
    john, jack, zumi, guest = [await person() for _ in range(4)]
    for page in (john, jack, zumi, guest):
        await page.goto(room.join_url)

    await john.get_by_label("Passcode").fill("99999")
    await john.get_by_role("button", name="Join").click()
    await john.get_by_role("alert").get_by_text("This passcode is not right").wait_for()
    await sign_in(zumi, "Microsoft", "zumi@example.com")  # the condition is another address
    await zumi.get_by_role("alert").get_by_text("not invited").wait_for()
    await sign_in(jack, "Google", "mallory@example.com")
    await jack.get_by_role("alert").get_by_text("not invited").wait_for()
    assert list(world.visits) == []

    await john.get_by_label("Passcode").fill("112233")
    await join(john)
    world.advance(timedelta(minutes=5))  # alone: this time is not billable
    await sign_in(jack, "Google", "jack@example.com")
    await join(jack)
    await sign_in(zumi, "Microsoft", "z@zami.example")
    await join(zumi)
    await guest.get_by_label("Passcode").fill("55555")
    await guest.get_by_label("Your name").fill("Gus")
    await join(guest)
    world.advance(timedelta(minutes=25))
    await jack.locator(".scale label", has_text="4").click()
    await jack.get_by_label("Comment").fill("Sharp questions")
    for page in (jack, zumi, guest, john):
        await leave(page)

    assert [(visit.name, visit.role) for visit in world.visits.values()] == [
        ("John Smith", "host"),
        ("Jack Sparrow", "presenter"),
        ("Zumi Zami", "attendee"),
        ("Gus", "guest"),
    ]
    [used] = await conference.usage().collect()
    assert (used.room_id, used.people, used.free) == (room.id, 4, False)
    assert used.duration == timedelta(minutes=30)
    assert used.billable == timedelta(minutes=25)
    [feedback] = await conference.feedback().collect()
    assert (feedback.rating, feedback.text, feedback.room_id) == (4, "Sharp questions", room.id)
    [session] = await conference.sessions(room).collect()
    assert (session.people, session.duration) == (4, timedelta(minutes=30))

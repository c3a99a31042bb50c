"""The same program on memory, ClickMeeting, both VConnct APIs and Zoom: only the account differs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from conferencing import Conference, Operation, Person, Room, connect
from conferencing.sandbox import Sandbox, World

Visit = Callable[[Room], Awaitable[None]]
HOST = Person(name="Zoë Host", email="zoe@example.com")
ANN = Person(name="Ann Lee", first_name="Ann", last_name="Lee", email="ann@example.com")


async def program(conference: Conference, visit: Visit) -> dict[str, Any]:
    """Hold a meeting and return what happened, with nothing that is particular to a provider."""
    can = conference.capabilities.supports
    room = await conference.create_room(
        "Launch", description="Welcome", registration=True, ignore_unsupported=True
    )
    if can(Operation.REGISTER):
        await conference.register(room, ANN)
    if can(Operation.START_SESSION):
        host = await conference.start_session(room, HOST)
    else:
        host = await conference.join_link(room, role="host", person=HOST)
    guest = await conference.join_link(room, person=ANN)
    await visit(room)
    sessions = await conference.sessions(room).collect()
    if can(Operation.END_SESSION):
        await conference.end_session(sessions[-1])
    session = (await conference.sessions(room).collect())[-1]
    people = await conference.attendance(session).collect()
    return {
        "room": (await conference.get_room(room.id)).name,
        "links": [host.role, guest.role, host.url != guest.url],
        "session": (session.room_id == room.id, session.duration),
        "people": sorted(person.email or person.display_name or "" for person in people),
        "stayed": [person.duration for person in people],
        "recordings": len(await conference.recordings(session).collect()),
    }


@pytest.mark.parametrize(
    ("provider", "dialect", "people", "stayed"),
    [
        ("memory", "", ["ann@example.com"], [timedelta(minutes=30)]),
        ("clickmeeting", "", ["ann@example.com"], [timedelta(minutes=30)]),
        ("vconnct", "", ["Ann Lee"], [None]),
        ("vconnct", "v4", ["ann@example.com"], [timedelta(minutes=30)]),
        ("zoom", "", ["ann@example.com"], [timedelta(minutes=30)]),
        ("zoom", "user", ["ann@example.com"], [timedelta(minutes=30)]),
    ],
)
async def test_same_program_runs_on_every_provider(provider, dialect, people, stayed) -> None:
    async with Sandbox([] if provider == "memory" else [provider]) as sandbox:
        account = (
            {"provider": "memory"} if provider == "memory" else sandbox.account(provider, dialect)
        )
        if provider == "zoom":  # its reports leave out sessions of one person
            account["attendance"] = "past"
        async with connect(account) as conference:
            outcome = await program(conference, _visitor(conference, sandbox))
    assert outcome == {
        "room": "Launch",
        "links": ["host", "attendee", True],
        "session": (True, timedelta(minutes=30)),
        "people": people,
        "stayed": stayed,
        "recordings": 0,
    }


def _visitor(conference: Conference, sandbox: Sandbox) -> Visit:
    """Return a visit of half an hour that also ends a session which the API cannot end."""
    provider: Any = conference.provider
    world: World = provider.world if hasattr(provider, "world") else _world(sandbox, conference)

    async def visit(room: Room) -> None:
        place = next(reversed(world.rooms))  # some adapters add to the vendor's id
        world.enter(place, ANN.name or "", ANN.email)
        world.advance(timedelta(minutes=30))
        if not conference.capabilities.supports(Operation.END_SESSION):
            world.end_session(place)

    return visit


def _world(sandbox: Sandbox, conference: Conference) -> World:
    return sandbox[conference.provider.name].simulator.world

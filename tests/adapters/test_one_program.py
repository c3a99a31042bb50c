"""The same program on every account: only the account differs, and what is left out on it."""

from __future__ import annotations

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from conferencing import Conference, Operation, Person, Room, connect
from conferencing.cli.sandbox import format_configuration
from conferencing.sandbox import Sandbox, World
from conferencing.testing.packed import last_part

Visit = Callable[[Room], Awaitable[None]]
HOST = Person(name="Zoë Host", email="zoe@example.com")
ANN = Person(name="Ann Lee", first_name="Ann", last_name="Lee", email="ann@example.com")


async def program(conference: Conference, visit: Visit) -> dict[str, Any]:
    """Hold a meeting and return what happened, with nothing that is particular to a provider."""
    can = conference.capabilities.supports
    room = await conference.create_room(
        "Launch", description="Welcome", registration=True, ignore_unsupported=True
    )
    if can(Operation.REGISTER) and "registration" not in room.left_out:
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
        ("gotowebinar", "", ["ann@example.com"], [timedelta(minutes=30)]),
        ("vconnct", "", ["Ann Lee"], [None]),
        ("vconnct", "v4", ["ann@example.com"], [timedelta(minutes=30)]),
        ("webex", "", ["ann@example.com"], [timedelta(minutes=30)]),
        ("zoom", "", ["ann@example.com"], [timedelta(minutes=30)]),
        ("zoom", "user", ["ann@example.com"], [timedelta(minutes=30)]),
        ("teams", "", ["Ann Lee"], [timedelta(minutes=30)]),
    ],
)
async def test_same_program_runs_on_every_provider(provider, dialect, people, stayed) -> None:
    async with Sandbox([] if provider == "memory" else [provider]) as sandbox:
        account = (
            {"provider": "memory"} if provider == "memory" else sandbox.account(provider, dialect)
        )
        if provider == "zoom":  # its reports leave out sessions of one person
            account["attendance"] = "past"
        if provider == "webex":  # it reports a session some time after its end
            sandbox[provider].simulator.quirks["late_runs"] = False
        async with connect(account) as conference:
            outcome = await program(conference, _visitor(conference, sandbox))
    assert outcome == {
        "room": "Launch",
        "links": ["host", "attendee", provider != "teams"],  # one link for everybody
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
            world.advance(FINISHED)

    return visit


def _world(sandbox: Sandbox, conference: Conference) -> World:
    return sandbox[conference.provider.name].simulator.world


# ------------------------------------------------------------- a program in a process of its own

COURSE = Path(__file__).with_name("course.py")
NEEDS = ["description", "starts_at", "duration", "registration", "register", "list_participants",
         "start_session", "end_session", "list_sessions", "attendance", "recordings",
         "delete_room"]  # fmt: skip
ACCOUNTS = {
    "bigbluebutton", "clickmeeting", "googlemeet", "googlemeet-delegated", "gotowebinar", "meetrs",
    "teams", "teams-plain", "vconnct", "vconnct-v4", "webex", "zoom", "zoom-user",
}  # fmt: skip
OF_WEBINARS = ["registration", "register", "list_participants"]
ROOMS_LACK = {
    "googlemeet": ["end_session"],
    "googlemeet-delegated": ["end_session"],
    "teams": OF_WEBINARS,
    "teams-plain": [*OF_WEBINARS, "recordings"],
}
"""What an account has for rooms of another form or kind than that of the course."""

FINISHED = timedelta(minutes=5)
"""After which every vendor has a report of a session."""

LIMIT = 120
"""Seconds for all accounts together, on a busy machine."""


async def test_course_leaves_out_what_doctor_names(tmp_path: Path) -> None:
    configuration = tmp_path / "conferencing.toml"
    async with Sandbox() as sandbox, asyncio.timeout(LIMIT):
        configuration.write_text(format_configuration(sandbox), "utf-8")
        sandbox["webex"].simulator.quirks["late_runs"] = False
        unmet = await ask_doctor(configuration)
        assert set(unmet) == ACCOUNTS
        for account, needs in unmet.items():
            without = [*needs, *ROOMS_LACK.get(account, [])]
            world = sandbox[account.partition("-")[0]].simulator.world
            outcome = await hold_course(configuration, account, without, world)
            expected = expected_outcome(without)
            if account == "gotowebinar":  # everybody who comes is registered, the host as well
                expected["registered"] = [ANN.email, HOST.email]
            assert outcome == expected, account


async def ask_doctor(configuration: Path) -> dict[str, list[str]]:
    """Return the needs that each account does not meet, as `conferencing doctor --needs` says."""
    words = ("doctor", "--json", "--config", str(configuration), "--needs", ",".join(NEEDS))
    process = await start("-m", "conferencing", *words)
    out, problems = await process.communicate()
    assert problems == b""
    unmet: dict[str, list[str]] = {}
    for need in json.loads(out)["data"]["needs"]:
        unmet.setdefault(need["account"], [])
        if not need["is_met"]:
            unmet[need["account"]].append(need["need"])
    return unmet


async def hold_course(
    configuration: Path, account: str, without: list[str], world: World
) -> dict[str, Any]:
    """Run the program while two people meet for half an hour, and return what it prints."""
    process = await start(str(COURSE), str(configuration), account, *without)
    assert process.stdout is not None
    room_id = (await process.stdout.readline()).decode().strip()
    # Without an id the program has failed; its end says why.
    if room_id:
        number = last_part(room_id)
        for person in (HOST, ANN):
            world.enter(number, person.name or "", person.email)
        world.advance(timedelta(minutes=30))
        if "end_session" in without:
            world.end_session(number)
            world.advance(FINISHED)
    out, problems = await process.communicate(b"\n")
    assert (process.returncode, problems) == (0, b""), problems.decode()
    outcome: dict[str, Any] = json.loads(out)
    return outcome


def expected_outcome(without: list[str]) -> dict[str, Any]:
    """Return what the program says on an account that lacks some of the needs."""
    outcome: dict[str, Any] = {"room": "Course", "link": "attendee"}
    if "list_participants" not in without:
        outcome["registered"] = [ANN.email]
    if "attendance" not in without:
        outcome["present"] = 2
    if "recordings" not in without:
        outcome["recordings"] = 0
    return outcome


async def start(*words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, *words, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )

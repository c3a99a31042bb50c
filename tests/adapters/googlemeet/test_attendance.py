"""Attendance: two levels folded into one record each, within the vendor's limits, with addresses if asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from scenarios import catch_up

from conferencing import Conference, Precision, Session, connect
from conferencing.testing import FakeClock
from conferencing.testing.injector import FaultInjector
from conferencing.world import World
from conferencing_googlemeet.simulator import GoogleMeetSimulator

MINUTE = timedelta(minutes=1)
MOST_CONNECTIONS = 8
CROWD = 1000


class LinkedClock(FakeClock):
    """A clock whose sleeps move the world on as well, so that the simulator counts by the same minutes."""

    def __init__(self, world: World) -> None:
        super().__init__(world.now)
        self.world = world

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        behind = self.now() - self.world.now
        if behind > timedelta():
            self.world.advance(behind)


@asynccontextmanager
async def open_client(injector: FaultInjector, **keys: Any) -> AsyncIterator[Conference]:
    account = {"provider": "googlemeet", **injector.simulator.settings(), **keys}
    clock = LinkedClock(injector.simulator.world)
    async with connect(account, clock=clock) as conference:
        await conference.check()
        injector.clear()
        yield conference


def hold_session(world: World, people: int) -> Session:
    """Hold a session of an hour with this many people."""
    room = world.add_room(name="Launch", starts_at=world.now)
    for number in range(people):
        world.enter(room.id, f"Guest {number}", f"guest{number}@example.org")
    world.advance(60 * MINUTE)
    return world.end_session(room.id)


@pytest.mark.parametrize(("attendance", "most"), [("segments", CROWD + 4), ("span", 4)])
async def test_crowd_is_listed_within_limits(attendance, most) -> None:
    """No call is refused, although 600 a minute are the limit."""
    async with FaultInjector(GoogleMeetSimulator(quirks={"quotas": True})) as injector:
        session = hold_session(injector.simulator.world, CROWD)
        async with open_client(injector, attendance=attendance) as conference:
            before = injector.connections
            records = await conference.attendance(f"me:{session.id}").collect()
            assert len(records) == CROWD
            assert {record.duration for record in records} == {60 * MINUTE}
            assert {record.precision for record in records} == {Precision(attendance)}
        assert len(injector.requests) <= most
        assert {answer.status for answer in injector.answers} == {200}
        assert injector.connections - before < MOST_CONNECTIONS  # one was open before


async def test_without_pace_quota_refuses(clock) -> None:
    """The limit of the test above is one that counts."""
    async with FaultInjector(GoogleMeetSimulator(quirks={"quotas": True})) as injector:
        session = hold_session(injector.simulator.world, 700)
        async with open_client(injector, rate="100000/s", retries=0) as conference:
            with pytest.raises(Exception, match="too many calls"):
                await conference.attendance(f"me:{session.id}").collect()


async def test_people_with_two_devices_and_returns(simulator, conference, world) -> None:
    room = world.add_room(name="Launch", starts_at=world.now)
    laptop = world.enter(room.id, "Ann Lee", "ann@example.org")
    world.advance(5 * MINUTE)
    phone = world.enter(room.id, "Ann Lee", "ann@example.org")
    world.enter(room.id, "Ann Lee")  # not signed in: another participant
    world.enter(room.id, "+48 •• 67", device="phone")
    world.advance(5 * MINUTE)
    world.leave(laptop.id)
    world.advance(5 * MINUTE)
    world.leave(phone.id)
    session = world.end_session(room.id)
    ann, guest, caller = await conference.attendance(f"me:{session.id}").collect()
    assert (ann.display_name, len(ann.segments), ann.duration) == ("Ann Lee", 2, 15 * MINUTE)
    assert (guest.display_name, guest.email) == ("Ann Lee", None)
    assert guest.id != ann.id
    assert caller.display_name == "+48 •• 67"
    assert "phoneUser" in caller.native


async def test_presence_without_end_is_unknown(simulator, conference, world) -> None:
    session = hold_session(world, 2)
    simulator.quirks["lose_end"] = True
    records = await conference.attendance(f"me:{session.id}").collect()
    assert [record.left_at for record in records] == [None, None]
    assert [record.duration for record in records] == [None, None]


async def test_empty_page_does_not_end_listing(simulator, conference, world) -> None:
    session = hold_session(world, 3)
    simulator.quirks["empty_pages"] = True
    assert len(await conference.attendance(f"me:{session.id}").collect()) == 3


@pytest.mark.parametrize("source", ["people", "directory"])
async def test_addresses_are_looked_up_if_account_says_so(
    sandbox, served, world, clock, source
) -> None:
    room = world.add_room(name="Launch", starts_at=world.now)
    world.enter(room.id, "Olga Host", "olga@example.com")
    world.enter(room.id, "Somebody", "guest@elsewhere.org")
    world.enter(room.id, "Zoë")
    session = world.end_session(room.id)
    account = {**sandbox.account("googlemeet"), "emails": source}
    async with connect(account, clock=clock) as conference:
        listing = conference.attendance(f"me:{session.id}")
        records = await listing.collect()
    emails = {record.display_name: record.email for record in records}
    assert emails == {"Olga Host": "olga@example.com", "Somebody": None, "Zoë": None}
    assert listing.problems == ()
    if source == "people":
        (request,) = (each for each in served.requests if "batchGet" in each.target)
        assert request.target.count("resourceNames=people%2F1") == 2


async def test_failed_look_up_keeps_attendance(sandbox, served, world, clock) -> None:
    session = hold_session(world, 2)
    served.fail("status", status=403, match="batchGet")
    account = {**sandbox.account("googlemeet"), "emails": "people"}
    async with connect(account, clock=clock) as conference:
        listing = conference.attendance(f"me:{session.id}")
        assert len(await listing.collect()) == 2
        (problem,) = listing.problems
    assert problem.startswith("e-mail addresses are missing: ")


async def test_old_sessions_are_missing_and_said_so(conference, world) -> None:
    room = await conference.create_room("Launch", starts_at=world.now)
    key = room.id.rpartition(":")[2]
    listing = conference.sessions(room)
    assert await listing.collect() == []
    assert listing.problems == ()
    for _ in range(2):
        world.enter(key, "Ann")
        world.advance(MINUTE)
        world.end_session(key)
        world.advance(timedelta(days=20))
    catch_up(conference, world)
    (session,) = await listing.collect()
    assert session.expires_at == session.ended_at + timedelta(days=30)
    (problem,) = listing.problems
    assert "30 days" in problem
    recordings = conference.recordings(room)
    assert await recordings.collect() == []
    assert recordings.problems == (problem,)

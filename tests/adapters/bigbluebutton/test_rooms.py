"""Rooms that the library keeps, and what it knows of their sessions."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from conferencing import (
    Anyone,
    Conference,
    ConfigurationError,
    Conflict,
    InvalidRequest,
    NotAvailable,
    NotFound,
    Person,
    Precision,
    ProviderUnavailable,
    Role,
    Room,
    RoomSettings,
    SessionStatus,
    StoreUnavailable,
    UnsupportedOption,
    connect,
)
from conferencing.sandbox import ServedSimulator, World
from conferencing.testing import FakeClock, FaultServer, read, repeat, reply, send
from conferencing_bigbluebutton.wire.sessions import Attendee, Sightings, add_sighting

ZOE = Person(name="Zoë", email="zoe@example.com")
MINUTE = timedelta(minutes=1)


async def test_room_is_kept_with_all_its_fields(tmp_path: Path, account: dict[str, Any]) -> None:
    own = {**account, "room_store": f"sqlite:{tmp_path / 'rooms.db'}"}
    start = datetime(2027, 3, 27, 9, tzinfo=ZoneInfo("Europe/Warsaw"))
    async with connect(own) as conference:
        room = await conference.create_room(
            "Course", description="Hi", starts_at=start, duration=90 * MINUTE, waiting_room=True,
            capacity=9, settings=RoomSettings(camera=False), native={"meta_topic": "x"},
        )  # fmt: skip
    async with connect(own) as conference:
        (same,) = await conference.rooms().collect()
    assert same == room
    assert same.starts_at == start
    assert (same.starts_at + timedelta(days=1)).hour == 9  # across the change of the clocks
    assert (same.status, same.timezone, same.native["meta_topic"]) == (
        "scheduled", "Europe/Warsaw", "x",
    )  # fmt: skip


async def test_changes_merge_and_clash_with_nothing(
    account: dict[str, Any], conference: Conference, room: Room
) -> None:
    await conference.update_room(room, settings=RoomSettings(camera=False), native={"a": "1"})

    async def change(number: int) -> None:
        async with connect(account) as other:
            await other.update_room(room, native={f"n{number}": number})

    await asyncio.gather(*(change(number) for number in range(8)))
    changed = await conference.update_room(room, settings=RoomSettings(microphone=False))
    assert changed.settings == RoomSettings(camera=False, microphone=False)
    assert {f"n{number}" for number in range(8)} | {"a"} <= {*changed.native}


async def test_room_of_another_program_is_listed(
    conference: Conference, room: Room, account: dict[str, Any]
) -> None:
    async with connect({**account, "room_store": "memory"}) as other:
        foreign = await other.create_room("Foreign", native={"meetingID": "foreign"})
        await other.start_session(foreign, ZOE)
    listed = await conference.rooms().collect()
    assert [each.id for each in listed] == [room.id, "foreign"]
    assert (await conference.get_room("foreign")).name == "Foreign"
    link = await conference.join_link("foreign", role="host", person=ZOE)
    assert link.session_id is not None  # it exists, so that it need not be created
    assert [each.id async for each in conference.rooms("live")] == []


async def test_missing_room_is_not_found(conference: Conference, served: ServedSimulator) -> None:
    for call in (
        conference.get_room("x"),
        conference.update_room("x", name="y"),
        conference.start_session("x", ZOE),
        conference.join_link("x", person=ZOE),
        conference.sessions("x").collect(),
        conference.get_session("x:y"),
        conference.attendance("x:y").collect(),
    ):
        with pytest.raises(NotFound):
            await call
    await conference.delete_room("x")
    with pytest.raises(InvalidRequest, match="session"):
        await conference.get_session("x")


async def test_meeting_id_is_taken_once(conference: Conference, room: Room) -> None:
    with pytest.raises(Conflict, match="course-17"):
        await conference.create_room("Other", native={"meetingID": room.id})


async def test_deleted_room_ends_and_its_past_stays(
    conference: Conference, room: Room, world: World
) -> None:
    await conference.start_session(room, ZOE)
    world.enter(room.id, "Ann", "ann@example.com")
    (session,) = await conference.sessions(room).collect()
    await conference.delete_room(room)
    assert world.running(room.id) is None
    assert await conference.rooms().collect() == []
    (past,) = await conference.sessions(room).collect()
    assert (past.id, past.status) == (session.id, SessionStatus.ENDED)
    provider: Any = conference.provider
    await provider.forget_session(past)
    with pytest.raises(NotFound):
        await conference.get_session(past.id)
    with pytest.raises(NotFound):
        await conference.attendance(past).collect()


async def test_control_character_is_refused(conference: Conference, room: Room) -> None:
    for call in (
        conference.create_room("A\tB"),
        conference.update_room(room, name="A\tB"),
        conference.start_session(room, ZOE, title="A\tB"),
    ):
        with pytest.raises(InvalidRequest, match="control character") as caught:
            await call
        assert caught.value.field == "name"
    (kept,) = await conference.rooms().collect()
    assert kept.name == "Course"


@pytest.mark.parametrize("meeting", ["a,b", "x", "x" * 257, ""])
async def test_meeting_id_that_no_server_takes_is_refused(
    conference: Conference, meeting: str
) -> None:
    with pytest.raises(InvalidRequest, match="2 to 256 characters and no comma"):
        await conference.create_room("A", native={"meetingID": meeting})


@pytest.mark.parametrize("value", [1.5, None, ["a"], {"a": 1}])
async def test_native_of_another_type_is_refused(conference: Conference, value: Any) -> None:
    with pytest.raises(InvalidRequest, match="native has 'x'"):
        await conference.create_room("A", native={"x": value})


async def test_long_description_is_refused_before_sending(
    conference: Conference, served: ServedSimulator, account: dict[str, Any]
) -> None:
    room = await conference.create_room("A room", description="ż" * 400)
    with pytest.raises(InvalidRequest, match="longest_url is 2000"):
        await conference.start_session(room, ZOE)
    assert served.requests == []
    async with connect({**account, "longest_url": 8000}) as generous:
        await generous.start_session(room, ZOE)


async def test_entry_of_a_session_is_unsupported(conference: Conference, room: Room) -> None:
    with pytest.raises(UnsupportedOption, match="links only"):
        await conference.start_session(room, ZOE, entry=Anyone())


async def test_unreadable_room_is_store_unavailable(conference: Conference, room: Room) -> None:
    store: Any = conference.provider
    documents = store._store._documents
    await documents.put(store._store._rooms, room.id, {"id": 5})
    with pytest.raises(StoreUnavailable, match="room_store cannot be read"):
        await conference.rooms().collect()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"room_store": "rooms.db"}, "room_store"),
        ({"room_store": None}, "room_store"),
        ({"algorithm": "md5"}, "algorithm"),
        ({"links": "magic"}, "links"),
        ({"secret": " "}, "secret"),
        ({"base_url": "bbb.example.com"}, "base_url"),
    ],
)
def test_wrong_setting_is_named(
    changes: dict[str, Any], field: str, account: dict[str, Any]
) -> None:
    own = {name: value for name, value in {**account, **changes}.items() if value is not None}
    with pytest.raises(ConfigurationError) as caught:
        connect(own)
    assert caught.value.field == field


@pytest.mark.parametrize("tail", ["", "/", "/api", "/api/"])
async def test_both_addresses_are_taken(account: dict[str, Any], tail: str) -> None:
    url = str(account["base_url"]).rstrip("/") + tail
    async with connect({**account, "base_url": url}) as conference:
        await conference.check()


# ---------------------------------------------------------------------------------------- sessions


async def test_created_meeting_is_not_over(
    conference: Conference, room: Room, world: World
) -> None:
    await conference.start_session(room, ZOE)  # nobody is in it yet, so that it does not "run"
    (session,) = await conference.sessions(room).collect()
    assert session.status is SessionStatus.RUNNING
    assert (await conference.get_room(room.id)).status == "open"
    world.enter(room.id, "Ann")
    assert (await conference.get_room(room.id)).status == "live"
    assert (await conference.get_session(session.id)).title == "Course"


async def test_later_life_is_another_session(
    conference: Conference, room: Room, world: World
) -> None:
    first = await conference.start_session(room, ZOE)
    world.enter(room.id, "Ann")
    await conference.end_session(first.session_id or "")
    second = await conference.start_session(room, ZOE, title="Again")
    assert second.session_id != first.session_id
    with pytest.raises(Conflict, match="not run any more"):
        await conference.end_session(first.session_id or "")
    ended, running = await conference.sessions(room).collect()
    assert (ended.status, ended.ended_at, running.title) == (SessionStatus.ENDED, None, "Again")


async def test_end_waits_until_the_meeting_is_gone(
    conference: Conference, room: Room, simulator: Any, clock: FakeClock
) -> None:
    link = await conference.start_session(room, ZOE)
    simulator.end_delay = timedelta(seconds=3)
    sleep = clock.sleep

    async def sleep_both(seconds: float) -> None:
        simulator.world.advance(timedelta(seconds=seconds))
        await sleep(seconds)

    clock.sleep = sleep_both  # type: ignore[method-assign]
    await conference.end_session(link.session_id or "")
    assert sum(clock.slept) == 3
    simulator.end_delay = timedelta(hours=1)
    link = await conference.start_session(room, ZOE)
    with pytest.raises(ProviderUnavailable, match="still there after 10 s") as caught:
        await conference.end_session(link.session_id or "")
    assert caught.value.retryable


async def test_bare_404_ends_nothing(
    conference: Conference, room: Room, served: ServedSimulator
) -> None:
    link = await conference.start_session(room, ZOE)
    for call in (
        conference.get_room(room.id),
        conference.sessions(room).collect(),
        conference.end_session(link.session_id or ""),
        conference.delete_room(room),
        conference.attendance(link.session_id or "").collect(),
    ):
        served.fail("status", status=404, body="<html>Not Found</html>")
        with pytest.raises(NotFound) as caught:
            await call
        assert caught.value.code is None
    assert len(await conference.rooms().collect()) == 1


# --------------------------------------------------------------------------------------- attendance


async def test_attendance_nobody_reported_is_unknown(
    conference: Conference, room: Room, world: World
) -> None:
    link = await conference.start_session(room, ZOE)
    world.enter(room.id, "Ann", "ann@example.com")
    world.end_session(room.id)
    with pytest.raises(NotAvailable, match="unknown") as caught:
        await conference.attendance(link.session_id or "").collect()
    assert caught.value.retryable
    (session,) = await conference.sessions(room).collect()
    assert (session.status, session.ended_at, session.people) == (SessionStatus.ENDED, None, None)


async def test_polls_see_who_is_there(conference: Conference, room: Room, world: World) -> None:
    link = await conference.start_session(room, ZOE)
    session_id = link.session_id or ""
    zoe = world.enter(room.id, "Zoë", "zoe@example.com", Role.HOST)
    ann = world.enter(room.id, "Ann", "ann@example.com")
    start = world.now

    async def poll() -> dict[str, Any]:
        world.advance(MINUTE)
        records = await conference.attendance(session_id).collect()
        return {record.display_name or "": record for record in records}

    await poll()
    await poll()
    world.leave(ann.id)
    during = await poll()
    world.enter(room.id, "Ann", "ann@example.com")
    world.enter(room.id, "Late", "late@example.com")
    await poll()
    world.leave(zoe.id)
    world.end_session(room.id)
    after = await poll()

    assert during["Zoë"].left_at is None  # still there
    assert during["Ann"].duration == MINUTE
    assert after["Zoë"].role is Role.HOST
    assert after["Zoë"].duration == 3 * MINUTE
    assert after["Zoë"].precision is Precision.SPAN
    assert after["Zoë"].joined_at == start + MINUTE
    assert (after["Late"].precision, after["Late"].duration) == (Precision.JOINED, None)
    assert len(after["Ann"].segments) == 2


def seen(at: int, *users: str, before: Sightings | None = None) -> Sightings:
    people = [Attendee(id=user, name=None, role=None) for user in users]
    return add_sighting(before or Sightings(), people, at)


def test_sightings_close_gaps_and_ignore_the_past() -> None:
    first = seen(10, "a", "b")
    second = seen(20, "a", before=first)
    third = seen(30, "a", "b", before=second)
    stays = [(stay.user, stay.first, stay.last) for stay in third.stays]
    assert stays == [("a", 10, 30), ("b", 10, 10), ("b", 30, 30)]
    assert seen(5, "c", before=third) is third
    again = seen(30, "c", before=third)
    assert [stay.user for stay in again.stays] == ["a", "b", "b", "c"]


def test_sightings_are_few_however_many_polls() -> None:
    sightings = Sightings()
    for at in range(1, 500):
        sightings = seen(at, "a", "b", before=sightings)
    assert len(sightings.stays) == 2


async def test_server_without_date_is_read_by_the_own_clock(sample: Any, clock: FakeClock) -> None:
    info = sample("meeting_info.xml").body
    async with FaultServer([repeat(read, send(reply(info)))]) as server:
        account = {
            "provider": "bigbluebutton", "base_url": server.url, "secret": "s",
            "room_store": "memory",
        }  # fmt: skip
        async with connect(account, clock=clock) as conference:
            (session,) = await conference.sessions("Demo Meeting").collect()
            stu, zoe = await conference.attendance(session).collect()
    assert stu.joined_at == zoe.joined_at == clock.now()

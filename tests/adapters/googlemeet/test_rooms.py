"""Rooms: keys, conferences that take their time, races, series, and what cannot be."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from google_lossy import create_rooms

from conferencing import (
    Anyone,
    Conflict,
    InvalidRequest,
    MalformedResponse,
    NotAvailable,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    Person,
    RoomSettings,
    RoomStatus,
    SignIn,
    UnsupportedOption,
    connect,
)
from conferencing.http import Reply
from conferencing_googlemeet import make_event_id
from conferencing_googlemeet.wire.rooms import read_created_event, read_rooms

WARSAW = ZoneInfo("Europe/Warsaw")
START = datetime(2026, 10, 5, 9, tzinfo=WARSAW)
HOUR = timedelta(hours=1)


def lines(served: Any) -> list[str]:
    return [f"{request.method} {request.path.rpartition('/')[2]}" for request in served.requests]


# --------------------------------------------------------------------------------------- creations


async def test_no_creation_is_lost_or_doubled() -> None:
    outcome = await create_rooms(200)
    assert outcome.lost > 20
    assert outcome.violations == []


async def test_same_key_creates_same_room(conference, world) -> None:
    native = {"id": make_event_id("order-17")}
    rooms = [await conference.create_room("Launch", native=native) for _ in range(2)]
    assert rooms[0].id == rooms[1].id
    assert rooms[0].join_url == rooms[1].join_url
    assert len(world.rooms) == 1


async def test_key_of_deleted_room_is_taken(conference) -> None:
    native = {"id": make_event_id("order-17")}
    await conference.delete_room(await conference.create_room("Launch", native=native))
    with pytest.raises(Conflict, match="already exists"):
        await conference.create_room("Launch", native=native)


async def test_key_of_other_event_is_taken(conference) -> None:
    times = {name: {"dateTime": "2026-10-05T09:00:00Z"} for name in ("start", "end")}
    path = "/calendar/v3/calendars/primary/events"
    await conference.request("POST", path, json={"id": "abcde", **times})
    with pytest.raises(Conflict):
        await conference.create_room("Launch", native={"id": "abcde"})


async def test_unreadable_room_of_a_key_is_unknown(conference, served) -> None:
    native = {"id": make_event_id("order-17")}
    await conference.create_room("Launch", native=native)
    served.fail("close", match=native["id"], times=9)
    with pytest.raises(OutcomeUnknown, match="could not be read"):
        await conference.create_room("Launch", native=native)


async def test_pending_conference_is_awaited(conference, simulator, served, clock) -> None:
    simulator.quirks["pending_conferences"] = True
    room = await conference.create_room("Launch")
    assert room.join_url is not None
    assert clock.slept[-2:] == [1.0, 2.0]
    assert [line[:4] for line in lines(served)] == ["POST", "GET ", "GET "]


async def test_room_of_pending_conference_has_no_link(conference, simulator, world, clock) -> None:
    simulator.quirks["pending_for_ever"] = True
    room = await conference.create_room("Launch")
    assert room.join_url is None
    assert clock.slept[-3:] == [1.0, 2.0, 4.0]
    assert len(world.rooms) == 1
    with pytest.raises(NotAvailable, match="link"):
        await conference.join_link(room)


async def test_room_of_failed_conference_has_no_link(conference, simulator, world) -> None:
    simulator.quirks["conference_failure"] = True
    room = await conference.create_room("Launch")
    assert room.join_url is None
    assert room.native["conferenceData"]["createRequest"]["status"]["statusCode"] == "failure"
    assert len(world.rooms) == 1


def test_event_without_conference_is_malformed() -> None:
    body = json.dumps({"id": "abcde", "status": "confirmed"}).encode()
    with pytest.raises(MalformedResponse, match="without a conference"):
        read_created_event(Reply(200, {}, body))


async def test_room_whose_space_is_refused_is_withdrawn(conference, served, world) -> None:
    served.fail("status", status=403, match="/v2/spaces/", times=9)
    with pytest.raises(PermissionDenied):
        await conference.create_room("Launch", entry=SignIn("google"))
    assert world.rooms == {}
    assert lines(served)[-1].startswith("DELETE")


async def test_room_that_cannot_be_withdrawn_is_unknown(conference, served, world) -> None:
    served.fail("status", status=403, match="/v2/spaces/", times=9)
    served.fail("status", status=403, match="/events/", times=9)
    with pytest.raises(OutcomeUnknown, match="was created"):
        await conference.create_room("Launch", entry=SignIn("google"))
    assert len(world.rooms) == 1


async def test_room_of_an_older_call_is_not_withdrawn(conference, served, world) -> None:
    native = {"id": make_event_id("order-17")}
    await conference.create_room("Launch", native=native)
    served.fail("status", status=403, match="/v2/spaces/", times=9)
    with pytest.raises(PermissionDenied):
        await conference.create_room("Launch", native=native, entry=SignIn("google"))
    assert len(world.rooms) == 1


async def test_id_that_would_change_a_filter_is_refused(conference, served) -> None:
    with pytest.raises(InvalidRequest):
        await conference.sessions("space:me:x%22 OR start_time%3E%3D%22").collect()
    assert served.requests == []


async def test_lost_space_is_not_created_twice(conference, served, world) -> None:
    served.fail("commit-close")
    with pytest.raises(OutcomeUnknown):
        await conference.create_room(permanent=True)
    assert len(world.rooms) == 1


# ------------------------------------------------------------------------------------------ changes


async def test_change_of_somebody_else_is_kept(conference, simulator, world) -> None:
    """Between reading and writing, Ann becomes a guest; the change is made anew."""
    room = await conference.create_room("Launch", starts_at=START)
    key = room.id.rpartition(":")[2]
    event = simulator.calendars["olga@example.com"][key]
    handle = simulator.handle
    calls: list[str] = []

    def interfere(call: Any) -> Any:
        answer = handle(call)
        calls.append(call.method)
        if calls == ["GET"]:
            event.body["attendees"] = [{"email": "ann@example.com"}]
            simulator.stamp(event)
        return answer

    simulator.handle = interfere
    await conference.register(room, email="ben@example.com")
    assert calls == ["GET", "PATCH", "GET", "PATCH"]
    assert [row["email"] for row in event.body["attendees"]] == [
        "ann@example.com",
        "ben@example.com",
    ]


async def test_new_length_keeps_start_and_wall_clock(conference) -> None:
    room = await conference.create_room("Launch", starts_at=START, duration=HOUR)
    changed = await conference.update_room(room, duration=2 * HOUR)
    assert (changed.starts_at, changed.duration) == (START, 2 * HOUR)
    moved = await conference.update_room(room, starts_at=datetime(2026, 10, 26, 9, tzinfo=WARSAW))
    assert moved.duration == 2 * HOUR
    assert moved.starts_at.utcoffset() == HOUR  # winter


async def test_series_has_dates_that_keep_the_wall_clock(conference) -> None:
    room = await conference.create_room(
        "Course",
        starts_at=datetime(2026, 10, 19, 9, tzinfo=WARSAW),
        recurrence="FREQ=WEEKLY;COUNT=3",
    )
    path = f"/calendar/v3/calendars/primary/events/{room.id.rpartition(':')[2]}"
    await conference.request("DELETE", f"{path}_20261026T080000Z")
    room = await conference.get_room(room.id)
    assert [date.starts_at.hour for date in room.occurrences] == [9, 9, 9]
    assert [date.cancelled for date in room.occurrences] == [False, True, False]
    assert room.occurrences[1].id.endswith("_20261026T080000Z")
    assert room.recurrence == "FREQ=WEEKLY;COUNT=3"


async def test_session_of_series_belongs_to_nearest_date(conference, world, clock) -> None:
    room = await conference.create_room(
        "Course", starts_at=world.now, recurrence="FREQ=DAILY;COUNT=3"
    )
    key = room.id.rpartition(":")[2]
    world.advance(timedelta(days=1, minutes=4))
    world.enter(key, "Ann")
    (session,) = await conference.sessions(room).collect()
    assert session.occurrence_id == f"{key}_20261002T080000Z"
    assert session.status == "running"


# ----------------------------------------------------------------------------------- entry, reading


@pytest.mark.parametrize(
    ("entry", "waits"),
    [
        ((Anyone(),), False),
        ((SignIn("google"),), True),
        ((SignIn("google", email="a@example.com"), SignIn("google", email="b@example.com")), True),
    ],
    ids=["anyone", "organization", "guests"],
)
async def test_entry_is_read_back(conference, entry, waits) -> None:
    room = await conference.create_room("Launch", entry=entry)
    assert (room.entry, room.waiting_room) == (entry, waits)
    room = await conference.get_room(room.id)
    assert (room.entry, room.waiting_room) == (entry, waits)


@pytest.mark.parametrize(
    "entry", [[Anyone(), SignIn("google")], [SignIn("microsoft")],
              [SignIn("google"), SignIn("google", email="a@example.com")]],
)  # fmt: skip
async def test_entry_that_meet_cannot_combine_is_refused(conference, served, entry) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await conference.create_room("Launch", entry=entry)
    assert caught.value.field == "entry"
    assert served.requests == []


@pytest.mark.parametrize("name", ["auto_recording", "public_chat"])
@pytest.mark.parametrize("value", [True, False])
@pytest.mark.parametrize("permanent", [True, None], ids=["space", "event"])
async def test_setting_is_read_back(conference, world, name, value, permanent) -> None:
    settings = RoomSettings(**{name: value})
    room = await conference.create_room(permanent=permanent, settings=settings)
    assert getattr(room.settings, name) is value
    inverse = RoomSettings(**{name: not value})
    await conference.update_room(room, settings=inverse)
    assert getattr(await conference.room_settings(room), name) is not value


async def test_bare_space_refuses_what_it_lacks(conference, served) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await conference.create_room("Launch", permanent=True, starts_at=START, description="x")
    assert caught.value.fields == ("description", "name", "starts_at")
    with pytest.raises(UnsupportedOption, match="named"):
        await conference.create_room(permanent=True, entry=SignIn("google", email="a@example.com"))
    room = evolve(await conference.create_room(permanent=True), join_url=None)
    served.requests.clear()
    for call in (
        conference.delete_room(room),
        conference.register(room, email="a@example.com"),
        conference.invite(room, [Person(email="a@example.com")]),
        conference.participants(room).collect(),
        conference.get_participant(room, email="a@example.com"),
        conference.cancel_registration(room, "a@example.com"),
        conference.update_room(room, name="Launch"),
    ):
        with pytest.raises(UnsupportedOption):
            await call
    assert served.requests == []


async def test_series_without_zone_is_refused(conference) -> None:
    start = datetime.fromisoformat("2026-10-05T09:00:00+02:00")
    with pytest.raises(InvalidRequest, match="zone"):
        await conference.create_room("Course", starts_at=start, recurrence="FREQ=DAILY;COUNT=2")


async def test_people_invited_before_are_not_mailed_again(conference, world) -> None:
    room = await conference.create_room("Launch")
    ann, ben = Person(email="ann@example.com"), Person(email="ben@example.com")
    await conference.invite(room, [ann])
    with pytest.raises(Conflict, match="1 of 2 people"):
        await conference.invite(room, [ann, ben])
    assert [mail.to for mail in world.outbox] == ["ann@example.com", "ben@example.com"]


def test_events_that_are_no_rooms_are_left_out() -> None:
    """Whole days have no instant; other vendors' conferences and changed dates are not rooms."""
    meet = {"conferenceSolution": {"key": {"type": "hangoutsMeet"}}, "conferenceId": "abc-defg-hij"}
    other = {"conferenceSolution": {"key": {"type": "addOn"}}}
    days = {"start": {"date": "2026-10-07"}, "end": {"date": "2026-10-09"}}
    items = [
        {"id": "days0", **days, "conferenceData": meet},
        {"id": "other", **days, "conferenceData": other},
        {"id": "plain", **days},
        {"id": "date0", "recurringEventId": "x", **days, "conferenceData": meet},
    ]
    body = json.dumps({"items": items}).encode()
    now = datetime(2026, 10, 1, tzinfo=UTC)
    (room,) = read_rooms(Reply(200, {}, body), owner="me", calendar="primary", now=now)
    assert (room.name, room.starts_at, room.duration) == ("", None, timedelta(days=2))
    assert room.status is RoomStatus.UNKNOWN
    assert date(2026, 10, 9) - date(2026, 10, 7) == room.duration


@pytest.mark.off_schema("null in a change removes a field, which the schema does not tell")
async def test_event_of_whole_days_gets_a_time(conference, simulator) -> None:
    room = await conference.create_room("Launch")
    event = simulator.calendars["olga@example.com"][room.id.rpartition(":")[2]]
    event.body |= {"start": {"date": "2026-10-07"}, "end": {"date": "2026-10-08"}}
    changed = await conference.update_room(room, starts_at=START, duration=HOUR)
    assert (changed.starts_at, changed.duration) == (START, HOUR)
    assert event.body["start"].keys() == event.body["end"].keys() == {"dateTime", "timeZone"}


async def test_running_room_is_live(conference, world) -> None:
    for permanent in (None, True):
        room = await conference.create_room(permanent=permanent)
        world.enter(room.id.rpartition(":")[2], "Ann")
        assert (await conference.get_room(room.id)).status is RoomStatus.LIVE


async def test_cancelled_event_is_not_found(conference) -> None:
    room = await conference.create_room("Launch")
    await conference.delete_room(room)
    await conference.delete_room(room)  # 410
    with pytest.raises(NotFound, match="cancelled"):
        await conference.get_room(room.id)


# ----------------------------------------------------------------------------------------- sessions


async def test_session_of_event_cannot_be_ended(conference, world, served) -> None:
    room = await conference.create_room("Launch")
    world.enter(room.id.rpartition(":")[2], "Ann")
    (session,) = await conference.sessions(room).collect()
    served.requests.clear()
    with pytest.raises(UnsupportedOption, match="itself"):
        await conference.end_session(session)
    assert served.requests == []
    with pytest.raises(PermissionDenied):  # an id alone does not say so
        await conference.end_session(session.id)


async def test_later_session_is_not_ended(conference, world) -> None:
    room = await conference.create_room(permanent=True)
    key = room.id.rpartition(":")[2]
    world.enter(key, "Ann")
    (first,) = await conference.sessions(room).collect()
    world.end_session(key)
    world.enter(key, "Ben")
    with pytest.raises(Conflict, match="not running"):
        await conference.end_session(first)
    assert world.running(key) is not None


async def test_file_details_come_from_drive(sandbox, conference, world, clock) -> None:
    room = await conference.create_room("Launch")
    key = room.id.rpartition(":")[2]
    world.enter(key, "Ann")
    world.advance(HOUR)
    world.end_session(key)
    world.record(key, HOUR, media_types=("video/mp4", "text/plain"))
    (plain, transcript) = await conference.recordings(room).collect()
    assert (plain.files[0].media_type, plain.files[0].size) == ("video/mp4", None)
    assert (transcript.files[0].kind, transcript.files[0].media_type) == (
        "transcript",
        "text/plain",
    )
    account = {**sandbox.account("googlemeet"), "file_details": True}
    async with connect(account, clock=clock) as detailed:
        video, text = await detailed.recordings(room).collect()
    assert video.files[0].size == len(world.files[plain.id.rpartition(":")[2]])
    assert text.files[0].size is None
    pieces = [piece async for piece in conference.provider.read_file(text.files[0])]
    assert b"Hello everybody" in b"".join(pieces)


async def test_recording_in_progress_has_no_file(conference, simulator, world) -> None:
    simulator.quirks["auto_record"] = True
    room = await conference.create_room(settings=RoomSettings(auto_recording=True))
    key = room.id.rpartition(":")[2]
    world.enter(key, "Ann")
    world.advance(HOUR)
    world.end_session(key)
    (recording,) = await conference.recordings(room).collect()
    assert (recording.status, recording.files) == ("processing", ())
    with pytest.raises(Conflict, match="no file yet"):
        await conference.delete_recording(recording)
    world.advance(timedelta(minutes=6))
    (recording,) = await conference.recordings(room).collect()
    assert recording.status == "ready"

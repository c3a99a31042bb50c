"""What Webex does differently, numbered as in docs/vendors/webex.md."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from samples import read_sample, reply_of

from conferencing import (
    AuthenticationFailed,
    Conflict,
    FileKind,
    InvalidRequest,
    NotFound,
    Passcode,
    PermissionDenied,
    Person,
    Precision,
    RateLimited,
    RegistrationStatus,
    Role,
    Room,
    RoomKind,
    RoomStatus,
    SessionStatus,
    UnsupportedOption,
    connect,
)
from conferencing.http import Reply
from conferencing_webex.wire import base, people, recordings, rooms, sessions

ANN = Person(first_name="Ann", last_name="Lee", email="ann@example.com")
START = datetime(2026, 12, 1, 9, tzinfo=UTC)
HALF = timedelta(minutes=30)
SERIES = "5f0c2d7b9a4e4c1d8b3a6e7f10293847"


def sample(name: str, **changes: Any) -> Reply:
    return reply_of(read_sample("webex", name) | changes)


# ------------------------------------------------------------------------------------------ samples


def test_room_of_the_sample() -> None:
    room = rooms.read_room(sample("meeting"), "Europe/Berlin")
    assert (room.id, room.kind, room.status) == (SERIES, RoomKind.MEETING, RoomStatus.SCHEDULED)
    assert room.starts_at == datetime(2030, 5, 1, 8, tzinfo=UTC)
    assert (str(room.starts_at.tzinfo), room.duration) == ("Europe/Berlin", timedelta(hours=1))
    assert room.entry == (Passcode("aB3$xYz9"),)
    assert (room.waiting_room, room.registration, room.approval) == (True, False, None)
    settings = room.settings
    assert settings is not None
    assert (settings.public_chat, settings.private_chat, settings.camera) == (True, False, False)
    assert (settings.microphone, settings.auto_recording) == (True, True)
    assert "aB3$xYz9" not in repr(room)
    assert "482915" not in repr(room.native)


def test_webinar_of_the_sample() -> None:
    room = rooms.read_room(sample("webinar"))
    assert (room.kind, room.registration, room.approval) == (RoomKind.WEBINAR, True, True)
    assert room.recurrence == "FREQ=WEEKLY;COUNT=3;BYDAY=FR"
    form = rooms.write_form(False, room)
    assert form["customizedQuestions"][0]["id"] == "3386787"
    assert (form["autoAcceptRequest"], form["requireEmail"]) == (True, True)


def test_fields_that_a_site_ignored_are_logged(caplog) -> None:
    reply = Reply(200, {"warning": "1001 publicMeeting"}, sample("meeting").body)
    assert rooms.read_room(reply).name == "Launch"
    assert "ignored fields of a room: 1001 publicMeeting" in caplog.text


def test_room_for_invited_people_only_has_unknown_entry() -> None:
    room = rooms.read_room(sample("meeting", unlockedMeetingJoinSecurity="blockFromJoin"))
    assert (room.entry, room.waiting_room) == (None, None)


def test_run_of_the_sample_and_what_is_none() -> None:
    session = sessions.read_session(sample("run"))
    assert (session.room_id, session.status) == (SERIES, SessionStatus.ENDED)
    assert session.occurrence_id == f"{SERIES}_20300501T080000Z"
    with pytest.raises(NotFound):
        sessions.read_session(sample("meeting"))
    with pytest.raises(NotFound):
        rooms.read_room(sample("run"))


def test_attendance_of_the_sample() -> None:
    bo, guest = sessions.read_attendance(
        sample("participants"), session_id="s", usual=Role.ATTENDEE
    )
    assert (bo.email, bo.role, bo.duration) == (
        "bo@example.com",
        Role.ATTENDEE,
        timedelta(seconds=1195),
    )
    assert bo.precision is Precision.SEGMENTS
    # 1970 is not a time, and without devices there are the first and the last one only.
    assert (guest.email, guest.role, guest.left_at) == (None, Role.HOST, None)
    assert guest.precision is Precision.SPAN


def test_registrant_of_the_sample() -> None:
    person = people.read_participant(sample("registrant"), "r")
    assert person.status is RegistrationStatus.PENDING
    assert person.fields == {
        "jobTitle": "manager", "zipCode": "123456", "330087": "green, red", "330088": "yes",
    }  # fmt: skip
    assert person.join_link is None
    assert "566476" not in repr(person.native)


def test_recording_of_the_sample() -> None:
    recording = recordings.read_recording(sample("recording"))
    assert [file.kind for file in recording.files] == [
        FileKind.VIDEO, FileKind.AUDIO, FileKind.TRANSCRIPT,
    ]  # fmt: skip
    assert {file.expires_at for file in recording.files} == {
        datetime(2030, 5, 1, 15, 30, 25, tzinfo=UTC)
    }
    assert recording.duration == timedelta(seconds=3184)
    assert recording.passcode is not None
    (listed,) = recordings.read_recordings(sample("recordings"))
    assert (listed.files, listed.passcode) == ((), None)


def test_devices_are_a_union_of_presences() -> None:
    times = [
        ("2030-05-01T10:00:05.000Z", "2030-05-01T10:20:00.000Z"),
        ("2030-05-01T10:15:00.000Z", "2030-05-01T10:40:00.000Z"),
        ("2030-05-01T10:45:30.000Z", "2030-05-01T11:00:00.000Z"),
    ]
    devices = [{"joinedTime": joined, "leftTime": left} for joined, left in times]
    items = [{"id": "1", "devices": devices[::-1]}]
    reply = reply_of({"items": items})
    (record,) = sessions.read_attendance(reply, session_id="s", usual=Role.UNKNOWN)
    assert record.duration == timedelta(seconds=3265)  # their lengths add up to 3565


def test_failure_of_the_sample() -> None:
    failure = base.read_failure(Reply(400, {}, sample("failure").body))
    assert failure is not None
    assert failure.problems[0] == "Parameter 'start' or 'end' is before current time."
    assert failure.problems[1].startswith("trackingId ROUTERGW_")
    html = base.read_failure(Reply(429, {}, b"<html>Too many</html>"))
    assert html is not None
    assert html.problems == ()


# ------------------------------------------------------------------------------------------ service


@pytest.mark.parametrize("quirk", ["broken_links", "empty_page"])
async def test_listing_goes_on_over_broken_links(conference, simulator, quirk) -> None:
    simulator.quirks[quirk] = True
    simulator.quirks["daily_limits"] = False
    for number in range(120):
        simulator.world.add_room(name=f"Room {number}")
    listed = await conference.rooms().collect()
    assert len(listed) == 120


async def test_weeks_are_not_the_default(conference, clock) -> None:
    room = await conference.create_room("Far", starts_at=START, duration=HALF)
    assert [each.id for each in await conference.rooms().collect()] == [room.id]
    assert await conference.rooms(status="live").collect() == []


async def test_start_in_this_minute_is_the_next_one(conference, world) -> None:
    room = await conference.create_room("Now", starts_at=world.now + timedelta(seconds=20))
    assert room.starts_at == world.now + timedelta(minutes=1)


async def test_start_before_now_is_refused_by_webex(conference, world) -> None:
    with pytest.raises(InvalidRequest, match="before current time"):
        await conference.create_room("Past", starts_at=world.now - HALF)


async def test_zone_is_kept_from_creation_for_later_changes(conference, world) -> None:
    room = await conference.create_room(
        "Series", starts_at=START, duration=HALF, timezone="Europe/Berlin",
        recurrence="FREQ=WEEKLY;COUNT=3",
    )  # fmt: skip
    assert (await conference.get_room(room.id)).timezone is None
    with pytest.raises(InvalidRequest) as caught:
        await conference.update_room(room.id, duration=2 * HALF)
    assert caught.value.field == "timezone"
    changed = await conference.update_room(room, duration=2 * HALF)
    assert (changed.timezone, world.rooms[room.id].timezone) == ("Europe/Berlin", "Europe/Berlin")


async def test_daily_limit_is_told_with_its_wait(conference, simulator) -> None:
    simulator.quirks["html_429"] = True
    simulator.counts[simulator.host.id, "2026-10-01"] = 100
    with pytest.raises(RateLimited) as caught:
        await conference.create_room("One too many")
    assert caught.value.retry_after == 3600


async def test_nobody_is_mailed_unless_native_says_so(conference, world) -> None:
    room = await conference.create_room("Quiet", people=[ANN])
    await conference.delete_room(room)
    assert world.outbox == []
    await conference.create_room("Loud", people=[ANN], native={"sendEmail": True})
    assert [mail.to for mail in world.outbox] == ["ada@example.com", "ann@example.com"]


async def test_registration_waits_and_is_approved(conference, world) -> None:
    room = await conference.create_room("Launch", approval=True)
    person = await conference.register(room, ANN)
    assert (person.status, person.join_link) == (RegistrationStatus.PENDING, None)
    approved = await conference.approve_registration(room, person)
    assert approved.status is RegistrationStatus.APPROVED
    with pytest.raises(Conflict):
        await conference.register(room, ANN)
    link = await conference.join_link(room, person=approved)
    assert (link.personal, link.expires_at) == (True, world.now + timedelta(hours=1))


async def test_registration_id_is_sent_for_a_link(conference, served, simulator, world) -> None:
    room = await conference.create_room("Launch", kind="webinar", registration=True)
    simulator.plans[room.id].form["enabledRegistrationId"] = True
    person = await conference.register(room, ANN)
    await conference.join_link(room, person=person)
    sent = json.loads(served.requests[-1].body)
    assert sent["registrationId"] == world.notes[person.id]["registrationId"]


async def test_link_of_a_webinar_long_before_is_refused(conference) -> None:
    room = await conference.create_room("Launch", kind="webinar", starts_at=START, duration=HALF)
    with pytest.raises(PermissionDenied):
        await conference.join_link(room, person=ANN)


async def test_running_webinar_does_not_show_everybody(conference, world) -> None:
    room = await conference.create_room("Launch", kind="webinar")
    world.enter(room.id, "Ada Host", "ada@example.com", Role.HOST)
    (session,) = await conference.sessions(room).collect()
    with pytest.raises(UnsupportedOption):
        await conference.attendance(session).collect()


async def test_run_is_shown_fifteen_minutes_after_its_end(conference, world) -> None:
    room = await conference.create_room("Launch")
    world.enter(room.id, "Ada Host", "ada@example.com", Role.HOST)
    (running,) = await conference.sessions(room).collect()
    assert (running.status, running.ended_at) == (SessionStatus.RUNNING, None)
    world.end_session(room.id)
    assert await conference.sessions(room).collect() == []
    with pytest.raises(NotFound):
        await conference.get_session(running.id)
    world.advance(timedelta(minutes=15))
    (ended,) = await conference.sessions(room).collect()
    assert (ended.id, ended.status) == (running.id, SessionStatus.ENDED)


async def test_files_are_fetched_as_they_are_protected(
    conference, simulator, world, served
) -> None:
    """A recording by its ticket alone, a transcript with the token."""
    room = await conference.create_room("Launch")
    world.enter(room.id, "Ada Host", "ada@example.com", Role.HOST)
    world.advance(HALF)
    world.record(room.id, HALF, media_types=("video/mp4", "text/vtt"))
    world.end_session(room.id)
    world.advance(HALF)
    simulator.quirks["no_transcript_links"] = True
    (session,) = await conference.sessions(room).collect()
    (recording,) = await conference.recordings(session).collect()
    video, transcript = recording.files
    for file in (video, transcript):
        content = [piece async for piece in conference.provider.read_file(file)]
        assert b"".join(content) in world.files.values()
    headers = [request.headers.get("authorization") for request in served.requests[-2:]]
    assert headers[0] is None
    assert str(headers[1]).startswith("Bearer ")
    simulator.quirks["no_download_links"] = True
    (bare,) = await conference.recordings(room).collect()
    assert bare.files == ()


async def test_refused_refresh_token_asks_for_a_new_one(sandbox, simulator) -> None:
    account = sandbox.account("webex")
    simulator.tokens.revoke(b"x" * 32)
    async with connect(account) as conference:
        with pytest.raises(AuthenticationFailed) as caught:
            await conference.check()
    assert caught.value.field == "refresh_token"


async def test_token_that_ended_is_renewed_once(conference, served, simulator) -> None:
    simulator.tokens.key = b"other" * 8
    await conference.check()
    assert [request.path for request in served.requests] == [
        "/v1/people/me", "/v1/access_token", "/v1/people/me",
    ]  # fmt: skip


async def test_usage_needs_a_site_and_an_administrator(sandbox, simulator, clock) -> None:
    simulator.admin = False
    account = sandbox.account("webex")
    async with connect(account, clock=clock) as conference:
        with pytest.raises(PermissionDenied):
            await conference.usage().collect()
    del account["site"]
    async with connect(account, clock=clock) as conference:
        with pytest.raises(Exception, match="set site"):
            await conference.usage().collect()


async def test_rooms_of_other_users_are_not_found(conference, world) -> None:
    piotr = Person(email="piotr@example.com")
    room = await conference.create_room("Theirs", host=piotr)
    with pytest.raises(NotFound):
        await conference.get_room(room.id)
    with pytest.raises(NotFound):
        await conference.get_room(Room(id="unknown").id)

"""What Graph does now and then, and what a client makes of it (docs/vendors/teams.md#oddities)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from conferencing import (
    Conflict,
    InvalidRequest,
    NotAvailable,
    NotFound,
    PermissionDenied,
    Person,
    ProviderUnavailable,
    RateLimited,
    RegistrationStatus,
    Role,
    RoomSettings,
    RoomStatus,
    UnsupportedOperation,
    UnsupportedOption,
    connect,
)

ANN = Person(first_name="Ann", last_name="Lee", email="ann@example.com")
START = datetime(2026, 12, 1, 10, tzinfo=ZoneInfo("Europe/Warsaw"))
HALF = timedelta(minutes=30)

webinar_only = pytest.mark.parametrize("scenario", ["webinar"], indirect=True)
event_only = pytest.mark.parametrize("scenario", ["event"], indirect=True)


@webinar_only
async def test_wrapped_objects_are_read(scenario) -> None:
    scenario.simulator.quirks["wrapped_value"] = True
    room = await scenario.conference.get_room(scenario.room.id)
    assert (room.name, room.native["status"]) == ("Launch", "published")
    person = await scenario.conference.get_participant(scenario.room, email="bea@example.org")
    assert person.first_name == "Bea"


@webinar_only
async def test_text_times_of_sessions_are_read(scenario) -> None:
    scenario.simulator.quirks["text_session_times"] = True
    assert len(await scenario.conference.sessions(scenario.room).collect()) == 1


async def test_unknown_words_are_unknown(scenario) -> None:
    scenario.simulator.quirks["unknown_words"] = True
    room = await scenario.conference.get_room(scenario.room.id)
    assert room.status is RoomStatus.OPEN
    people = await scenario.conference.attendance(scenario.session).collect()
    assert {person.role for person in people} == {Role.UNKNOWN}


async def test_null_identity_is_a_person_without_name(scenario) -> None:
    scenario.simulator.quirks["null_identity"] = True
    people = await scenario.conference.attendance(scenario.session).collect()
    assert [person.display_name for person in people] == [None, None]
    assert people[0].email == "lena@contoso.example"


async def test_empty_page_with_a_link_is_no_end(conference, simulator) -> None:
    simulator.page_size = 2
    simulator.quirks["empty_middle_page"] = True
    for number in range(5):
        await conference.create_room(f"Room {number}", kind="webinar")
    assert len(await conference.rooms().collect()) == 5


@event_only
async def test_report_appears_some_time_after_the_run(scenario) -> None:
    scenario.simulator.quirks["late_reports"] = True
    assert await scenario.conference.sessions(scenario.room).collect() == []
    with pytest.raises(NotFound):
        await scenario.conference.get_session(scenario.session.id)
    scenario.world.advance(timedelta(seconds=60))
    assert await scenario.conference.sessions(scenario.room).collect() == [scenario.session]


@event_only
async def test_coming_back_after_the_end_is_another_session(scenario) -> None:
    visit = scenario.world.enter(scenario.own_id, "Zoë")
    scenario.world.advance(HALF)
    scenario.world.leave(visit.id)
    scenario.world.advance(HALF)
    sessions = await scenario.conference.sessions(scenario.room).collect()
    assert len({session.id for session in sessions}) == 2
    assert {session.duration for session in sessions} == {HALF}


@event_only
async def test_attendance_has_each_presence(scenario) -> None:
    world = scenario.world
    first = world.enter(scenario.own_id, "Omar Said", "omar@contoso.example", Role.PRESENTER)
    world.advance(HALF)
    world.enter(scenario.own_id, "Omar Said", "omar@contoso.example")
    world.advance(HALF)
    world.leave(first.id)
    world.end_session(scenario.own_id)
    session = (await scenario.conference.sessions(scenario.room).collect())[0]
    (omar,) = await scenario.conference.attendance(session).collect()
    assert (omar.email, omar.role, len(omar.segments)) == (
        "omar@contoso.example",
        Role.PRESENTER,
        2,
    )
    assert omar.duration == 2 * HALF
    assert session.people == 1


@webinar_only
async def test_registration_ties_presence_to_the_person(scenario) -> None:
    people = await scenario.conference.attendance(scenario.session).collect()
    bea = next(person for person in people if person.email == "bea@example.org")
    assert bea.participant_id == scenario.participant.id
    assert bea.matched_by == "registration"


async def test_mailbox_without_teams_makes_no_room(conference, simulator) -> None:
    simulator.directory[simulator.host.id].teams = False
    with pytest.raises(NotAvailable, match="license for Teams"):
        await conference.create_room("A")
    assert simulator.world.rooms == {}


async def test_room_without_its_settings_is_undone(conference, simulator, served) -> None:
    simulator.directory[simulator.host.id].policy = False
    with pytest.raises(NotAvailable, match="application access policy"):
        await conference.create_room("A", waiting_room=True)
    assert simulator.world.rooms == {}
    room = await conference.create_room("A")
    assert room.waiting_room is None


async def test_room_that_cannot_be_undone_is_named(account, simulator, served, clock) -> None:
    async with connect({**account, "meetings": "plain"}, clock=clock) as conference:
        served.fail("status", status=403, match="/onlineMeetings/MSp", times=2)
        with pytest.raises(PermissionDenied, match="the room is left as it is"):
            await conference.create_room("A", settings=RoomSettings(camera=False))
        assert len(simulator.world.rooms) == 1
        served.fail("status", status=403, match="/onlineMeetings/MSp")
        with pytest.raises(PermissionDenied):
            await conference.create_room("B", settings=RoomSettings(camera=False))
    assert len(simulator.world.rooms) == 1


async def test_older_meeting_of_an_external_id_is_brought_up_to_date(
    account, served, simulator, clock
) -> None:
    async with connect({**account, "meetings": "plain"}, clock=clock) as conference:
        native = {"externalId": "course-7"}
        first = await conference.create_room("A", starts_at=START, duration=HALF, native=native)
        served.requests.clear()
        same = await conference.create_room("A", starts_at=START, duration=HALF, native=native)
        assert [request.method for request in served.requests] == ["POST"]
        later = START + timedelta(days=1)
        moved = await conference.create_room("B", starts_at=later, duration=HALF, native=native)
    assert first.id == same.id == moved.id
    assert (moved.name, moved.starts_at) == ("B", later)
    assert len(simulator.world.rooms) == 1


async def test_transaction_with_other_content_is_a_conflict(conference, simulator) -> None:
    native = {"transactionId": "t-1"}
    for quirk in (False, True):
        simulator.quirks["duplicate_is_400"] = quirk
        first = await conference.create_room("A", starts_at=START, native=native)
        assert (await conference.create_room("A", starts_at=START, native=native)).id == first.id
        with pytest.raises(Conflict):
            await conference.create_room("B", starts_at=START, native=native)


async def test_unmatched_filter_may_be_not_found(account, simulator, clock) -> None:
    async with connect({**account, "meetings": "plain"}, clock=clock) as conference:
        for quirk in (False, True):
            simulator.quirks["unmatched_is_404"] = quirk
            await conference.check()


@webinar_only
async def test_registering_again_is_a_conflict(scenario) -> None:
    bea = Person(first_name="Bea", last_name="Nowak", email="bea@example.org")
    with pytest.raises(Conflict):
        await scenario.conference.register(scenario.room, bea)
    scenario.simulator.quirks["registered_again_is_204"] = True
    await scenario.conference.register(scenario.room, bea)
    assert len(await scenario.conference.participants(scenario.room).collect()) == 1


@webinar_only
async def test_registration_without_id_is_cancelled_by_address(scenario) -> None:
    ann = await scenario.conference.register(scenario.room, ANN)
    assert ann.id is None
    await scenario.conference.cancel_registration(scenario.room, ann)
    listed = await scenario.conference.participants(scenario.room).collect()
    assert [person.email for person in listed] == ["bea@example.org"]


@webinar_only
async def test_link_after_a_cancelled_registration_registers_anew(scenario) -> None:
    bea = Person(first_name="Bea", last_name="Nowak", email="bea@example.org")
    before = await scenario.conference.get_participant(scenario.room, email="bea@example.org")
    await scenario.conference.cancel_registration(scenario.room, before)
    link = await scenario.conference.join_link(scenario.room, person=bea)
    after = await scenario.conference.get_participant(scenario.room, email="bea@example.org")
    assert link.personal
    assert after.status is RegistrationStatus.APPROVED
    assert after.id != before.id


@webinar_only
async def test_unknown_question_is_refused(scenario) -> None:
    with pytest.raises(InvalidRequest, match="no question 'Diet'"):
        await scenario.conference.register(scenario.room, ANN, fields={"Diet": "none"})
    assert len(scenario.served.requests) == 1


@webinar_only
async def test_canceled_webinar_stays_readable(scenario) -> None:
    await scenario.conference.delete_room(scenario.room)
    await scenario.conference.delete_room(scenario.room)
    room = await scenario.conference.get_room(scenario.room.id)
    assert room.status is RoomStatus.ENDED
    assert await scenario.conference.rooms().collect() == []
    with pytest.raises(InvalidRequest):
        await scenario.conference.update_room(scenario.room, name="B")


@webinar_only
async def test_webinar_has_its_fields(scenario) -> None:
    fields: dict[str, Any] = {
        "name": "Łódź 東京", "description": "One\ntwo", "starts_at": START, "duration": HALF,
        "registration": True,
    }  # fmt: skip
    created = await scenario.conference.create_room(kind="webinar", **fields)
    for room in (created, await scenario.conference.get_room(created.id)):
        assert {name: getattr(room, name) for name in fields} == fields
        assert (room.timezone, room.status) == ("Europe/Warsaw", RoomStatus.SCHEDULED)
    moved = await scenario.conference.update_room(created, timezone="Asia/Tokyo")
    assert (moved.starts_at, moved.duration, moved.timezone) == (START, HALF, "Asia/Tokyo")
    longer = await scenario.conference.update_room(created, duration=2 * HALF)
    assert (longer.starts_at, longer.duration, longer.timezone) == (START, 2 * HALF, "Asia/Tokyo")


@webinar_only
@pytest.mark.parametrize(
    "fields",
    [
        {"registration": False},
        {"waiting_room": True},
        {"recurrence": "FREQ=DAILY"},
        {"host": ANN},
        {"settings": RoomSettings(camera=True)},
    ],
    ids=str,
)
async def test_webinar_lacks_what_meetings_have(scenario, fields) -> None:
    with pytest.raises(UnsupportedOption):
        await scenario.conference.create_room("A", kind="webinar", **fields)
    assert scenario.served.requests == []


@event_only
async def test_event_changes_its_zone_and_keeps_its_instant(scenario) -> None:
    moved = await scenario.conference.update_room(scenario.room, timezone="America/New_York")
    assert moved.starts_at == scenario.room.starts_at
    assert (moved.timezone, moved.duration) == ("America/New_York", scenario.room.duration)


@event_only
async def test_events_of_others_and_without_link_are_no_rooms(scenario) -> None:
    body = {
        "subject": "Lunch",
        "start": {"dateTime": "2026-10-01T12:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-10-01T13:00:00", "timeZone": "UTC"},
    }
    path = f"/users/{scenario.simulator.host.id}/events"
    await scenario.conference.request("POST", path, json=body)
    assert [room.id for room in await scenario.conference.rooms().collect()] == [scenario.room.id]


async def test_meeting_has_no_registration(scenario) -> None:
    if scenario.room.kind == "webinar":
        return
    with pytest.raises(UnsupportedOperation, match="webinars of Teams"):
        await scenario.conference.register(scenario.room, ANN)
    assert scenario.served.requests == []


async def test_recording_and_transcript_are_read_with_the_token(scenario, tmp_path) -> None:
    if scenario.recording is None:
        with pytest.raises(UnsupportedOperation, match="in a calendar"):
            await scenario.conference.recordings(scenario.room).collect()
        return
    video, text = scenario.recording.files
    assert (video.kind, text.kind) == ("video", "transcript")
    for redirects in (False, True):
        scenario.simulator.quirks["content_redirects"] = redirects
        content = b"".join([part async for part in scenario.conference.provider.read_file(video)])
        assert content[4:8] == b"ftyp"
    scenario.simulator.quirks["content_redirects"] = False
    content = b"".join([part async for part in scenario.conference.provider.read_file(text)])
    assert content.startswith(b"WEBVTT")


@event_only
async def test_recordings_come_without_transcripts_that_are_switched_off(scenario) -> None:
    scenario.simulator.quirks["transcripts_off"] = True
    (recording,) = await scenario.conference.recordings(scenario.room).collect()
    assert [file.kind for file in recording.files] == ["video"]


@pytest.mark.parametrize(
    ("header", "waits"), [("10", 10.0), ("2.128", 2.128), (None, 0.05)], ids=str
)
async def test_throttled_call_waits_as_it_is_told(
    conference, simulator, clock, header, waits
) -> None:
    simulator.throttle("/events", header)
    await conference.create_room("A")
    (slept,) = clock.slept
    assert waits <= slept <= max(waits * 1.1, 2.0)
    assert len(simulator.world.rooms) == 1


async def test_long_pause_fails_at_once(conference, simulator) -> None:
    simulator.throttle("/events", "600")
    with pytest.raises(RateLimited) as caught:
        await conference.create_room("A")
    assert caught.value.retry_after == 600


@pytest.mark.parametrize("quirk", ["empty_code", "no_inner_error"])
async def test_bare_failure_has_its_class(conference, simulator, quirk) -> None:
    simulator.quirks[quirk] = True
    with pytest.raises(NotFound):
        await conference.get_room(f"e~{simulator.host.id}~none")


async def test_gateway_page_is_unavailable(conference, simulator) -> None:
    simulator.quirks["html_502"] = True
    with pytest.raises(ProviderUnavailable):
        await conference.check()


async def test_id_of_graph_alone_is_a_meeting_of_the_host(conference, simulator) -> None:
    room = await conference.create_room("A", starts_at=START.astimezone(UTC))
    own_id = room.id.rpartition("~")[2]
    assert (await conference.get_room(own_id)).id == room.id


@event_only
async def test_report_of_meeting_has_no_registrations(scenario) -> None:
    report = await scenario.conference.attendance_report(scenario.room)
    assert (report.summary.registered, report.summary.attended) == (None, 1)
    assert len(report.people) == 2  # the host as well

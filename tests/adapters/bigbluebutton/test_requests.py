"""The exact requests of each operation, as the server sees them, and that each is signed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import frozen
from exact import ExactCall, ExactCalls, changes

from conferencing import (
    Conference,
    Conflict,
    Person,
    Recording,
    Room,
    RoomSettings,
    Session,
    connect,
)
from conferencing.http import Effect
from conferencing.sandbox import Call, ServedSimulator
from conferencing_bigbluebutton.simulator.checksums import is_signed

ANN = Person(name="Ann Łee", email="ann@example.com")
ZOE = Person(name="Zoë & Co")
START = datetime(2026, 12, 1, 9, tzinfo=UTC)
MEETING = "GET /api/getMeetingInfo?meetingID=course-17"
RECORDING = "meeting-1"
CAPTIONS = b"WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n"


@frozen(kw_only=True)
class Scenario:
    """A room, and a recorded session of it."""

    conference: Conference
    served: ServedSimulator
    room: Room
    session: Session
    recording: Recording

    @property
    def native(self) -> Any:
        return self.conference.provider

    def tally(self) -> dict[str, int]:
        simulator: Any = self.served.simulator
        running = [each for each in simulator.world.sessions.values() if each.ended_at is None]
        return {
            "rooms": len(simulator.world.rooms),
            "running": len(running),
            "recordings": len(simulator.world.recordings),
            "hooks": len(simulator.hooks),
        }


@pytest.fixture
async def scenario(
    conference: Conference, served: ServedSimulator, room: Room, simulator: Any
) -> Scenario:
    settings = RoomSettings(recording=True, auto_recording=True)
    await conference.update_room(room, settings=settings)
    await conference.start_session(room, ZOE)
    simulator.world.enter(room.id, "Ann", ANN.email)
    (session,) = await conference.sessions(room).collect()
    simulator.world.end_session(room.id)
    (recording,) = await conference.recordings(room).collect()
    await conference.update_room(room, settings=RoomSettings(recording=False, auto_recording=False))
    served.requests.clear()
    return Scenario(
        conference=conference, served=served, room=room, session=session, recording=recording
    )


async def end_running(s: Scenario) -> None:
    await s.conference.start_session(s.room, ZOE)
    (_, session) = await s.conference.sessions(s.room).collect()
    s.served.requests.clear()
    await s.conference.end_session(session)


CREATE = "GET /api/create?name=Course&meetingID=course-17&record=false&autoStartRecording=false"
STATES = "state=processing%2Cprocessed%2Cpublished%2Cunpublished&limit=100&offset=0"
CALLS = ExactCalls()
# fmt: off
CALLS.add("check", lambda s: s.conference.check(), "GET /api/isMeetingRunning?meetingID=conferencing-check")
CALLS.add("list_rooms", lambda s: s.conference.rooms().collect(), "GET /api/getMeetings")
CALLS.add("get_room", lambda s: s.conference.get_room("course-17"), MEETING)
CALLS.add("create_room", lambda s: s.conference.create_room("Other", starts_at=START, duration=timedelta(hours=1)))
CALLS.add("update_room", lambda s: s.conference.update_room(s.room, name="Other"))
CALLS.add("delete_room", lambda s: s.conference.delete_room(s.room), MEETING)
CALLS.add("start_session", lambda s: s.conference.start_session(s.room, ZOE, title="Day & 1", native={"meta_x": "ż", "muteOnStart": True, "duration": 90}),
          CREATE.replace("Course&", "Day%20%26%201&", 1) + "&meta_x=%C5%BC&muteOnStart=true&duration=90",
          effect=Effect.IDEMPOTENT, running=1)
CALLS.add("join_link", lambda s: s.conference.join_link(s.room, person=ANN), CREATE, effect=Effect.IDEMPOTENT, running=1)
CALLS.add("end_session", end_running, MEETING, "GET /api/end?meetingID=course-17&password=<password>", MEETING)
CALLS.add("list_sessions", lambda s: s.conference.sessions(s.room).collect(), MEETING)
CALLS.add("get_session", lambda s: s.conference.get_session(s.session.id), MEETING)
CALLS.add("list_attendance", lambda s: s.conference.attendance(s.session).collect(), MEETING)
CALLS.add("list_recordings", lambda s: s.conference.recordings().collect(), f"GET /api/getRecordings?{STATES}")
CALLS.add("list_recordings of a room", lambda s: s.conference.recordings(s.room).collect(),
          f"GET /api/getRecordings?meetingID=course-17&{STATES}")
CALLS.add("list_recordings of a session", lambda s: s.conference.recordings(s.session).collect(),
          f"GET /api/getRecordings?recordID=<recording>&{STATES}", "GET /api/getRecordingTextTracks?recordID=<recording>")
CALLS.add("delete_recording", lambda s: s.conference.delete_recording(s.recording),
          "GET /api/deleteRecordings?recordID=<recording>", effect=Effect.IDEMPOTENT, recordings=-1)
CALLS.add("delete_recordings", lambda s: s.conference.delete_recordings(s.room),
          f"GET /api/getRecordings?meetingID=course-17&{STATES}", "GET /api/deleteRecordings?recordID=<recording>", recordings=-1)
CALLS.add("publish", lambda s: s.native.publish_recording(s.recording, published=False),
          "GET /api/publishRecordings?recordID=<recording>&publish=false", effect=Effect.IDEMPOTENT)
CALLS.add("update", lambda s: s.native.update_recording(s.recording.id, {"topic": "a&b", "old": None}),
          "GET /api/updateRecordings?recordID=<recording>&meta_topic=a%26b&meta_old=", effect=Effect.IDEMPOTENT)
CALLS.add("captions", lambda s: s.native.upload_captions(s.recording, CAPTIONS, language="pl", label="Polski"),
          "POST /api/putRecordingTextTrack?recordID=<recording>&kind=subtitles&lang=pl&label=Polski", effect=Effect.IDEMPOTENT)
CALLS.add("subscribe", lambda s: s.conference.webhooks.subscribe("http://127.0.0.1:1/e"),
          "GET /api/hooks/create?callbackURL=http%3A%2F%2F127.0.0.1%3A1%2Fe&eventID=meeting-created%2Cmeeting-ended%2Cuser-joined"
          "%2Cuser-left%2Crap-publish-ended%2Crap-deleted", effect=Effect.IDEMPOTENT, hooks=1)
CALLS.add("subscribe to a room", lambda s: s.conference.webhooks.subscribe("http://127.0.0.1:1/e?a=1", s.room),
          "GET /api/hooks/create?callbackURL=http%3A%2F%2F127.0.0.1%3A1%2Fe%3Fa%3D1%26room%3Dcourse-17&eventID=meeting-created"
          "%2Cmeeting-ended%2Cuser-joined%2Cuser-left%2Crap-publish-ended%2Crap-deleted&meetingID=course-17",
          effect=Effect.IDEMPOTENT, hooks=1)
CALLS.add("unsubscribe", lambda s: s.conference.webhooks.unsubscribe("http://127.0.0.1:1/e"), "GET /api/hooks/list")
CALLS.add("request", lambda s: s.conference.request("GET", "/getSessions"), "GET /api/getSessions")
# fmt: on


def lines_of(scenario: Scenario) -> list[str]:
    """Return the requests without their checksums, and without a multipart body."""
    lines = []
    for request in scenario.served.requests:
        path, _, query = request.target.partition("?")
        call = Call(method=request.method, path=path, query=query)
        secret = scenario.served.simulator.secret  # type: ignore[attr-defined]
        assert is_signed(call, path.removeprefix("/api/"), secret)
        lines.append(f"{request.method} {re.sub('[?&]checksum=[0-9a-f]{64}$', '', request.target)}")
    return lines


@pytest.mark.parametrize("exact", CALLS, ids=str)
async def test_requests_are_exact(exact: ExactCall, scenario: Scenario) -> None:
    before = scenario.tally()
    await exact.call(scenario)
    names = {"recording": re.escape(scenario.recording.id), "password": "[a-z0-9]{8}"}
    patterns = [re.escape(line) for line in exact.requests]
    for name, pattern in names.items():
        patterns = [line.replace(re.escape(f"<{name}>"), pattern) for line in patterns]
    lines = lines_of(scenario)
    assert len(lines) == len(patterns)
    for line, pattern in zip(lines, patterns, strict=True):
        assert re.fullmatch(pattern, line)
    assert changes(before, scenario.tally()) == dict(exact.adds)


@pytest.mark.parametrize("exact", [call for call in CALLS if call.requests], ids=str)
async def test_lost_reply_is_asked_for_again(exact: ExactCall, scenario: Scenario) -> None:
    before = scenario.tally()
    scenario.served.fail("commit-reset")
    await exact.call(scenario)
    assert changes(before, scenario.tally()) == dict(exact.adds)


async def test_room_with_everything_is_created_exactly(
    conference: Conference, served: ServedSimulator
) -> None:
    room = await conference.create_room(
        "Everything",
        description="One\nTwo",
        waiting_room=True,
        capacity=30,
        starts_at=START,
        duration=timedelta(minutes=90),
        settings=RoomSettings(
            public_chat=False, private_chat=True, microphone=True, camera=False, see_cameras=False,
            shared_notes=True, recording=True, auto_recording=False, recording_control=True,
        ),
        native={"meetingID": "m-1", "meetingLayout": "VIDEO_FOCUS"},
    )  # fmt: skip
    assert served.requests == []
    await conference.join_link(room, role="host", person=ZOE)
    assert re.sub("&checksum=.*", "", served.requests[0].target) == (
        "/api/create?name=Everything&meetingID=m-1&welcome=One%3Cbr%3ETwo&maxParticipants=30"
        "&guestPolicy=ASK_MODERATOR&lockSettingsDisablePublicChat=true"
        "&lockSettingsDisablePrivateChat=false&lockSettingsDisableMic=false"
        "&lockSettingsDisableCam=true&webcamsOnlyForModerator=true&lockSettingsDisableNotes=false"
        "&record=true&autoStartRecording=false&allowStartStopRecording=true"
        "&meetingLayout=VIDEO_FOCUS"
    )


async def test_callback_goes_with_each_meeting(
    account: dict[str, Any], served: ServedSimulator
) -> None:
    own = {**account, "callback_url": "http://127.0.0.1:1/e?a=b", "algorithm": "sha512"}
    async with connect(own) as conference:
        room = await conference.create_room("Course", native={"meetingID": "m-1"})
        await conference.start_session(room, ZOE)
    target = served.requests[0].target
    url = "http%3A%2F%2F127.0.0.1%3A1%2Fe%3Fa%3Db"
    assert re.sub("checksum=[0-9a-f]{128}$", "", target) == (
        f"/api/create?name=Course&meetingID=m-1&meta_analytics-callback-url={url}"
        f"&meta_bbb-recording-ready-url={url}&meetingKeepEvents=true&"
    )


async def test_repeated_creation_changes_nothing(
    conference: Conference, room: Room, served: ServedSimulator
) -> None:
    first = await conference.start_session(room, ZOE)
    await conference.update_room(room, name="Renamed")
    served.fail("commit-reset")  # the reply is lost, and the call is sent again
    again = await conference.start_session(room, ZOE)
    assert again.session_id == first.session_id
    assert len(served.requests) == 3
    (session,) = await conference.sessions(room).collect()
    assert session.id == first.session_id


async def test_lost_end_is_not_sent_to_a_later_life(
    conference: Conference, room: Room, served: ServedSimulator
) -> None:
    link = await conference.start_session(room, ZOE)
    served.fail("commit-reset", match="/end")
    await conference.end_session(link.session_id or "")
    ends = [request for request in served.requests if "/end?" in request.target]
    assert len(ends) == 1  # the look afterwards shows that it had ended
    with pytest.raises(Conflict, match="not run any more"):
        await conference.end_session(link.session_id or "")

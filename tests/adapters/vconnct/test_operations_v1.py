"""Every operation of v1: its exact requests, and what it changes in the world."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from exact import ExactCalls, check_requests

from conferencing import (
    Anyone,
    Conflict,
    InvalidRequest,
    Passcode,
    Person,
    Role,
    Room,
    RoomSettings,
    RoomStatus,
    SignIn,
    UnsupportedOption,
)
from conferencing.model.attendance import Precision

TEN = [
    "lock_settings_disable_public_chat",
    "lock_settings_disable_mic",
    "auto_start_recording",
    "lock_settings_disable_cam",
    "lock_settings_locked_layout",
    "allow_start_stop_recording",
    "record",
    "webcam_only_for_moderators",
    "lock_settings_disable_note",
    "lock_settings_disable_private_chat",
]


def settings(*true: str) -> str:
    """Return the ten settings as they are sent, with those that are named true."""
    rows = [{"setting": name, "value": name in true} for name in TEN]
    return json.dumps(rows, separators=(",", ":"))


CALLS = ExactCalls()
SILENT = RoomSettings(
    public_chat=False, private_chat=False, microphone=False, camera=False, see_cameras=False,
    shared_notes=False, change_layout=False, recording=True, auto_recording=True,
    recording_control=True,
)  # fmt: skip
RECORDED = ("auto_start_recording", "allow_start_stop_recording", "record")
LOOK = "GET /api/v1/list_sessions/?meeting_id="

# fmt: off
CALLS.add("check", lambda s: s.conference.check(), "GET /api/v1/list_general_meeting_setting/")
CALLS.add("rooms", lambda s: s.conference.rooms().collect(), "GET /api/v1/list_meetings/")
CALLS.add("get_room", lambda s: s.conference.get_room(s.room.id), "GET /api/v1/list_meetings/",
    "GET /api/v1/list_setting/?meeting_id=<room>")
CALLS.add("create_room", lambda s: s.conference.create_room("Łódź & “quotes”"),
    "GET /api/v1/list_general_meeting_setting/",
    'POST /api/v1/create_meeting/ {"title":"Łódź & “quotes”","meeting_setting":'
    + settings() + "}", rooms=1)
CALLS.add("create_room, every field", lambda s: s.conference.create_room(
    "New", entry=Passcode("s3cret", role="host"), description="Hello", settings=SILENT,
    native={"title": "Native"}),
    'POST /api/v1/create_meeting/ {"title":"Native","moderator_password":"s3cret",'
    '"welcome_text":"Hello","meeting_setting":'
    + settings(*TEN) + "}", rooms=1)
CALLS.add("update_room", lambda s: s.conference.update_room(s.room, name="Renamed",
    settings=RoomSettings(camera=False, recording=False)),
    "GET /api/v1/list_meetings/", "GET /api/v1/list_setting/?meeting_id=<room>",
    'PUT /api/v1/update_meeting/?meeting_id=<room> {"title":"Renamed",'
    '"moderator_password":"modpwd","welcome_text":"Welcome","meeting_setting":'
    + settings("auto_start_recording", "allow_start_stop_recording", "lock_settings_disable_cam") + "}")
CALLS.add("update_room, taking the passcode away",
    lambda s: s.conference.update_room(s.live, entry=Anyone(), description=""),
    "GET /api/v1/list_meetings/", "GET /api/v1/list_setting/?meeting_id=<live>",
    'PUT /api/v1/update_meeting/?meeting_id=<live> {"title":"Live","moderator_password":"",'
    '"welcome_text":"","meeting_setting":'
    + settings(*RECORDED) + "}")
CALLS.add("delete_room", lambda s: s.conference.delete_room(s.room),
    "DELETE /api/v1/delete_scheduled_meeting/?meeting_id=<room>", rooms=-1)
CALLS.add("default_settings", lambda s: s.conference.default_settings(),
    "GET /api/v1/list_general_meeting_setting/")
CALLS.add("room_settings", lambda s: s.conference.room_settings(s.room),
    "GET /api/v1/list_setting/?meeting_id=<room>")
CALLS.add("start_session", lambda s: s.conference.start_session(s.room,
    Person(first_name="Zoë", last_name="Lee"), title="Second", entry=Passcode("att pwd"),
    native={"logout_url": "https://a.example/?b"}),
    'POST /api/v1/start_meeting/ {"meeting_id":"<room>","title":"Second",'
    '"attendee_password":"att pwd","moderator_password":"modpwd","moderator_name":"Zoë Lee",'
    '"logout_url":"https://a.example/?b"}', LOOK + "<room>", sessions=1)
CALLS.add("start_session, open and by id", lambda s: s.conference.start_session(s.live.id, "Zoë"),
    "GET /api/v1/list_meetings/",
    'POST /api/v1/start_meeting/ {"meeting_id":"<live>","moderator_name":"Zoë"}', LOOK + "<live>")
CALLS.add("end_session", lambda s: s.conference.end_session(s.running), LOOK + "<live>",
    "GET /api/v1/end_meeting/?meeting_id=<live>", recordings=1)
CALLS.add("join_link", lambda s: s.conference.join_link(s.live, name="Zoë"), LOOK + "<live>",
    'POST /api/v1/join_meeting/ {"meeting_id":"<live>","fullname":"Zoë","role":"viewer"}')
CALLS.add("join_link, as host by id",
    lambda s: s.conference.join_link(s.live.id, role="host", email="z@b.c", name="Zoë"),
    "GET /api/v1/list_meetings/",
    'POST /api/v1/join_meeting/ {"meeting_id":"<live>","fullname":"Zoë","role":"moderator"}')
CALLS.add("sessions", lambda s: s.conference.sessions(s.room).collect(), LOOK + "<room>")
CALLS.add("get_session", lambda s: s.conference.get_session(s.session.id), LOOK + "<room>")
CALLS.add("attendance", lambda s: s.conference.attendance(s.session).collect(),
    "GET /api/v1/list_attendance/?session_id=<session>")
CALLS.add("attendance of a room", lambda s: s.conference.attendance(s.room).collect(),
    LOOK + "<room>", "GET /api/v1/list_attendance/?session_id=<session>")
CALLS.add("recordings of a session", lambda s: s.conference.recordings(s.session).collect(),
    "GET /api/v1/get_record/?session_id=<session>")
CALLS.add("recordings of a room", lambda s: s.conference.recordings(s.room).collect(),
    LOOK + "<room>", "GET /api/v1/get_record/?session_id=<session>")
CALLS.add("request",
    lambda s: s.conference.request("GET", "/api/v1/list_setting/", query={"meeting_id": s.room.id}),
    "GET /api/v1/list_setting/?meeting_id=<room>")
# fmt: on


@pytest.mark.parametrize("exact", CALLS, ids=str)
async def test_operation_sends_exactly_its_request(scenario, exact) -> None:
    await check_requests(scenario, exact, values)
    for request in scenario.served.requests:
        assert request.headers["license"] == scenario.served.simulator.license
        assert "accept-language" not in request.headers


def values(scenario: Any) -> dict[str, str]:
    """Return the ids of this run."""
    return {"room": scenario.room.id, "live": scenario.live.id, "session": scenario.key}


def test_v1_features_match_the_vendor(conference) -> None:
    features = conference.capabilities.features
    assert features.attendance is Precision.JOINED
    assert features.roles == {Role.HOST, Role.ATTENDEE}


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"starts_at": datetime(2026, 10, 2, 10, tzinfo=UTC)}, "starts_at"),
        ({"duration": timedelta(hours=1)}, "duration"),
        ({"entry": SignIn("google")}, "entry"),
        ({"entry": (Anyone(), Passcode("x", role="host"))}, "entry"),
        ({"settings": RoomSettings(encryption=True)}, "settings.encryption"),
    ],
)
async def test_v1_unsupported_field_is_named_and_not_sent(
    conference, served, fields, named
) -> None:
    for call in (conference.create_room, conference.update_room):
        with pytest.raises(UnsupportedOption) as caught:
            await call("New", **fields)
        assert caught.value.field == named
        assert "vconnct" in str(caught.value)
    assert served.requests == []


@pytest.mark.parametrize("status", ["scheduled", "ended"])
async def test_unsupported_status_raises(scenario, status) -> None:
    with pytest.raises(UnsupportedOption):
        await scenario.conference.rooms(status).collect()
    assert scenario.served.requests == []


async def test_rooms_are_listed_by_status(scenario) -> None:
    live = await scenario.conference.rooms("live").collect()
    idle = await scenario.conference.rooms("open").collect()
    assert ([room.name for room in live], [room.name for room in idle]) == (["Live"], ["Class"])
    assert (live[0].status, idle[0].status) == (RoomStatus.LIVE, RoomStatus.OPEN)


async def test_recordings_of_account_raise(scenario) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await scenario.conference.recordings().collect()
    assert caught.value.field == "of"
    assert scenario.served.requests == []


async def test_link_without_name_raises(scenario) -> None:
    for person in (None, Person(email="a@b.c")):
        with pytest.raises(InvalidRequest) as caught:
            await scenario.conference.join_link(scenario.live, person=person)
        assert caught.value.field == "name"
    assert scenario.served.requests == []


async def test_link_without_session_raises(scenario, targets) -> None:
    with pytest.raises(Conflict):
        await scenario.conference.join_link(scenario.room, name="Zoë")
    assert targets() == ["list_sessions"]


async def test_created_room_has_its_fields(scenario) -> None:
    room = await scenario.conference.create_room(
        "New", entry=Passcode("s3cret", role="host"), settings=RoomSettings(camera=False)
    )
    stored = scenario.world.room(room.id)
    assert stored.entry == room.entry == (Passcode("s3cret", role=Role.HOST),)
    true = [name for name, value in scenario.world.notes[room.id]["settings"].items() if value]
    assert true == ["lock_settings_disable_cam"]
    assert isinstance(await scenario.conference.get_room(room.id), Room)


async def test_removed_passcode_is_not_needed(scenario) -> None:
    room = await scenario.conference.update_room(scenario.room, entry=Anyone())
    assert room.entry == (Anyone(),)
    assert (await scenario.conference.start_session(room, "Anybody")).session_id

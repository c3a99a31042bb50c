"""Every operation of v1: what is on the wire, and what the world says afterwards."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import frozen

from conferencing import (
    Anyone,
    Conference,
    Conflict,
    InvalidRequest,
    Operation,
    Passcode,
    Person,
    Recording,
    Role,
    Room,
    RoomSettings,
    RoomStatus,
    SignIn,
    Support,
    Template,
    UnsupportedOperation,
    UnsupportedOption,
)
from conferencing.model.attendance import Precision
from conferencing.sandbox import ServedSimulator

NO_REGISTRATION_STATUS = {
    "approve_registration", "cancel_registration", "deny_registration", "register_batch",
}  # fmt: skip

ABSENT: dict[str, Callable[[Conference], Any]] = {
    "register": lambda c: c.register("1", email="a@b.c"),
    "list_participants": lambda c: c.participants("1").collect(),
    "get_participant": lambda c: c.get_participant("1", email="a@b.c"),
    "invite": lambda c: c.invite("1", ["a@b.c"]),
    "delete_recording": lambda c: c.delete_recording(Recording(id="1")),
    "delete_recordings": lambda c: c.delete_recordings("1"),
    "create_report": lambda c: c.create_report("1:2"),
    "get_report": lambda c: c.get_report("1"),
    "usage": lambda c: c.usage().collect(),
    "feedback": lambda c: c.feedback().collect(),
    "list_templates": lambda c: c.templates().collect(),
    "create_template": lambda c: c.create_template("Mine"),
    "update_template": lambda c: c.update_template(Template(id="1")),
    "delete_template": lambda c: c.delete_template("1"),
    "create_access_tokens": lambda c: c.create_access_tokens("1"),
    "list_access_tokens": lambda c: c.access_tokens("1").collect(),
    "revoke_access_tokens": lambda c: c.revoke_access_tokens("1", []),
}
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
    """Return the ten settings as they are on the wire, those that are named being true."""
    rows = [{"setting": name, "value": name in true} for name in TEN]
    return json.dumps(rows, separators=(",", ":"))


@frozen(kw_only=True)
class Case:
    """A call, the requests it makes, and what of the world it adds. `<room>` and its like are the stage's ids."""

    name: str
    call: Callable[[Any], Awaitable[Any]]
    requests: tuple[str, ...]
    adds: dict[str, int]


CASES: list[Case] = []


def _known(name: str, call: Callable[[Any], Any], *requests: str, **adds: int) -> None:
    CASES.append(Case(name=name, call=call, requests=requests, adds=adds))


SILENT = RoomSettings(
    public_chat=False, private_chat=False, microphone=False, camera=False, see_cameras=False,
    shared_notes=False, change_layout=False, recording=True, auto_recording=True,
    recording_control=True,
)  # fmt: skip
RECORDED = ("auto_start_recording", "allow_start_stop_recording", "record")
LOOK = "GET /api/v1/list_sessions/?meeting_id="

# fmt: off
_known("check", lambda s: s.conference.check(), "GET /api/v1/list_general_meeting_setting/")
_known("rooms", lambda s: s.conference.rooms().collect(), "GET /api/v1/list_meetings/")
_known("get_room", lambda s: s.conference.get_room(s.room.id), "GET /api/v1/list_meetings/",
    "GET /api/v1/list_setting/?meeting_id=<room>")
_known("create_room", lambda s: s.conference.create_room("Łódź & “quotes”"),
    "GET /api/v1/list_general_meeting_setting/",
    'POST /api/v1/create_meeting/ {"title":"Łódź & “quotes”","meeting_setting":'
    + settings() + "}", rooms=1)
_known("create_room, everything said", lambda s: s.conference.create_room(
    "New", entry=Passcode("s3cret", role="host"), description="Hello", settings=SILENT,
    native={"title": "Native"}),
    'POST /api/v1/create_meeting/ {"title":"Native","moderator_password":"s3cret",'
    '"welcome_text":"Hello","meeting_setting":'
    + settings(*TEN) + "}", rooms=1)
_known("update_room", lambda s: s.conference.update_room(s.room, name="Renamed",
    settings=RoomSettings(camera=False, recording=False)),
    "GET /api/v1/list_meetings/", "GET /api/v1/list_setting/?meeting_id=<room>",
    'PUT /api/v1/update_meeting/?meeting_id=<room> {"title":"Renamed",'
    '"moderator_password":"modpwd","welcome_text":"Welcome","meeting_setting":'
    + settings("auto_start_recording", "allow_start_stop_recording", "lock_settings_disable_cam") + "}")
_known("update_room, taking the passcode away",
    lambda s: s.conference.update_room(s.live, entry=Anyone(), description=""),
    "GET /api/v1/list_meetings/", "GET /api/v1/list_setting/?meeting_id=<live>",
    'PUT /api/v1/update_meeting/?meeting_id=<live> {"title":"Live","moderator_password":"",'
    '"welcome_text":"","meeting_setting":'
    + settings(*RECORDED) + "}")
_known("delete_room", lambda s: s.conference.delete_room(s.room),
    "DELETE /api/v1/delete_scheduled_meeting/?meeting_id=<room>", rooms=-1)
_known("default_settings", lambda s: s.conference.default_settings(),
    "GET /api/v1/list_general_meeting_setting/")
_known("room_settings", lambda s: s.conference.room_settings(s.room),
    "GET /api/v1/list_setting/?meeting_id=<room>")
_known("start_session", lambda s: s.conference.start_session(s.room,
    Person(first_name="Zoë", last_name="Lee"), title="Second", entry=Passcode("att pwd"),
    native={"logout_url": "https://a.example/?b"}),
    'POST /api/v1/start_meeting/ {"meeting_id":"<room>","title":"Second",'
    '"attendee_password":"att pwd","moderator_password":"modpwd","moderator_name":"Zoë Lee",'
    '"logout_url":"https://a.example/?b"}', LOOK + "<room>", sessions=1)
_known("start_session, open and by id", lambda s: s.conference.start_session(s.live.id, "Zoë"),
    "GET /api/v1/list_meetings/",
    'POST /api/v1/start_meeting/ {"meeting_id":"<live>","moderator_name":"Zoë"}', LOOK + "<live>")
_known("end_session", lambda s: s.conference.end_session(s.running), LOOK + "<live>",
    "GET /api/v1/end_meeting/?meeting_id=<live>", recordings=1)
_known("join_link", lambda s: s.conference.join_link(s.live, name="Zoë"), LOOK + "<live>",
    'POST /api/v1/join_meeting/ {"meeting_id":"<live>","fullname":"Zoë","role":"viewer"}')
_known("join_link, as host by id",
    lambda s: s.conference.join_link(s.live.id, role="host", email="z@b.c", name="Zoë"),
    "GET /api/v1/list_meetings/",
    'POST /api/v1/join_meeting/ {"meeting_id":"<live>","fullname":"Zoë","role":"moderator"}')
_known("sessions", lambda s: s.conference.sessions(s.room).collect(), LOOK + "<room>")
_known("get_session", lambda s: s.conference.get_session(s.session.id), LOOK + "<room>")
_known("attendance", lambda s: s.conference.attendance(s.session).collect(),
    "GET /api/v1/list_attendance/?session_id=<session>")
_known("attendance of a room", lambda s: s.conference.attendance(s.room).collect(),
    LOOK + "<room>", "GET /api/v1/list_attendance/?session_id=<session>")
_known("recordings of a session", lambda s: s.conference.recordings(s.session).collect(),
    "GET /api/v1/get_record/?session_id=<session>")
_known("recordings of a room", lambda s: s.conference.recordings(s.room).collect(),
    LOOK + "<room>", "GET /api/v1/get_record/?session_id=<session>")
_known("request",
    lambda s: s.conference.request("GET", "/api/v1/list_setting/", query={"meeting_id": s.room.id}),
    "GET /api/v1/list_setting/?meeting_id=<room>")
# fmt: on


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_operation_sends_exact_requests(scenario: Any, lines: Any, case: Case) -> None:
    before = tally(scenario)
    await case.call(scenario)
    assert lines() == [written(one, scenario) for one in case.requests]
    after = tally(scenario)
    assert {name: after[name] - one for name, one in before.items() if after[name] != one} == (
        case.adds
    )
    for seen in scenario.served.requests:
        assert seen.headers["license"] == scenario.served.simulator.license
        assert "accept-language" not in seen.headers
        assert ("content-type" in seen.headers) is bool(seen.body)


def test_v1_capabilities_match_the_vendor(conference: Conference) -> None:
    told = {one.value: conference.capabilities[one] for one in Operation}
    assert {name for name, one in told.items() if one is Support.ABSENT} == set(
        ABSENT
    ) | NO_REGISTRATION_STATUS
    emulated = {name for name, one in told.items() if one is Support.EMULATED}
    assert emulated == {"get_room", "get_session"}
    features = conference.capabilities.features
    assert features.attendance is Precision.JOINED
    assert features.roles == {Role.HOST, Role.ATTENDEE}


@pytest.mark.parametrize("name", ABSENT)
async def test_v1_absent_operation_sends_nothing(
    conference: Conference, served: ServedSimulator, name: str
) -> None:
    with pytest.raises(UnsupportedOperation) as caught:
        await ABSENT[name](conference)
    assert (caught.value.operation, caught.value.provider) == (name, "vconnct")
    assert served.requests == []


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"starts_at": datetime(2026, 10, 2, 10, tzinfo=UTC)}, "starts_at"),
        ({"duration": timedelta(hours=1)}, "duration"),
        ({"timezone": "Europe/Warsaw"}, "timezone"),
        ({"capacity": 100}, "capacity"),
        ({"registration": True}, "registration"),
        ({"waiting_room": True}, "waiting_room"),
        ({"permanent": True}, "permanent"),
        ({"host": Person(name="Zoë")}, "host"),
        ({"people": [Person(email="a@b.c")]}, "people"),
        ({"template": "5"}, "template"),
        ({"kind": "webinar"}, "kind"),
        ({"entry": SignIn("google")}, "entry"),
        ({"entry": (Anyone(), Passcode("x", role="host"))}, "entry"),
        ({"settings": RoomSettings(encryption=True)}, "settings.encryption"),
    ],
)
async def test_v1_unsupported_field_is_named_and_not_sent(
    conference: Conference, served: ServedSimulator, fields: dict[str, Any], named: str
) -> None:
    for call in (conference.create_room, conference.update_room):
        with pytest.raises(UnsupportedOption) as caught:
            await call("New", **fields)
        assert caught.value.field == named
        assert "vconnct" in str(caught.value)
    assert served.requests == []


@pytest.mark.parametrize("status", ["scheduled", "ended"])
async def test_unsupported_status_raises(scenario: Any, status: str) -> None:
    with pytest.raises(UnsupportedOption):
        await scenario.conference.rooms(status).collect()
    assert scenario.served.requests == []


async def test_rooms_are_listed_by_status(scenario: Any) -> None:
    live = await scenario.conference.rooms("live").collect()
    idle = await scenario.conference.rooms("open").collect()
    assert ([one.name for one in live], [one.name for one in idle]) == (["Live"], ["Class"])
    assert (live[0].status, idle[0].status) == (RoomStatus.LIVE, RoomStatus.OPEN)


async def test_recordings_of_account_raise(scenario: Any) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await scenario.conference.recordings().collect()
    assert caught.value.field == "of"
    assert scenario.served.requests == []


async def test_link_without_name_raises(scenario: Any) -> None:
    for person in (None, Person(email="a@b.c")):
        with pytest.raises(InvalidRequest) as caught:
            await scenario.conference.join_link(scenario.live, person=person)
        assert caught.value.field == "name"
    assert scenario.served.requests == []


async def test_link_without_session_raises(scenario: Any, targets: Any) -> None:
    with pytest.raises(Conflict):
        await scenario.conference.join_link(scenario.room, name="Zoë")
    assert targets() == ["list_sessions"]


async def test_created_room_has_its_fields(scenario: Any) -> None:
    room = await scenario.conference.create_room(
        "New", entry=Passcode("s3cret", role="host"), settings=RoomSettings(camera=False)
    )
    known = scenario.world.room(room.id)
    assert known.entry == room.entry == (Passcode("s3cret", role=Role.HOST),)
    true = [name for name, one in scenario.world.notes[room.id]["settings"].items() if one]
    assert true == ["lock_settings_disable_cam"]
    assert isinstance(await scenario.conference.get_room(room.id), Room)


async def test_removed_passcode_is_not_needed(scenario: Any) -> None:
    room = await scenario.conference.update_room(scenario.room, entry=Anyone())
    assert room.entry == (Anyone(),)
    assert (await scenario.conference.start_session(room, "Anybody")).session_id


# --------------------------------------------------------------------------------------- helpers


def written(request: str, scenario: Any) -> str:
    ids = {"room": scenario.room.id, "live": scenario.live.id, "session": scenario.key}
    for name, one in ids.items():
        request = request.replace(f"<{name}>", one)
    return request


def tally(scenario: Any) -> dict[str, int]:
    world = scenario.world
    return {name: len(getattr(world, name)) for name in ("rooms", "sessions", "recordings")}

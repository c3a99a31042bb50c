"""Replies that the vendor's clients and the engine show in addition to the documented ones."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conferencing import (
    Conference,
    InvalidRequest,
    MalformedResponse,
    NotFound,
    Person,
    Role,
    RoomSettings,
    RoomStatus,
    Secret,
    Sent,
)
from conferencing.model.attendance import Precision
from conferencing.sandbox import ServedSimulator
from conferencing_vconnct.wire import base

IDLE = {"status": False, "msg": "no active room found", "rooms": []}
JOINED, LEFT = datetime(2026, 10, 1, 8, tzinfo=UTC), datetime(2026, 10, 1, 8, 14, 7, tzinfo=UTC)
REFUSED = [
    {"status": False, "msg": "the project is blocked"},
    {"response": {"status": False, "msg": "the project is blocked"}},
    {"response": {"status": False, "msg": "the project is blocked", "rooms": None}},
]

Reply = Callable[..., None]


@pytest.fixture
def reply(served: ServedSimulator) -> Reply:
    """Set the reply to the next call of a method: its JSON, or its bytes, and its HTTP status."""

    def set_reply(method: str, body: Any, status: int = 200) -> None:
        text = body.decode() if isinstance(body, bytes) else json.dumps(body)
        served.fail("status", status=status, body=text, match=method)

    return set_reply


# -------------------------------------------------------------- docs/vendors/vconnct.md#v4-oddity-5


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (IDLE, 200),
        (IDLE, 404),
        (IDLE | {"rooms": None}, 200),
        ({"status": False, "message": "No active room found."}, 200),
        ({"status": False, "rooms": []}, 200),
        ({"response": IDLE}, 200),
        ({"response": {"status": False, "msg": "no active room found"}}, 200),
        ({"response": {"status": True, "rooms": []}}, 200),
        ({"status": True, "rooms": []}, 200),
    ],
)
async def test_idle_account_has_no_rooms(
    v4: Conference, reply: Reply, body: Any, status: int
) -> None:
    reply("get_active_rooms", body, status)
    assert await v4.rooms().collect() == []
    reply("get_active_rooms", body, status)
    await v4.check()


async def test_idle_account_of_simulator_passes_check(
    v4: Conference, served: ServedSimulator
) -> None:
    served.simulator.quirks["idle_is_failure"] = True
    await v4.check()
    assert await v4.rooms().collect() == []


@pytest.mark.parametrize("body", REFUSED)
async def test_other_failure_of_active_rooms_raises(
    v4: Conference, reply: Reply, body: Any
) -> None:
    for call in (v4.check, v4.rooms().collect):
        reply("get_active_rooms", body)
        with pytest.raises(InvalidRequest) as caught:
            await call()
        assert caught.value.problems == ("the project is blocked",)


@pytest.mark.parametrize("body", [b"<h1>Not Found</h1>", b'{"detail": "Not Found"}', b""])
async def test_active_rooms_not_found_is_no_idle_account(
    v4: Conference, reply: Reply, body: bytes
) -> None:
    """The base URL is wrong."""
    reply("get_active_rooms", body, 404)
    with pytest.raises(NotFound):
        await v4.check()


# ------------------------------------------------------------------------- failures with HTTP 200


@pytest.mark.parametrize("body", [*REFUSED[:2], IDLE, {"status": False}])
@pytest.mark.parametrize(
    ("method", "call"),
    [
        ("end_room", lambda s: s.conference.end_session(s.live.id)),
        ("create_quick_video_room", lambda s: s.conference.create_room("New")),
        ("start_schedule_room", lambda s: s.conference.start_session(s.planned, "Zoë")),
        ("create_invitation_link", lambda s: s.conference.join_link(s.live, name="Zoë")),
        ("get_analytics", lambda s: s.conference.attendance(s.past.id).collect()),
    ],
    ids=["end", "create", "start", "link", "attendance"],
)
async def test_v4_failure_in_200_raises(
    cloud: Any, reply: Reply, method: str, call: Any, body: Any
) -> None:
    reply(method, body)
    with pytest.raises((InvalidRequest, NotFound)) as caught:
        await call(cloud)
    assert (caught.value.status, caught.value.sent) == (200, Sent.YES)


@pytest.mark.parametrize(
    ("method", "call"),
    [
        ("create_meeting", lambda s: s.conference.create_room("New")),
        ("update_meeting", lambda s: s.conference.update_room(s.room, name="New")),
        ("delete_scheduled_meeting", lambda s: s.conference.delete_room(s.room)),
        ("start_meeting", lambda s: s.conference.start_session(s.room, "Mod")),
        ("end_meeting", lambda s: s.conference.end_session(s.running)),
        ("join_meeting", lambda s: s.conference.join_link(s.live, name="Zoë")),
        ("list_sessions", lambda s: s.conference.sessions(s.room).collect()),
        ("list_attendance", lambda s: s.conference.attendance(s.session).collect()),
        ("get_record", lambda s: s.conference.recordings(s.session).collect()),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_v1_failure_in_200_raises(
    scenario: Any, reply: Reply, method: str, call: Any
) -> None:
    reply(method, {"status": False, "status_code": 400, "error_messages": ["refused"]})
    with pytest.raises(InvalidRequest) as caught:
        await call(scenario)
    assert (caught.value.status, caught.value.problems) == (400, ("refused",))


# -------------------------------------------------------------------------- what does not exist


@pytest.mark.parametrize("body", [{"status": False, "msg": "no room found"}, {"status": False}])
async def test_room_that_is_not_running_is_found_in_the_past(
    cloud: Any, reply: Reply, body: Any
) -> None:
    reply("get_active_room_info", body)
    assert (await cloud.conference.get_room(cloud.past.id)).status is RoomStatus.ENDED


async def test_room_without_past_in_200_is_not_found(cloud: Any, reply: Reply) -> None:
    reply("fetch_past_rooms", {"status": False, "msg": "no rooms found"})
    with pytest.raises(NotFound):
        await cloud.conference.get_room(cloud.planned.id)
    reply("fetch_past_rooms", {"status": False, "msg": "no rooms found"})
    assert await cloud.conference.sessions(cloud.planned).collect() == []


@pytest.mark.parametrize("status", [200, 404])
async def test_room_without_recordings_has_none(cloud: Any, reply: Reply, status: int) -> None:
    reply("get_record", {"status": False, "message": "no recordings found"}, status)
    assert await cloud.conference.recordings(cloud.past).collect() == []


async def test_refused_recordings_raise(cloud: Any, reply: Reply) -> None:
    reply("get_record", {"status": False, "message": "room_id is not valid"}, 400)
    with pytest.raises(InvalidRequest):
        await cloud.conference.recordings(cloud.past).collect()


# -------------------------------------------------------------- docs/vendors/vconnct.md#v4-oddity-6


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"participant_durations": {"ann@example.com": 60}}},
        {"participant_durations": {"ann@example.com": "60"}},
        {"data": None, "participant_durations": {"ann@example.com": 60.0}},
        {
            "data": {
                "participant_durations": {"ann@example.com": 60},
                "participants": [{"name": "A"}],
            }
        },
        {"data": {"participants": [{"user_id": "ann@example.com", "duration": 60}]}},
        {"data": {"users": [{"user_id": "ann@example.com", "duration": "60"}]}},
        {"participants": [{"user_id": "ann@example.com", "duration": 60, "joined": "soon"}]},
    ],
)
async def test_attendance_is_read_in_every_shape(cloud: Any, reply: Reply, body: Any) -> None:
    reply("get_analytics", {"status": True, **body})
    (ann,) = await cloud.conference.attendance(cloud.past.id).collect()
    assert (ann.id, ann.email, ann.duration) == ("ann@example.com",) * 2 + (timedelta(minutes=1),)
    assert (ann.session_id, ann.precision) == (cloud.past.id, Precision.DURATION)


async def test_attendance_rows_of_the_client_keep_every_person(cloud: Any, reply: Reply) -> None:
    rows = [{"name": "Ann"}, {"name": "Ann"}, {"user_id": "", "name": None}]
    data = {"participants_count": 3, "duration": 847, "participants": rows}
    reply("get_analytics", {"status": True, "data": data})
    people = await cloud.conference.attendance(cloud.past.id).collect()
    assert [person.display_name for person in people] == ["Ann", "Ann", None]
    assert len({person.id for person in people}) == 3
    assert {(person.duration, person.email) for person in people} == {(None, None)}
    assert [dict(person.native) for person in people] == rows


@pytest.mark.parametrize(
    ("end", "length", "precision"),
    [
        ({"left": "1790842447", "duration": 847}, timedelta(seconds=847), Precision.SPAN),
        ({"left": "2026-10-01 08:14:07"}, timedelta(seconds=847), Precision.SPAN),
        ({"left": None, "duration": 847}, timedelta(seconds=847), Precision.DURATION),
        ({"left": ""}, None, Precision.JOINED),
    ],
)
async def test_attendance_rows_of_the_engine_have_times(
    cloud: Any, reply: Reply, end: dict[str, Any], length: Any, precision: Precision
) -> None:
    users = [{"user_id": "4fa0", "name": "Ann", "joined": "1790841600", **end}]
    reply("get_analytics", {"status": True, "data": {"room": {}, "users": users}})
    (ann,) = await cloud.conference.attendance(cloud.past.id).collect()
    assert (ann.id, ann.display_name, ann.duration) == ("4fa0", "Ann", length)
    assert ann.precision is precision
    assert ann.joined_at == (None if precision is Precision.DURATION else JOINED)
    assert ann.left_at == (LEFT if precision is Precision.SPAN else None)


@pytest.mark.parametrize(
    "data",
    [
        {},
        None,
        [],
        {"participants_count": 2, "duration": 847},
        {"participant_durations": None},
        {"participant_durations": [["ann@example.com", 60]]},
        {"participants": 2},
        {"users": {"ann@example.com": {"duration": 60}}},
        {"participants": ["ann@example.com"]},
    ],
)
async def test_attendance_in_another_shape_raises(cloud: Any, reply: Reply, data: Any) -> None:
    """An empty list would mean that there were no attendees."""
    reply("get_analytics", {"status": True, "data": data})
    with pytest.raises(MalformedResponse) as caught:
        await cloud.conference.attendance(cloud.past.id).collect()
    assert caught.value.path.startswith("$.data")


@pytest.mark.parametrize(
    "data", [{"participant_durations": {}}, {"participants": []}, {"users": []}]
)
async def test_empty_attendance_is_empty(cloud: Any, reply: Reply, data: Any) -> None:
    reply("get_analytics", {"status": True, "data": data})
    assert await cloud.conference.attendance(cloud.past.id).collect() == []


async def test_empty_durations_do_not_hide_rows(cloud: Any, reply: Reply) -> None:
    data = {"participant_durations": {}, "participants": [{"name": "Ann"}]}
    reply("get_analytics", {"status": True, "data": data, "participant_durations": {}})
    (ann,) = await cloud.conference.attendance(cloud.past.id).collect()
    assert ann.display_name == "Ann"


@pytest.mark.parametrize(
    "at", [lambda rows: {"data": {"participants": rows}}, lambda rows: {"participants": rows}]
)
async def test_odd_attendance_row_costs_no_other(cloud: Any, reply: Reply, at: Any) -> None:
    reply("get_analytics", {"status": True, **at(["Ann", {"user_id": "b", "duration": 5}, None])})
    people = await cloud.conference.attendance(cloud.past.id).collect()
    assert [person.id for person in people] == ["b"]


# ----------------------------------------------------------------------------- shapes of one room


@pytest.fixture
def room_info(cloud: Any) -> dict[str, Any]:
    return {"room_id": cloud.live.id, "room_title": "Live", "joined_participants": "0"}


async def test_flat_room_is_read(cloud: Any, reply: Reply, room_info: Any) -> None:
    """The vendor's own client reads `room` where there is no `result`."""
    reply("get_active_room_info", {"status": True, "room": room_info})
    room = await cloud.conference.get_room(cloud.live.id)
    assert (room.id, room.name, room.status) == (cloud.live.id, "Live", RoomStatus.LIVE)


@pytest.mark.parametrize("result", [None, "", []])
async def test_room_beside_empty_result_is_read(
    cloud: Any, reply: Reply, room_info: Any, result: Any
) -> None:
    reply("get_active_room_info", {"status": True, "result": result, "room": room_info})
    assert (await cloud.conference.get_room(cloud.live.id)).name == "Live"


async def test_room_without_people_has_no_attendance(
    cloud: Any, reply: Reply, room_info: Any
) -> None:
    for body in ({"result": {"room_info": room_info}}, {"room": room_info}):
        for _ in range(2):  # whether it is running, and who is in it
            reply("get_active_room_info", {"status": True, **body})
        assert await cloud.conference.attendance(cloud.live.id).collect() == []


async def test_missing_list_of_people_in_full_room_raises(
    cloud: Any, reply: Reply, room_info: Any
) -> None:
    """An empty list would mean that the room is empty."""
    room_info["joined_participants"] = "2"
    for body in ({"result": {"room_info": room_info}}, {"room": room_info}):
        for _ in range(2):
            reply("get_active_room_info", {"status": True, **body})
        with pytest.raises(MalformedResponse, match="2 people") as caught:
            await cloud.conference.attendance(cloud.live.id).collect()
        assert caught.value.path.endswith("participants_info")


@pytest.mark.parametrize(
    ("metadata", "role"),
    [
        ({"is_admin": True}, Role.HOST),
        ({"is_admin": False}, Role.ATTENDEE),
        ('{"is_admin": true}', Role.HOST),
        ('{"is_admin": false}', Role.ATTENDEE),
        ({"is_admin": "perhaps"}, Role.UNKNOWN),
        ({}, Role.UNKNOWN),
        ("free text", Role.UNKNOWN),
        ("", Role.UNKNOWN),
        (None, Role.UNKNOWN),
        (5, Role.UNKNOWN),
    ],
)
async def test_metadata_of_person_is_object_or_string(
    cloud: Any, reply: Reply, room_info: Any, metadata: Any, role: Role
) -> None:
    """Otherwise the role is unknown, and the person is listed all the same."""
    person = {"identity": "ann@example.com", "name": "Ann", "metadata": metadata}
    result = {"room_info": room_info, "participants_info": [person]}
    for _ in range(2):
        reply("get_active_room_info", {"status": True, "result": result})
    (ann,) = await cloud.conference.attendance(cloud.live.id).collect()
    assert (ann.display_name, ann.role) == ("Ann", role)


@pytest.mark.parametrize("joined", ["", "soon", None, True, {}])
async def test_person_with_odd_join_time_is_listed(
    cloud: Any, reply: Reply, room_info: Any, joined: Any
) -> None:
    people = [{"identity": 7, "joined_at": joined}, {"identity": "b", "joined_at": "1790841600"}]
    result = {"room_info": room_info, "participants_info": people}
    for _ in range(2):
        reply("get_active_room_info", {"status": True, "result": result})
    records = await cloud.conference.attendance(cloud.live.id).collect()
    assert [(record.id, record.joined_at) for record in records] == [("7", None), ("b", JOINED)]


# ------------------------------------------------------------------------------------- past rooms


@pytest.mark.parametrize(
    "shape",
    [
        lambda rows: {"rooms": {"rooms_list": rows}},
        lambda rows: {"rooms": rows},
        lambda rows: {"result": rows},
        lambda rows: {"rooms": None, "result": rows},
        lambda rows: {"response": {"rooms": {"rooms_list": rows}}},
    ],
    ids=["nested", "bare", "result", "result-beside-null", "wrapped"],
)
async def test_past_rooms_are_read_in_every_shape(cloud: Any, reply: Reply, shape: Any) -> None:
    row = {"room_id": cloud.past.id, "room_title": "Past", "created": "2026-10-01 08:00:00",
           "ended": "2026-10-01T08:14:07Z", "joined_participants": 2}  # fmt: skip
    reply("fetch_past_rooms", {"status": True, **shape([row])})
    session = await cloud.conference.get_session(cloud.past.id)
    assert (session.started_at, session.ended_at, session.people) == (JOINED, LEFT, 2)


async def test_bare_list_beyond_the_limit_is_whole(cloud: Any, reply: Reply) -> None:
    rows = [{"room_id": str(number)} for number in range(150)]
    reply("fetch_past_rooms", {"status": True, "rooms": rows})
    ids = [row["room_id"] for row in rows]
    pages = [page async for page in cloud.conference.provider.past_rooms(ids)]
    assert [room.id for page in pages for room in page] == ids


@pytest.mark.parametrize("value", ["", "0001-01-01 00:00:00", "0001-01-01T00:00:00Z", None, "soon"])
async def test_odd_end_of_past_room_is_unknown(cloud: Any, reply: Reply, value: Any) -> None:
    rows = [
        {"room_id": "a", "room_title": "Odd", "created": "1790841600", "ended": value},
        {"room_id": "b", "room_title": "Even", "created": "1790841600", "ended": "1790842447"},
    ]
    reply("fetch_past_rooms", {"status": True, "rooms": {"rooms_list": rows}})
    pages = [page async for page in cloud.conference.provider.past_rooms(["a", "b"])]
    assert [room.id for page in pages for room in page] == ["a", "b"]
    reply("fetch_past_rooms", {"status": True, "rooms": {"rooms_list": rows}})
    session = await cloud.conference.get_session(cloud.past.id)
    assert (session.started_at, session.ended_at, session.duration) == (JOINED, None, None)


async def test_past_room_without_id_costs_no_other(cloud: Any, reply: Reply) -> None:
    rows = [{"room_title": "Odd"}, {"room_id": "b"}]
    reply("fetch_past_rooms", {"status": True, "rooms": rows})
    [page] = [page async for page in cloud.conference.provider.past_rooms(["a", "b"])]
    assert [room.id for room in page] == ["b"]
    assert len(page.problems) == 1


async def test_past_rooms_that_never_ran_are_not_found(cloud: Any, reply: Reply) -> None:
    reply("fetch_past_rooms", {"status": False, "msg": "no rooms found"})
    with pytest.raises(NotFound) as caught:
        [page async for page in cloud.conference.provider.past_rooms(["a"])]
    assert caught.value.sent is Sent.YES


# ------------------------------------------------------------------------ effects that have happened


@pytest.mark.parametrize(
    "odd",
    [
        {"name": 5},
        {"name": None, "max_participants": None},
        {"max_participants": "many"},
        {"max_participants": {}},
        {"metadata": "free text"},
        {"final_link": None},
        {"start_at": "soon", "start_time": 10**30},
        {"start_at": None, "start_time": "Fri, 02 Oct 99999999999 08:30:00 GMT"},
    ],
    ids=str,
)
async def test_v4_created_room_survives_odd_fields(v4: Conference, reply: Reply, odd: Any) -> None:
    reply("create_schedule_video_room", {"status": True, "room_id": "r1", **odd})
    start = datetime(2026, 10, 2, 8, tzinfo=UTC)
    host = Person(name="Zoë")
    room = await v4.create_room("Class", starts_at=start, capacity=30, host=host)
    assert (room.id, room.name, room.starts_at) == ("r1", "Class", start)
    assert (room.capacity, room.host, room.status) == (30, host, RoomStatus.SCHEDULED)


@pytest.mark.parametrize(
    "odd",
    [
        {"title": 5},
        {"welcome_text": {}},
        {"moderator_password": []},
        {"meeting_setting": None},
        {"meeting_setting": "ten"},
        {"meeting_setting": [{"setting": "record", "value": "on"}]},
        {"meeting_setting": [{"setting": 5}]},
        {"is_running": "no"},
    ],
    ids=str,
)
async def test_v1_created_room_survives_odd_fields(
    conference: Conference, reply: Reply, odd: Any
) -> None:
    reply("create_meeting", {"status": True, "data": {"meeting_id": "m1", **odd}}, 201)
    room = await conference.create_room("Class")
    assert (room.id, room.status) == ("m1", RoomStatus.OPEN)


@pytest.mark.parametrize("body", [b"", b"true", b' {"status": true} '])
async def test_delete_without_envelope_succeeds(scenario: Any, reply: Reply, body: bytes) -> None:
    reply("delete_scheduled_meeting", body)
    assert await scenario.conference.delete_room(scenario.room) is None


@pytest.mark.parametrize("body", [b"", b"true"])
async def test_end_without_envelope_succeeds(
    scenario: Any, cloud: Any, reply: Reply, body: bytes
) -> None:
    reply("end_meeting", body)
    assert await scenario.conference.end_session(scenario.running) is None
    reply("end_room", body)
    assert await cloud.conference.end_session(cloud.live.id) is None


async def test_delete_with_204_succeeds(scenario: Any, reply: Reply) -> None:
    reply("delete_scheduled_meeting", b"", 204)
    assert await scenario.conference.delete_room(scenario.room) is None


@pytest.mark.parametrize("body", [b"false", b"null", b"{}", b'"done"', b'{"status": "false"}'])
async def test_delete_without_confirmation_raises(scenario: Any, reply: Reply, body: bytes) -> None:
    reply("delete_scheduled_meeting", body)
    with pytest.raises(MalformedResponse):
        await scenario.conference.delete_room(scenario.room)


async def test_started_session_keeps_link_if_list_is_malformed(scenario: Any, reply: Reply) -> None:
    reply("list_sessions", b"<html>")
    link = await scenario.conference.start_session(scenario.room, "Mod")
    assert (link.role, link.session_id) == (Role.HOST, None)


# ---------------------------------------------------------------------------------- odd rows of v1


@pytest.mark.parametrize("joined", ["", "2026-10-01 08:00", 5, None])
async def test_v1_person_with_odd_join_time_is_listed_last(
    scenario: Any, reply: Reply, joined: Any
) -> None:
    rows = [
        {"full_name": "Odd", "joined_date": joined},
        {"full_name": "Ann", "joined_date": "2026-10-01T08:00:00.000Z"},
    ]
    reply("list_attendance", {"status": True, "data": rows})
    people = await scenario.conference.attendance(scenario.session).collect()
    assert [person.display_name for person in people] == ["Ann", "Odd"]
    assert [person.joined_at for person in people] == [JOINED, None]


async def test_v1_person_without_name_costs_no_other(scenario: Any, reply: Reply) -> None:
    rows = [{"joined_date": "2026-10-01T08:00:00.000Z"}, {"full_name": "Ann"}]
    reply("list_attendance", {"status": True, "data": rows})
    people = await scenario.conference.attendance(scenario.session).collect()
    assert [person.display_name for person in people] == ["Ann"]


async def test_session_with_unreadable_end_has_ended(scenario: Any, reply: Reply) -> None:
    rows = [{"session_id": "a", "session_end_time": "yesterday"}, {"title": "no id"}]
    reply("list_sessions", {"status": True, "data": rows})
    (session,) = await scenario.conference.sessions(scenario.room).collect()
    assert (session.status, session.ended_at) == ("ended", None)


async def test_numeric_password_is_unknown_and_kept(scenario: Any, reply: Reply) -> None:
    row = {"meeting_id": scenario.room.id, "title": "Class", "moderator_password": 1234}
    reply("list_meetings", {"status": True, "data": [row]})
    await scenario.conference.update_room(scenario.room, name="New")
    body = json.loads(scenario.served.requests[-1].body)
    assert body["moderator_password"] == "1234"
    reply("list_meetings", {"status": True, "data": [row]})
    (room,) = await scenario.conference.rooms().collect()
    assert room.entry is None
    assert isinstance(room.native["moderator_password"], Secret)


@pytest.mark.parametrize("status", [None, "open"])
async def test_unreadable_meeting_is_reported(
    scenario: Any, reply: Reply, status: str | None
) -> None:
    rows = [{"meeting_id": scenario.room.id, "title": "Class"}, {"title": "no id"}]
    reply("list_meetings", {"status": True, "data": rows})
    listing = scenario.conference.rooms(status)
    assert len(await listing.collect()) == (status is None)
    assert len(listing.problems) == 1


@pytest.mark.parametrize("name", ["moderator_password", "welcome_text"])
async def test_change_clears_nothing_that_is_not_reported(
    scenario: Any, reply: Reply, name: str
) -> None:
    row = {"meeting_id": scenario.room.id, "title": "Class", "moderator_password": "m",
           "welcome_text": "Hello"}  # fmt: skip
    reply("list_meetings", {"status": True, "data": [row]})
    await scenario.conference.update_room(scenario.room, name="New")
    assert json.loads(scenario.served.requests[-1].body)[name] == row.pop(name)
    reply("list_meetings", {"status": True, "data": [row]})
    await scenario.conference.update_room(scenario.room, name="New")
    assert name not in json.loads(scenario.served.requests[-1].body)


# --------------------------------------------------------------------------------- settings of v1


async def test_unknown_setting_of_another_type_is_ignored(scenario: Any, reply: Reply) -> None:
    rows = [*setting_rows(), {"setting": "layout", "value": "grid"}]
    reply("list_setting", {"status": True, "data": rows})
    assert (await scenario.conference.room_settings(scenario.room)).recording is True


@pytest.mark.parametrize("value", [None, 1, "true", [], {}])
async def test_documented_setting_of_another_type_raises(
    scenario: Any, reply: Reply, value: Any
) -> None:
    """A change would send it as false."""
    rows = [*setting_rows("record"), {"setting": "record", "value": value}]
    for method, call in (
        ("list_setting", lambda: scenario.conference.room_settings(scenario.room)),
        ("list_general", scenario.conference.default_settings),
    ):
        reply(method, {"status": True, "data": rows})
        with pytest.raises(MalformedResponse):
            await call()


async def test_change_with_unknown_setting_raises_before_sending(
    scenario: Any, reply: Reply, targets: Any
) -> None:
    reply("list_setting", {"status": True, "data": setting_rows("record")})
    with pytest.raises(MalformedResponse, match="settings=") as caught:
        await scenario.conference.update_room(scenario.room, name="New")
    assert caught.value.sent is Sent.NO
    assert "update_meeting" not in targets()
    reply("list_setting", {"status": True, "data": setting_rows("record")})
    settings = RoomSettings(recording=True)
    await scenario.conference.update_room(scenario.room, name="New", settings=settings)
    assert targets()[-1] == "update_meeting"


@pytest.mark.parametrize("data", [{}, {"brand_new": True}, []])
async def test_general_settings_without_documented_name_raise(
    conference: Conference, reply: Reply, data: Any
) -> None:
    reply("list_general", {"status": True, "data": data})
    with pytest.raises(MalformedResponse):
        await conference.default_settings()


# --------------------------------------------------------------------------------------- helpers


def setting_rows(without: str = "") -> list[dict[str, Any]]:
    return [{"setting": name, "value": True} for name in base.SETTINGS if name != without]

"""The JSON of both generations in the shapes that their documents and witnesses tell of."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from samples import read_sample, reply_of

from conferencing import (
    Anyone,
    InvalidRequest,
    MalformedResponse,
    Passcode,
    Person,
    Role,
    RoomSettings,
    RoomStatus,
    Secret,
    SessionStatus,
    UnsupportedOption,
)
from conferencing.http import Failure, Reply
from conferencing.model.attendance import Precision
from conferencing.model.drafts import RoomDraft
from conferencing_vconnct.v4.wire import base as cloud
from conferencing_vconnct.v4.wire import people as cloud_people
from conferencing_vconnct.v4.wire import rooms as cloud_rooms
from conferencing_vconnct.wire import base, rooms, sessions

ROOM = "7d2f8f1e-2c55-4d2f-9d7a-4f6f8a0f7b11"
START = datetime(2025, 6, 17, 9, 48, 4, tzinfo=UTC)
PLANNED = datetime(2026, 10, 2, 8, 30, tzinfo=UTC)


sample = partial(read_sample, "vconnct")


# ------------------------------------------------------------------------------------------- v4


def test_v4_room_is_the_same_alone_and_listed() -> None:
    room, session = cloud_rooms.read_active_room(reply_of(sample("v4_active_room")))
    assert cloud_rooms.read_rooms(reply_of(sample("v4_active_rooms"))) == [room]
    assert cloud_rooms.read_rooms(reply_of(sample("v3_active_rooms"))) == [room]
    assert (room.id, room.name, room.description) == (ROOM, "Physics", "Hello")
    assert (room.status, room.created_at, room.permanent) == (RoomStatus.LIVE, START, False)
    assert room.settings == RoomSettings(
        microphone=True, camera=False, public_chat=True, private_chat=False, shared_notes=False
    )
    assert (session.id, session.started_at, session.people) == (ROOM, START, 1)
    assert (session.status, session.ended_at) == (SessionStatus.RUNNING, None)
    assert room.native["sid"] == "RM_Mmieb3gXgTAs"
    assert isinstance(room.native["webhook_url"], Secret)


def test_v4_past_room_has_one_session() -> None:
    ((room, session),) = cloud_rooms.read_past_rooms(reply_of(sample("v4_past_rooms")))
    assert (room.id, room.name, room.status) == (ROOM, "Physics", RoomStatus.ENDED)
    assert (session.started_at, session.duration) == (START, timedelta(minutes=30))
    assert (session.status, session.people) == (SessionStatus.ENDED, 2)


def test_v4_present_people_are_read() -> None:
    (ann,) = cloud_people.read_present(reply_of(sample("v4_active_room")), ROOM)
    assert (ann.id, ann.email, ann.display_name) == ("ann@example.com",) * 2 + ("Ann",)
    assert (ann.role, ann.session_id, ann.precision) == (Role.HOST, ROOM, Precision.JOINED)
    assert (ann.joined_at, ann.left_at) == (datetime(2025, 6, 17, 9, 48, 20, tzinfo=UTC), None)


def test_v4_analytics_are_read() -> None:
    records = cloud_people.read_attendance(reply_of(sample("v4_analytics")), ROOM)
    assert [(record.id, record.email, record.duration) for record in records] == [
        ("ann@example.com", "ann@example.com", timedelta(minutes=30)),
        ("4fa0", None, timedelta(seconds=65)),
        ("Ben", None, timedelta(seconds=12.5)),
    ]
    with pytest.raises(MalformedResponse, match="participant_durations"):
        cloud_people.read_attendance(reply_of({"data": {"something": "else"}}), ROOM)


def test_v4_recordings_are_read_in_both_shapes() -> None:
    records = cloud_people.read_recordings(reply_of(sample("v4_record")), ROOM)
    assert cloud_people.read_recordings(reply_of(sample("v3_record")), ROOM) == records
    urls = [record.files[0].url for record in records]
    assert urls == [f"https://files.example/{n}.mp4?sig={s}" for n, s in ((1, "a"), (2, "b"))]
    assert [record.id for record in records] == [f"{ROOM}:1", f"{ROOM}:2"]


@pytest.mark.parametrize("data", [None, {}, [], {"url": ""}, {"url": None}, [{"url": ","}]])
def test_v4_empty_recordings_are_read(data) -> None:
    assert cloud_people.read_recordings(reply_of({"status": True, "data": data}), ROOM) == []


def test_v4_created_room_repeats_the_draft() -> None:
    host = Person(email="z@b.c")
    room = cloud_rooms.read_created_room(
        reply_of(sample("v4_created")), RoomDraft(name="x", starts_at=PLANNED, host=host)
    )
    assert (room.id, room.name, room.capacity) == (ROOM, "Physics", 30)
    assert (room.starts_at, room.status, room.host) == (PLANNED, RoomStatus.SCHEDULED, host)
    assert "host" in room.native["final_link"].reveal()


@pytest.mark.parametrize(
    "start",
    [
        {"start_at": "2026-10-02T08:30", "start_time": None},
        {"start_at": None, "start_time": "Fri, 02 Oct 2026 08:30:00 GMT"},
        {"start_at": None, "start_time": "2026-10-02T08:30:00Z"},
        {"start_at": None, "start_time": "2026-10-02T10:30:00+02:00"},
        {"start_at": None, "start_time": "2026-10-02T08:30:00"},
        {"start_at": None, "start_time": 1790929800},
        {"start_at": None, "start_time": "1790929800"},
        {"start_at": None, "start_time": None},
    ],
)
def test_v4_start_is_read_in_every_form(start) -> None:
    room = cloud_rooms.read_created_room(
        reply_of(sample("v4_created") | start), RoomDraft(starts_at=PLANNED)
    )
    assert room.starts_at == PLANNED


@pytest.mark.parametrize("name", ["invitation_link", "invitation_url", "final_link"])
def test_v4_link_has_one_of_three_names(name) -> None:
    payload = {"status": True, name: "https://v.example/?t=1"}
    link = cloud_people.read_link(reply_of(payload), Role.HOST, Person(name="Zoë"), ROOM)
    assert (link.url, link.role, link.session_id) == ("https://v.example/?t=1", Role.HOST, ROOM)
    assert isinstance(link.native[name], Secret)


@pytest.mark.parametrize("payload", [{}, {"final_link": ""}, {"invitation_link": None}])
def test_v4_reply_without_link_is_refused(payload) -> None:
    with pytest.raises(MalformedResponse):
        cloud_people.read_link(reply_of(payload), Role.HOST, Person(), ROOM)


@pytest.mark.parametrize(
    "metadata", ["", "{", "free text", "5", "[]", '{"welcome_message":5}', None]
)
def test_v4_free_text_metadata_is_unknown(metadata) -> None:
    row = sample("v4_active_rooms")["rooms"][0] | {"metadata": metadata}
    (room,) = cloud_rooms.read_rooms(reply_of({"rooms": [row]}))
    assert (room.name, room.description, room.settings) == ("Physics", None, None)


def test_v4_odd_lock_is_unknown() -> None:
    """It is part of free text, so the reply is valid."""
    for lock in (None, "yes", 2, [], {}):
        metadata = json.dumps({"default_lock_settings": {"lock_chat": lock, "lock_webcam": True}})
        row = sample("v4_active_rooms")["rooms"][0] | {"metadata": metadata}
        (room,) = cloud_rooms.read_rooms(reply_of({"rooms": [row]}))
        assert room.settings == RoomSettings(camera=False)


@pytest.mark.parametrize("seconds", ["soon", "0x5", "1_0", "٣", -1, None, True, [], {}])
def test_v4_odd_duration_is_unknown(seconds) -> None:
    payload = {"data": {"participant_durations": {"a": seconds}}}
    (attendance,) = cloud_people.read_attendance(reply_of(payload), ROOM)
    assert (attendance.id, attendance.duration) == ("a", None)


# ------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, '{"status":true}', None),
        (200, '{"status":true,"status_code":404}', None),
        (200, '{"status":false}', Failure()),
        (200, '{"status":false,"status_code":404}', Failure(status=404)),
        (200, '{"status":false,"status_code":200}', Failure()),
        (200, '{"status":false,"error_messages":["a","ب"]}', Failure(problems=("a", "ب"))),
        (404, '{"status":true,"status_code":200}', Failure()),
        (400, '{"status":false,"status_code":401}', Failure(status=401)),
        (500, "<html>", Failure()),
        (200, "<html>", None),
        (200, "[1]", None),
        (200, '{"status":"false"}', None),
        (502, "[" * 100_000, Failure()),
        (400, '{"status":false,"error_messages":"text"}', Failure()),
    ],
)
def test_v1_failure_is_by_status_and_code(status, body, expected) -> None:
    assert base.read_failure(Reply(status, {}, body.encode())) == expected


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, '{"status":true,"msg":"no"}', None),
        (200, '{"status":false,"msg":"no"}', Failure(problems=("no",))),
        (400, '{"message":"a","error":"b","msg":"c"}', Failure(problems=("a",))),
        (400, '{"error":"b","msg":"c"}', Failure(problems=("b",))),
        (401, '{"detail":"d"}', Failure(problems=("d",))),
        (404, "<h1>Not Found</h1>", Failure()),
        (500, '{"message":{"deep":1}}', Failure()),
        (200, "null", None),
        (503, "[" * 100_000, Failure()),
    ],
)
def test_v4_failure_is_by_status_with_one_text(status, body, expected) -> None:
    assert cloud.read_failure(Reply(status, {}, body.encode())) == expected


# ------------------------------------------------------------------------------------ what is sent


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (None, None),
        ((Anyone(),), ""),
        ((Passcode("x", role="host"),), "x"),
        ((Passcode("", role="host"),), ""),
    ],
)
def test_host_passcode_is_that_of_the_room(entry, code) -> None:
    passcode = rooms.host_passcode(entry)
    assert (passcode.reveal() if passcode is not None else None) == code


@pytest.mark.parametrize(
    "entry", [(Passcode("x", role="host"),), (Passcode("x"), Passcode("y")), (Anyone(),) * 2]
)
def test_session_takes_one_attendee_passcode(entry) -> None:
    with pytest.raises(UnsupportedOption):
        rooms.attendee_passcode(entry)
    assert rooms.attendee_passcode((Passcode("x"),)).reveal() == "x"


def test_settings_round_trip() -> None:
    for value in (True, False):
        settings = RoomSettings(**dict.fromkeys(names(), value))
        rows = base.write_settings(settings)
        assert len({row["setting"] for row in rows}) == 10
        assert base.read_settings(reply_of({"data": rows})) == settings


def test_change_sends_the_other_reported_fields() -> None:
    row = {"meeting_id": "1", "title": "Old", "moderator_password": "x", "welcome_text": "Hello"}
    (present,) = rooms.read_rooms(reply_of({"status": True, "data": [row]}))
    body = rooms.write_room(RoomDraft(name="New"), RoomSettings(), present)
    assert (body["title"], body["moderator_password"].reveal()) == ("New", "x")
    assert (body["welcome_text"], len(body["meeting_setting"])) == ("Hello", 10)
    (bare,) = rooms.read_rooms(
        reply_of({"status": True, "data": [{"meeting_id": "1", "title": "Old"}]})
    )
    body = rooms.write_room(RoomDraft(name="New"), RoomSettings(), bare)
    assert set(body) == {"title", "meeting_setting"}


@pytest.mark.parametrize("person", [None, Person(), Person(name="")])
def test_link_without_person_is_refused(person) -> None:
    for name in (sessions.full_name, cloud_people.user_id):
        with pytest.raises(InvalidRequest):
            name(person)


# --------------------------------------------------------------------------------------- helpers


def names() -> list[str]:
    return [name for name, _ in base.SETTINGS.values()]

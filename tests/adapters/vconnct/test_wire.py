"""The JSON of both generations in the shapes that their documents and witnesses tell of."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conferencing import (
    Anyone,
    InvalidRequest,
    MalformedResponse,
    Passcode,
    Person,
    Role,
    Room,
    RoomSettings,
    RoomStatus,
    Secret,
    SessionStatus,
    UnsupportedOption,
)
from conferencing.http import Failure, Reply
from conferencing.model.attendance import Precision
from conferencing.model.drafts import RoomDraft
from conferencing_vconnct import wire
from conferencing_vconnct.v4 import wire as v4

ROOM = "7d2f8f1e-2c55-4d2f-9d7a-4f6f8a0f7b11"
START = datetime(2025, 6, 17, 9, 48, 4, tzinfo=UTC)
PLANNED = datetime(2026, 10, 2, 8, 30, tzinfo=UTC)


def sample(name: str) -> Any:
    return json.loads((Path(__file__).parent / "samples" / f"{name}.json").read_text("utf-8"))


# ------------------------------------------------------------------------------------------- v4


def test_a_room_of_v4_reads_the_same_alone_and_in_both_lists() -> None:
    room, session = v4.active_room(sample("v4_active_room"))
    assert v4.active_rooms(sample("v4_active_rooms")) == [room]
    assert v4.active_rooms(sample("v3_active_rooms")) == [room]
    assert (room.id, room.name, room.description) == (ROOM, "Physics", "Hello")
    assert (room.status, room.created_at, room.permanent) == (RoomStatus.LIVE, START, False)
    assert room.settings == RoomSettings(
        microphone=True, camera=False, public_chat=True, private_chat=False, shared_notes=False
    )
    assert (session.id, session.started_at, session.people) == (ROOM, START, 1)
    assert (session.status, session.ended_at) == (SessionStatus.RUNNING, None)
    assert room.native["sid"] == "RM_Mmieb3gXgTAs"
    assert isinstance(room.native["webhook_url"], Secret)


def test_a_past_room_of_v4_has_one_session() -> None:
    ((room, session),) = v4.past_rooms(sample("v4_past_rooms"))
    assert (room.id, room.name, room.status) == (ROOM, "Physics", RoomStatus.ENDED)
    assert (session.started_at, session.duration) == (START, timedelta(minutes=30))
    assert (session.status, session.people) == (SessionStatus.ENDED, 2)


def test_those_who_are_in_a_room_of_v4_now() -> None:
    (ann,) = v4.present(sample("v4_active_room"))
    assert (ann.id, ann.email, ann.display_name) == ("ann@example.com",) * 2 + ("Ann",)
    assert (ann.role, ann.session_id, ann.precision) == (Role.HOST, ROOM, Precision.JOINED)
    assert (ann.joined_at, ann.left_at) == (datetime(2025, 6, 17, 9, 48, 20, tzinfo=UTC), None)


def test_those_who_were_in_a_room_of_v4() -> None:
    told = v4.attendance(sample("v4_analytics"), ROOM)
    assert [(one.id, one.email, one.duration) for one in told] == [
        ("ann@example.com", "ann@example.com", timedelta(minutes=30)),
        ("4fa0", None, timedelta(seconds=65)),
        ("Ben", None, timedelta(seconds=12.5)),
    ]
    assert v4.attendance({"data": {"something": "else"}}, ROOM) == []


def test_recordings_of_v4_come_as_a_text_with_commas_or_as_a_list() -> None:
    told = v4.recordings(sample("v4_record"), ROOM)
    assert v4.recordings(sample("v3_record"), ROOM) == told
    urls = [one.files[0].url for one in told]
    assert urls == [f"https://files.example/{n}.mp4?sig={s}" for n, s in ((1, "a"), (2, "b"))]
    assert [one.id for one in told] == [f"{ROOM}:1", f"{ROOM}:2"]


@pytest.mark.parametrize("data", [None, {}, [], {"url": ""}, {"url": None}, [{"url": ","}]])
def test_no_recording_of_v4_has_many_faces(data: Any) -> None:
    assert v4.recordings({"status": True, "data": data}, ROOM) == []


def test_a_new_room_of_v4_repeats_what_was_asked_for() -> None:
    host = Person(email="z@b.c")
    room = v4.created(sample("v4_created"), RoomDraft(name="x", starts_at=PLANNED, host=host))
    assert (room.id, room.name, room.capacity) == (ROOM, "Physics", 30)
    assert (room.starts_at, room.status, room.host) == (PLANNED, RoomStatus.SCHEDULED, host)
    assert "host" in room.native["final_link"].reveal()


@pytest.mark.parametrize(
    "said",
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
def test_the_start_of_a_planned_room_of_v4_comes_in_many_ways(said: dict[str, Any]) -> None:
    room = v4.created(sample("v4_created") | said, RoomDraft(starts_at=PLANNED))
    assert room.starts_at == PLANNED


@pytest.mark.parametrize("name", ["invitation_link", "invitation_url", "final_link"])
def test_a_link_of_v4_has_one_of_three_names(name: str) -> None:
    payload = {"status": True, name: "https://v.example/?t=1"}
    link = v4.join_link(payload, Role.HOST, Person(name="Zoë"), ROOM)
    assert (link.url, link.role, link.session_id) == ("https://v.example/?t=1", Role.HOST, ROOM)
    assert isinstance(link.native[name], Secret)


@pytest.mark.parametrize("payload", [{}, {"final_link": ""}, {"invitation_link": None}])
def test_a_reply_of_v4_without_a_link_is_refused(payload: Any) -> None:
    with pytest.raises(MalformedResponse):
        v4.join_link(payload, Role.HOST, Person(), ROOM)


@pytest.mark.parametrize(
    "metadata", ["", "{", "free text", "5", "[]", '{"welcome_message":5}', None]
)
def test_metadata_of_v4_that_is_no_json_of_ours_is_let_be(metadata: str | None) -> None:
    row = sample("v4_active_rooms")["rooms"][0] | {"metadata": metadata}
    (room,) = v4.active_rooms({"rooms": [row]})
    assert (room.name, room.description, room.settings) == ("Physics", None, None)


def test_a_lock_of_v4_that_is_no_truth_is_not_known() -> None:
    """It stands in free text, which is no fault of the reply."""
    for lock in (None, "yes", 2, [], {}):
        metadata = json.dumps({"default_lock_settings": {"lock_chat": lock, "lock_webcam": True}})
        row = sample("v4_active_rooms")["rooms"][0] | {"metadata": metadata}
        (room,) = v4.active_rooms({"rooms": [row]})
        assert room.settings == RoomSettings(camera=False)


def test_seconds_of_v4_are_plain_numbers() -> None:
    for seconds in ("soon", "0x5", "1_0", "٣"):
        with pytest.raises(MalformedResponse):
            v4.attendance({"data": {"participant_durations": {"a": seconds}}}, ROOM)


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
def test_status_and_codes_of_v1_decide_and_no_text(
    status: int, body: str, expected: Failure | None
) -> None:
    assert wire.failure(Reply(status, {}, body.encode())) == expected


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
def test_status_decides_in_v4_and_one_text_rides_along(
    status: int, body: str, expected: Failure | None
) -> None:
    assert v4.failure(Reply(status, {}, body.encode())) == expected


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
def test_the_passcode_of_a_meeting_is_the_hosts(entry: Any, code: str | None) -> None:
    told = wire.host_passcode(entry)
    assert (told.reveal() if told is not None else None) == code


@pytest.mark.parametrize(
    "entry", [(Passcode("x", role="host"),), (Passcode("x"), Passcode("y")), (Anyone(),) * 2]
)
def test_a_session_takes_one_passcode_for_attendees(entry: Any) -> None:
    with pytest.raises(UnsupportedOption):
        wire.attendee_passcode(entry)
    assert wire.attendee_passcode((Passcode("x"),)).reveal() == "x"


def test_settings_survive_the_wire_in_both_directions() -> None:
    for said in (True, False):
        settings = RoomSettings(**dict.fromkeys(names(), said))
        rows = wire.base.setting_rows(settings)
        assert len({one["setting"] for one in rows}) == 10
        assert wire.room_settings({"data": rows}) == settings


def test_a_change_keeps_what_it_does_not_say() -> None:
    present = Room(id="1", name="Old", entry=(Passcode("x", role="host"),), description="Hello")
    body = wire.meeting(RoomDraft(name="New"), RoomSettings(), present)
    assert (body["title"], body["moderator_password"].reveal()) == ("New", "x")
    assert (body["welcome_text"], len(body["meeting_setting"])) == ("Hello", 10)


@pytest.mark.parametrize("person", [None, Person(), Person(name="")])
def test_a_link_is_for_somebody(person: Person | None) -> None:
    for name in (wire.full_name, v4.user_id):
        with pytest.raises(InvalidRequest):
            name(person)


# --------------------------------------------------------------------------------------- helpers


def names() -> list[str]:
    return [name for name, _ in wire.SETTINGS.values()]

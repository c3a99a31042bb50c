"""The vendor's own examples: each request is answered in the shape of its response, and the adapter
reads each response.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conferencing import (
    Anyone,
    Passcode,
    Precision,
    Role,
    Room,
    RoomKind,
    RoomSettings,
    RoomStatus,
    Session,
    SessionStatus,
)
from conferencing.sandbox import ServedSimulator, World

FOLDER = Path(__file__).parent / "samples"
SAMPLES = {path.stem: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("[a-u]*.json")}
PRINTED = (FOLDER / "list_general_meeting_setting.txt").read_text("utf-8")
MEETING = "0db9ac9d-399b-4b9b-987c-50fd77f5d15d"
SESSION = "f7b75854-7cdc-4a4e-9888-9cfb8bb1feef"
LISTED = "546b4f17-16dc-4d07-b155-a5994e0ce161"
LINK = (
    "https://vconnct-client-api.com/api/join?fullName={}&meetingID=" + MEETING
    + "&password=modpwd&checksum=1531e711a3cf4ac3ecd7227e3a8e28ad0764c868"
)  # fmt: skip
ALTERNATING = RoomSettings(
    public_chat=True,
    microphone=False,
    auto_recording=False,
    camera=False,
    change_layout=True,
    recording_control=True,
    recording=False,
    see_cameras=False,
    shared_notes=True,
    private_chat=False,
)
ALL_TRUE = RoomSettings(
    public_chat=False,
    microphone=False,
    auto_recording=True,
    camera=False,
    change_layout=False,
    recording_control=True,
    recording=True,
    see_cameras=False,
    shared_notes=False,
    private_chat=False,
)


# ------------------------------------------------------------------------ requests, as they stand

BEFORE = {
    "create_meeting": "",
    "update_meeting": "created",
    "start_meeting": "created",
    "join_meeting": "created started",
    "end_meeting": "created started",
    "delete_scheduled_meeting": "created",
    "list_sessions": "created started ended",
    "list_meetings": "created started",
    "list_attendance": "created started visited ended",
    "list_setting": "created",
    "get_record": "created started ended",
}


def test_every_sample_is_used() -> None:
    assert set(SAMPLES) == set(BEFORE)


@pytest.mark.parametrize("name", BEFORE)
async def test_sample_request_gets_sample_shape(api, world, name) -> None:
    numbered = {"room": MEETING, "session": SESSION}
    new_id, world.new_id = world.new_id, lambda kind: numbered.get(kind) or new_id(kind)
    for step in BEFORE[name].split():
        await STEPS[step](api, world)
    sample = SAMPLES[name]
    status, reply = await sent(api, sample)
    assert status == sample["response"]["status_code"]
    assert shape(reply) == shape(sample["response"])
    assert reply["status_code"] == status


async def test_both_join_paths_answer_the_same(api, world) -> None:
    world.new_id = lambda kind: MEETING
    await STEPS["created"](api, world)
    await STEPS["started"](api, world)
    body = json.dumps(SAMPLES["join_meeting"]["request"])
    printed = await api("POST", "/api/v1/start_meeting/", body)
    assert printed == await api("POST", "/api/v1/join_meeting/", body)


async def test_link_has_the_documented_parts(api, world) -> None:
    world.new_id = lambda kind: MEETING
    await STEPS["created"](api, world)
    _, reply = await sent(api, SAMPLES["start_meeting"])
    query = {
        name: parse_q for name, (parse_q,) in parse_qs(urlsplit(reply["data"]["url"]).query).items()
    }
    assert re.fullmatch("[0-9a-f]{40}", query.pop("checksum"))
    assert query == {"fullName": "mod1", "meetingID": MEETING, "password": "modpwd"}


async def test_reply_repeats_the_request(api, world) -> None:
    world.new_id = lambda kind: MEETING
    for name in ("create_meeting", "update_meeting"):
        sample = SAMPLES[name]
        _, reply = await sent(api, sample)
        assert reply["data"] == sample["request"] | {"meeting_id": MEETING}
    _, reply = await sent(api, SAMPLES["list_setting"])
    assert reply["data"] == SAMPLES["list_setting"]["response"]["data"]


async def test_general_settings_have_ten_names(api, served) -> None:
    path = "/api/v1/list_general_meeting_setting/"
    _, reply = await api("GET", path)
    printed = json.loads(re.sub(r'("data": )\[([^]]*)\]', r"\1{\2}", PRINTED))
    assert set(reply["data"]) == set(printed["data"])
    assert shape(reply) == shape(printed)
    served.simulator.quirks["settings_unbraced"] = True
    with pytest.raises(json.JSONDecodeError):
        await api("GET", path)


# ----------------------------------------------------------------------------- responses, as read


async def test_sample_of_created_meeting_is_read(conference, served) -> None:
    play(served, "create_meeting")
    room = await conference.create_room("anything")
    assert (room.id, room.name, room.description) == (
        MEETING,
        "meeting title",
        "welcome to the class",
    )
    assert room.entry == (Passcode("modpwd", role=Role.HOST),)
    assert room.settings == ALL_TRUE
    assert (room.kind, room.status, room.permanent) == (RoomKind.MEETING, RoomStatus.OPEN, True)
    assert (room.starts_at, room.duration, room.capacity, room.join_url) == (None,) * 4
    assert room.native["meeting_setting"][0]["setting"] == "lock_settings_disable_public_chat"


async def test_sample_of_updated_meeting_is_read(conference, served) -> None:
    created_room = await conference.create_room("anything")
    play(served, "update_meeting")
    room = await conference.update_room(created_room, name="other")
    assert (room.id, room.name) == (MEETING, "updated meeting title")
    assert room.entry == (Passcode("updated_modpwd", role=Role.HOST),)
    assert room.settings == ALTERNATING


async def test_samples_of_links_are_read(conference, served) -> None:
    play(served, "start_meeting", "list_sessions", "join_meeting")
    room = Room(id=MEETING, entry=(Passcode("modpwd", role=Role.HOST),))
    link = await conference.start_session(room, "mod1")
    assert link.url == LINK.format("mod1")
    assert (link.role, link.session_id) == (Role.HOST, f"{MEETING}:{LISTED}")
    link = await conference.join_link(room, role="host", name="John Doe")
    assert link.url == LINK.format("John_Doe")
    assert (link.person.name, link.personal) == ("John Doe", True)


async def test_samples_without_result_are_read(conference, served) -> None:
    room = await conference.create_room("anything")
    await conference.start_session(room, "Mod")
    (session,) = await conference.sessions(room).collect()
    play(served, "end_meeting", "delete_scheduled_meeting")
    assert await conference.end_session(session) is None
    assert await conference.delete_room(room) is None


async def test_sample_of_sessions_is_read(conference, served) -> None:
    play(served, "list_sessions")
    sessions = await conference.sessions(MEETING).collect()
    expected = [
        Session(
            id=f"{MEETING}:{LISTED}",
            room_id=MEETING,
            title=title,
            status=SessionStatus.ENDED,
            started_at=datetime(2022, 12, 20, 12, 8, 46, 148000, UTC),
            ended_at=datetime(2022, 12, 20, 12, 8, 57, 281000, UTC),
        )
        for title in ("session1 title", "session2 title")
    ]
    assert sessions == expected
    assert sessions[0].native["attendee_password"].reveal() == "attpwd"


async def test_sample_of_meetings_is_read(conference, served) -> None:
    play(served, "list_meetings")
    rooms = await conference.rooms().collect()
    assert [record.name for record in rooms] == ["meeting1 title", "meeting2 title"]
    for room in rooms:
        assert room.id == "cc22d75f-2e53-4b1a-a1da-afcafa633364"
        assert (room.status, room.settings) == (RoomStatus.LIVE, None)
        assert room.entry == (Passcode("modpwd", role=Role.HOST),)


async def test_sample_of_attendance_is_read(conference, served) -> None:
    play(served, "list_attendance")
    people = await conference.attendance(f"{MEETING}:{SESSION}").collect()
    assert [record.display_name for record in people] == ["attendee 1", "attendee 2", "attendee 3"]
    assert people[0].joined_at == datetime(2022, 12, 20, 12, 22, 21, 897000, UTC)
    assert {(record.left_at, record.duration, record.email) for record in people} == {
        (None, None, None)
    }
    assert {record.precision for record in people} == {Precision.JOINED}


async def test_samples_of_settings_are_read(conference, served) -> None:
    play(served, "list_setting")
    served.fail("status", status=200, body=PRINTED, match="list_general")
    assert await conference.room_settings(MEETING) == ALTERNATING
    general = await conference.default_settings()
    assert (general.public_chat, general.see_cameras, general.change_layout) == (True,) * 3
    assert (general.recording, general.auto_recording, general.recording_control) == (False,) * 3


async def test_sample_of_recording_is_read(conference, served) -> None:
    play(served, "get_record")
    session = Session(id=f"{MEETING}:{SESSION}", room_id=MEETING)
    (recording,) = await conference.recordings(session).collect()
    assert recording.files[0].url == SAMPLES["get_record"]["response"]["data"]
    assert (recording.session_id, recording.room_id) == (session.id, MEETING)
    assert (recording.duration, recording.files[0].size) == (None, None)


async def test_meeting_without_password_is_open(conference) -> None:
    room = await conference.create_room("Open")
    assert room.entry == (Anyone(),)


# --------------------------------------------------------------------------------------- helpers


def play(served: ServedSimulator, *names: str) -> None:
    """Let the next call of each method be answered as in the document."""
    for name in names:
        response = SAMPLES[name]["response"]
        body = json.dumps(response, ensure_ascii=False)
        served.fail("status", status=response["status_code"], body=body, match=name)


async def sent(api: Any, sample: dict[str, Any]) -> tuple[int, Any]:
    body = json.dumps(sample["request"]) if "request" in sample else None
    return await api(sample["method"], sample["path"], body)


async def created(api: Any, world: World) -> None:
    await sent(api, SAMPLES["create_meeting"])


async def started(api: Any, world: World) -> None:
    await sent(api, SAMPLES["start_meeting"])


async def visited(api: Any, world: World) -> None:
    world.enter(MEETING, "attendee 1")


async def ended(api: Any, world: World) -> None:
    await sent(api, SAMPLES["end_meeting"])


STEPS = {"created": created, "started": started, "visited": visited, "ended": ended}


def shape(value: Any) -> Any:
    """Return the keys and types of a value; a list has the shapes that occur in it."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [
            part for n, part in enumerate(map(shape, value)) if part not in map(shape, value[:n])
        ]
    return type(value).__name__

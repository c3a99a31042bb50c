"""Oddities 13 to 24 of v1's document: what the vendor may do, and what the adapter makes of it."""

from __future__ import annotations

import json
import pickle
from datetime import timedelta
from typing import Any

import pytest

from conferencing import (
    AuthenticationFailed,
    Conflict,
    InvalidRequest,
    MalformedResponse,
    NotFound,
    Passcode,
    Role,
    RoomSettings,
    RoomStatus,
    Secret,
    Sent,
    Session,
    Support,
    UnsupportedOption,
)

FAILED = {"status", "status_code", "message", "error_messages"}


@pytest.mark.parametrize(("role", "word"), [("host", "moderator"), ("attendee", "viewer")])
async def test_oddity_13_roles_are_moderator_and_viewer(scenario, role, word) -> None:
    await scenario.conference.join_link(scenario.live, role=role, name="Zoë")
    assert json.loads(scenario.served.requests[-1].body)["role"] == word


@pytest.mark.parametrize("role", ["presenter", "guest"])
async def test_oddity_13_other_role_is_not_sent(scenario, role) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await scenario.conference.join_link(scenario.live, role=role, name="Zoë")
    assert caught.value.field == "role"
    assert scenario.served.requests == []


async def test_oddity_13_vendor_refuses_attendee(scenario, api) -> None:
    body = {"meeting_id": scenario.live.id, "fullname": "Zoë", "role": "attendee"}
    status, reply = await api("POST", "/api/v1/join_meeting/", json.dumps(body))
    assert (status, set(reply)) == (400, FAILED)


async def test_oddity_14_attendance_is_sorted(scenario) -> None:
    scenario.world.enter(scenario.live.id, "Ben")
    for name in ("Ann", "Ben"):
        scenario.world.advance(timedelta(minutes=1))
        scenario.world.enter(scenario.live.id, name)
    reply = await scenario.conference.request(
        "GET",
        "/api/v1/list_attendance/",
        query={"session_id": scenario.running.native["session_id"]},
    )
    assert [record["full_name"] for record in reply.json()["data"]] == ["Ben", "Ann", "Ben"]
    assert set(reply.json()["data"][0]) == {"full_name", "joined_date"}
    people = await scenario.conference.attendance(scenario.running).collect()
    assert [record.display_name for record in people] == ["Ben", "Ann", "Ben"]
    assert people == sorted(people, key=lambda record: record.joined_at)
    assert len({record.id for record in people}) == 3
    for record in people:
        assert (record.left_at, record.duration, record.email, record.role) == (
            None,
            None,
            None,
            Role.UNKNOWN,
        )


async def test_oddity_15_start_finds_its_session(scenario, targets) -> None:
    link = await scenario.conference.start_session(scenario.room, "Mod", title="Second")
    session = await scenario.conference.get_session(link.session_id)
    assert (session.title, session.status) == ("Second", "running")
    assert session.native["session_id"] == scenario.world.running(scenario.room.id).id
    assert targets()[:2] == ["start_meeting", "list_sessions"]


async def test_oddity_15_second_start_joins_the_session(scenario, walk_in) -> None:
    first = await scenario.conference.start_session(scenario.live, "Mod")
    second = await scenario.conference.start_session(scenario.live, "Other")
    assert first.session_id == second.session_id == scenario.running.id
    assert first.url != second.url
    assert walk_in(first).session_id == walk_in(second).session_id
    assert len(scenario.world.sessions_of(scenario.live.id)) == 1


async def test_oddity_15_several_open_sessions_raise(scenario) -> None:
    row = {"session_id": "a", "session_start_time": "2026-10-01T08:00:00.000Z"}
    body = json.dumps({"status": True, "data": [row, row | {"session_id": "b"}]})
    scenario.served.fail("body", body=body, match="list_sessions")
    with pytest.raises(MalformedResponse):
        await scenario.conference.start_session(scenario.live, "Mod")


async def test_oddity_15_ended_session_is_the_newest(scenario) -> None:
    day = "2026-10-0{}T08:00:00.000Z"
    rows = [
        {"session_id": f"s{n}", "session_start_time": day.format(n),
         "session_end_time": day.format(n)}
        for n in (2, 3, 1)
    ]  # fmt: skip
    scenario.served.fail("body", body=json.dumps({"status": True, "data": rows}), match="list_sess")
    link = await scenario.conference.start_session(scenario.live, "Mod")
    assert link.session_id == f"{scenario.live.id}:s3"


async def test_oddity_15_link_is_kept_without_session(scenario, caplog) -> None:
    scenario.served.fail("status", status=503, match="list_sessions", times=9)
    link = await scenario.conference.start_session(scenario.room, "Mod")
    assert (link.role, link.session_id) == (Role.HOST, None)
    assert scenario.world.running(scenario.room.id)
    assert "id is not known" in caplog.text
    assert "modpwd" not in caplog.text


async def test_oddity_16_one_meeting_takes_two_calls(scenario, targets) -> None:
    room = await scenario.conference.get_room(scenario.room.id)
    assert targets() == ["list_meetings", "list_setting"]
    assert (room.name, room.status, room.description) == ("Class", RoomStatus.OPEN, "Welcome")
    assert (room.entry, room.settings) == (scenario.room.entry, scenario.room.settings)
    assert scenario.conference.capabilities["get_room"] is Support.EMULATED
    with pytest.raises(NotFound):
        await scenario.conference.get_room("0")


@pytest.mark.parametrize(
    ("switch", "status"), [("", 404), ("no_record_is_null", 200), ("no_record_is_empty", 200)]
)
async def test_oddity_17_missing_recording_is_none(scenario, api, switch, status) -> None:
    if switch:
        scenario.served.simulator.quirks[switch] = True
    path = f"/api/v1/get_record/?session_id={scenario.running.native['session_id']}"
    assert (await api("GET", path))[0] == status
    assert await scenario.conference.recordings(scenario.running).collect() == []
    assert await scenario.conference.recordings(scenario.live).collect() == []
    assert len(await scenario.conference.recordings(scenario.room).collect()) == 1


async def test_oddity_18_another_session_is_not_ended(scenario, targets) -> None:
    await scenario.conference.start_session(scenario.room, "Mod")
    scenario.served.requests.clear()
    with pytest.raises(Conflict) as caught:
        await scenario.conference.end_session(scenario.session)
    assert caught.value.sent is Sent.NO
    assert targets() == ["list_sessions"]
    assert scenario.world.running(scenario.room.id)


async def test_oddity_19_running_meeting_is_not_deleted(scenario, targets) -> None:
    with pytest.raises(Conflict) as caught:
        await scenario.conference.delete_room(scenario.live)
    assert (caught.value.status, len(caught.value.problems)) == (400, 1)
    assert targets() == ["delete_scheduled_meeting", "list_meetings"]
    await scenario.conference.end_session(scenario.running)
    await scenario.conference.delete_room(scenario.live)
    await scenario.conference.delete_room(scenario.live)  # it is gone already
    assert list(scenario.world.rooms) == [scenario.room.id]


async def test_oddity_19_other_refusal_is_kept(scenario) -> None:
    scenario.served.fail("status", status=400, body='{"status":false}', match="delete")
    with pytest.raises(InvalidRequest):
        await scenario.conference.delete_room(scenario.room)


async def test_oddity_20_body_repeats_the_status(api, scenario) -> None:
    settings = [
        {"setting": name, "value": True} for name in scenario.served.simulator.general_settings
    ]
    body = json.dumps({"meeting_setting": settings})
    status, reply = await api("POST", "/api/v1/create_meeting/", body)
    assert status == reply["status_code"] == 201
    status, reply = await api("GET", "/api/v1/list_meetings/", license="wrong")
    assert status == reply["status_code"] == 401
    assert (set(reply), reply["status"], reply["message"]) == (FAILED, False, "error")


@pytest.mark.parametrize(("code", "error"), [(400, InvalidRequest), (401, AuthenticationFailed)])
async def test_oddity_20_status_of_body_counts(conference, served, code, error) -> None:
    body = {"status": False, "status_code": code, "message": "error", "error_messages": ["لا", "x"]}
    served.fail("status", status=200, body=json.dumps(body))
    with pytest.raises(error) as caught:
        await conference.rooms().collect()
    assert (caught.value.status, caught.value.problems) == (code, ("لا", "x"))


@pytest.mark.parametrize(
    "path",
    [
        "list_settings/?meeting_id={}",
        "list_general_meeting_settings/",
        "list_meeting/",
        "list_meetings",
    ],
)
async def test_oddity_21_other_spelling_is_not_found(api, scenario, path) -> None:
    status, _ = await api("GET", f"/api/v1/{path.format(scenario.room.id)}")
    assert status == 404


async def test_oddity_21_adapter_spells_as_the_vendor(scenario) -> None:
    await scenario.conference.default_settings()
    await scenario.conference.room_settings(scenario.room)
    await scenario.conference.create_room("New", settings=RoomSettings(recording=True))
    assert scenario.lines()[:2] == [
        "GET /api/v1/list_general_meeting_setting/",
        f"GET /api/v1/list_setting/?meeting_id={scenario.room.id}",
    ]
    assert isinstance(json.loads(scenario.served.requests[-1].body)["meeting_setting"], list)


async def test_oddity_22_change_sends_all_fields(scenario) -> None:
    room = await scenario.conference.update_room(scenario.room.id, description="Changed")
    body = json.loads(scenario.served.requests[-1].body)
    assert len(body.pop("meeting_setting")) == 10
    assert body == {
        "title": "Class",
        "moderator_password": "modpwd",
        "welcome_text": "Changed",
    }
    assert (room.name, room.entry, room.description) == ("Class", scenario.room.entry, "Changed")
    assert room.settings == scenario.room.settings


async def test_oddity_22_vendor_keeps_missing_fields(scenario, api) -> None:
    settings = scenario.served.simulator.general_settings.items()
    body = {"meeting_setting": [{"setting": name, "value": each} for name, each in settings]}
    path = f"/api/v1/update_meeting/?meeting_id={scenario.room.id}"
    _, reply = await api("PUT", path, json.dumps(body))
    kept = {name: reply["data"][name] for name in ("title", "moderator_password", "welcome_text")}
    assert list(kept.values()) == ["Class", "modpwd", "Welcome"]


async def test_oddity_23_attendee_password_is_per_session(scenario) -> None:
    links = []
    for code in ("one", "two"):
        await scenario.conference.start_session(scenario.room, "Mod", entry=Passcode(code))
        links.append(await scenario.conference.join_link(scenario.room, name="Zoë"))
        await scenario.conference.end_session((await sessions(scenario))[-1])
    assert ["password=one" in links[0].url, "password=two" in links[1].url] == [True, True]
    passwords = [
        session.native["attendee_password"].reveal() for session in await sessions(scenario)
    ]
    assert passwords == ["attpwd", "one", "two"]


@pytest.mark.parametrize("code", [Passcode("x"), Passcode("x", role="attendee")])
async def test_oddity_23_room_refuses_attendee_passcode(scenario, code) -> None:
    settings = scenario.room.settings
    with pytest.raises(UnsupportedOption) as caught:
        await scenario.conference.create_room("New", entry=code, settings=settings)
    assert caught.value.field == "entry"
    assert "start_session" in str(caught.value)
    assert scenario.served.requests == []


async def test_oddity_24_passwords_in_lists_are_secret(scenario, world) -> None:
    (room, *_) = await scenario.conference.rooms().collect()
    (session,) = await sessions(scenario)
    for model, password in ((room, "modpwd"), (session, "attpwd")):
        assert password not in f"{model!r}{model}{dict(model.native)}"
        assert password.encode() not in pickle.dumps(model)
        secrets = {name: value for name, value in model.native.items() if isinstance(value, Secret)}
        assert [value.reveal() for value in secrets.values()] == [password]


# --------------------------------------------------------------------------------------- helpers


async def sessions(scenario: Any) -> list[Session]:
    return await scenario.conference.sessions(scenario.room).collect()

"""Oddities 1 to 12 of v1's document: what the vendor may do, and what the adapter makes of it."""

from __future__ import annotations

import json
import logging
from uuid import UUID

import pytest

from conferencing import (
    Anyone,
    AuthenticationFailed,
    MalformedResponse,
    NotFound,
    Passcode,
    ProviderUnavailable,
    Role,
    Room,
    SessionStatus,
    connect,
)
from conferencing.attendance import merge
from conferencing.model.attendance import Attendance, MergedBy

JOIN = "/api/v1/join_meeting/"
START = "/api/v1/start_meeting/"
NOWHERE = str(UUID(int=1))
SHAPES = ["settings_as_rows", "settings_as_single_objects", "settings_unbraced"]


# ----------------------------------------------------------------------------- 1: where joining is


async def test_oddity_01_join_falls_back_to_start_path(scenario, walk_in) -> None:
    scenario.served.simulator.quirks["no_join_path"] = True
    link = await scenario.conference.join_link(scenario.live, role="host", name="Zoë")
    assert [request.target for request in scenario.served.requests] == [
        f"/{path}" for path in (JOIN[1:], START[1:])
    ]
    assert scenario.served.requests[0].body == scenario.served.requests[1].body
    assert walk_in(link).name == "Zoë"


async def test_oddity_01_join_path_is_a_setting(sandbox, scenario, targets) -> None:
    account = sandbox.account("vconnct") | {"join_path": "start_meeting"}
    async with connect(account) as client:
        await client.join_link(scenario.live, role="host", name="Zoë")
        with pytest.raises(NotFound):
            await client.join_link(Room(id=NOWHERE, entry=(Anyone(),)), role="host", name="Z")
    assert targets() == ["start_meeting", "start_meeting"]


async def test_oddity_01_unknown_meeting_is_not_found(scenario, targets) -> None:
    room = Room(id=NOWHERE, entry=(Anyone(),))
    with pytest.raises(NotFound):
        await scenario.conference.join_link(room, role="host", name="Zoë")
    assert targets() == ["join_meeting", "start_meeting"]


@pytest.mark.parametrize(
    "fields",
    [{}, {"moderator_name": "M", "fullname": "F"}, {"moderator_name": "M", "role": "viewer"}],
)
async def test_oddity_01_ambiguous_body_is_refused(scenario, api, fields) -> None:
    status, reply = await api("POST", START, json.dumps({"meeting_id": scenario.live.id, **fields}))
    assert (status, reply["status_code"], len(reply["error_messages"])) == (400, 400, 1)


# ------------------------------------------------------------------ 2: ending is a GET that matters


async def test_oddity_02_end_is_not_cached_or_retried(scenario) -> None:
    scenario.served.fail("status", status=503, match="end_meeting", times=9)
    with pytest.raises(ProviderUnavailable, match="503"):
        await scenario.conference.end_session(scenario.running)
    (end,) = [request for request in scenario.served.requests if "end_meeting" in request.path]
    assert (end.method, end.headers["cache-control"]) == ("GET", "no-store")
    assert scenario.world.running(scenario.live.id)


async def test_oddity_02_end_follows_no_redirect(scenario) -> None:
    elsewhere = f"/vconnct/api/v1/end_meeting/?meeting_id={scenario.live.id}"
    scenario.served.fail("status", status=302, headers={"Location": elsewhere}, match="end_meeting")
    with pytest.raises(MalformedResponse):
        await scenario.conference.end_session(scenario.running)
    assert scenario.world.running(scenario.live.id)


async def test_oddity_02_idle_meeting_cannot_be_ended(scenario, api) -> None:
    status, reply = await api("GET", f"/api/v1/end_meeting/?meeting_id={scenario.room.id}")
    assert (status, reply["status"]) == (400, False)


# ---------------------------------------------------------------------- 3: shapes of the settings


@pytest.mark.parametrize("switch", ["", *SHAPES])
async def test_oddity_03_settings_are_read_in_every_shape(conference, served, switch) -> None:
    if switch:
        served.simulator.quirks[switch] = True
    served.simulator.general_settings |= {"record": True, "lock_settings_disable_mic": True}
    settings = await conference.default_settings()
    assert (settings.recording, settings.microphone) == (True, False)
    assert (settings.auto_recording, settings.public_chat) == (False, True)


@pytest.mark.parametrize(
    "data", ['"x"', "5", "[5]", "[[]]", "null", '["a":1]', '["a":true', "[{}]"]
)
async def test_oddity_03_settings_in_another_shape_raise(conference, served, data) -> None:
    served.fail("body", body=f'{{"status":true,"data":{data}}}')
    with pytest.raises(MalformedResponse):
        await conference.default_settings()


async def test_oddity_03_room_gets_general_settings(conference, served, world) -> None:
    served.simulator.general_settings["record"] = True
    for switch in SHAPES:
        served.simulator.quirks[switch] = True
        room = await conference.create_room("Class")
        assert world.notes[room.id]["settings"] == served.simulator.general_settings
        served.simulator.quirks[switch] = False


# --------------------------------------------------------------------- 4, 5, 6: what is in a link


async def test_oddity_04_space_in_link_is_removed(scenario, walk_in, caplog) -> None:
    scenario.served.simulator.quirks["space_in_link"] = True
    link = await scenario.conference.join_link(scenario.live, name="Zoë")
    assert not any(letter.isspace() for letter in link.url)
    assert walk_in(link).name == "Zoë"
    assert " " in link.native["url"].reveal()
    (record,) = warnings(caplog)
    assert "white space" in record.getMessage()
    assert link.url not in caplog.text


async def test_oddity_05_moderating_viewer_link_raises(scenario) -> None:
    scenario.served.simulator.quirks["moderator_link"] = True
    await scenario.conference.start_session(scenario.room, "Mod", entry=Passcode("attpwd"))
    with pytest.raises(MalformedResponse) as caught:
        await scenario.conference.join_link(scenario.room, name="Zoë")
    assert caught.value.path == "$.data.url"
    assert "strict_links" in str(caught.value)
    assert "modpwd" not in f"{caught.value!r}{vars(caught.value)}"


async def test_oddity_05_link_by_room_id_raises_too(scenario) -> None:
    scenario.served.simulator.quirks["moderator_link"] = True
    await scenario.conference.start_session(scenario.room.id, "Mod")
    with pytest.raises(MalformedResponse):
        await scenario.conference.join_link(scenario.room.id, name="Zoë")


async def test_oddity_05_lenient_setting_logs_a_warning(sandbox, scenario, caplog) -> None:
    scenario.served.simulator.quirks["moderator_link"] = True
    await scenario.conference.start_session(scenario.room, "Mod")
    async with connect(sandbox.account("vconnct") | {"strict_links": False}) as client:
        link = await client.join_link(scenario.room, name="Zoë")
    assert "password=modpwd" in link.url
    assert len(warnings(caplog)) == 1
    assert "modpwd" not in caplog.text


async def test_oddity_05_viewer_link_has_viewer_password(scenario, walk_in) -> None:
    await scenario.conference.start_session(scenario.room, "Mod", entry=Passcode("attpwd"))
    viewer = await scenario.conference.join_link(scenario.room, name="Zoë")
    moderator = await scenario.conference.join_link(scenario.room, role="host", name="Zoë")
    assert "password=attpwd" in viewer.url
    assert "password=modpwd" in moderator.url
    assert [walk_in(link).role for link in (viewer, moderator)] == [Role.ATTENDEE, Role.HOST]


async def test_oddity_06_checksum_is_not_verified(scenario) -> None:
    url = "https://vconnct-client-api.com/api/join?fullName={}&checksum=0"
    for name in ("Ann", "Ben"):
        data = json.dumps({"status": True, "data": {"url": url.format(name)}})
        scenario.served.fail("body", body=data, match="join_meeting")
        link = await scenario.conference.join_link(scenario.live, role="host", name=name)
        assert link.url == url.format(name)


# ------------------------------------------------------------- 7, 8: what rows say of themselves


async def test_oddity_07_repeated_ids_keep_all_rows(scenario, caplog) -> None:
    scenario.served.simulator.quirks["repeat_ids"] = True
    await scenario.conference.start_session(scenario.room, "Mod", title="Second")
    caplog.clear()
    rooms = await scenario.conference.rooms().collect()
    sessions = await scenario.conference.sessions(scenario.room).collect()
    assert [room.name for room in rooms] == ["Class", "Live"]
    assert [session.title for session in sessions] == ["First", "Second"]
    assert len({room.id for room in rooms}) == len({session.id for session in sessions}) == 1
    assert ["meeting_id" in warning.getMessage() for warning in warnings(caplog)] == [True, False]


async def test_oddity_07_ids_are_unique_without_quirk(scenario, caplog) -> None:
    rooms = await scenario.conference.rooms().collect()
    assert len({UUID(room.id) for room in rooms}) == 2
    assert warnings(caplog) == []


async def test_oddity_08_status_is_by_the_end_time(scenario) -> None:
    (ended,) = await scenario.conference.sessions(scenario.room).collect()
    (running,) = await scenario.conference.sessions(scenario.live).collect()
    assert (ended.status, running.status) == (SessionStatus.ENDED, SessionStatus.RUNNING)
    assert ended.native["status"] is running.native["status"] is True


# --------------------------------------------------------------------------- 9 to 12: texts given


async def test_oddity_09_title_is_that_of_the_session(scenario) -> None:
    await scenario.conference.start_session(scenario.room, "Mod", title="Second")
    session = scenario.world.running(scenario.room.id)
    assert session.title == "Second"
    assert scenario.world.room(scenario.room.id).name == "Class"


async def test_oddity_10_wrong_password_is_refused(scenario) -> None:
    for code in (Anyone(), Passcode("wrong", role="host")):
        with pytest.raises(AuthenticationFailed):
            await scenario.conference.start_session(Room(id=scenario.room.id, entry=(code,)), "Mod")
    assert scenario.world.running(scenario.room.id) is None
    await scenario.conference.start_session(
        scenario.room.id, "Mod"
    )  # an id: the password is looked up
    unlocked = Room(id=scenario.room.id, entry=(Anyone(),))
    with pytest.raises(AuthenticationFailed):
        await scenario.conference.join_link(unlocked, role="host", name="Zoë")


async def test_oddity_10_open_meeting_takes_any_password(scenario) -> None:
    for entry in (Anyone(), Passcode("any", role="host")):
        room = Room(id=scenario.live.id, entry=(entry,))
        assert (await scenario.conference.start_session(room, "Mod")).role is Role.HOST
        assert (await scenario.conference.join_link(room, role="host", name="Zoë")).url


async def test_oddity_11_bare_logout_host_is_accepted(scenario) -> None:
    native = {"logout_url": "example.com"}
    await scenario.conference.start_session(scenario.room, "Mod", native=native)
    (start,) = [request for request in scenario.served.requests if request.method == "POST"]
    assert json.loads(start.body)["logout_url"] == "example.com"
    assert start.headers["content-type"] == "application/json"


async def test_oddity_11_trailing_comma_is_refused(scenario, api) -> None:
    body = f'{{"meeting_id": "{scenario.live.id}", "moderator_name": "Mod",}}'
    assert (await api("POST", START, body))[0] == 400


async def test_oddity_12_underscores_match_spaces(scenario, walk_in) -> None:
    scenario.served.simulator.quirks["underscores"] = True
    walk_in(await scenario.conference.join_link(scenario.live, name="John Doe"))
    (present,) = await scenario.conference.attendance(scenario.running).collect()
    assert present.display_name == "John_Doe"
    expected = Attendance(id="x", session_id=scenario.running.id, display_name="John Doe")
    assert len(merge([present, expected], by=[MergedBy.NAME])) == 1


# --------------------------------------------------------------------------------------- helpers


def warnings(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.levelno >= logging.WARNING]

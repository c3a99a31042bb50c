"""Oddities 1 to 12 of v1's document: what the vendor may do, and what the adapter makes of it."""

from __future__ import annotations

import json
import logging
from typing import Any
from uuid import UUID

import pytest

from conferencing import (
    Anyone,
    AuthenticationFailed,
    Conference,
    MalformedResponse,
    NotFound,
    Passcode,
    Role,
    Room,
    SessionStatus,
    connect,
)
from conferencing.attendance import merge
from conferencing.model.attendance import Attendance, MergedBy
from conferencing.sandbox import Sandbox, ServedSimulator, World

JOIN = "/api/v1/join_meeting/"
START = "/api/v1/start_meeting/"
NOWHERE = str(UUID(int=1))
SHAPES = ["settings_as_rows", "settings_as_single_objects", "settings_unbraced"]


# ----------------------------------------------------------------------------- 1: where joining is


async def test_oddity_01_joining_is_tried_once_more_where_the_document_prints_it(
    scenario: Any, walk_in: Any
) -> None:
    scenario.served.simulator.quirks["no_join_path"] = True
    link = await scenario.conference.join_link(scenario.live, role="host", name="Zoë")
    assert [one.target for one in scenario.served.requests] == [
        f"/{one}" for one in (JOIN[1:], START[1:])
    ]
    assert scenario.served.requests[0].body == scenario.served.requests[1].body
    assert walk_in(link).name == "Zoë"


async def test_oddity_01_the_path_of_joining_is_a_setting(
    sandbox: Sandbox, scenario: Any, targets: Any
) -> None:
    account = sandbox.account("vconnct") | {"join_path": "start_meeting"}
    async with connect(account) as client:
        await client.join_link(scenario.live, role="host", name="Zoë")
        with pytest.raises(NotFound):
            await client.join_link(Room(id=NOWHERE, entry=(Anyone(),)), role="host", name="Z")
    assert targets() == ["start_meeting", "start_meeting"]


async def test_oddity_01_a_meeting_that_is_not_there_is_not_found_after_both(
    scenario: Any, targets: Any
) -> None:
    room = Room(id=NOWHERE, entry=(Anyone(),))
    with pytest.raises(NotFound):
        await scenario.conference.join_link(room, role="host", name="Zoë")
    assert targets() == ["join_meeting", "start_meeting"]


@pytest.mark.parametrize(
    "fields",
    [{}, {"moderator_name": "M", "fullname": "F"}, {"moderator_name": "M", "role": "viewer"}],
)
async def test_oddity_01_the_vendor_refuses_what_is_neither_a_start_nor_a_join(
    scenario: Any, api: Any, fields: dict[str, str]
) -> None:
    status, reply = await api("POST", START, json.dumps({"meeting_id": scenario.live.id, **fields}))
    assert (status, reply["status_code"], len(reply["error_messages"])) == (400, 400, 1)


# ------------------------------------------------------------------ 2: ending is a GET that matters


async def test_oddity_02_ending_is_never_cached_nor_repeated_blindly(scenario: Any) -> None:
    scenario.served.fail("status", status=503, match="end_meeting", times=9)
    with pytest.raises(Exception, match="503"):
        await scenario.conference.end_session(scenario.running)
    (end,) = [one for one in scenario.served.requests if "end_meeting" in one.path]
    assert (end.method, end.headers["cache-control"]) == ("GET", "no-store")
    assert scenario.world.running(scenario.live.id)


async def test_oddity_02_ending_follows_no_redirect(scenario: Any) -> None:
    elsewhere = f"/vconnct/api/v1/end_meeting/?meeting_id={scenario.live.id}"
    scenario.served.fail("status", status=302, headers={"Location": elsewhere}, match="end_meeting")
    with pytest.raises(MalformedResponse):
        await scenario.conference.end_session(scenario.running)
    assert scenario.world.running(scenario.live.id)


async def test_oddity_02_the_vendor_refuses_to_end_what_does_not_run(
    scenario: Any, api: Any
) -> None:
    status, reply = await api("GET", f"/api/v1/end_meeting/?meeting_id={scenario.room.id}")
    assert (status, reply["status"]) == (400, False)


# ---------------------------------------------------------------------- 3: shapes of the settings


@pytest.mark.parametrize("switch", ["", *SHAPES])
async def test_oddity_03_general_settings_read_in_every_shape(
    conference: Conference, served: ServedSimulator, switch: str
) -> None:
    if switch:
        served.simulator.quirks[switch] = True
    served.simulator.general_settings |= {"record": True, "lock_settings_disable_mic": True}
    settings = await conference.default_settings()
    assert (settings.recording, settings.microphone) == (True, False)
    assert (settings.auto_recording, settings.public_chat) == (False, True)


@pytest.mark.parametrize(
    "data", ['"x"', "5", "[5]", "[[]]", "null", '["a":1]', '["a":true', "[{}]"]
)
async def test_oddity_03_what_has_none_of_the_shapes_is_refused(
    conference: Conference, served: ServedSimulator, data: str
) -> None:
    served.fail("body", body=f'{{"status":true,"data":{data}}}')
    with pytest.raises(MalformedResponse):
        await conference.default_settings()


async def test_oddity_03_a_room_gets_the_general_settings_in_every_shape(
    conference: Conference, served: ServedSimulator, world: World
) -> None:
    served.simulator.general_settings["record"] = True
    for switch in SHAPES:
        served.simulator.quirks[switch] = True
        room = await conference.create_room("Class")
        assert world.notes[room.id]["settings"] == served.simulator.general_settings
        served.simulator.quirks[switch] = False


# --------------------------------------------------------------------- 4, 5, 6: what is in a link


async def test_oddity_04_a_space_inside_a_link_is_taken_out_and_noted(
    scenario: Any, walk_in: Any, caplog: pytest.LogCaptureFixture
) -> None:
    scenario.served.simulator.quirks["space_in_link"] = True
    link = await scenario.conference.join_link(scenario.live, name="Zoë")
    assert not any(one.isspace() for one in link.url)
    assert walk_in(link).name == "Zoë"
    assert " " in link.native["url"].reveal()
    (record,) = warnings(caplog)
    assert "white space" in record.getMessage()
    assert link.url not in caplog.text


async def test_oddity_05_a_viewers_link_that_lets_moderate_is_refused(scenario: Any) -> None:
    scenario.served.simulator.quirks["moderator_link"] = True
    await scenario.conference.start_session(scenario.room, "Mod", entry=Passcode("attpwd"))
    with pytest.raises(MalformedResponse) as caught:
        await scenario.conference.join_link(scenario.room, name="Zoë")
    assert caught.value.path == "$.data.url"
    assert "strict_links" in str(caught.value)
    assert "modpwd" not in f"{caught.value!r}{vars(caught.value)}"


async def test_oddity_05_it_is_refused_also_where_only_the_rooms_id_is_known(scenario: Any) -> None:
    scenario.served.simulator.quirks["moderator_link"] = True
    await scenario.conference.start_session(scenario.room.id, "Mod")
    with pytest.raises(MalformedResponse):
        await scenario.conference.join_link(scenario.room.id, name="Zoë")


async def test_oddity_05_it_is_handed_out_with_a_note_if_one_says_so(
    sandbox: Sandbox, scenario: Any, caplog: pytest.LogCaptureFixture
) -> None:
    scenario.served.simulator.quirks["moderator_link"] = True
    await scenario.conference.start_session(scenario.room, "Mod")
    async with connect(sandbox.account("vconnct") | {"strict_links": False}) as client:
        link = await client.join_link(scenario.room, name="Zoë")
    assert "password=modpwd" in link.url
    assert len(warnings(caplog)) == 1
    assert "modpwd" not in caplog.text


async def test_oddity_05_a_right_link_has_the_attendees_password(
    scenario: Any, walk_in: Any
) -> None:
    await scenario.conference.start_session(scenario.room, "Mod", entry=Passcode("attpwd"))
    viewer = await scenario.conference.join_link(scenario.room, name="Zoë")
    moderator = await scenario.conference.join_link(scenario.room, role="host", name="Zoë")
    assert "password=attpwd" in viewer.url
    assert "password=modpwd" in moderator.url
    assert [walk_in(one).role for one in (viewer, moderator)] == [Role.ATTENDEE, Role.HOST]


async def test_oddity_06_a_checksum_is_opaque_and_never_verified(scenario: Any) -> None:
    url = "https://vconnct-client-api.com/api/join?fullName={}&checksum=0"
    for name in ("Ann", "Ben"):
        data = json.dumps({"status": True, "data": {"url": url.format(name)}})
        scenario.served.fail("body", body=data, match="join_meeting")
        link = await scenario.conference.join_link(scenario.live, role="host", name=name)
        assert link.url == url.format(name)


# ------------------------------------------------------------- 7, 8: what rows say of themselves


async def test_oddity_07_rows_with_the_same_id_are_all_there_in_order_and_noted(
    scenario: Any, caplog: pytest.LogCaptureFixture
) -> None:
    scenario.served.simulator.quirks["repeat_ids"] = True
    await scenario.conference.start_session(scenario.room, "Mod", title="Second")
    caplog.clear()
    rooms = await scenario.conference.rooms().collect()
    sessions = await scenario.conference.sessions(scenario.room).collect()
    assert [one.name for one in rooms] == ["Class", "Live"]
    assert [one.title for one in sessions] == ["First", "Second"]
    assert len({one.id for one in rooms}) == len({one.id for one in sessions}) == 1
    assert ["meeting_id" in one.getMessage() for one in warnings(caplog)] == [True, False]


async def test_oddity_07_the_vendors_ids_differ_otherwise(
    scenario: Any, caplog: pytest.LogCaptureFixture
) -> None:
    rooms = await scenario.conference.rooms().collect()
    assert len({UUID(one.id) for one in rooms}) == 2
    assert warnings(caplog) == []


async def test_oddity_08_a_session_is_over_by_its_end_whatever_its_status_says(
    scenario: Any,
) -> None:
    (ended,) = await scenario.conference.sessions(scenario.room).collect()
    (running,) = await scenario.conference.sessions(scenario.live).collect()
    assert (ended.status, running.status) == (SessionStatus.ENDED, SessionStatus.RUNNING)
    assert ended.native["status"] is running.native["status"] is True


# --------------------------------------------------------------------------- 9 to 12: texts given


async def test_oddity_09_the_title_of_a_start_is_the_sessions_title(scenario: Any) -> None:
    await scenario.conference.start_session(scenario.room, "Mod", title="Second")
    session = scenario.world.running(scenario.room.id)
    assert session.title == "Second"
    assert scenario.world.room(scenario.room.id).name == "Class"


async def test_oddity_10_a_meetings_password_is_needed_for_the_role(scenario: Any) -> None:
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


async def test_oddity_10_without_a_password_none_is_needed_and_any_does(scenario: Any) -> None:
    for entry in (Anyone(), Passcode("any", role="host")):
        room = Room(id=scenario.live.id, entry=(entry,))
        assert (await scenario.conference.start_session(room, "Mod")).role is Role.HOST
        assert (await scenario.conference.join_link(room, role="host", name="Zoë")).url


async def test_oddity_11_strict_json_leaves_and_a_bare_host_is_taken(scenario: Any) -> None:
    native = {"logout_url": "example.com"}
    await scenario.conference.start_session(scenario.room, "Mod", native=native)
    (start,) = [one for one in scenario.served.requests if one.method == "POST"]
    assert json.loads(start.body)["logout_url"] == "example.com"
    assert start.headers["content-type"] == "application/json"


async def test_oddity_11_the_vendor_takes_no_trailing_comma(scenario: Any, api: Any) -> None:
    body = f'{{"meeting_id": "{scenario.live.id}", "moderator_name": "Mod",}}'
    assert (await api("POST", START, body))[0] == 400


async def test_oddity_12_names_with_underscores_fold_with_those_with_spaces(
    scenario: Any, walk_in: Any
) -> None:
    scenario.served.simulator.quirks["underscores"] = True
    walk_in(await scenario.conference.join_link(scenario.live, name="John Doe"))
    (present,) = await scenario.conference.attendance(scenario.running).collect()
    assert present.display_name == "John_Doe"
    expected = Attendance(id="x", session_id=scenario.running.id, display_name="John Doe")
    assert len(merge([present, expected], by=[MergedBy.NAME])) == 1


# --------------------------------------------------------------------------------------- helpers


def warnings(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [one for one in caplog.records if one.levelno >= logging.WARNING]

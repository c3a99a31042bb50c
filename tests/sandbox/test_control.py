"""The control side over HTTP: every action, clear refusals, and no way in for a web page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from conferencing import Conference
from conferencing.sandbox import Sandbox, ServedSimulator, World

JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def room(conference: Conference) -> str:
    return (await conference.create_room("Room", permanent=True)).id


# --------------------------------------------------------------------------------- every action


async def test_people_enter_and_leave_and_the_clock_is_turned(
    control: Any, world: World, room: str
) -> None:
    status, ann = await control(
        "POST", "enter", room=room, name="Ann", email="ann@example.com", role="presenter"
    )
    assert status == 200
    visit = world.visits[ann["visit"]]
    assert (visit.name, visit.email, visit.role) == ("Ann", "ann@example.com", "presenter")
    assert ann["joined_at"] == visit.joined_at.isoformat()
    assert ann["session"] == visit.session_id
    status, moment = await control("POST", "clock", advance=90.5)
    assert (status, moment) == (200, {"now": world.now.isoformat()})
    assert world.now - world.start == timedelta(seconds=90.5)
    status, gone = await control("POST", "leave", visit=visit.id, rating=4, comment="fine")
    assert (status, gone) == (200, {"visit": visit.id, "left_at": world.now.isoformat()})
    assert (visit.rating, visit.comment) == (4, "fine")


async def test_a_name_is_enough_to_enter(control: Any, world: World, room: str) -> None:
    _, guest = await control("POST", "enter", room=room, name="Guest")
    visit = world.visits[guest["visit"]]
    assert (visit.email, visit.role) == (None, "attendee")


async def test_a_session_is_ended_and_recorded(control: Any, world: World, room: str) -> None:
    _, ann = await control("POST", "enter", room=room, name="Ann")
    await control("POST", "clock", advance=600)
    assert await control("POST", "end_session", room=room) == (200, {"session": ann["session"]})
    assert world.running(room) is None
    status, made = await control("POST", "record", room=room, seconds=300)
    assert status == 200
    assert world.recordings[made["recording"]].duration == timedelta(minutes=5)


async def test_the_state_tells_who_is_inside(
    control: Any, served: ServedSimulator, world: World, room: str
) -> None:
    await control("POST", "enter", room=room, name="Ann", email="ann@example.com")
    _, ben = await control("POST", "enter", room=room, name="Ben")
    await control("POST", "leave", visit=ben["visit"])
    await control("POST", "fault", kind="reset", match="never")
    status, state = await control("GET", "state")
    assert status == 200
    assert state["now"] == world.now.isoformat()
    assert state["mails"] == 0
    assert state["seen"] == len(served.requests) == 1
    assert state["faults"] == ["reset"]
    assert state["switches"] == served.simulator.quirks
    (told,) = state["rooms"]
    assert (told["id"], told["name"]) == (room, "Room")
    assert told["session"] == told["sessions"][0] == ben["session"]
    assert [one["name"] for one in told["inside"]] == ["Ann"]


async def test_the_outbox_tells_what_would_have_been_mailed(
    control: Any, conference: Conference, world: World, room: str
) -> None:
    await conference.invite(room, ["ann@example.com"], role="presenter", language="pl")
    status, (mail,) = await control("GET", "outbox")
    assert status == 200
    assert mail == {
        "kind": "invitation",
        "to": "ann@example.com",
        "room": room,
        "role": "presenter",
        "language": "pl",
        "sent_at": world.now.isoformat(),
        "url": world.rooms[room].join_url,
    }


async def test_what_was_seen_is_told_without_its_secrets(
    control: Any, served: ServedSimulator, conference: Conference
) -> None:
    served.fail("commit-close")
    await conference.check()
    status, seen = await control("GET", "seen")
    assert (status, seen) == (
        200,
        [
            {"method": "GET", "path": "/v1/ping", "fault": "commit-close"},
            {"method": "GET", "path": "/v1/ping", "fault": None},
        ],
    )


async def test_a_fault_is_set_for_so_many_calls(
    control: Any, served: ServedSimulator, conference: Conference
) -> None:
    status, said = await control("POST", "fault", kind="status", status=503, times=2, match="ping")
    assert (status, said) == (200, {"ok": True})
    await conference.check()
    assert [one.fault for one in served.requests] == ["status", "status", None]


async def test_switches_are_turned(control: Any, served: ServedSimulator) -> None:
    status, quirks = await control("POST", "switch", ignore_page=True)
    assert status == 200
    assert quirks == served.simulator.quirks
    assert served.simulator.quirks["ignore_page"] is True


async def test_a_reset_begins_anew(control: Any, served: ServedSimulator, room: str) -> None:
    await control("POST", "fault", kind="reset")
    await control("POST", "clock", advance=60)
    assert await control("POST", "reset") == (200, {"ok": True})
    assert (served.requests, served.faults, served.simulator.world.rooms) == ([], [], {})
    assert served.simulator.world.now == served.simulator.world.start


# ------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("action", "given", "told"),
    [
        ("clock", {}, "advance"),
        ("clock", {"advance": "60"}, "advance"),
        ("clock", {"advance": True}, "advance"),
        ("clock", {"advance": -1}, "back"),
        ("enter", {"name": "Ann"}, "room"),
        ("enter", {"room": "ROOM"}, "name"),
        ("enter", {"room": "ROOM", "name": ""}, "name"),
        ("enter", {"room": 5, "name": "Ann"}, "room"),
        ("enter", {"room": "ROOM", "name": "Ann", "role": "chief"}, "role"),
        ("enter", {"room": "ROOM", "name": "Ann", "role": ["host"]}, "role"),
        ("leave", {}, "visit"),
        ("end_session", {}, "room"),
        ("end_session", {"room": "ROOM"}, "session"),
        ("record", {"room": "ROOM"}, "seconds"),
        ("fault", {}, "kind"),
        ("fault", {"kind": "explosion"}, "commit-close"),
        ("fault", {"kind": "reset", "often": 3}, "often"),
        ("switch", {"no_such": True}, "ignore_page"),
        ("switch", {"ignore_page": "yes"}, "ignore_page"),
    ],
)
async def test_bad_input_is_refused_with_a_text_that_names_it(
    control: Any, world: World, action: str, given: dict[str, Any], told: str
) -> None:
    room = world.add_room(name="Room").id
    here = {name: room if value == "ROOM" else value for name, value in given.items()}
    _, before = await control("GET", "state")
    status, said = await control("POST", action, **here)
    assert status == 400
    assert told in said["error"]
    assert (await control("GET", "state"))[1] == before


async def test_values_that_would_break_later_are_refused_now(
    control: Any, served: ServedSimulator, room: str
) -> None:
    _, ann = await control("POST", "enter", room=room, name="Ann")
    told = {}
    for action, given in [
        ("clock", {"advance": 1e300}),
        ("clock", {"advance": float("nan")}),
        ("enter", {"room": room, "name": "Ben", "email": 5}),
        ("leave", {"visit": ann["visit"], "rating": "five"}),
        ("record", {"room": room, "seconds": 1e300}),
        ("fault", {"kind": "reset", "times": "3"}),
        ("fault", {"kind": "reset", "match": 5}),
        ("fault", {"kind": "status", "status": "503"}),
        ("fault", {"kind": "slow", "seconds": "1"}),
    ]:
        try:
            status, _ = await control("POST", action, **given)
        except aiohttp.ContentTypeError as error:
            status = error.status
        told[f"{action} {given}"] = status
        served.faults.clear()
    assert set(told.values()) == {400}, told


@pytest.mark.parametrize(
    ("action", "given"),
    [
        ("enter", {"room": "nowhere", "name": "Ann"}),
        ("leave", {"visit": "nobody"}),
        ("record", {"room": "nowhere", "seconds": 1}),
        ("end_session", {"room": "nowhere"}),
    ],
)
async def test_what_is_not_there_is_refused(
    control: Any, action: str, given: dict[str, Any]
) -> None:
    status, said = await control("POST", action, **given)
    assert status in {400, 404}
    assert given.get("room", given.get("visit")) in said["error"]


@pytest.mark.parametrize(
    ("method", "action"), [("GET", "reset"), ("POST", "state"), ("GET", "explode"), ("GET", "")]
)
async def test_an_action_that_nobody_knows_is_answered_with_those_there_are(
    control: Any, method: str, action: str
) -> None:
    status, said = await control(method, action)
    assert status == 404
    assert "POST enter" in said["error"]
    assert "GET outbox" in said["error"]


@pytest.mark.parametrize("body", ["", "{", "[]", "5", "null", '"x"', "\xff"])
async def test_a_body_that_is_no_object_is_refused(
    sandbox: Sandbox, http: aiohttp.ClientSession, served: ServedSimulator, body: str
) -> None:
    url = f"{sandbox.control_url('clickmeeting')}/clock"
    async with http.post(url, data=body.encode("latin-1"), headers=JSON) as reply:
        assert reply.status == 400
        assert (await reply.json())["error"]
    assert served.simulator.world.now == served.simulator.world.start


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"]
)
async def test_a_form_of_a_web_page_changes_nothing(
    sandbox: Sandbox, http: aiohttp.ClientSession, served: ServedSimulator, kind: str
) -> None:
    """These are what a page can send to another origin without being asked back."""
    served.simulator.world.advance(timedelta(seconds=5))
    url = f"{sandbox.control_url('clickmeeting')}/reset"
    async with http.post(url, data=b"{}", headers={"Content-Type": kind}) as reply:
        assert reply.status == 415
    assert served.simulator.world.now != served.simulator.world.start


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::2]"]
)
@pytest.mark.parametrize("path", ["/control/clickmeeting/state", "/clickmeeting/v1/ping", "/"])
async def test_under_a_foreign_name_there_is_nothing(
    sandbox: Sandbox, http: aiohttp.ClientSession, served: ServedSimulator, host: str, path: str
) -> None:
    async with http.get(f"{sandbox.origin}{path}", headers={"Host": host}) as reply:
        assert reply.status == 403
    assert served.requests == []


async def test_control_of_a_provider_that_is_not_there_is_not_found(
    sandbox: Sandbox, http: aiohttp.ClientSession
) -> None:
    async with http.get(f"{sandbox.origin}/control/nobody/state") as reply:
        assert reply.status == 404
        assert "nobody" in (await reply.json())["error"]

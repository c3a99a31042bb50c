"""The control API over HTTP: every action, clear refusals, and nothing for web pages."""

from __future__ import annotations

from datetime import timedelta

import aiohttp
import pytest

from conferencing import Conference

JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def room(conference: Conference) -> str:
    return (await conference.create_room("Room", permanent=True)).id


# --------------------------------------------------------------------------------- every action


async def test_enter_and_leave_move_people_in_time(control, world, room) -> None:
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
    status, ended = await control("POST", "leave", visit=visit.id, rating=4, comment="fine")
    assert (status, ended) == (200, {"visit": visit.id, "left_at": world.now.isoformat()})
    assert (visit.rating, visit.comment) == (4, "fine")


async def test_enter_with_name_only_admits_attendee(control, world, room) -> None:
    _, guest = await control("POST", "enter", room=room, name="Guest")
    visit = world.visits[guest["visit"]]
    assert (visit.email, visit.role) == (None, "attendee")


async def test_end_session_and_record_change_the_world(control, world, room) -> None:
    _, ann = await control("POST", "enter", room=room, name="Ann")
    await control("POST", "clock", advance=600)
    assert await control("POST", "end_session", room=room) == (200, {"session": ann["session"]})
    assert world.running(room) is None
    status, recorded = await control("POST", "record", room=room, seconds=300)
    assert status == 200
    assert world.recordings[recorded["recording"]].duration == timedelta(minutes=5)


async def test_state_lists_people_inside(control, served, world, room) -> None:
    await control("POST", "enter", room=room, name="Ann", email="ann@example.com")
    _, ben = await control("POST", "enter", room=room, name="Ben")
    await control("POST", "leave", visit=ben["visit"])
    await control("POST", "fault", kind="reset", match="never")
    status, state = await control("GET", "state")
    assert status == 200
    assert state["now"] == world.now.isoformat()
    assert state["mails"] == 0
    assert state["requests"] == len(served.requests) == 1
    assert state["faults"] == ["reset"]
    assert state["quirks"] == served.simulator.quirks
    (row,) = state["rooms"]
    assert (row["id"], row["name"]) == (room, "Room")
    assert row["session"] == row["sessions"][0] == ben["session"]
    assert [visit["name"] for visit in row["inside"]] == ["Ann"]


async def test_outbox_lists_mails(control, conference, world, room) -> None:
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


async def test_requests_are_listed_without_secrets(control, served, conference) -> None:
    served.fail("commit-close")
    await conference.check()
    status, listed = await control("GET", "requests")
    assert (status, listed) == (
        200,
        [
            {"method": "GET", "path": "/v1/ping", "fault": "commit-close"},
            {"method": "GET", "path": "/v1/ping", "fault": None},
        ],
    )


async def test_fault_applies_to_next_calls(control, served, conference) -> None:
    status, reply = await control("POST", "fault", kind="status", status=503, times=2, match="ping")
    assert (status, reply) == (200, {"ok": True})
    await conference.check()
    assert [request.fault for request in served.requests] == ["status", "status", None]


async def test_quirks_are_turned_on(control, served) -> None:
    status, quirks = await control("POST", "quirks", ignore_page=True)
    assert status == 200
    assert quirks == served.simulator.quirks
    assert served.simulator.quirks["ignore_page"] is True


async def test_reset_clears_everything(control, served, room) -> None:
    await control("POST", "fault", kind="reset")
    await control("POST", "clock", advance=60)
    assert await control("POST", "reset") == (200, {"ok": True})
    assert (served.requests, served.faults, served.simulator.world.rooms) == ([], [], {})
    assert served.simulator.world.now == served.simulator.world.start


# ------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("action", "parameters", "named"),
    [
        ("clock", {}, "advance"),
        ("clock", {"advance": "60"}, "advance"),
        ("clock", {"advance": True}, "advance"),
        ("clock", {"advance": -1}, "go back"),
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
        ("quirks", {"no_such": True}, "ignore_page"),
        ("quirks", {"ignore_page": "yes"}, "ignore_page"),
    ],
)
async def test_bad_input_is_refused_by_name(control, world, action, parameters, named) -> None:
    room = world.add_room(name="Room").id
    sent = {name: room if value == "ROOM" else value for name, value in parameters.items()}
    _, before = await control("GET", "state")
    status, reply = await control("POST", action, **sent)
    assert status == 400
    assert named in reply["error"]
    assert (await control("GET", "state"))[1] == before


async def test_unusable_values_are_refused(control, served, room) -> None:
    _, ann = await control("POST", "enter", room=room, name="Ann")
    statuses = {}
    for action, parameters in [
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
            status, _ = await control("POST", action, **parameters)
        except aiohttp.ContentTypeError as error:
            status = error.status
        statuses[f"{action} {parameters}"] = status
        served.faults.clear()
    assert set(statuses.values()) == {400}, statuses


@pytest.mark.parametrize(
    ("action", "parameters"),
    [
        ("enter", {"room": "nowhere", "name": "Ann"}),
        ("leave", {"visit": "nobody"}),
        ("record", {"room": "nowhere", "seconds": 1}),
        ("end_session", {"room": "nowhere"}),
    ],
)
async def test_unknown_ids_are_refused(control, action, parameters) -> None:
    status, reply = await control("POST", action, **parameters)
    assert status in {400, 404}
    assert parameters.get("room", parameters.get("visit")) in reply["error"]


@pytest.mark.parametrize(
    ("method", "action"), [("GET", "reset"), ("POST", "state"), ("GET", "explode"), ("GET", "")]
)
async def test_unknown_action_lists_the_known(control, method, action) -> None:
    status, reply = await control(method, action)
    assert status == 404
    assert "POST enter" in reply["error"]
    assert "GET outbox" in reply["error"]


@pytest.mark.parametrize("body", ["", "{", "[]", "5", "null", '"x"', "\xff"])
async def test_body_without_json_object_is_refused(sandbox, http, served, body) -> None:
    url = f"{sandbox.control_url('clickmeeting')}/clock"
    async with http.post(url, data=body.encode("latin-1"), headers=JSON) as reply:
        assert reply.status == 400
        assert (await reply.json())["error"]
    assert served.simulator.world.now == served.simulator.world.start


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"]
)
async def test_form_of_a_web_page_is_refused(sandbox, http, served, kind) -> None:
    """A page can send these to another origin without a preflight request."""
    served.simulator.world.advance(timedelta(seconds=5))
    url = f"{sandbox.control_url('clickmeeting')}/reset"
    async with http.post(url, data=b"{}", headers={"Content-Type": kind}) as reply:
        assert reply.status == 415
    assert served.simulator.world.now != served.simulator.world.start


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "[::2]"]
)
@pytest.mark.parametrize("path", ["/control/clickmeeting/state", "/clickmeeting/v1/ping", "/"])
async def test_foreign_host_name_is_refused(sandbox, http, served, host, path) -> None:
    async with http.get(f"{sandbox.origin}{path}", headers={"Host": host}) as reply:
        assert reply.status == 403
    assert served.requests == []


async def test_control_of_unknown_provider_is_not_found(sandbox, http) -> None:
    async with http.get(f"{sandbox.origin}/control/nobody/state") as reply:
        assert reply.status == 404
        assert "nobody" in (await reply.json())["error"]

"""The simulator's quirks: replies and failures as they were observed at the vendor now and then."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from conferencing.sandbox import Call, ServedSimulator, World
from conferencing_clickmeeting.simulator import ClickMeetingSimulator

PLAIN = "name=Plain&room_type=meeting&permanent_room=1&access_type=1"
OPEN = f"{PLAIN}&registration%5Benabled%5D=1"
ANN = "registration[1]=Ann&registration[2]=Lee&registration[3]=ann@example.com"
ROOM = "/v1/conferences/2632001"
SESSION = f"{ROOM}/sessions/5342001"


@pytest.fixture
def quirks(served: ServedSimulator) -> dict[str, bool]:
    return served.simulator.quirks


async def test_quirks_are_off_by_default(quirks) -> None:
    assert quirks
    assert not any(quirks.values())


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("DELETE", ROOM, None, 404),
        ("GET", f"{ROOM}/recordings", None, 404),
        ("POST", "/v1/conferences", "name=x", 422),
    ],
)
async def test_failures_in_200_keep_their_body(api, quirks, *, method, path, body, code) -> None:
    expected = await api(method, path, body)
    quirks["failures_in_200"] = True
    assert expected[0] == code
    assert await api(method, path, body) == (200, expected[1])


async def test_sessions_of_unused_room_are_404(api, quirks, world) -> None:
    await api("POST", "/v1/conferences", PLAIN)
    assert await api("GET", f"{ROOM}/sessions") == (200, [])
    quirks["no_sessions_is_404"] = True
    status, reply = await api("GET", f"{ROOM}/sessions")
    assert (status, reply["name"]) == (404, "NOT_FOUND")
    world.enter("2632001", "Ann")
    assert (await api("GET", f"{ROOM}/sessions"))[0] == 200


async def test_bare_registration_has_no_link(api, quirks, world) -> None:
    await api("POST", "/v1/conferences", OPEN)
    quirks["bare_registration"] = True
    assert await api("POST", f"{ROOM}/registration", ANN) == (200, {"status": "OK"})
    assert len(world.participants["2632001"]) == 1


async def test_empty_deletes_have_no_body(api, quirks, world) -> None:
    await api("POST", "/v1/conferences", PLAIN)
    quirks["empty_deletes"] = True
    assert (await api("DELETE", "/v1/conferences/1"))[0] == 404
    assert await api("DELETE", ROOM) == (204, b"")
    assert world.rooms == {}


async def test_missing_fields_are_left_out(api, quirks, world) -> None:
    await hold_session(api, world)
    quirks["missing_fields"] = True
    _, reply = await api("GET", ROOM)
    assert not {"parent_id", "paid_enabled", "type"} & reply["conference"].keys()
    assert reply["conference"]["id"] == 2632001
    _, (attendee,) = await api("GET", f"{SESSION}/attendees")
    assert not {"start_date", "end_date", "user_ip", "polls"} & attendee.keys()
    _, (participant,) = await api("GET", f"{ROOM}/registrations/all")
    assert not {"url", "r", "geo"} & participant.keys()
    _, (recording,) = await api("GET", "/v1/conferences/recordings")
    assert not {"recorder_start_date", "conference_id"} & recording.keys()


async def test_extra_fields_are_in_every_object(api, quirks, world) -> None:
    await hold_session(api, world)
    quirks["extra_fields"] = True
    _, reply = await api("GET", ROOM)
    room = reply["conference"]
    assert all("not_documented" in part for part in (reply, room, room["settings"]))
    _, (participant,) = await api("GET", f"{ROOM}/registrations/all")
    assert "not_documented" in participant
    assert set(participant["fields"]) == {"First Name", "Last Name", "Email Address"}
    _, detail = await api("GET", SESSION)
    assert set(detail["pdf"]) == {"en", "pl", "ru", "de", "es"}


async def test_other_spellings_have_the_other_types(api, quirks, world) -> None:
    await hold_session(api, world)
    quirks["other_spellings"] = True
    _, reply = await api("PUT", ROOM, "lobby_enabled=1")
    room = reply["conference"]
    assert (room["lobby_enabled"], room["registration_enabled"], room["access_type"]) == (
        "1",
        True,
        "1",
    )
    _, (recording,) = await api("GET", f"{ROOM}/recordings")
    assert type(recording["recording_file_size"]) is int
    _, (participant,) = await api("GET", f"{ROOM}/registrations/all")
    assert participant["registration_confirmed"] is None
    _, failure = await api("GET", "/v1/conferences/1")
    assert failure["code"] == "404"


@pytest.mark.parametrize(("text", "minutes"), [("3:0", 180), ("1.5", 90), ("0:5", 5)])
async def test_loose_durations_are_read_by_quirk(api, quirks, world, text, minutes) -> None:
    form = f"{PLAIN.replace('room=1', 'room=0')}&duration={text}"
    assert (await api("POST", "/v1/conferences", form))[0] == 422
    quirks["loose_durations"] = True
    assert (await api("POST", "/v1/conferences", form))[0] == 201
    assert world.room("2632001").duration == timedelta(minutes=minutes)


async def test_untyped_body_is_a_form_by_quirk(served) -> None:
    simulator = served.simulator
    call = Call(
        method="POST",
        path="/v1/conferences",
        headers={"x-api-key": simulator.key},
        body=PLAIN.encode(),
    )
    assert simulator.handle(call).status == 422
    simulator.quirks["untyped_bodies"] = True
    assert simulator.handle(call).status == 201


# ---------------------------------------------------------------------------- how they are turned on


async def test_quirks_combine(api, quirks) -> None:
    quirks |= {"failures_in_200": True, "extra_fields": True, "other_spellings": True}
    status, reply = await api("GET", ROOM)
    assert (status, reply["code"], "not_documented" in reply) == (200, "404", True)


async def test_quirks_are_turned_on_by_control_api(sandbox, api, quirks) -> None:
    url = f"{sandbox.control_url('clickmeeting')}/quirks"
    async with aiohttp.request("POST", url, json={"failures_in_200": True}) as reply:
        assert (await reply.json())["failures_in_200"] is True
    assert quirks["failures_in_200"] is True
    assert (await api("GET", ROOM))[0] == 200


def test_quirks_of_the_constructor_outlive_a_reset() -> None:
    simulator = ClickMeetingSimulator(quirks={"ignore_page": True})
    simulator.quirks["extra_fields"] = True
    simulator.reset()
    assert [name for name, on in simulator.quirks.items() if on] == ["ignore_page"]


def test_unknown_quirk_raises() -> None:
    with pytest.raises(KeyError, match="ignore_page"):
        ClickMeetingSimulator(quirks={"ignore_pages": True})
    simulator = ClickMeetingSimulator()
    with pytest.raises(KeyError, match="ignore_page"):
        simulator.quirks["ignore_pages"] = True


# --------------------------------------------------------------------------------------- helpers


async def hold_session(api: Any, world: World) -> None:
    """Hold a session with a registered person, and record it."""
    await api("POST", "/v1/conferences", OPEN)
    await api("POST", f"{ROOM}/registration", ANN)
    world.enter("2632001", "Ann Lee", "ann@example.com")
    world.advance(timedelta(minutes=10))
    world.end_session("2632001")
    world.record("2632001", timedelta(minutes=5))

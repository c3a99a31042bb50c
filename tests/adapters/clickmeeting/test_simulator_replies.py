"""The simulator by itself: what it answers, with the vendor's odd types, defaults and habits."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest

from conferencing.sandbox import Sandbox

PLAIN = "name=Plain&room_type=meeting&permanent_room=1&access_type=1"
DATED = "name=Dated&room_type=webinar&permanent_room=0&access_type=1"
ROOM = "/v1/conferences/2632001"
SESSION = f"{ROOM}/sessions/5342001"
MINUTE = timedelta(minutes=1)


# ----------------------------------------------------------------------------------- odd shapes


async def test_new_room_has_vendor_types_and_defaults(api, world) -> None:
    world.advance(timedelta(minutes=7, seconds=42))
    status, reply = await api("POST", "/v1/conferences", f"{DATED}&name=A+%26+%22B%22+%27C%27")
    assert status == 201
    room = reply["room"]
    assert room["id"] == 2632001
    assert room["name"] == "A &amp; &quot;B&quot; &#039;C&#039;"
    assert room["name_url"] == "a_b_c"
    assert (room["lobby_enabled"], room["registration_enabled"]) == (False, 0)
    assert type(room["lobby_enabled"]) is bool
    assert type(room["registration_enabled"]) is int
    assert room["starts_at"] == "2026-10-01T10:07:00+02:00"
    assert room["ends_at"] == "2026-10-01T13:07:00+02:00"
    assert room["ccc"] == "2026-10-01 08:07:00"
    assert (room["timezone"], room["timezone_offset"]) == ("Europe/Warsaw", 7200)
    assert 10**8 <= room["room_pin"] < 10**9
    assert set(room["access_role_hashes"]) == {"listener", "presenter", "host"}
    assert all(re.fullmatch("[0-9a-f]{32}", h) for h in room["access_role_hashes"].values())
    assert re.fullmatch("[A-Za-z0-9]{111}__", room["autologin_hash"])
    assert room["autologin_hashes"] == {"host": room["autologin_hash"]}
    assert re.fullmatch("[0-9a-z]{6}", room["widgets_hash"])
    assert room["status"] == "active"
    assert room["recorder_list"] == []
    assert "password" not in room
    assert "description" not in room


async def test_permanent_room_has_no_times(api) -> None:
    _, reply = await api("POST", "/v1/conferences", PLAIN)
    assert not {"starts_at", "ends_at", "ccc"} & reply["room"].keys()
    assert reply["room"]["permanent_room"] is True


async def test_each_call_wraps_its_rooms(api) -> None:
    _, created = await api("POST", "/v1/conferences", PLAIN)
    assert await api("GET", ROOM) == (200, {"conference": created["room"]})
    status, changed = await api("PUT", ROOM, "name=Other")
    assert (status, changed["conference"]["name"]) == (200, "Other")
    assert await api("GET", "/v1/conferences/active") == (200, [changed["conference"]])
    assert await api("GET", "/v1/conferences") == (
        200,
        {"active_conferences": [changed["conference"]]},
    )
    assert await api("DELETE", ROOM) == (200, {"result": "OK"})


async def test_password_is_returned_in_clear(api) -> None:
    locked = PLAIN.replace("access_type=1", "access_type=2&password=s3cret")
    _, reply = await api("POST", "/v1/conferences", locked)
    assert reply["room"]["password"] == "s3cret"
    _, reply = await api("PUT", ROOM, "name=Other")
    assert (reply["conference"]["access_type"], reply["conference"]["password"]) == (2, "s3cret")


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Launch & demo", "launch_demo"), ("Żółty łoś", "zolty_los"), ("会議", "[0-9a-f]{16}")],
)
async def test_slug_is_from_name_or_random(api, name, slug) -> None:
    _, reply = await api("POST", "/v1/conferences", f"{PLAIN}&name={quote(name)}")
    assert re.fullmatch(slug, reply["room"]["name_url"])
    assert reply["room"]["room_url"].endswith(reply["room"]["name_url"])
    _, again = await api("POST", "/v1/conferences", f"{PLAIN}&name={quote(name)}")
    assert again["room"]["name_url"] != reply["room"]["name_url"]


async def test_people_have_vendor_types(api, world) -> None:
    await api("POST", "/v1/conferences", f"{PLAIN}&registration%5Benabled%5D=1")
    await api(
        "POST", f"{ROOM}/registration", "registration[1]=A&registration[2]=B&registration[3]=a@b.c"
    )
    world.advance(timedelta(seconds=59))
    visit = world.enter("2632001", "A & B", "a@b.c")
    world.advance(5 * MINUTE)
    world.leave(visit.id, rating=4)
    world.end_session("2632001")
    _, (listed,) = await api("GET", f"{ROOM}/sessions")
    assert listed["start_date"] == "2026-10-01T10:00:00+02:00"
    _, detail = await api("GET", SESSION)
    assert "id" not in detail
    assert {name: detail[name] for name in listed if name != "id"} == {
        name: listed[name] for name in listed if name != "id"
    }
    (short,) = detail["attendees"]
    assert (short["id"], short["login"]) == (7823001, "A &amp; B")
    _, (long,) = await api("GET", f"{SESSION}/attendees")
    assert (long["uid"], long["nickname"], long["rating"]) == ("7823001", "A &amp; B", "4")
    assert long["start_date"] == short["start_date"] == "2026-10-01T10:00:00+02:00"
    _, (row,) = await api("GET", f"{SESSION}/registrations")
    assert row["registration_confirmed"] == "null"
    assert row["session_id"] == 5342001
    assert set(row["fields"]) == {"First Name", "Last Name", "Email Address"}
    assert row["url"].endswith(f"?r={row['r']}")


async def test_running_session_has_null_end(api, world) -> None:
    await api("POST", "/v1/conferences", PLAIN)
    world.enter("2632001", "A")
    _, (row,) = await api("GET", f"{ROOM}/sessions")
    assert row["end_date"] is None


async def test_recordings_have_vendor_types(api, world) -> None:
    await api("POST", "/v1/conferences", PLAIN)
    world.record("2632001", 10 * MINUTE)
    world.record("2632001", 20 * MINUTE)
    _, (first, second) = await api("GET", f"{ROOM}/recordings")
    assert first["recording_file_size"] == str(len(world.files["4284001"]))
    assert (first["recording_duration"], second["recording_duration"]) == (600, 1200)
    assert first["recorder_started"] == "2026-10-01 07:50:00"
    assert first["recorder_start_date"] == "2026-10-01T07:50:00+00:00"
    assert re.search(r"[?&]e=\d{10}$", first["recording_url"])
    assert "conference_id" not in first
    _, account = await api("GET", "/v1/conferences/recordings")
    assert [row["conference_id"] for row in account] == [2632001, 2632001]
    assert await api("DELETE", f"{ROOM}/recordings/4284001") == (200, {"STATUS": "OK"})
    assert await api("DELETE", f"{ROOM}/recordings") == (200, {"STATUS": "OK"})


async def test_report_advances_with_each_poll(api, world) -> None:
    await api("POST", "/v1/conferences", PLAIN)
    world.enter("2632001", "A")
    _, detail = await api("GET", SESSION)
    assert set(detail["pdf"]) == {"en", "pl", "ru", "de", "es"}
    assert detail["pdf"]["pl"].keys() == {"generate_pdf_url", "progress"}
    polls = [(await api("GET", f"{SESSION}/generate-pdf/pl"))[1] for _ in range(4)]
    assert polls[0] == {"status": "NEW", "progress": 0}
    assert polls[1] == {"status": "IN PROGRESS", "progress": 40}
    assert (polls[2]["status"], polls[2]["progress"]) == ("FINISHED", 100)
    assert polls[3] == polls[2]
    _, detail = await api("GET", SESSION)
    assert detail["pdf"]["pl"] == polls[2]
    assert detail["pdf"]["en"]["progress"] == 0


async def test_files_need_no_key(sandbox, api, world) -> None:
    await api("POST", "/v1/conferences", PLAIN)
    world.enter("2632001", "A")
    recording = world.record("2632001", MINUTE)
    for _ in range(3):
        _, report = await api("GET", f"{SESSION}/generate-pdf/en")
    _, (row,) = await api("GET", f"{ROOM}/recordings")
    for url, start in (
        (report["url"], b"%PDF-"),
        (row["recording_url"], world.files[recording.id]),
    ):
        async with aiohttp.request("GET", url) as reply:
            assert (reply.status, (await reply.read())[: len(start)]) == (200, start)
    root = f"{sandbox.origin}/clickmeeting"
    for path in ("/panel/pdf/en/5342001/AAAAAA", "/r/1/recording.mp4"):
        async with aiohttp.request("GET", root + path) as reply:
            assert (reply.status, reply.content_type) == (404, "text/html")


# ----------------------------------------------------------------------------------------- JSON


async def test_json_bodies_are_read_by_quirk(api, served, world) -> None:
    body = json.dumps(
        {
            "name": "JSON",
            "room_type": "meeting",
            "permanent_room": False,
            "access_type": 1,
            "duration": 2,
            "settings": {"encryption_enabled": True},
        }
    )
    assert (await api("POST", "/v1/conferences", body, "application/json"))[0] == 422
    assert world.rooms == {}
    served.simulator.quirks["json_bodies"] = True
    status, reply = await api("POST", "/v1/conferences", body, "application/json; charset=utf-8")
    assert status == 201
    assert reply["room"]["settings"]["encryption_enabled"] is True
    assert world.room("2632001").duration.total_seconds() == 7200


async def test_replies_are_encoded_as_in_php(sandbox, served, api) -> None:
    await api("POST", "/v1/conferences", f"{PLAIN}&lobby_description={quote('zażółć </b>')}")
    headers = {"X-Api-Key": served.simulator.key}
    url = f"{sandbox.origin}/clickmeeting{ROOM}"
    async with aiohttp.request("GET", url, headers=headers) as reply:
        text = (await reply.read()).decode("ascii")
    assert "\\u017c" in text
    assert "<\\/b>" in text
    assert '"room_url":"http:\\/\\/' in text
    assert ", " not in text


# ---------------------------------------------------------------------------------------- seeds


async def test_equal_seeds_give_equal_replies() -> None:
    replies = [await create_by_seed(seed) for seed in (1, 1, 2)]
    assert replies[0] == replies[1]
    assert replies[0] != replies[2]


async def test_reset_keeps_the_key(api, served) -> None:
    key = served.simulator.key
    _, first = await api("POST", "/v1/conferences", PLAIN)
    served.simulator.quirks["json_bodies"] = True
    served.reset()
    assert served.simulator.key == key
    assert await active(api) == []
    assert not any(served.simulator.quirks.values())
    assert (await api("POST", "/v1/conferences", PLAIN))[1] == first


# --------------------------------------------------------------------------------------- helpers


async def active(api: Any) -> list[int]:
    return [row["id"] for row in (await api("GET", "/v1/conferences/active"))[1]]


async def create_by_seed(seed: int) -> tuple[str, Any]:
    async with Sandbox(["clickmeeting"], seed=seed) as sandbox:
        account = sandbox.account("clickmeeting")
        headers = {
            "X-Api-Key": account["api_key"],
            "Content-Type": "application/x-www-form-urlencoded",
        }
        url = f"{account['base_url']}/conferences"
        async with aiohttp.request("POST", url, headers=headers, data=PLAIN) as reply:
            text = await reply.text()
        return account["api_key"], re.sub(r"127\.0\.0\.1:\d+", "here", text)

"""Beside the model: files, chats, contacts, numbers and the rest through `request()`."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from attrs import evolve

from conferencing import Conference, InvalidRequest, NotFound, ProviderError
from conferencing.http import Effect, Upload

SLIDES = Upload(
    filename="slides.pdf",
    content=bytes(range(256)) * 3 + b"\r\n--not-a-boundary\r\n\r\n",
    media_type="application/pdf",
)


@pytest.mark.parametrize("path", ["/file-library", "/file-library/conferences/2632001"])
async def test_a_file_goes_up_and_comes_down_as_it_was(
    conference: Conference, scenario: Any, path: str
) -> None:
    kept = (await conference.request("POST", path, files={"uploaded": SLIDES})).json()
    upload = scenario.served.simulator.uploads[str(kept["id"])]
    assert (upload.name, upload.content) == (SLIDES.filename, SLIDES.content)
    assert upload.room_id == (scenario.room.id if "conferences" in path else None)
    assert kept["name"] == "slides.pdf"
    assert kept["document_type"] == "presentation_pdf"
    assert scenario.served.requests[0].headers["content-type"].startswith("multipart/form-data")
    down = await conference.request("GET", f"/file-library/{kept['id']}/download")
    assert down.body == SLIDES.content
    assert down.headers["content-type"] == "application/octet-stream"
    listed = (await conference.request("GET", path)).json()
    assert [one["id"] for one in listed] == [kept["id"]]
    one = (await conference.request("GET", f"/file-library/{kept['id']}")).json()
    assert one == kept


async def test_a_file_keeps_its_name(conference: Conference, scenario: Any) -> None:
    name = "łódź slides.pdf"
    slides = evolve(SLIDES, filename=name)
    kept = (await conference.request("POST", "/file-library", files={"uploaded": slides})).json()
    assert kept["name"] == scenario.served.simulator.uploads[str(kept["id"])].name == name


async def test_an_empty_file_is_a_file(conference: Conference, scenario: Any) -> None:
    empty = Upload(filename="empty.png", content=b"", media_type="image/png")
    kept = (await conference.request("POST", "/file-library", files={"uploaded": empty})).json()
    assert kept["document_type"] == "image"
    assert scenario.served.simulator.uploads[str(kept["id"])].content == b""


async def test_a_deleted_file_is_gone(conference: Conference, scenario: Any) -> None:
    kept = (await conference.request("POST", "/file-library", files={"uploaded": SLIDES})).json()
    gone = await conference.request("DELETE", f"/file-library/{kept['id']}")
    assert set(gone.json()) == {"response"}
    assert scenario.served.simulator.uploads == {}
    with pytest.raises(NotFound):
        await conference.request("GET", f"/file-library/{kept['id']}")


async def test_a_file_under_another_name_is_refused(conference: Conference, scenario: Any) -> None:
    with pytest.raises(InvalidRequest):
        await conference.request("POST", "/file-library", files={"file": SLIDES})
    assert scenario.served.simulator.uploads == {}


async def test_chats_of_ended_sessions_are_archives(conference: Conference, scenario: Any) -> None:
    scenario.world.enter(scenario.locked.id, "Ben")
    (chat,) = (await conference.request("GET", "/chats")).json()
    assert str(chat["id"]) == "5342001"
    assert {type(chat[name]) for name in ("name", "date", "time", "timezone")} == {str}
    reply = await conference.request("GET", f"/chats/{chat['id']}")
    assert reply.headers["content-type"] == "application/zip"
    assert zipfile.ZipFile(io.BytesIO(reply.body)).namelist() == ["chat.txt"]
    with pytest.raises(NotFound):
        await conference.request("GET", "/chats/5342002")


async def test_a_contact_is_kept_and_renewed(conference: Conference, scenario: Any) -> None:
    ann = {"email": "ann@example.com", "firstname": "Ann", "lastname": "Lee"}
    await conference.request("POST", "/contacts", form=ann)
    await conference.request("POST", "/contacts", form={**ann, "company": "ACME", "country": "PL"})
    assert scenario.served.simulator.contacts == {
        "ann@example.com": {**ann, "company": "ACME", "country": "PL"}
    }
    with pytest.raises(InvalidRequest):
        await conference.request("POST", "/contacts", form={"email": "ben@example.com"})


@pytest.mark.parametrize("path", ["/phone_gateways", "/conferences/skins"])
async def test_small_lists_are_lists_of_maps(conference: Conference, path: str) -> None:
    rows = (await conference.request("GET", path)).json()
    assert rows
    assert all(isinstance(row, dict) for row in rows)


async def test_skins_have_ids_in_text(conference: Conference) -> None:
    rows = (await conference.request("GET", "/conferences/skins")).json()
    assert all(row["id"].isdigit() for row in rows)


async def test_whether_a_slot_is_free_is_in_the_status_alone(
    conference: Conference, scenario: Any
) -> None:
    path, slot = "/conference/availability", {"start_time": "2026-10-05 08:30:00", "duration": 1}
    assert (await conference.request("POST", path, form=slot)).status == 200
    with pytest.raises(ProviderError):
        await conference.request("POST", path, form={**slot, "start_time": "2026-10-01 08:30:00"})


async def test_time_zones_are_names(conference: Conference) -> None:
    zones = await conference.provider.time_zones()
    assert "Europe/Warsaw" in zones
    assert zones[-1] == "UTC"
    assert await conference.provider.time_zones("pl") == ["Europe/Warsaw"]
    assert await conference.provider.time_zones("PL") == ["Europe/Warsaw"]
    with pytest.raises(NotFound):
        await conference.provider.time_zones("xx")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "conferences"),
        ("GET", "/../privatelabel/v1/client"),
        ("GET", "/conferences/../ping"),
        ("GET", "/conferences?page=1"),
        ("GET", "/conferences#x"),
        ("GE T", "/ping"),
        ("", "/ping"),
    ],
)
async def test_a_raw_request_stays_below_the_base(
    conference: Conference, scenario: Any, method: str, path: str
) -> None:
    with pytest.raises(InvalidRequest):
        await conference.request(method, path)
    assert scenario.lines() == []


@pytest.mark.parametrize("effect", [Effect.IDEMPOTENT, "set"])
async def test_a_raw_post_is_repeated_if_it_is_said_to_be_harmless(
    conference: Conference, scenario: Any, effect: Effect | str
) -> None:
    form = {"email": "a@b.c", "firstname": "A", "lastname": "B"}
    scenario.served.fail("commit-close")
    await conference.request("POST", "/contacts", form=form, effect=effect)
    assert len(scenario.lines()) == 2
    assert len(scenario.served.simulator.contacts) == 1

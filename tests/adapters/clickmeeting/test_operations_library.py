"""What the model does not cover: files, chats, contacts, numbers and the rest, by `request()`."""

from __future__ import annotations

import io
import zipfile

import pytest
from msgspec.structs import replace

from conferencing import InvalidRequest, NotFound, ProviderError
from conferencing.http import Effect, Upload

SLIDES = Upload(
    filename="slides.pdf",
    content=bytes(range(256)) * 3 + b"\r\n--not-a-boundary\r\n\r\n",
    media_type="application/pdf",
)


@pytest.mark.parametrize("path", ["/file-library", "/file-library/conferences/2632001"])
async def test_file_is_downloaded_as_uploaded(conference, scenario, path) -> None:
    created = (await conference.request("POST", path, files={"uploaded": SLIDES})).json()
    upload = scenario.served.simulator.uploads[str(created["id"])]
    assert (upload.name, upload.content) == (SLIDES.filename, SLIDES.content)
    assert upload.room_id == (scenario.room.id if "conferences" in path else None)
    assert created["name"] == "slides.pdf"
    assert created["document_type"] == "presentation_pdf"
    assert scenario.served.requests[0].headers["content-type"].startswith("multipart/form-data")
    download = await conference.request("GET", f"/file-library/{created['id']}/download")
    assert download.body == SLIDES.content
    assert download.headers["content-type"] == "application/octet-stream"
    listed = (await conference.request("GET", path)).json()
    assert [row["id"] for row in listed] == [created["id"]]
    fetched = (await conference.request("GET", f"/file-library/{created['id']}")).json()
    assert fetched == created


async def test_uploaded_file_keeps_its_name(conference, scenario) -> None:
    name = "łódź slides.pdf"
    slides = replace(SLIDES, filename=name)
    created = (await conference.request("POST", "/file-library", files={"uploaded": slides})).json()
    assert created["name"] == scenario.served.simulator.uploads[str(created["id"])].name == name


async def test_empty_file_is_uploaded(conference, scenario) -> None:
    empty = Upload(filename="empty.png", content=b"", media_type="image/png")
    created = (await conference.request("POST", "/file-library", files={"uploaded": empty})).json()
    assert created["document_type"] == "image"
    assert scenario.served.simulator.uploads[str(created["id"])].content == b""


async def test_deleted_file_is_not_found(conference, scenario) -> None:
    created = (await conference.request("POST", "/file-library", files={"uploaded": SLIDES})).json()
    deleted = await conference.request("DELETE", f"/file-library/{created['id']}")
    assert set(deleted.json()) == {"response"}
    assert scenario.served.simulator.uploads == {}
    with pytest.raises(NotFound):
        await conference.request("GET", f"/file-library/{created['id']}")


async def test_file_in_another_field_is_refused(conference, scenario) -> None:
    with pytest.raises(InvalidRequest):
        await conference.request("POST", "/file-library", files={"file": SLIDES})
    assert scenario.served.simulator.uploads == {}


async def test_chats_of_ended_sessions_are_archives(conference, scenario) -> None:
    scenario.world.enter(scenario.locked.id, "Ben")
    (chat,) = (await conference.request("GET", "/chats")).json()
    assert str(chat["id"]) == "5342001"
    assert {type(chat[name]) for name in ("name", "date", "time", "timezone")} == {str}
    reply = await conference.request("GET", f"/chats/{chat['id']}")
    assert reply.headers["content-type"] == "application/zip"
    assert zipfile.ZipFile(io.BytesIO(reply.body)).namelist() == ["chat.txt"]
    with pytest.raises(NotFound):
        await conference.request("GET", "/chats/5342002")


async def test_contact_is_created_and_updated(conference, scenario) -> None:
    ann = {"email": "ann@example.com", "firstname": "Ann", "lastname": "Lee"}
    await conference.request("POST", "/contacts", form=ann)
    await conference.request("POST", "/contacts", form={**ann, "company": "ACME", "country": "PL"})
    assert scenario.served.simulator.contacts == {
        "ann@example.com": {**ann, "company": "ACME", "country": "PL"}
    }
    with pytest.raises(InvalidRequest):
        await conference.request("POST", "/contacts", form={"email": "ben@example.com"})


@pytest.mark.parametrize("path", ["/phone_gateways", "/conferences/skins"])
async def test_small_lists_are_lists_of_maps(conference, path) -> None:
    rows = (await conference.request("GET", path)).json()
    assert rows
    assert all(isinstance(row, dict) for row in rows)


async def test_skin_ids_are_strings(conference) -> None:
    rows = (await conference.request("GET", "/conferences/skins")).json()
    assert all(row["id"].isdigit() for row in rows)


async def test_free_slot_is_in_the_status_alone(conference, scenario) -> None:
    path, slot = "/conference/availability", {"start_time": "2026-10-05 08:30:00", "duration": 1}
    assert (await conference.request("POST", path, form=slot)).status == 200
    with pytest.raises(ProviderError):
        await conference.request("POST", path, form={**slot, "start_time": "2026-10-01 08:30:00"})


async def test_time_zones_are_names(conference) -> None:
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
async def test_raw_path_outside_the_base_is_refused(conference, scenario, method, path) -> None:
    with pytest.raises(InvalidRequest):
        await conference.request(method, path)
    assert scenario.lines() == []


@pytest.mark.parametrize("effect", [Effect.IDEMPOTENT, "idempotent"])
async def test_raw_post_with_effect_is_retried(conference, scenario, effect) -> None:
    form = {"email": "a@b.c", "firstname": "A", "lastname": "B"}
    scenario.served.fail("commit-close")
    await conference.request("POST", "/contacts", form=form, effect=effect)
    assert len(scenario.lines()) == 2
    assert len(scenario.served.simulator.contacts) == 1

"""Recordings, transcripts and downloads: docs/vendors/zoom.md#recordings"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from conferencing.model import Recording
from conferencing.sandbox import World
from conferencing_zoom.simulator import ZoomSimulator

MINUTE = timedelta(minutes=1)
TYPES = ("video/mp4", "audio/mp4", "text/vtt", "text/plain", "application/json")
LIST = "/users/olga@example.com/recordings"


@pytest.fixture
def recorded(world: World, held: Any) -> Recording:
    """A recording of the meeting with a file of each kind."""
    return world.record(str(held["id"]), 29 * MINUTE, media_types=TYPES)


async def test_recording_is_as_the_sample(
    program: Any, simulator: ZoomSimulator, held: Any, recorded: Recording
) -> None:
    row = await program.get(f"/meetings/{held['id']}/recordings")
    assert row.keys() >= {
        *("uuid", "id", "account_id", "host_id", "topic", "type", "start_time", "duration"),
        *("total_size", "recording_count", "password", "recording_play_passcode"),
        *("auto_delete", "recording_files"),
    }
    assert (row["uuid"], row["id"], row["type"]) == (held["uuid"], held["id"], "2")
    assert (row["start_time"], row["duration"]) == ("2026-10-01T08:00:00Z", 29)
    video = row["recording_files"][0]
    assert video.keys() == {
        *("id", "meeting_id", "recording_start", "recording_end", "file_type", "file_extension"),
        *("file_size", "recording_type", "status", "play_url", "download_url"),
    }
    assert (video["id"], video["meeting_id"]) == (recorded.id, held["uuid"])
    assert video["recording_start"] == "2026-10-01T08:01:00Z"
    assert video["recording_end"] == "2026-10-01T08:30:00Z"
    assert row["total_size"] == sum(map(len, simulator.world.files.values()))
    assert row["recording_count"] == 5


async def test_files_have_their_kinds(program: Any, held: Any, recorded: Recording) -> None:
    row = await program.get(f"/meetings/{held['id']}/recordings")
    kinds = [
        (f["file_type"], f["file_extension"], f.get("recording_type"))
        for f in row["recording_files"]
    ]
    assert kinds == [
        ("MP4", "MP4", "shared_screen_with_speaker_view"),
        ("M4A", "M4A", "audio_only"),
        ("TRANSCRIPT", "VTT", "audio_transcript"),
        ("CHAT", "TXT", "chat_file"),
        ("TIMELINE", "JSON", None),
    ]
    assert not row["recording_files"][4].keys() & {"id", "status", "file_size", "play_url"}


async def test_no_recording_is_3301(program: Any, held: Any) -> None:
    path = f"/meetings/{held['id']}"
    for method, rest in (
        ("GET", "recordings"),
        ("DELETE", "recordings"),
        ("GET", "recordings/settings"),
        ("PUT", "recordings/status"),
        ("GET", "transcript"),
    ):
        reply = await program(method, f"{path}/{rest}", {"action": "recover"})
        assert (reply.status, reply.code) == (404, 3301), rest


async def test_only_audio_files_are_a_quirk(
    program: Any, simulator: ZoomSimulator, held: Any, recorded: Recording
) -> None:
    simulator.quirks["only_audio_files"] = True
    row = await program.get(f"/meetings/{held['id']}/recordings")
    assert (row["recording_files"], row["recording_count"]) == ([], 5)
    assert len(row["participant_audio_files"]) == 5


# ----------------------------------------------------------------------------------------- listing


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("?from=2026-10-01&to=2026-10-31", 1),
        ("?from=2026-10-01&to=2026-11-01", 1),
        ("?from=2026-10-02&to=2026-10-31", 0),
        ("", 0),
    ],
)
async def test_list_without_dates_is_of_today(
    program: Any, world: World, recorded: Recording, query: str, count: int
) -> None:
    world.advance(timedelta(days=3))
    body = await program.get(LIST + query)
    assert len(body["meetings"]) == body["total_records"] == count


async def test_list_is_of_today_and_one_host(program: Any, held: Any, recorded: Recording) -> None:
    body = await program.get(LIST)
    assert (body["from"], body["to"]) == ("2026-10-01", "2026-10-01")
    assert [row["uuid"] for row in body["meetings"]] == [held["uuid"]]
    assert (await program.get(f"{LIST}?meeting_id={held['id']}"))["total_records"] == 1
    assert (await program.get(f"{LIST}?meeting_id=81234567890"))["total_records"] == 0
    assert (await program.get("/users/piotr@example.com/recordings"))["meetings"] == []


async def test_list_of_more_than_a_month_is_300(program: Any) -> None:
    reply = await program("GET", f"{LIST}?from=2026-10-01&to=2026-11-02")
    assert (reply.status, reply.code) == (400, 300)


async def test_recordings_of_one_run_are_joined(
    program: Any, world: World, held: Any, recorded: Recording
) -> None:
    world.record(str(held["id"]), MINUTE)
    (row,) = (await program.get(LIST))["meetings"]
    assert (row["recording_count"], row["duration"]) == (6, 30)


# ------------------------------------------------------------------------------------------- trash


@pytest.mark.parametrize("query", ["", "?action=trash"])
async def test_trash_is_recovered(
    program: Any, world: World, held: Any, recorded: Recording, query: str
) -> None:
    path = f"/meetings/{held['id']}/recordings"
    assert (await program("DELETE", path + query)).status == 204
    assert world.recordings == {}
    assert (await program("DELETE", path)).code == 3301
    (row,) = (await program.get(f"{LIST}?trash=true"))["meetings"]
    assert row["uuid"] == held["uuid"]
    assert (await program("PUT", f"{path}/status", {"action": "recover"})).status == 204
    assert list(world.recordings) == [recorded.id]


async def test_trash_is_emptied_after_30_days(
    program: Any, world: World, held: Any, recorded: Recording
) -> None:
    path = f"/meetings/{held['id']}/recordings"
    await program("DELETE", path)
    world.advance(timedelta(days=29))
    assert (await program.get(f"{LIST}?trash=true"))["total_records"] == 1
    world.advance(timedelta(days=1))
    assert (await program.get(f"{LIST}?trash=true"))["total_records"] == 0
    assert (await program("PUT", f"{path}/status", {"action": "recover"})).code == 3301


async def test_deletion_for_good(program: Any, held: Any, recorded: Recording) -> None:
    path = f"/meetings/{held['id']}/recordings"
    assert (await program("DELETE", f"{path}?action=burn")).code == 300
    assert (await program("DELETE", f"{path}?action=delete")).status == 204
    assert (await program.get(f"{LIST}?trash=true"))["meetings"] == []


@pytest.mark.parametrize(("action", "status"), [("trash", 204), ("delete", 404)])
async def test_one_file_is_deleted(
    program: Any, world: World, held: Any, recorded: Recording, *, action: str, status: int
) -> None:
    path = f"/meetings/{held['id']}/recordings"
    file_id = world.file_ids[recorded.id][1]
    assert (await program("DELETE", f"{path}/{file_id}?action={action}")).status == 204
    kinds = [row["file_type"] for row in (await program.get(path))["recording_files"]]
    assert kinds == ["MP4", "TRANSCRIPT", "CHAT", "TIMELINE"]
    assert (await program("DELETE", f"{path}/{file_id}")).code == 3301
    reply = await program("PUT", f"{path}/{file_id}/status", {"action": "recover"})
    assert reply.status == status
    kinds = [row["file_type"] for row in (await program.get(path))["recording_files"]]
    assert ("M4A" in kinds) == (status == 204)


async def test_last_file_takes_the_recording(program: Any, world: World, held: Any) -> None:
    recording = world.record(str(held["id"]), MINUTE)
    path = f"/meetings/{held['id']}/recordings/{recording.id}"
    assert (await program("DELETE", path)).status == 204
    assert world.recordings == {}


# ------------------------------------------------------------------------------ settings, transcript


async def test_settings_are_changed(program: Any, held: Any, recorded: Recording) -> None:
    path = f"/meetings/{held['id']}/recordings"
    before = await program.get(f"{path}/settings")
    assert before["password"] == (await program.get(path))["password"]
    body = {"share_recording": "none", "password": "longEnough"}
    assert (await program("PATCH", f"{path}/settings", body)).status == 204
    assert await program.get(f"{path}/settings") == {**before, **body}
    assert (await program.get(path))["password"] == "longEnough"
    for wrong in ({"share_recording": "all"}, {"password": "short"}, {"on_demand": "yes"}):
        assert (await program("PATCH", f"{path}/settings", wrong)).code == 300


async def test_transcript_has_a_link_or_a_reason(
    program: Any, world: World, held: Any, recorded: Recording
) -> None:
    path = f"/meetings/{held['uuid'].replace('/', '%2F')}/transcript"
    body = await program.get(path)
    assert (body["can_download"], body["meeting_id"]) == (True, held["uuid"])
    assert body["transcript_created_time"] == "2026-10-01T08:30:00Z"
    assert body["download_url"].endswith(world.file_ids[recorded.id][2])
    assert (await program("DELETE", path)).status == 204
    body = await program.get(path)
    assert (body["can_download"], body["download_restriction_reason"]) == (
        False,
        "NO_TRANSCRIPT_DATA",
    )
    assert (await program("DELETE", path)).code == 3301
    await program("DELETE", f"/meetings/{held['id']}/recordings")
    body = await program.get(path)
    assert body["download_restriction_reason"] == "DELETED_OR_TRASHED"


# --------------------------------------------------------------------------------------- downloads


@pytest.fixture
async def url(program: Any, held: Any, recorded: Recording) -> str:
    row = await program.get(f"/meetings/{held['id']}/recordings")
    return str(row["recording_files"][0]["download_url"])


def bearer(simulator: ZoomSimulator) -> str:
    return f"Bearer {simulator.tokens.issue(simulator.app.id).access_token}"


async def test_download_leads_to_a_signed_url(
    program: Any, simulator: ZoomSimulator, url: str, recorded: Recording
) -> None:
    reply = await program.send("GET", url, Authorization=bearer(simulator))
    assert reply.status == 302
    assert "authorization" not in reply.headers["Location"].lower()
    file = await program.send("GET", reply.headers["Location"])
    assert (file.status, file.headers["Content-Type"]) == (200, "video/mp4")
    assert file.content == simulator.world.files[recorded.id]


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Basic eA=="])
async def test_refused_download_is_html_with_200(program: Any, url: str, header: str) -> None:
    reply = await program.send("GET", url, Authorization=header)
    assert reply.status == 200
    assert reply.headers["Content-Type"].startswith("text/html")


async def test_token_in_the_query_downloads_nothing(
    program: Any, simulator: ZoomSimulator, url: str
) -> None:
    token = bearer(simulator).partition(" ")[2]
    reply = await program.send("GET", f"{url}?access_token={token}")
    assert reply.headers["Content-Type"].startswith("text/html")


async def test_download_token_lives_for_its_ttl(
    program: Any, simulator: ZoomSimulator, held: Any, url: str
) -> None:
    path = f"/meetings/{held['id']}/recordings?include_fields=download_access_token&ttl=60"
    token = (await program.get(path))["download_access_token"]
    header = f"Bearer {token}"
    assert (await program.send("GET", url, Authorization=header)).status == 302
    simulator.world.advance(MINUTE)
    assert (await program.send("GET", url, Authorization=header)).status == 200
    assert (await program("GET", f"{path}0000000")).code == 300


async def test_trashed_file_is_refused(
    program: Any, simulator: ZoomSimulator, held: Any, url: str
) -> None:
    await program("DELETE", f"/meetings/{held['id']}/recordings")
    reply = await program.send("GET", url, Authorization=bearer(simulator))
    assert reply.status == 200


async def test_signed_url_is_checked(program: Any, simulator: ZoomSimulator, url: str) -> None:
    reply = await program.send("GET", url, Authorization=bearer(simulator))
    signed = reply.headers["Location"]
    assert (await program.send("GET", signed[:-1] + "g")).status == 403
    assert (await program.send("GET", signed.replace("Expires=1", "Expires=2"))).status == 403
    simulator.world.advance(timedelta(seconds=301))
    assert (await program.send("GET", signed)).status == 403


@pytest.mark.parametrize(
    ("wanted", "status", "part"),
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=100-", 206, slice(100, None)),
        ("bytes=4000-99999", 206, slice(4000, None)),
        ("bytes=99999-", 416, slice(0, 0)),
        ("bytes=5-4", 416, slice(0, 0)),
        ("lines=1-2", 200, slice(None)),
    ],
)
async def test_file_is_served_in_ranges(
    program: Any, simulator: ZoomSimulator, url: str, *, wanted: str, status: int, part: slice
) -> None:
    reply = await program.send("GET", url, Authorization=bearer(simulator))
    content = simulator.world.files[url.rpartition("/")[2]]
    file = await program.send("GET", reply.headers["Location"], Range=wanted)
    assert (file.status, file.content) == (status, content[part])
    if status == 206:
        start, end, _ = part.indices(len(content))
        assert file.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(content)}"
    other = {"Range": wanted, "If-Range": '"other"'}
    assert (await program.send("GET", reply.headers["Location"], **other)).status == 200


async def test_files_on_another_host_are_a_quirk(
    program: Any, simulator: ZoomSimulator, url: str
) -> None:
    simulator.quirks["other_file_host"] = True
    reply = await program.send("GET", url, Authorization=bearer(simulator))
    assert urlsplit(reply.headers["Location"]).hostname == "localhost"
    assert urlsplit(url).hostname == "127.0.0.1"


# ---------------------------------------------------------------------------------- auto recording


@pytest.mark.parametrize("setting", ["cloud", "none", "local"])
async def test_room_records_itself_as_a_quirk(
    program: Any, simulator: ZoomSimulator, setting: str
) -> None:
    simulator.quirks["auto_record"] = True
    room = await program.create(settings={"auto_recording": setting})
    world, number, path = simulator.world, str(room["id"]), f"/meetings/{room['id']}/recordings"
    world.enter(number, "Olga", "olga@example.com")
    world.advance(10 * MINUTE)
    world.end_session(number)
    assert (await program("GET", path)).code == 3301
    names = [event.name for event in simulator.events]
    world.advance(5 * MINUTE)
    status = (await program("GET", path)).status
    assert status == (200 if setting == "cloud" else 404)
    assert "recording.completed" not in names
    names = [event.name for event in simulator.events]
    assert names.count("recording.completed") == (setting == "cloud")

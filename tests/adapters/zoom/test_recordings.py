"""Zoom's recordings: their files, the months that are walked, downloads, and deletion."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from samples import reply_of
from scenarios import HOUR, catch_up

from conferencing import File, FileKind, NotFound, Recording, RecordingStatus, connect
from conferencing.http.provider import read_reply
from conferencing_zoom.wire.base import split_run_id
from conferencing_zoom.wire.recordings import read_recording, read_transcript

UUID = "Kj3b/9q1QhSgW2cBv0tXNA=="
DAY = timedelta(days=1)
MONTH = timedelta(days=29)
ALL_TYPES = ("video/mp4", "audio/mp4", "text/vtt", "text/plain", "application/json")

of_a_meeting = pytest.mark.parametrize("scenario", ["meeting"], indirect=True)


# ------------------------------------------------------------------------------------------- files


def read(*files: dict[str, Any], **more: Any) -> Recording:
    body = {"uuid": UUID, "id": 81234567890, "type": "2", "recording_files": list(files), **more}
    return read_reply(reply_of(body), read_recording)


def row(file_type: str | None = "MP4", **more: Any) -> dict[str, Any]:
    return {"file_type": file_type, "download_url": "https://zoom.us/rec/download/x", **more}


@pytest.mark.parametrize(
    ("file_type", "kind", "media_type"),
    [
        ("MP4", FileKind.VIDEO, "video/mp4"),
        ("M4A", FileKind.AUDIO, "audio/mp4"),
        ("CHAT", FileKind.CHAT, "text/plain"),
        ("CHAT_MESSAGE", FileKind.CHAT, "application/json"),
        ("TRANSCRIPT", FileKind.TRANSCRIPT, "text/vtt"),
        ("CC", FileKind.CAPTIONS, "text/vtt"),
        ("SUMMARY", FileKind.SUMMARY, "application/json"),
        ("CSV", FileKind.DOCUMENT, "text/csv"),
        ("TIMELINE", FileKind.UNKNOWN, "application/json"),
        ("TB", FileKind.UNKNOWN, "image/jpeg"),
        ("HOLOGRAM", FileKind.UNKNOWN, None),
        ("", FileKind.UNKNOWN, None),
        (None, FileKind.UNKNOWN, None),
    ],
)
def test_file_has_its_kind(file_type, kind, media_type) -> None:
    (file,) = read(row(file_type)).files
    assert (file.kind, file.media_type) == (kind, media_type)


@pytest.mark.parametrize(
    ("files", "more", "status", "count"),
    [
        ([row(status="completed")], {}, RecordingStatus.READY, 1),
        ([row("CC")], {}, RecordingStatus.READY, 1),  # it has no status
        ([row(status="completed"), row(status="processing")], {}, RecordingStatus.PROCESSING, 2),
        ([{"file_type": "MP4", "status": "processing"}], {}, RecordingStatus.PROCESSING, 0),
        ([], {"recording_count": 2}, RecordingStatus.PROCESSING, 0),
        ([], {"recording_count": 0}, RecordingStatus.UNKNOWN, 0),
        ([], {}, RecordingStatus.UNKNOWN, 0),
        ([], {"participant_audio_files": [row("M4A")]}, RecordingStatus.READY, 1),
    ],
)
def test_status_follows_from_the_files(files, more, status, count) -> None:
    recording = read(*files, **more)
    assert (recording.status, len(recording.files)) == (status, count)


@pytest.mark.parametrize(
    ("more", "duration"),
    [
        ({"duration": 58}, timedelta(minutes=58)),
        ({"duration": "58"}, timedelta(minutes=58)),
        ({}, None),
        (
            {
                "duration": 58,
                "recording_files": [
                    row(
                        recording_start="2026-12-01T09:00:10Z",
                        recording_end="2026-12-01T09:58:02Z",
                    )
                ],
            },
            timedelta(minutes=57, seconds=52),
        ),
    ],
)
def test_duration_is_that_of_the_longest_file(more, duration) -> None:
    assert read(**more).duration == duration


@pytest.mark.parametrize(
    ("number", "kind"), [("2", "meeting"), (8, "meeting"), ("5", "webinar"), (9, "webinar")]
)
def test_type_as_text_or_number_says_the_kind(number, kind) -> None:
    assert (read(row(), type=number).room_id or "").startswith(f"{kind}:")


def test_passcodes_and_links_are_hidden() -> None:
    names = ("password", "recording_play_passcode", "share_url")
    links = {"download_url": "https://zoom.us/canary", "play_url": "https://zoom.us/canary"}
    recording = read({"file_type": "MP4"} | links, **dict.fromkeys(names, "canary"))
    assert recording.passcode is not None
    assert "canary" not in f"{recording!r}{recording.native!r}{recording.files!r}"


@pytest.mark.parametrize(
    ("body", "available"),
    [
        ({"can_download": True, "download_url": "https://zoom.us/t"}, True),
        ({"can_download": False, "download_restriction_reason": "NOT_READY"}, False),
        ({"can_download": True}, False),
        ({"can_download": True, "download_url": ""}, False),
    ],
)
def test_transcript_is_there_if_it_can_be_downloaded(body, available) -> None:
    file = read_reply(reply_of(body), read_transcript)
    assert (file is not None) is available
    assert file is None or (file.kind, file.media_type) == (FileKind.TRANSCRIPT, "text/vtt")


# ---------------------------------------------------------------------------------------- listings


async def test_recording_of_a_session_has_passcode_and_files(scenario) -> None:
    (recording,) = await scenario.conference.recordings(scenario.session).collect()
    assert recording.session_id == scenario.session.id
    assert recording.id == split_run_id(scenario.session.id, "session")[2]
    assert recording.room_id == scenario.room.id
    assert recording.passcode is not None
    assert [file.kind for file in recording.files] == [FileKind.VIDEO]
    assert recording.duration == HOUR / 3


@of_a_meeting
async def test_transcript_is_added_where_it_is_apart(scenario) -> None:
    url = f"{scenario.served.simulator.root}/rec/download/t"
    body = json.dumps({"can_download": True, "download_url": url})
    scenario.served.fail("body", body=body, match="/transcript")
    (recording,) = await scenario.conference.recordings(scenario.session).collect()
    assert [file.kind for file in recording.files] == [FileKind.VIDEO, FileKind.TRANSCRIPT]


@of_a_meeting
async def test_transcript_among_the_files_is_not_asked_for(scenario) -> None:
    scenario.world.record(str(scenario.number), HOUR / 3, media_types=ALL_TYPES)
    (recording,) = await scenario.conference.recordings(scenario.session).collect()
    kinds = [file.kind for file in recording.files]
    assert kinds.count(FileKind.TRANSCRIPT) == 1
    assert "transcript" not in scenario.lines()[-1]


@of_a_meeting
@pytest.mark.parametrize("status", [400, 404])
async def test_transcript_that_cannot_be_had_is_left_out(scenario, status) -> None:
    code = {400: 4711, 404: 3322}[status]
    body = f'{{"code":{code},"message":"no"}}'
    scenario.served.fail("status", status=status, body=body, match="/transcript")
    (recording,) = await scenario.conference.recordings(scenario.session).collect()
    assert len(recording.files) == 1


async def test_session_without_recording_has_none(scenario) -> None:
    await scenario.conference.delete_recording(scenario.recording)
    assert await scenario.conference.recordings(scenario.session).collect() == []


@of_a_meeting
@pytest.mark.parametrize(("history", "count"), [(180, 3), (60, 2), (1, 1)])
async def test_months_are_walked_as_far_as_the_history(
    sandbox, scenario, clock, history, count
) -> None:
    """There are recordings of three months; the simulator refuses ranges of more than one."""
    for days in (45, 50):
        scenario.world.advance(days * DAY)
        scenario.world.enter(str(scenario.number), "Olga Host", "olga@example.com")
        scenario.world.advance(HOUR)
        scenario.world.end_session(str(scenario.number))
        scenario.world.record(str(scenario.number), HOUR / 2)
    catch_up(scenario.conference, scenario.world)
    async with connect({**sandbox.account("zoom"), "history": history}, clock=clock) as conference:
        listed = await conference.recordings().collect()
        of_room = await conference.recordings(scenario.room).collect()
    assert len(listed) == len(of_room) == count
    starts = [recording.started_at for recording in listed]
    assert starts == sorted(starts, reverse=True)
    assert len({recording.id for recording in listed}) == count


@of_a_meeting
async def test_recordings_of_other_rooms_are_not_listed(scenario, conference, world) -> None:
    other = await conference.create_room("other")
    world.enter(other.id.rpartition(":")[2], "Olga Host", "olga@example.com")
    world.advance(HOUR)
    world.end_session(other.id.rpartition(":")[2])
    world.record(other.id.rpartition(":")[2], HOUR / 2)
    catch_up(scenario.conference, scenario.world)
    assert len(await conference.recordings().collect()) == 2
    (recording,) = await conference.recordings(other).collect()
    assert recording.room_id == other.id


# --------------------------------------------------------------------------------------- downloads


def downloads(scenario: Any) -> list[Any]:
    return [request for request in scenario.served.requests if "/rec/" in request.path]


async def test_token_is_sent_to_zoom_and_not_along_the_redirect(scenario, tmp_path) -> None:
    simulator = scenario.served.simulator
    simulator.quirks["other_file_host"] = True
    path = await scenario.conference.download(scenario.recording, tmp_path / "video.mp4")
    assert path.read_bytes() in simulator.world.files.values()
    first, second = downloads(scenario)
    assert "/rec/download/" in first.path
    assert first.headers["authorization"].startswith("Bearer ")
    assert "/rec/file/" in second.path
    assert second.headers["host"].startswith("localhost")
    assert "authorization" not in second.headers


@of_a_meeting
async def test_file_elsewhere_gets_no_token(scenario, tmp_path) -> None:
    url = scenario.recording.files[0].url.replace("127.0.0.1", "localhost")
    with pytest.raises(NotFound):  # the page that asks to sign in
        await scenario.conference.download(
            File(url=url, media_type="video/mp4"), tmp_path / "video.mp4"
        )
    assert all("authorization" not in request.headers for request in downloads(scenario))
    assert list(tmp_path.iterdir()) == []


@of_a_meeting
@pytest.mark.parametrize("media_type", ["video/mp4", "text/vtt", "image/jpeg", None])
async def test_page_in_place_of_a_file_is_refused(scenario, tmp_path, media_type) -> None:
    url = f"{scenario.served.simulator.root}/rec/download/00000000-0000-4000-8000-000000000000"
    with pytest.raises(NotFound):
        await scenario.conference.download(File(url=url, media_type=media_type), tmp_path / "f")
    assert list(tmp_path.iterdir()) == []


async def test_download_goes_on_after_a_cut(scenario, tmp_path) -> None:
    scenario.served.simulator.quirks["other_file_host"] = True
    scenario.served.fail("cut", size=1000, match="/rec/file/")
    path = await scenario.conference.download(scenario.recording, tmp_path / "video.mp4")
    assert path.read_bytes() in scenario.world.files.values()
    ranges = [request.headers.get("range") for request in downloads(scenario)]
    assert ranges[0] is None
    assert "bytes=1000-" in ranges
    signed = [request for request in downloads(scenario) if "/rec/file/" in request.path]
    assert all("authorization" not in request.headers for request in signed)


@of_a_meeting
async def test_expired_token_does_not_stop_a_download(scenario, tmp_path) -> None:
    """A token that expires in between is renewed before the file is asked for."""
    scenario.world.advance(2 * HOUR)
    catch_up(scenario.conference, scenario.world)
    path = await scenario.conference.download(scenario.recording, tmp_path / "video.mp4")
    assert path.stat().st_size > 4096


# ---------------------------------------------------------------------------------------- deletion


async def test_deletion_is_to_the_trash(scenario) -> None:
    simulator = scenario.served.simulator
    await scenario.conference.delete_recording(scenario.recording)
    assert len(simulator.trash) == 1
    assert not simulator.world.recordings
    await scenario.conference.delete_recording(scenario.recording)  # gone is gone
    assert len(simulator.trash) == 1


async def test_permanent_deletion_leaves_no_trash(sandbox, scenario, clock) -> None:
    account = {**sandbox.account("zoom"), "permanent_deletion": True}
    async with connect(account, clock=clock) as conference:
        await conference.delete_recording(scenario.recording)
    assert scenario.lines()[-1].endswith("/recordings?action=delete")
    assert not scenario.served.simulator.trash
    assert not scenario.world.recordings


@of_a_meeting
async def test_all_recordings_of_a_room_are_deleted(scenario, conference, world) -> None:
    world.enter(str(scenario.number), "Olga Host", "olga@example.com")
    world.advance(HOUR)
    world.end_session(str(scenario.number))
    world.record(str(scenario.number), HOUR / 2)
    catch_up(scenario.conference, scenario.world)
    await conference.delete_recordings(scenario.room)
    assert not world.recordings
    deleted = [request for request in scenario.served.requests if request.method == "DELETE"]
    assert len(deleted) == 2


@of_a_meeting
async def test_one_run_is_deleted_and_not_the_latest(scenario, conference, world) -> None:
    """The uuid is sent: the number would mean the latest run."""
    world.enter(str(scenario.number), "Olga Host", "olga@example.com")
    world.advance(HOUR)
    world.end_session(str(scenario.number))
    later = world.record(str(scenario.number), HOUR / 2)
    await conference.delete_recording(scenario.recording)
    assert list(world.recordings) == [later.id]
    assert scenario.recording.id != later.session_id


@of_a_meeting
async def test_recording_of_another_room_is_not_deleted(scenario) -> None:
    """Not even one whose row lacks the type, so that the id of its room is unknown."""
    row = {"uuid": UUID, "id": 81234567890, "recording_files": []}
    body = json.dumps({"next_page_token": "", "meetings": [row]})
    scenario.served.fail("body", body=body, match="/recordings", times=7)
    await scenario.conference.delete_recordings(scenario.room)
    assert {request.method for request in scenario.served.requests} == {"GET"}

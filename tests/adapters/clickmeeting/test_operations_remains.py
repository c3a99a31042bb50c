"""Recordings and PDF reports: listed, created, downloaded and deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from conferencing import (
    InvalidRequest,
    NotFound,
    ProviderUnavailable,
    RecordingStatus,
    ReportStatus,
    UnsupportedOption,
)

# ------------------------------------------------------------------------------------ recordings


async def test_recordings_of_a_room_are_listed(conference, world, scenario) -> None:
    (recording,) = await conference.recordings(scenario.room).collect()
    (stored,) = world.recordings.values()
    assert recording.status is RecordingStatus.READY
    assert recording.room_id == scenario.room.id
    assert recording.name == "Launch & demo"
    assert recording.started_at == stored.started_at
    assert recording.duration == stored.duration == timedelta(minutes=25)
    (file,) = recording.files
    assert file.size == stored.files[0].size
    assert file.media_type == "video/mp4"
    assert file.expires_at == (world.now + timedelta(hours=2)).replace(microsecond=0)


async def test_account_recordings_have_their_rooms(conference, world, scenario) -> None:
    world.record(scenario.locked.id, timedelta(minutes=1))
    recordings = await conference.recordings().collect()
    assert [recording.room_id for recording in recordings] == [scenario.room.id, scenario.locked.id]
    assert [
        recording.room_id for recording in await conference.recordings(scenario.locked).collect()
    ] == [scenario.locked.id]


async def test_size_as_a_number_equals_one_in_text(conference, scenario) -> None:
    scenario.served.simulator.quirks["other_spellings"] = True
    assert (await conference.recordings(scenario.room).collect())[0] == scenario.recording


async def test_recording_is_downloaded_unchanged(conference, world, scenario, tmp_path) -> None:
    path = await conference.download(scenario.recording, tmp_path / "call.mp4")
    assert path.read_bytes() == world.files["4284001"]
    assert names(tmp_path) == ["call.mp4"]


async def test_download_sends_no_key(conference, scenario, tmp_path) -> None:
    await conference.download(scenario.recording, tmp_path / "call.mp4")
    (request,) = scenario.served.requests
    assert "x-api-key" not in request.headers


async def test_expired_download_is_not_found(conference, world, scenario, tmp_path) -> None:
    world.recordings.clear()
    with pytest.raises(NotFound):
        await conference.download(scenario.recording, tmp_path / "call.mp4")
    assert names(tmp_path) == []


async def test_repeated_deletion_of_recording_succeeds(conference, world, scenario) -> None:
    other = world.record(scenario.room.id, timedelta(minutes=1))
    await conference.delete_recording(scenario.recording)
    assert list(world.recordings) == [other.id]
    await conference.delete_recording(scenario.recording.id)
    assert list(world.recordings) == [other.id]


async def test_recordings_of_one_room_are_deleted(conference, world, scenario) -> None:
    world.record(scenario.room.id, timedelta(minutes=1))
    elsewhere = world.record(scenario.locked.id, timedelta(minutes=1))
    await conference.delete_recordings(scenario.room)
    assert list(world.recordings) == [elsewhere.id]
    await conference.delete_recordings(scenario.room)


async def test_account_recording_can_be_deleted(conference, world, scenario) -> None:
    (recording,) = await conference.recordings().collect()
    await conference.delete_recording(recording)
    assert world.recordings == {}


async def test_deleting_recording_without_room_raises(conference, scenario) -> None:
    body = '[{"id":4284001,"recording_url":"https://example.com/r.mp4"}]'
    scenario.served.fail("body", body=body)
    (recording,) = await conference.recordings().collect()
    assert (recording.room_id, recording.duration, recording.started_at) == (None, None, None)
    scenario.served.requests.clear()
    with pytest.raises(InvalidRequest):
        await conference.delete_recording(recording)
    assert scenario.lines() == []


@pytest.mark.parametrize(
    ("url", "expires"),
    [
        (
            "https://a.example/r.mp4?st=x&e=1780000000",
            datetime(2026, 5, 28, 20, 26, 40, tzinfo=UTC),
        ),
        ("https://a.example/r.mp4", None),
        ("https://a.example/r.mp4?e=soon", None),
        ("https://a.example/r.mp4?e=", None),
        ("https://a.example/r.mp4?e=99999999999999", None),
        ("https://a.example/r.mp4?e=%C2%B2", None),
    ],
)
async def test_expiry_is_read_from_the_link(conference, scenario, url, expires) -> None:
    scenario.served.fail("body", body=f'[{{"id":1,"recording_url":"{url}"}}]')
    (recording,) = await conference.recordings(scenario.room).collect()
    assert recording.files[0].expires_at == expires


# --------------------------------------------------------------------------------------- reports


async def test_report_is_queued_running_and_ready(conference, scenario) -> None:
    report = await conference.create_report(scenario.session)
    states = [report, *[await conference.get_report(report) for _ in range(2)]]
    assert [state.status for state in states] == [
        ReportStatus.QUEUED,
        ReportStatus.RUNNING,
        ReportStatus.READY,
    ]
    assert [state.progress for state in states] == [0, 40, 100]
    assert [state.file is None for state in states] == [True, True, False]
    assert {state.id for state in states} == {report.id}
    assert {(state.session_id, state.kind, state.language) for state in states} == {
        (scenario.session.id, "pdf", "en")
    }


async def test_wait_for_report_returns_its_pdf(conference, scenario, tmp_path, clock) -> None:
    report = await conference.create_report(scenario.session, language="pl")
    ready = await conference.wait_for_report(report)
    assert clock.slept == [2.0, 3.0]
    scenario.served.requests.clear()
    path = await conference.download(ready, tmp_path / "report.pdf")
    content = path.read_bytes()
    assert content.startswith(b"%PDF-")
    assert b"(Language pl)" in content
    assert b"(Ann Lee)" in content
    assert "x-api-key" not in scenario.served.requests[0].headers


async def test_each_language_has_its_own_report(conference, scenario) -> None:
    for language in ("en", "de"):
        await conference.wait_for_report(
            await conference.create_report(scenario.session, language=language)
        )
    assert set(scenario.served.simulator.reports) == {("5342001", "en"), ("5342001", "de")}


@pytest.mark.parametrize("status", ["NEW", "IN PROGRESS", "PAUSED"])
async def test_url_of_unfinished_report_is_ignored(conference, scenario, status, tmp_path) -> None:
    body = f'{{"status":"{status}","progress":99,"url":"https://example.com/too-early.pdf"}}'
    scenario.served.fail("body", body=body)
    report = await conference.create_report(scenario.session)
    assert report.file is None
    with pytest.raises(InvalidRequest):
        await conference.download(report, tmp_path / "report.pdf")


async def test_finished_report_without_url_has_no_file(conference, scenario) -> None:
    scenario.served.fail("body", body='{"status":"FINISHED","progress":100}')
    assert (await conference.create_report(scenario.session)).file is None


async def test_unknown_report_status_ends_at_deadline(conference, scenario, clock) -> None:
    scenario.served.fail("body", body='{"status":"FAILED?","progress":7}', times=99)
    report = await conference.create_report(scenario.session)
    assert report.status is ReportStatus.UNKNOWN
    assert report.native["status"] == "FAILED?"
    with pytest.raises(ProviderUnavailable) as caught:
        await conference.wait_for_report(report, at_most=60)
    assert caught.value.operation == "get_report"
    assert 30 < sum(clock.slept) <= 60


async def test_report_in_unknown_language_is_refused(conference, scenario) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await conference.create_report(scenario.session, language="tlh")
    assert caught.value.status == 422


async def test_report_other_than_pdf_raises(conference, scenario) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await conference.create_report(scenario.session, kind="xlsx")
    assert caught.value.field == "kind"
    assert scenario.lines() == []


@pytest.mark.parametrize("report_id", ["2632001:5342001", "x", "a:b:c:d"])
async def test_malformed_report_id_is_not_sent(conference, scenario, report_id) -> None:
    with pytest.raises(InvalidRequest):
        await conference.get_report(report_id)
    assert scenario.lines() == []


# --------------------------------------------------------------------------------------- helpers


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]

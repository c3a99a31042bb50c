"""What is left of sessions: recordings and PDF reports, listed, made, downloaded and deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conferencing import (
    Conference,
    InvalidRequest,
    NotFound,
    ProviderUnavailable,
    RecordingStatus,
    ReportStatus,
    UnsupportedOption,
)
from conferencing.sandbox import World

# ------------------------------------------------------------------------------------ recordings


async def test_recordings_of_a_room_are_told_whole(
    conference: Conference, world: World, scenario: Any
) -> None:
    (told,) = await conference.recordings(scenario.room).collect()
    (kept,) = world.recordings.values()
    assert told.status is RecordingStatus.READY
    assert told.room_id == scenario.room.id
    assert told.name == "Launch & demo"
    assert told.started_at == kept.started_at
    assert told.duration == kept.duration == timedelta(minutes=25)
    (file,) = told.files
    assert file.size == kept.files[0].size
    assert file.media_type == "video/mp4"
    assert file.expires_at == (world.now + timedelta(hours=2)).replace(microsecond=0)


async def test_recordings_of_the_account_know_their_rooms(
    conference: Conference, world: World, scenario: Any
) -> None:
    world.record(scenario.locked.id, timedelta(minutes=1))
    told = await conference.recordings().collect()
    assert [one.room_id for one in told] == [scenario.room.id, scenario.locked.id]
    assert [one.room_id for one in await conference.recordings(scenario.locked).collect()] == [
        scenario.locked.id
    ]


async def test_a_size_as_a_number_reads_as_one_in_text(
    conference: Conference, scenario: Any
) -> None:
    scenario.served.simulator.quirks["other_spellings"] = True
    assert (await conference.recordings(scenario.room).collect())[0] == scenario.recording


async def test_a_recording_is_downloaded_as_it_is(
    conference: Conference, world: World, scenario: Any, tmp_path: Path
) -> None:
    path = await conference.download(scenario.recording, tmp_path / "call.mp4")
    assert path.read_bytes() == world.files["4284001"]
    assert names(tmp_path) == ["call.mp4"]


async def test_a_download_shows_the_key_to_nobody(
    conference: Conference, scenario: Any, tmp_path: Path
) -> None:
    await conference.download(scenario.recording, tmp_path / "call.mp4")
    (seen,) = scenario.served.requests
    assert "x-api-key" not in seen.headers


async def test_a_link_that_leads_to_nothing_any_more_is_not_found(
    conference: Conference, world: World, scenario: Any, tmp_path: Path
) -> None:
    world.recordings.clear()
    with pytest.raises(NotFound):
        await conference.download(scenario.recording, tmp_path / "call.mp4")
    assert names(tmp_path) == []


async def test_one_recording_is_deleted_and_once_more_without_complaint(
    conference: Conference, world: World, scenario: Any
) -> None:
    other = world.record(scenario.room.id, timedelta(minutes=1))
    await conference.delete_recording(scenario.recording)
    assert list(world.recordings) == [other.id]
    await conference.delete_recording(scenario.recording.id)
    assert list(world.recordings) == [other.id]


async def test_all_recordings_of_one_room_are_deleted(
    conference: Conference, world: World, scenario: Any
) -> None:
    world.record(scenario.room.id, timedelta(minutes=1))
    elsewhere = world.record(scenario.locked.id, timedelta(minutes=1))
    await conference.delete_recordings(scenario.room)
    assert list(world.recordings) == [elsewhere.id]
    await conference.delete_recordings(scenario.room)


async def test_a_recording_of_the_account_is_deleted_in_its_room(
    conference: Conference, world: World, scenario: Any
) -> None:
    (told,) = await conference.recordings().collect()
    await conference.delete_recording(told)
    assert world.recordings == {}


async def test_a_recording_whose_room_was_not_told_cannot_be_deleted(
    conference: Conference, scenario: Any
) -> None:
    body = '[{"id":4284001,"recording_url":"https://example.com/r.mp4"}]'
    scenario.served.fail("body", body=body)
    (told,) = await conference.recordings().collect()
    assert (told.room_id, told.duration, told.started_at) == (None, None, None)
    scenario.served.requests.clear()
    with pytest.raises(InvalidRequest):
        await conference.delete_recording(told)
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
async def test_when_a_link_expires_is_read_from_it_if_it_says(
    conference: Conference, scenario: Any, url: str, expires: datetime | None
) -> None:
    scenario.served.fail("body", body=f'[{{"id":1,"recording_url":"{url}"}}]')
    (told,) = await conference.recordings(scenario.room).collect()
    assert told.files[0].expires_at == expires


# --------------------------------------------------------------------------------------- reports


async def test_a_report_is_queued_then_running_then_ready(
    conference: Conference, scenario: Any
) -> None:
    report = await conference.create_report(scenario.session)
    told = [report, *[await conference.get_report(report) for _ in range(2)]]
    assert [one.status for one in told] == [
        ReportStatus.QUEUED,
        ReportStatus.RUNNING,
        ReportStatus.READY,
    ]
    assert [one.progress for one in told] == [0, 40, 100]
    assert [one.file is None for one in told] == [True, True, False]
    assert {one.id for one in told} == {report.id}
    assert {(one.session_id, one.kind, one.language) for one in told} == {
        (scenario.session.id, "pdf", "en")
    }


async def test_waiting_for_a_report_ends_with_its_pdf(
    conference: Conference, scenario: Any, tmp_path: Path, clock: Any
) -> None:
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


async def test_each_language_is_a_report_of_its_own(conference: Conference, scenario: Any) -> None:
    for language in ("en", "de"):
        await conference.wait_for_report(
            await conference.create_report(scenario.session, language=language)
        )
    assert set(scenario.served.simulator.reports) == {("5342001", "en"), ("5342001", "de")}


@pytest.mark.parametrize("status", ["NEW", "IN PROGRESS", "PAUSED"])
async def test_an_address_is_trusted_only_when_the_report_is_finished(
    conference: Conference, scenario: Any, status: str, tmp_path: Path
) -> None:
    body = f'{{"status":"{status}","progress":99,"url":"https://example.com/too-early.pdf"}}'
    scenario.served.fail("body", body=body)
    report = await conference.create_report(scenario.session)
    assert report.file is None
    with pytest.raises(InvalidRequest):
        await conference.download(report, tmp_path / "report.pdf")


async def test_a_report_that_is_finished_without_an_address_has_no_file(
    conference: Conference, scenario: Any
) -> None:
    scenario.served.fail("body", body='{"status":"FINISHED","progress":100}')
    assert (await conference.create_report(scenario.session)).file is None


async def test_a_status_that_nobody_knows_ends_at_the_deadline(
    conference: Conference, scenario: Any, clock: Any
) -> None:
    scenario.served.fail("body", body='{"status":"FAILED?","progress":7}', times=99)
    report = await conference.create_report(scenario.session)
    assert report.status is ReportStatus.UNKNOWN
    assert report.native["status"] == "FAILED?"
    with pytest.raises(ProviderUnavailable) as caught:
        await conference.wait_for_report(report, at_most=60)
    assert caught.value.operation == "get_report"
    assert 30 < sum(clock.slept) <= 60


async def test_a_language_that_the_vendor_has_not_is_refused_by_the_vendor(
    conference: Conference, scenario: Any
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await conference.create_report(scenario.session, language="tlh")
    assert caught.value.status == 422


async def test_there_are_no_reports_but_pdf(conference: Conference, scenario: Any) -> None:
    with pytest.raises(UnsupportedOption) as caught:
        await conference.create_report(scenario.session, kind="xlsx")
    assert caught.value.field == "kind"
    assert scenario.lines() == []


@pytest.mark.parametrize("strange", ["2632001:5342001", "x", "a:b:c:d"])
async def test_an_id_of_another_make_is_no_report(
    conference: Conference, scenario: Any, strange: str
) -> None:
    with pytest.raises(InvalidRequest):
        await conference.get_report(strange)
    assert scenario.lines() == []


# --------------------------------------------------------------------------------------- helpers


def names(folder: Path) -> list[str]:
    return [one.name for one in folder.iterdir()]

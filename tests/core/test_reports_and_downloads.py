"""Waiting for a report without waiting, and files that appear whole or not at all."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from bare_provider import BareProvider, NoSettings

from conferencing import (
    Conference,
    ConferenceProvider,
    File,
    InvalidRequest,
    NotFound,
    ProviderUnavailable,
    Recording,
    Report,
    ReportStatus,
    Session,
    TransportError,
    UnsupportedOperation,
    UnsupportedOption,
    connect,
    sync,
)
from conferencing.accounts.context import Context

CONTENT = b"%PDF-1.7 " + bytes(range(256)) * 300


class Press(BareProvider):
    """A provider whose reports are ready after a number of polls, and whose files may break off."""

    name = "press"

    def __init__(self, settings: NoSettings, context: Context) -> None:
        super().__init__(settings, context)
        self.states: list[ReportStatus] = []
        self.asked = 0
        self.breaks: Exception | None = None
        self.reading = asyncio.Event()
        self.silent = False
        self.closed = False

    async def get_report(self, report_id: str) -> Report:
        self.asked += 1
        state = self.states[min(self.asked, len(self.states)) - 1]
        return Report(id=report_id, status=state, progress=40)

    async def read_file(self, file: File) -> AsyncIterator[bytes]:
        try:
            yield CONTENT[:1000]
            if self.silent:
                self.reading.set()
                await asyncio.Event().wait()
            if self.breaks:
                raise self.breaks
            yield CONTENT[1000:]
        finally:
            self.closed = True


QUEUED, RUNNING, READY, FAILED = list(ReportStatus)[:4]
FILE = File(url="https://example.com/secret")


@pytest.fixture
def press(clock: Any) -> Conference:
    return connect({"provider": Press, "name": "main"}, clock=clock)


@pytest.mark.parametrize("asked", [0, 1, 2, 9])
async def test_report_is_polled_until_ready(press, clock, asked) -> None:
    press.provider.states = [*([RUNNING] * (asked - 1)), READY]
    first = Report(id="r-1", status=READY if asked == 0 else QUEUED)
    report = await press.wait_for_report(first)
    assert (report.id, report.status) == ("r-1", READY)
    assert press.provider.asked == len(clock.slept) == asked
    assert clock.slept == sorted(clock.slept)
    assert all(2.0 <= wait <= 30.0 for wait in clock.slept)


async def test_report_by_id_is_fetched_first(press, clock) -> None:
    press.provider.states = [READY]
    assert (await press.wait_for_report("r-1")).status is READY
    assert (press.provider.asked, clock.slept) == (1, [])


async def test_report_in_unknown_state_is_polled(press) -> None:
    press.provider.states = [ReportStatus.UNKNOWN, READY]
    assert (await press.wait_for_report("r-1")).status is READY


async def test_failed_report_raises_at_once(press, clock) -> None:
    press.provider.states = [RUNNING, FAILED]
    with pytest.raises(ProviderUnavailable) as caught:
        await press.wait_for_report("r-1")
    error = caught.value
    assert (error.provider, error.account, error.operation) == ("press", "main", "get_report")
    assert error.retryable is False
    assert len(clock.slept) == 1


@pytest.mark.parametrize(("every", "at_most"), [(2.0, 600.0), (5.0, 60.0), (90.0, 60.0)])
async def test_wait_for_report_ends_at_deadline(press, clock, every, at_most) -> None:
    press.provider.states = [RUNNING]
    with pytest.raises(ProviderUnavailable, match="40 %") as caught:
        await press.wait_for_report("r-1", every=every, at_most=at_most)
    assert caught.value.retryable is True
    assert sum(clock.slept) <= at_most
    assert (clock.slept == []) is (every > at_most)


async def test_unknown_report_kind_lists_the_known() -> None:
    async with connect({"provider": "memory", "name": "main"}) as memory:
        with pytest.raises(UnsupportedOption, match="it has pdf") as caught:
            await memory.create_report(Session(id="s-1"), kind="xlsx")
        assert caught.value.field == "kind"


@pytest.mark.parametrize(
    "what",
    [
        FILE,
        Recording(id="v-1", files=(FILE, File(url="https://example.com/other"))),
        Report(id="r-1", status=READY, file=FILE),
    ],
    ids=["file", "recording", "report"],
)
async def test_download_writes_the_whole_file(press, tmp_path, what) -> None:
    path = await press.download(what, str(tmp_path / "zażółć.pdf"))
    assert path == tmp_path / "zażółć.pdf"
    assert path.read_bytes() == CONTENT
    assert files(tmp_path) == [path]


@pytest.mark.parametrize("what", [Recording(id="v-1"), Report(id="r-1", status=RUNNING)])
async def test_unfinished_file_cannot_be_downloaded(press, tmp_path, what) -> None:
    with pytest.raises(InvalidRequest, match="yet") as caught:
        await press.download(what, tmp_path / "file")
    assert (caught.value.provider, caught.value.account) == ("press", "main")
    assert files(tmp_path) == []


@pytest.mark.parametrize("replace", [False, True])
async def test_existing_file_is_replaced_on_request(press, tmp_path, replace) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(b"old")
    if replace:
        await press.download(FILE, path, replace=True)
    else:
        with pytest.raises(InvalidRequest, match=r"report\.pdf.*replace=True") as caught:
            await press.download(FILE, path)
        assert caught.value.field == "to"
    assert path.read_bytes() == (CONTENT if replace else b"old")
    assert files(tmp_path) == [path]


@pytest.mark.parametrize("old", [None, b"old"])
@pytest.mark.parametrize("breaks", [TransportError("it broke off"), NotFound("expired")])
async def test_broken_download_keeps_the_old_file(press, tmp_path, old, breaks) -> None:
    path = tmp_path / "report.pdf"
    if old:
        path.write_bytes(old)
    press.provider.breaks = breaks
    with pytest.raises(type(breaks)) as caught:
        await press.download(FILE, path, replace=True)
    assert caught.value.account == "main"
    assert [file.read_bytes() for file in files(tmp_path)] == ([old] if old else [])


async def test_cancelled_download_leaves_no_file(press, tmp_path) -> None:
    press.provider.silent = True
    task = asyncio.create_task(press.download(FILE, tmp_path / "report.pdf"))
    await press.provider.reading.wait()
    assert len(files(tmp_path)) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert files(tmp_path) == []
    assert press.provider.closed


@pytest.mark.parametrize("there", ["folder", "no folder"])
async def test_unwritable_path_is_an_invalid_argument(press, tmp_path, there) -> None:
    target = tmp_path / "folder" if there == "folder" else tmp_path / "absent" / "report.pdf"
    (tmp_path / "folder").mkdir()
    with pytest.raises(InvalidRequest) as caught:
        await press.download(FILE, target, replace=True)
    assert caught.value.field == "to"
    assert files(tmp_path) == [tmp_path / "folder"]


async def test_file_that_appears_meanwhile_is_kept(press, tmp_path) -> None:
    path = tmp_path / "report.pdf"

    def progress(_written: int) -> None:
        path.write_bytes(b"another program's")

    with pytest.raises(InvalidRequest, match="replace=True") as caught:
        await press.download(FILE, path, progress=progress)
    assert caught.value.field == "to"
    assert path.read_bytes() == b"another program's"
    assert files(tmp_path) == [path]


@pytest.mark.parametrize("kind", ["fifo", "device", "link to a device", "broken link"])
async def test_special_file_is_not_replaced(press, tmp_path, kind) -> None:
    path = tmp_path / "report.pdf"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "broken link":
        path.symlink_to(tmp_path / "absent")
    elif kind == "link to a device":
        path.symlink_to("/dev/null")
    else:
        path = Path("/dev/null")
    before = path.lstat()
    if kind == "broken link":
        assert (await press.download(FILE, path, replace=True)).read_bytes() == CONTENT
        return
    with pytest.raises(InvalidRequest, match="not a regular file"):
        await press.download(FILE, path, replace=True)
    assert path.lstat() == before


async def test_path_with_nul_is_an_invalid_argument(press) -> None:
    with pytest.raises(InvalidRequest, match="path of a file") as caught:
        await press.download(FILE, "report\0.pdf")
    assert caught.value.field == "to"


async def test_download_cancelled_while_writing_leaves_no_file(press, tmp_path) -> None:
    """A thread may still write: the part is removed when it is done."""
    path = tmp_path / "report.pdf"
    for turns in range(30):
        task = asyncio.create_task(press.download(FILE, path, replace=True))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert files(tmp_path) in ([], [path])


async def test_provider_without_files_is_named(tmp_path) -> None:
    class Bare(Press):
        name = "bare"
        read_file = ConferenceProvider.read_file

    conference = connect({"provider": Bare, "name": "main"})
    with pytest.raises(UnsupportedOperation) as caught:
        await conference.download(FILE, tmp_path / "file")
    assert (caught.value.provider, caught.value.account) == ("bare", "main")


def test_blocking_client_waits_and_downloads(tmp_path, clock) -> None:
    with sync.connect({"provider": Press}, clock=clock) as press:
        press.provider.states = [RUNNING, RUNNING, READY]
        report = press.wait_for_report("r-1", every=1.0)
        assert (report.status, clock.slept) == (READY, [1.0, 1.5])
        assert press.download(FILE, tmp_path / "file").read_bytes() == CONTENT


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())

"""A link to a file that is not a web address is unknown when it is read, and stays in `native`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from samples import reply_of

from conferencing import File, Recording, Session
from conferencing.http import Reply
from conferencing.model import RecordingStatus
from conferencing_clickmeeting.wire import sessions as clickmeeting
from conferencing_gotowebinar.wire import recordings as gotowebinar
from conferencing_vconnct.v4.wire import people as vconnct_v4
from conferencing_vconnct.wire import sessions as vconnct
from conferencing_webex.wire import recordings as webex
from conferencing_zoom.wire import recordings as zoom

GOOD = "https://files.example/7?e=1&s=x"
BAD = ["javascript:alert(1)", "file:///etc/passwd", "https:///x", "https://a.example/\r\nX: 1",
       "https://a.example/\u202egpj", "//a.example/x", "x"]  # fmt: skip
RUN = {"uuid": "u==", "id": 5, "type": 2}
SESSION = Session(id="1:2", room_id="1")

Read = Callable[[Reply], Any]
READERS: list[tuple[Callable[[str], Any], Read]] = [
    (lambda url: [{"id": 7, "recording_url": url}],
     lambda reply: clickmeeting.read_recordings(reply, "1")[0]),
    (lambda url: {"status": "FINISHED", "url": url},
     lambda reply: clickmeeting.read_report(reply, "1", "2", "en")),
    (lambda url: {"status": True, "data": url},
     lambda reply: vconnct.read_recordings(reply, SESSION)[0]),
    (lambda url: {"status": True, "data": {"url": url}},
     lambda reply: vconnct_v4.read_recordings(reply, "r")[0]),
    (lambda url: {**RUN, "recording_files": [{"download_url": url, "status": "completed"}]},
     zoom.read_recording),
    (lambda url: {"can_download": True, "download_url": url}, zoom.read_transcript),
    (lambda url: {"data": [{"recordingAssetKey": "7", "mp4DownloadUrl": url}]},
     lambda reply: gotowebinar.read_recordings(reply, "1")[0]),
    (lambda url: {"id": "1", "temporaryDirectDownloadLinks": {"recordingDownloadLink": url}},
     webex.read_recording),
]  # fmt: skip
NAMES = [
    "clickmeeting",
    "clickmeeting-report",
    "vconnct",
    "vconnct-v4",
    "zoom",
    "zoom-transcript",
    "gotowebinar",
    "webex",
]


def files_of(value: Any) -> list[File]:
    if isinstance(value, Recording):
        return list(value.files)
    file = value if value is None or isinstance(value, File) else value.file
    return [] if file is None else [file]


@pytest.mark.parametrize(("write", "read"), READERS, ids=NAMES)
def test_web_address_of_file_is_read(write: Any, read: Read) -> None:
    [file] = files_of(read(reply_of(write(GOOD))))
    assert file.url == GOOD


@pytest.mark.parametrize("url", BAD)
@pytest.mark.parametrize(("write", "read"), READERS, ids=NAMES)
def test_other_link_to_file_is_unknown(write: Any, read: Read, url: str) -> None:
    value = read(reply_of(write(url)))
    # VConnct's links lose their white space, which is documented: the rest may be a web address.
    assert [file.url for file in files_of(value) if file.url == url] == []
    assert all(file.url.startswith("https://a.example/X") for file in files_of(value))
    if isinstance(value, Recording) and not value.files:
        assert value.status is not RecordingStatus.READY
        assert value.native

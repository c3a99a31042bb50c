"""Recordings (docs/vendors/gotowebinar.md#recordings)."""

from __future__ import annotations

from functools import partial

from attrs import define

from conferencing.http import Id, Link, Reply
from conferencing.model import File, FileKind, Recording, RecordingStatus
from conferencing.model.native import Native

from .base import WIRE, read_embedded


@define
class RecordingRow:
    """A finished recording. It has neither duration nor size, and `createTime` is not its start."""

    recordingAssetKey: Id
    name: str | None = None
    mp4DownloadUrl: Link | None = None
    transcriptDownloadUrl: Link | None = None
    webinarKey: Id | None = None


def read_recordings(reply: Reply, room_id: str) -> list[Recording]:
    """Return a page of a webinar's recordings."""
    return WIRE.records(reply, RecordingRow, partial(_to_recording, room_id=room_id), "data")


def read_found_recordings(reply: Reply) -> list[Recording]:
    """Return a page of the account's recordings."""
    return read_embedded(reply, RecordingRow, _to_recording, "recordingAssets")


def _to_recording(row: RecordingRow, native: Native, room_id: str | None = None) -> Recording:
    video, text = row.mp4DownloadUrl, row.transcriptDownloadUrl
    files = (
        File(url=video, kind=FileKind.VIDEO, media_type="video/mp4") if video else None,
        File(url=text, kind=FileKind.TRANSCRIPT) if text else None,
    )
    return Recording(
        id=str(row.recordingAssetKey),
        room_id=room_id or (None if row.webinarKey is None else str(row.webinarKey)),
        name=row.name,
        status=RecordingStatus.READY if video else RecordingStatus.UNKNOWN,
        files=tuple(file for file in files if file),
        native=native,
    )

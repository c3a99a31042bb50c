"""Recordings, which are sets of files, and transcripts (docs/vendors/zoom.md#recordings)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Final

from attrs import define

from conferencing.http import Aware, Id, LaxInt, Link, Reply, to_int
from conferencing.model import File, FileKind, Recording, RecordingStatus, RoomKind
from conferencing.model.native import Native

from .base import WIRE, room_id, run_id
from .sessions import to_kind

__all__ = ["read_recording", "read_recordings", "read_transcript", "to_recording"]

KINDS: Final = {
    "MP4": (FileKind.VIDEO, "video/mp4"),
    "M4A": (FileKind.AUDIO, "audio/mp4"),
    "CHAT": (FileKind.CHAT, "text/plain"),
    "CHAT_MESSAGE": (FileKind.CHAT, "application/json"),
    "TRANSCRIPT": (FileKind.TRANSCRIPT, "text/vtt"),
    "CC": (FileKind.CAPTIONS, "text/vtt"),
    "SUMMARY": (FileKind.SUMMARY, "application/json"),
    # In descriptions and samples, not in the enumeration (docs/vendors/zoom.md#oddity-15).
    "TIMELINE": (FileKind.UNKNOWN, "application/json"),
    "CSV": (FileKind.DOCUMENT, "text/csv"),
    "TB": (FileKind.UNKNOWN, "image/jpeg"),
}


@define
class FileRow:
    """One file; captions and timelines have neither status nor size."""

    download_url: Link | None = None
    file_type: str | None = None
    file_size: LaxInt | None = None
    file_extension: str | None = None
    recording_type: str | None = None
    status: str | None = None
    recording_start: Aware | None = None
    recording_end: Aware | None = None


@define
class RecordingRow:
    """The recording of one run; `type` is a text here and a number in events."""

    uuid: str
    id: Id
    type: LaxInt | None = None
    topic: str | None = None
    start_time: Aware | None = None
    duration: LaxInt | None = None
    password: str | None = None
    recording_count: LaxInt | None = None
    recording_files: list[FileRow] | None = None
    participant_audio_files: list[FileRow] | None = None


@define
class TranscriptRow:
    """Whether a run's transcript can be had, and where."""

    can_download: bool
    download_url: Link | None = None


def read_recording(reply: Reply) -> Recording:
    """Return the recording of one run."""
    return WIRE.record(reply, RecordingRow, to_recording)


def read_recordings(reply: Reply, kind: RoomKind | None = None) -> list[Recording]:
    """Return a page of recordings; `kind` is that of the room that was asked for."""
    return WIRE.records(reply, RecordingRow, partial(to_recording, kind=kind), "meetings")


def to_recording(row: RecordingRow, native: Native, kind: RoomKind | None = None) -> Recording:
    """Return a recording: the files of one run. `kind` is used where the row does not say it."""
    kind = to_kind(row.type) or kind
    # A recording may have files of single participants only (docs/vendors/zoom.md#recordings).
    rows = [*(row.recording_files or ()), *(row.participant_audio_files or ())]
    return Recording(
        id=row.uuid,  # the number would mean the latest run (docs/vendors/zoom.md#oddity-1)
        room_id=None if kind is None else room_id(kind, row.id),
        session_id=None if kind is None else run_id(kind, row.id, row.uuid),
        name=row.topic,
        status=_to_status(row, rows),
        started_at=row.start_time,
        duration=_to_duration(row, rows),
        files=tuple(_to_file(file) for file in rows if file.download_url),
        passcode=row.password or None,
        native=native,
    )


def _to_status(row: RecordingRow, files: list[FileRow]) -> RecordingStatus:
    if any(file.status not in {None, "completed"} for file in files):
        return RecordingStatus.PROCESSING
    if any(file.download_url for file in files):
        return RecordingStatus.READY
    return RecordingStatus.PROCESSING if to_int(row.recording_count) else RecordingStatus.UNKNOWN


def _to_duration(row: RecordingRow, files: list[FileRow]) -> timedelta | None:
    """Return the duration of the longest file, or else what Zoom says in whole minutes."""
    durations = [
        file.recording_end - file.recording_start
        for file in files
        if file.recording_start is not None and file.recording_end is not None
    ]
    minutes = to_int(row.duration)
    return max(durations, default=None if minutes is None else timedelta(minutes=minutes))


def _to_file(row: FileRow) -> File:
    kind, media_type = KINDS.get(row.file_type or "", (FileKind.UNKNOWN, None))
    return File(
        url=row.download_url or "",
        kind=kind,
        name=row.recording_type,
        media_type=media_type,
        size=to_int(row.file_size),
    )


def read_transcript(reply: Reply) -> File | None:
    """Return a run's transcript, or None if there is none, or none yet."""
    row = WIRE.read(reply, TranscriptRow)
    if not row.can_download or not row.download_url:
        return None
    return File(url=row.download_url, kind=FileKind.TRANSCRIPT, media_type="text/vtt")

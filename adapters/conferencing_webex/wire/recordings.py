"""Recordings with links of three hours, and transcripts (docs/vendors/webex.md#recordings)."""
# ruff: noqa: N815 - a row's fields are spelled as Webex spells them

from __future__ import annotations

from functools import partial
from typing import Final
from urllib.parse import quote

from attrs import define

from conferencing.http import Aware, LaxInt, Link, Reply, to_duration, to_int
from conferencing.model import File, FileKind, Recording, RecordingStatus
from conferencing.model.native import Native

from .base import WIRE, series_of

FILES: Final = {
    "recordingDownloadLink": (FileKind.VIDEO, None),
    "audioDownloadLink": (FileKind.AUDIO, None),
    "transcriptDownloadLink": (FileKind.TRANSCRIPT, "text/vtt"),
}


@define
class LinksRow:
    """Links that need no token; missing where downloading is prevented."""

    recordingDownloadLink: Link | None = None
    audioDownloadLink: Link | None = None
    transcriptDownloadLink: Link | None = None
    expiration: Aware | None = None


@define
class RecordingRow:
    """A recording; a list has no links to its files."""

    id: str
    meetingId: str | None = None
    meetingSeriesId: str | None = None
    topic: str | None = None
    timeRecorded: Aware | None = None
    durationSeconds: LaxInt | None = None
    sizeBytes: LaxInt | None = None
    format: str | None = None
    password: str | None = None
    status: str | None = None
    temporaryDirectDownloadLinks: LinksRow | None = None


def read_recording(reply: Reply) -> Recording:
    """Return one recording with its files."""
    return WIRE.record(reply, RecordingRow, to_recording)


def read_recordings(reply: Reply) -> list[Recording]:
    """Return a page of recordings, without their files."""
    return WIRE.records(reply, RecordingRow, to_recording, "items")


def to_recording(row: RecordingRow, native: Native) -> Recording:
    """Return a recording. It is listed when it is ready, and has files in a reply of its own."""
    # Some replies mask it with asterisks (docs/vendors/webex.md#oddity-5).
    masked = not row.password or not row.password.strip("*")
    ready = row.status == "available"
    return Recording(
        id=row.id,
        room_id=row.meetingSeriesId or (series_of(row.meetingId) if row.meetingId else None),
        session_id=row.meetingId,
        name=row.topic,
        status=RecordingStatus.READY if ready else RecordingStatus.UNKNOWN,
        started_at=row.timeRecorded,
        duration=to_duration(row.durationSeconds),
        files=_to_files(row, row.temporaryDirectDownloadLinks or LinksRow()),
        passcode=None if masked else row.password,
        native=native,
    )


def _to_files(row: RecordingRow, links: LinksRow) -> tuple[File, ...]:
    return tuple(
        File(
            url=url,
            kind=kind,
            media_type=media_type,
            size=to_int(row.sizeBytes) if kind is FileKind.VIDEO else None,
            expires_at=links.expiration,
        )
        for name, (kind, media_type) in FILES.items()
        if (url := getattr(links, name))
    )


# ------------------------------------------------------------------------------------- transcripts


@define
class TranscriptRow:
    """A transcript of a run."""

    id: str
    meetingId: str | None = None


def read_transcripts(reply: Reply, base_url: str) -> list[File]:
    """Return the transcripts of a run."""
    return WIRE.records(reply, TranscriptRow, partial(to_transcript, base_url=base_url), "items")


def to_transcript(row: TranscriptRow, _: Native, *, base_url: str) -> File:
    """Return a transcript, which needs the token. Webex's own links are to other hosts, some http."""
    url = f"{base_url}/meetingTranscripts/{quote(row.id, safe='')}/download?format=vtt"
    return File(url=url, kind=FileKind.TRANSCRIPT, media_type="text/vtt")

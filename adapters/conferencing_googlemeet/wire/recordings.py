"""Recordings, transcripts and notes: each one file in Drive (docs/vendors/googlemeet.md#files)."""

from __future__ import annotations

from functools import partial
from typing import Final
from urllib.parse import quote

from attrs import define, evolve

from conferencing.errors import MalformedResponse
from conferencing.http import LaxInt, Reply, to_int
from conferencing.model import File, FileKind, Recording, RecordingStatus
from conferencing.model.native import Native

from .base import WIRE, FileId, Key, Name, RecordId, Time, read_rows, to_time

__all__ = ["COLLECTIONS", "add_details", "find_drive_id", "read_destination", "read_recordings"]

COLLECTIONS: Final = {
    "recordings": FileKind.VIDEO,
    "transcripts": FileKind.TRANSCRIPT,
    "smartNotes": FileKind.SUMMARY,
}
TEXT: Final = "text/plain"


@define
class DestinationRow:
    """Where a file is: in Drive, or a document."""

    file: Key | None = None
    document: Key | None = None


@define
class ArtifactRow:
    """A recording, a transcript, or notes. There is no destination before the file exists."""

    name: Name
    state: str | None = None
    startTime: Time | None = None  # noqa: N815
    endTime: Time | None = None  # noqa: N815
    driveDestination: DestinationRow | None = None  # noqa: N815
    docsDestination: DestinationRow | None = None  # noqa: N815

    @property
    def drive_id(self) -> str | None:
        """The id of the file in Drive, which a document is as well."""
        destination = self.driveDestination or self.docsDestination
        return (destination.file or destination.document) if destination else None


def read_recordings(
    reply: Reply, *, collection: str, owner: str, room_id: str | None, drive: str
) -> list[Recording]:
    """Return a page of recordings; `drive` is the URL of Drive's API."""
    build = partial(_to_recording, collection=collection, owner=owner, room_id=room_id, drive=drive)
    return read_rows(reply, ArtifactRow, build, collection)


def _to_recording(
    row: ArtifactRow,
    native: Native,
    *,
    collection: str,
    owner: str,
    room_id: str | None,
    drive: str,
) -> Recording:
    record, name = _split_name(row.name, collection)
    start, end = to_time(row.startTime), to_time(row.endTime)
    ready = row.state == "FILE_GENERATED" and row.drive_id is not None
    files = (_to_file(row.drive_id or "", collection, owner, drive),) if ready else ()
    return Recording(
        id=str(FileId(owner, record, collection, name)),
        room_id=room_id,
        session_id=str(RecordId(owner, record)),
        status=RecordingStatus.READY if ready else _STATES.get(row.state or "", _UNKNOWN),
        started_at=start,
        duration=end - start if start and end else None,
        files=files,
        native=native,
    )


def _split_name(name: str, collection: str) -> tuple[str, str]:
    """Return the record and the last part of a name. Raises `MalformedResponse`."""
    match name.split("/"):
        case ["conferenceRecords", record, actual, part] if (
            actual == collection and record and part
        ):
            return record, part
        case _:
            raise MalformedResponse(f"it is not the name of one of the {collection}", path="$.name")


_UNKNOWN: Final = RecordingStatus.UNKNOWN
_STATES: Final = dict.fromkeys(["STARTED", "ENDED", "FILE_GENERATED"], RecordingStatus.PROCESSING)


def _to_file(drive_id: str, collection: str, owner: str, drive: str) -> File:
    """Return a file. The fragment of its URL, which is not sent, names whose token it needs."""
    # `exportUri` opens in a browser only (docs/vendors/googlemeet.md#oddity-14).
    url = f"{drive}/drive/v3/files/{quote(drive_id, safe='')}"
    if collection == "recordings":
        # By Google's discovery document, recordings are MP4; `file_details` asks Drive.
        url, media_type = f"{url}?alt=media&supportsAllDrives=true", "video/mp4"
    else:  # a document has no bytes of its own (docs/vendors/googlemeet.md#files)
        url, media_type = f"{url}/export?mimeType=text%2Fplain", TEXT
    return File(
        url=f"{url}#{quote(owner, safe='')}", kind=COLLECTIONS[collection], media_type=media_type
    )


def find_drive_id(recording: Recording) -> str | None:
    """Return the id in Drive of a listed recording's file."""
    return WIRE.convert_value(dict(recording.native), ArtifactRow).drive_id


def read_destination(reply: Reply) -> str | None:
    """Return the id in Drive of a recording's file, or None if there is none."""
    return WIRE.read(reply, ArtifactRow).drive_id


@define
class DetailsRow:
    """What Drive knows of a file. A document has no size."""

    name: str | None = None
    mimeType: str | None = None  # noqa: N815
    size: LaxInt | None = None


def add_details(reply: Reply, file: File) -> File:
    """Return a file with its name, and with the type and the size of what is not a document."""
    row = WIRE.read(reply, DetailsRow)
    # Drive describes the document, and the download is its export as text.
    if file.media_type == TEXT:
        return evolve(file, name=row.name)
    return evolve(
        file, name=row.name, media_type=row.mimeType or file.media_type, size=to_int(row.size)
    )

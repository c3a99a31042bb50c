"""Recordings and their captions (docs/vendors/bigbluebutton.md#recordings)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import define

from conferencing.errors import InvalidRequest, MalformedResponse
from conferencing.http import LaxBool, LaxInt, Link, OffsetPages, Reply, Request, to_int
from conferencing.model import File, FileKind, Recording, RecordingStatus
from conferencing.model.native import Native

from .base import WIRE, find_rows, read_response, session_id, to_moment

__all__ = [
    "PAGES",
    "RecordingPages",
    "check_recording_id",
    "confirm_upload",
    "read_recordings",
    "read_tracks",
    "write_metadata",
]

LIMIT: Final = 100  # the largest page: docs/vendors/bigbluebutton.md#recordings
STATES: Final = "processing,processed,published,unpublished"
"""The states that are listed. The server's own choice leaves out those that are not ready."""

_READY: Final = frozenset({"published", "unpublished"})
_KINDS: Final[Mapping[str, FileKind]] = {
    "video": FileKind.VIDEO,
    "screenshare": FileKind.VIDEO,
    "podcast": FileKind.AUDIO,
    "notes": FileKind.DOCUMENT,
    "statistics": FileKind.DOCUMENT,
}


class RecordingPages(OffsetPages, frozen=True, kw_only=True):
    """Pages by offset, which servers before 2.6 ignore: they answer with everything at once."""

    def next(self, request: Request, reply: Reply, count: int) -> Request | None:
        """Return the request for the rows that follow; none after more rows than were asked for."""
        return None if count > self.limit else super().next(request, reply, count)


PAGES: Final = RecordingPages(limit=LIMIT)


@define
class FormatRow:
    """One form in which a recording can be watched; `length` is in minutes, `size` in bytes."""

    type: str | None = None
    url: Link | None = None
    size: LaxInt | None = None


@define
class PlaybackRow:
    """The forms of a recording, of which there may be one or several."""

    format: FormatRow | list[FormatRow] | None = None


@define
class RecordingRow:
    """A recording; times are in milliseconds."""

    recordID: str  # noqa: N815 - the vendor's spelling
    meetingID: str | None = None  # noqa: N815
    internalMeetingID: str | None = None  # noqa: N815
    name: str | None = None
    published: LaxBool | None = None
    state: str | None = None
    startTime: LaxInt | None = None  # noqa: N815
    endTime: LaxInt | None = None  # noqa: N815
    playback: PlaybackRow | None = None


def read_recordings(reply: Reply) -> list[Recording]:
    """Return a page of recordings."""
    rows = find_rows(read_response(reply), "recordings", "recording")
    return WIRE.convert(reply, rows, RecordingRow, _to_recording, "recordings.recording")


def _to_recording(row: RecordingRow, native: Native) -> Recording:
    started_at, ended_at = to_moment(row.startTime), to_moment(row.endTime)
    # Both are the same id: docs/vendors/bigbluebutton.md#ids
    internal = row.internalMeetingID or row.recordID
    return Recording(
        id=row.recordID,
        room_id=row.meetingID or None,
        session_id=session_id(row.meetingID, internal) if row.meetingID else None,
        name=row.name or None,
        status=RecordingStatus.READY if row.state in _READY else _to_status(row.state),
        started_at=started_at,
        # The `length` of a format is in minutes only: docs/vendors/bigbluebutton.md#general
        duration=ended_at - started_at if started_at and ended_at else None,
        files=tuple(filter(None, map(_to_file, _list_formats(row.playback)))),
        native=native,
    )


def _list_formats(playback: PlaybackRow | None) -> list[FormatRow]:
    formats = playback.format if playback else None
    return formats if isinstance(formats, list) else [formats] if formats else []


def _to_status(state: str | None) -> RecordingStatus:
    known = state in {"processing", "processed"}
    return RecordingStatus.PROCESSING if known else RecordingStatus.UNKNOWN


def _to_file(row: FormatRow) -> File | None:
    if row.url is None:
        return None
    return File(
        url=row.url,
        kind=_KINDS.get(row.type or "", FileKind.UNKNOWN),
        name=row.type or None,
        size=to_int(row.size),
    )


# ---------------------------------------------------------------------------------------- captions


@define
class TrackRow:
    """A text track of a recording."""

    href: Link | None = None
    kind: str | None = None
    label: str | None = None
    lang: str | None = None


def read_tracks(reply: Reply) -> list[File]:
    """Return the text tracks of a recording, from the one call that answers in JSON."""
    files = WIRE.records(reply, TrackRow, _to_track, "response.tracks")
    return [file for file in files if file.url]


def _to_track(row: TrackRow, _: Native) -> File:
    return File(
        url=row.href or "",
        kind=FileKind.CAPTIONS,
        name=row.label or row.lang,
        media_type="text/vtt",
    )


@define
class UploadRow:
    """The reply to an upload of a text track."""

    messageKey: str  # noqa: N815 - the vendor's spelling


def confirm_upload(reply: Reply) -> None:
    """Raise `MalformedResponse` unless a text track was accepted."""
    # A failed upload may come with SUCCESS: docs/vendors/bigbluebutton.md#oddity-14
    key = WIRE.read(reply, UploadRow, "response").messageKey
    if key != "upload_text_track_success":
        raise MalformedResponse("the reply does not confirm the upload", path="$.messageKey")


def check_recording_id(recording_id: str) -> str:
    """Return the id of one recording. Raises `InvalidRequest` for a list of them.

    The calls take several ids with commas between them, and would act on all
    (docs/vendors/bigbluebutton.md#oddity-16).
    """
    if "," in recording_id:
        raise InvalidRequest(f"{recording_id!r} is not the id of one recording", field="recording")
    return recording_id


def write_metadata(metadata: Mapping[str, str | None]) -> dict[str, str]:
    """Return the parameters that change metadata; None removes an entry."""
    return {f"meta_{name}": value or "" for name, value in metadata.items()}

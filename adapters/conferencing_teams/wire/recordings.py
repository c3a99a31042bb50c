"""Recordings and transcripts of meetings (docs/vendors/teams.md#recordings)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from urllib.parse import quote

from attrs import define, evolve, frozen

from conferencing.http import Reply
from conferencing.model import File, FileKind, Recording, RecordingStatus, Session
from conferencing.model.native import Native

from .base import MARK, WIRE, Form, RoomKey
from .zones import parse_instant

__all__ = [
    "Media",
    "Source",
    "add_transcripts",
    "content_url",
    "list_during",
    "read_media",
    "read_recordings",
    "read_transcripts",
]

SLACK: Final = timedelta(minutes=1)
"""By how much a recording may begin before the first person of a report, and end after the last."""


@define
class MediaRow:
    """A recording or a transcript. Its address in the reply is none (docs/vendors/teams.md#recordings)."""

    id: str
    meetingId: str | None = None  # noqa: N815 - Graph's spelling
    contentCorrelationId: str | None = None  # noqa: N815 - Graph's spelling
    createdDateTime: str | None = None  # noqa: N815 - Graph's spelling
    endDateTime: str | None = None  # noqa: N815 - Graph's spelling


@frozen
class Media:
    """A recording or a transcript, with the key by which the two find each other."""

    recording: Recording
    correlation: str | None


@frozen
class Source:
    """Where files are, and whose: without a meeting, each row names its own."""

    base_url: str
    owner: str
    meeting_id: str = ""
    room_id: str | None = None


def content_url(source: Source, meeting_id: str, kind: str, media_id: str) -> str:
    """Return where a file is: the address in the reply is not to be used."""
    owner, meeting, media = (quote(part, safe="") for part in (source.owner, meeting_id, media_id))
    return f"{source.base_url}/users/{owner}/onlineMeetings/{meeting}/{kind}/{media}/content"


def read_recordings(reply: Reply, source: Source) -> list[Media]:
    """Return the recordings of a page."""
    build = partial(_to_media, kind="recordings", source=source)
    return WIRE.records(reply, MediaRow, build, "value")


def read_transcripts(reply: Reply, source: Source) -> list[Media]:
    """Return the transcripts of a page, each as a recording that has nothing else."""
    build = partial(_to_media, kind="transcripts", source=source)
    return WIRE.records(reply, MediaRow, build, "value")


def read_media(reply: Reply, kind: str, source: Source) -> Media:
    """Return one of the `recordings` or `transcripts`."""
    return WIRE.record(reply, MediaRow, partial(_to_media, kind=kind, source=source))


def _to_media(row: MediaRow, native: Native, *, kind: str, source: Source) -> Media:
    # The list of an organizer names the online meeting of each row, and not its event.
    meeting = source.meeting_id or row.meetingId
    named = str(RoomKey(Form.MEETING, source.owner, meeting)) if meeting else None
    room = source.room_id or named
    start, end = parse_instant(row.createdDateTime), parse_instant(row.endDateTime)
    url = content_url(source, meeting, kind, row.id) if meeting else None
    recording = Recording(
        id=f"{room}{MARK}{row.id}" if room else row.id,
        room_id=room,
        status=RecordingStatus.READY if url else RecordingStatus.UNKNOWN,
        started_at=start,
        duration=end - start if start and end else None,
        files=(_FILES[kind](url),) if url else (),
        native=native,
    )
    return Media(recording, row.contentCorrelationId)


_FILES: Final[Mapping[str, Callable[[str], File]]] = {
    "recordings": lambda url: File(url=url, kind=FileKind.VIDEO, media_type="video/mp4"),
    "transcripts": lambda url: File(
        url=f"{url}?$format=text/vtt", kind=FileKind.TRANSCRIPT, media_type="text/vtt"
    ),
}


def add_transcripts(recordings: Iterable[Media], transcripts: Sequence[Media]) -> list[Recording]:
    """Return the recordings with their transcripts as second files, then transcripts without one."""
    left = list(transcripts)
    combined: list[Recording] = []
    for media in recordings:
        own = [each for each in left if each.correlation and each.correlation == media.correlation]
        left = [each for each in left if each not in own]
        files = tuple(file for each in own for file in each.recording.files)
        combined.append(evolve(media.recording, files=(*media.recording.files, *files)))
    return combined + [each.recording for each in left]


def list_during(recordings: Iterable[Recording], session: Session) -> list[Recording]:
    """Return the recordings that began in a session; Graph has no other link between the two."""
    start, end = session.started_at, session.ended_at
    return [
        evolve(each, session_id=session.id)
        for each in recordings
        if _is_between(each.started_at, start, end)
    ]


def _is_between(moment: datetime | None, start: datetime | None, end: datetime | None) -> bool:
    if moment is None or start is None or end is None:
        return False
    return start - SLACK <= moment <= end + SLACK

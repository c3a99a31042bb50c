"""What took place: sessions, recordings, vendor reports, usage and feedback."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from attrs import field, frozen

from .base import Record, elapsed, to_optional_secret, to_secret
from .native import NO_NATIVE
from .people import Person
from .secret import Secret

__all__ = [
    "Feedback",
    "File",
    "FileKind",
    "Recording",
    "RecordingStatus",
    "Report",
    "ReportStatus",
    "Session",
    "SessionStatus",
    "Usage",
]


class SessionStatus(StrEnum):
    RUNNING = "running"
    ENDED = "ended"
    UNKNOWN = "unknown"


class FileKind(StrEnum):
    VIDEO = "video"
    AUDIO = "audio"
    CHAT = "chat"
    TRANSCRIPT = "transcript"  # what was said, with times
    CAPTIONS = "captions"
    SUMMARY = "summary"
    DOCUMENT = "document"  # a report, or a file that was shared
    UNKNOWN = "unknown"


class RecordingStatus(StrEnum):
    PROCESSING = "processing"  # files are missing, or cannot be downloaded yet
    READY = "ready"
    UNKNOWN = "unknown"


class ReportStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"
    UNKNOWN = "unknown"


@frozen(kw_only=True, repr=False)
class Session(Record):
    """One time that a room was held. `ended_at` is None while it runs, or if the end is not known.

    `people` is how many people were present in all and `peak` how many at one time, as the vendor
    counts them. `expires_at` is when the vendor deletes what it knows of the session, attendance
    included, or None if it does not say so.
    """

    _shown = ("id", "room_id", "status", "started_at", "ended_at")

    id: str
    room_id: str | None = None
    title: str | None = None
    status: SessionStatus = SessionStatus.UNKNOWN
    started_at: datetime | None = None
    ended_at: datetime | None = None
    people: int | None = None
    peak: int | None = None
    occurrence_id: str | None = None
    expires_at: datetime | None = None
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)

    @property
    def duration(self) -> timedelta | None:
        """How long it ran, or None if its start or end is unknown."""
        if self.started_at is None or self.ended_at is None:
            return None
        return elapsed(self.started_at, self.ended_at)


@frozen(kw_only=True, repr=False)
class File(Record):
    """A file to download: what it holds, its media type, its size in bytes, and when its link expires.

    `name` is the vendor's name for it, where there is one.
    """

    _shown = ("kind", "media_type", "size", "expires_at")

    _url: Secret = field(alias="url", converter=to_secret)
    kind: FileKind = FileKind.UNKNOWN
    name: str | None = None
    media_type: str | None = None
    size: int | None = None
    expires_at: datetime | None = None

    @property
    def url(self) -> str:
        """The address to download it from; often signed, so treat it as a credential."""
        return self._url.reveal()


@frozen(kw_only=True, repr=False)
class Recording(Record):
    """A recording: a set of files, transcripts and chats among them.

    Links expire; list the recordings again to download. `passcode` is what viewers have to enter.
    """

    _shown = ("id", "room_id", "name", "status", "started_at", "duration")

    id: str
    room_id: str | None = None
    session_id: str | None = None
    name: str | None = None
    status: RecordingStatus = RecordingStatus.UNKNOWN
    started_at: datetime | None = None
    duration: timedelta | None = None
    files: tuple[File, ...] = ()
    passcode: Secret | None = field(default=None, converter=to_optional_secret)
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)


@frozen(kw_only=True, repr=False)
class Report(Record):
    """A report that the vendor makes of a session. `progress` is in percent."""

    _shown = ("id", "kind", "language", "status", "progress")

    id: str
    session_id: str | None = None
    kind: str = "pdf"
    language: str | None = None
    status: ReportStatus = ReportStatus.UNKNOWN
    progress: int | None = None
    file: File | None = None
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)


@frozen(kw_only=True, repr=False)
class Usage(Record):
    """What the vendor counts for one ended session; `billable` is the part it charges for."""

    _shown = ("id", "room_id", "title", "duration", "billable")

    id: str
    room_id: str | None = None
    title: str | None = None
    people: int | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    duration: timedelta | None = None
    billable: timedelta | None = None
    free: bool | None = None
    covered: bool | None = None
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)


@frozen(kw_only=True, repr=False)
class Feedback(Record):
    """One person's feedback on a session: a rating on the vendor's scale, and a comment."""

    _shown = ("id", "rating", "given_at")

    id: str
    rating: int | None = None
    text: str | None = None
    room_id: str | None = None
    session_id: str | None = None
    person: Person | None = None
    given_at: datetime | None = None
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)

"""Sessions, who was there, PDF reports and recordings (api-doc, Sessions, Recordings)."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qs

from attrs import define, evolve

from conferencing.attendance import merge
from conferencing.errors import MalformedResponse
from conferencing.http import Id, LaxInt, UTCText, pack_id, raw_query
from conferencing.model import (
    Feedback,
    File,
    Person,
    Recording,
    RecordingStatus,
    Report,
    ReportStatus,
    Role,
    Session,
    SessionStatus,
)
from conferencing.model.attendance import Attendance, MergedBy, Segment
from conferencing.model.fast import fast_constructor
from conferencing.model.native import Native

from .base import ROLES_READ, SECRET, WIRE

NO_ROOM: Final = "-"
PDF: Final = {
    "NEW": ReportStatus.QUEUED,
    "IN PROGRESS": ReportStatus.RUNNING,
    "FINISHED": ReportStatus.READY,
}


@define
class SessionRow:
    """A session of a list; times have no seconds. `end_date` is missing or null while it runs."""

    id: Id
    start_date: datetime | None = None
    end_date: datetime | None = None
    total_visitors: LaxInt | None = None
    max_visitors: LaxInt | None = None


@define
class DetailRow:
    """A stay as the detail of a session has it; here the id is a number and the name `login`."""

    id: Id
    start_date: datetime | None = None
    end_date: datetime | None = None


@define
class Detail:
    """The detail of a session: it does not repeat the session's id."""

    start_date: datetime | None = None
    end_date: datetime | None = None
    total_visitors: LaxInt | None = None
    max_visitors: LaxInt | None = None
    attendees: list[DetailRow] | None = None


@define
class AttendeeRow:
    """A stay of an attendee. Times are missing in some accounts' replies."""

    uid: Id
    role: str = ""
    nickname: str | None = None
    email: str | None = None
    start_date: datetime | None = None
    end_date: datetime | None = None


@define
class RatingRow:
    """What an attendee thought; the rating is a text of digits."""

    uid: Id
    nickname: str | None = None
    email: str | None = None
    rating: LaxInt | None = None
    rating_comment: str | None = None
    end_date: datetime | None = None


def sessions(payload: Any, room_id: str) -> list[Session]:
    """Read the sessions of a room."""
    rows = WIRE.rows(payload, SessionRow, SECRET)
    return [_session(row, row.id, native, room_id) for row, native in rows]


def session(payload: Any, room_id: str, session_id: str) -> Session:
    """Read one session; its id is that of the request."""
    row = WIRE.read(payload, Detail)
    if row.start_date is None:  # else an empty object would be a session that runs
        raise MalformedResponse("the reply tells no start of the session", path="$.start_date")
    return _session(row, session_id, Native(payload, SECRET), room_id)


def _session(row: SessionRow | Detail, key: str, native: Native, room_id: str) -> Session:
    return Session(
        id=pack_id(room_id, key),
        room_id=room_id,
        status=SessionStatus.RUNNING if row.end_date is None else SessionStatus.ENDED,
        started_at=row.start_date,
        ended_at=row.end_date,
        people=row.total_visitors,
        peak=row.max_visitors,
        native=native,
    )


def attendees(payload: Any, session_id: str) -> list[Attendance]:
    """Read the stays of a session, a record for each; some accounts' replies have no times."""
    rows = WIRE.rows(payload, AttendeeRow, SECRET)
    return [_stay(row, native, session_id) for row, native in rows]


def stays(payload: Any) -> dict[str, DetailRow]:
    """Read the stays that the detail of a session has, by their id."""
    return {row.id: row for row in WIRE.read(payload, Detail).attendees or ()}


def attendance(stays: Sequence[Attendance], times: Mapping[str, DetailRow]) -> list[Attendance]:
    """Return one record per person; somebody who came back has several rows of one e-mail.

    `times` are those of the session's detail, for rows that have none.
    """
    return merge([_timed(stay, times) for stay in stays] if times else stays, by=BY)


BY: Final = (MergedBy.ID, MergedBy.EMAIL)


def _timed(stay: Attendance, times: Mapping[str, DetailRow]) -> Attendance:
    row = times.get(stay.id)
    if stay.segments or row is None or row.start_date is None:
        return stay
    return evolve(stay, segments=(Segment(joined_at=row.start_date, left_at=row.end_date),))


_attendance = fast_constructor(Attendance)
_segment = fast_constructor(Segment)


def _stay(row: AttendeeRow, native: Native, session_id: str) -> Attendance:
    start, name = row.start_date, row.nickname or None
    return _attendance(
        id=row.uid,
        session_id=session_id,
        display_name=html.unescape(name) if name and "&" in name else name,
        email=row.email or None,
        role=ROLES_READ.get(row.role, Role.UNKNOWN),
        segments=(_segment(joined_at=start, left_at=row.end_date),) if start else (),
        native=native,
    )


def feedback(payload: Any, session: Session) -> list[Feedback]:
    """Read the ratings among the stays of a session."""
    return [
        Feedback(
            id=f"{session.id}:{row.uid}",
            rating=row.rating,
            text=html.unescape(row.rating_comment) if row.rating_comment else None,
            room_id=session.room_id,
            session_id=session.id,
            person=Person(name=row.nickname and html.unescape(row.nickname), email=row.email),
            given_at=row.end_date or session.ended_at,
            native=native,
        )
        for row, native in WIRE.rows(payload, RatingRow, SECRET)
        if row.rating is not None
    ]


@define
class PdfState:
    """The state of a PDF (api-doc, generate-pdf). `status` counts: a url may be there too early."""

    progress: LaxInt
    status: str
    url: str | None = None


@define
class RecordingRow:
    """A recording. Its link expires at the Unix time `e`; sizes come as numbers and as texts."""

    id: Id
    recording_url: str
    recording_duration: LaxInt | None = None
    recorder_start_date: datetime | None = None
    recorder_started: UTCText | None = None
    recording_file_size: LaxInt | None = None
    recording_name: str | None = None
    conference_id: Id | None = None


def report(payload: Any, room_id: str, session_id: str, language: str) -> Report:
    """Read the state of a PDF report."""
    row = WIRE.read(payload, PdfState)
    status = PDF.get(row.status, ReportStatus.UNKNOWN)
    ready = status is ReportStatus.READY and row.url is not None
    return Report(
        id=pack_id(room_id, session_id, language),
        session_id=pack_id(room_id, session_id),
        kind="pdf",
        language=language,
        status=status,
        progress=row.progress,
        file=File(url=row.url, media_type="application/pdf") if ready and row.url else None,
        native=Native(payload, SECRET),
    )


def recordings(payload: Any, room_id: str | None) -> list[Recording]:
    """Read recordings: of a room, or of the account, where the row should name its room."""
    return [
        _recording(row, native, room_id or row.conference_id)
        for row, native in WIRE.rows(payload, RecordingRow, SECRET)
    ]


def _recording(row: RecordingRow, native: Native, room_id: str | None) -> Recording:
    seconds = row.recording_duration
    return Recording(
        id=pack_id(room_id or NO_ROOM, row.id),
        room_id=room_id,
        name=html.unescape(row.recording_name) if row.recording_name else None,
        status=RecordingStatus.READY,
        started_at=row.recorder_start_date or row.recorder_started,
        duration=None if seconds is None else timedelta(seconds=seconds),
        files=(
            File(
                url=row.recording_url,
                media_type="video/mp4",
                size=row.recording_file_size,
                expires_at=_expiry(row.recording_url),
            ),
        ),
        native=native,
    )


def _expiry(url: str) -> datetime | None:
    stamp = parse_qs(raw_query(url)).get("e", [""])[0]
    return datetime.fromtimestamp(int(stamp), UTC) if re.fullmatch(r"[0-9]{1,11}", stamp) else None

"""Sessions, attendance, PDF reports and recordings (api-doc, "Sessions" and "Recordings")."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final
from urllib.parse import parse_qs

from attrs import define, evolve

from conferencing.attendance import merge
from conferencing.http import (
    Aware,
    Id,
    LaxInt,
    Link,
    Reply,
    pack_id,
    raw_query,
    to_duration,
    to_int,
)
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

from .base import READ_ROLES, WIRE, assume_utc, unescape

NO_ROOM: Final = "-"
"""What stands for the room in the id of a recording whose room the vendor does not report."""

# The status of a failed job is not documented: docs/vendors/clickmeeting.md#pdf-report
_REPORT_STATUSES: Final = {
    "NEW": ReportStatus.QUEUED,
    "IN PROGRESS": ReportStatus.RUNNING,
    "FINISHED": ReportStatus.READY,
}


# --------------------------------------------------------------------------------------- sessions


@define
class SessionRow:
    """A session; `end_date` while it runs is a guess (docs/vendors/clickmeeting.md#oddity-17)."""

    id: Id
    start_date: Aware | None = None
    end_date: Aware | None = None
    total_visitors: LaxInt | None = None
    max_visitors: LaxInt | None = None


@define
class SessionDetailRow:
    """The detail of a session; it has no id (docs/vendors/clickmeeting.md#oddity-14)."""

    start_date: Aware  # without it, an empty object would be a session that runs
    end_date: Aware | None = None
    total_visitors: LaxInt | None = None
    max_visitors: LaxInt | None = None


def read_sessions(reply: Reply, room_id: str) -> list[Session]:
    """Return the sessions of a room; of two with the same id, the first."""
    sessions: dict[str, Session] = {}
    for session in WIRE.records(reply, SessionRow, partial(_to_session, room_id=room_id)):
        if session.id in sessions:
            reply.problems.append(f"there are two sessions with the id {session.id}")
        sessions.setdefault(session.id, session)
    return list(sessions.values())


def _to_session(row: SessionRow, native: Native, room_id: str) -> Session:
    return _make_session(row, native, room_id, str(row.id))


def read_session(reply: Reply, room_id: str, session_id: str) -> Session:
    """Return one session."""
    build = partial(_make_session, room_id=room_id, session_id=session_id)
    return WIRE.record(reply, SessionDetailRow, build)


def _make_session(
    row: SessionRow | SessionDetailRow, native: Native, room_id: str, session_id: str
) -> Session:
    return Session(
        id=pack_id(room_id, session_id),
        room_id=room_id,
        status=_to_status(row, native),
        started_at=row.start_date,
        ended_at=row.end_date,
        # The host seems to be counted: docs/vendors/clickmeeting.md#sessions-list
        people=to_int(row.total_visitors),
        peak=to_int(row.max_visitors),
        native=native,
    )


def _to_status(row: SessionRow | SessionDetailRow, native: Native) -> SessionStatus:
    if row.end_date is not None:
        return SessionStatus.ENDED
    # An end that cannot be read is not a sign that the session runs.
    return SessionStatus.RUNNING if native.get("end_date") is None else SessionStatus.UNKNOWN


# ------------------------------------------------------------------------- attendance and feedback


@define
class AttendeeRow:
    """One segment of an attendee; times may be missing (docs/vendors/clickmeeting.md#oddity-18)."""

    uid: Id
    role: str | None = None
    nickname: str | None = None
    email: str | None = None
    start_date: Aware | None = None
    end_date: Aware | None = None


@define
class SegmentRow:
    """One segment in a session's detail; `id` is `uid` (docs/vendors/clickmeeting.md#oddity-15)."""

    id: Id | None = None
    start_date: Aware | None = None
    end_date: Aware | None = None


@define
class DetailSegmentsRow:
    """The segments in the detail of a session."""

    attendees: list[SegmentRow] | None  # a detail without the list says nothing of times


@define
class RatingRow:
    """The rating and the comment of an attendee."""

    uid: Id
    nickname: str | None = None
    email: str | None = None
    rating: LaxInt | None = None
    rating_comment: str | None = None
    end_date: Aware | None = None


def read_attendance(reply: Reply, session_id: str) -> list[Attendance]:
    """Return a record for each segment of presence in a session."""
    return WIRE.records(reply, AttendeeRow, partial(_to_attendance, session_id=session_id))


_make_attendance = fast_constructor(Attendance)
_make_segment = fast_constructor(Segment)


def _to_attendance(row: AttendeeRow, native: Native, session_id: str) -> Attendance:
    start = row.start_date
    return _make_attendance(
        id=str(row.uid),
        session_id=session_id,
        display_name=unescape(row.nickname),
        email=row.email or None,
        role=READ_ROLES.get(row.role or "", Role.UNKNOWN),
        segments=(_make_segment(joined_at=start, left_at=row.end_date),) if start else (),
        native=native,
    )


def read_segments(reply: Reply) -> dict[str, Segment]:
    """Return the times of the segments in the detail of a session, by the attendee's `uid`."""
    return {
        str(row.id): Segment(joined_at=row.start_date, left_at=row.end_date)
        for row in WIRE.read(reply, DetailSegmentsRow).attendees or ()
        if row.id is not None and row.start_date is not None
    }


def merge_attendance(
    records: Sequence[Attendance], segments: Mapping[str, Segment]
) -> list[Attendance]:
    """Return one record per person: somebody who came back has several rows.

    Records without times get those of `segments`.
    """
    timed = [_add_segment(record, segments) for record in records] if segments else records
    return merge(timed, by=(MergedBy.ID, MergedBy.EMAIL))


def _add_segment(record: Attendance, segments: Mapping[str, Segment]) -> Attendance:
    segment = segments.get(record.id)
    return record if record.segments or segment is None else evolve(record, segments=(segment,))


def read_feedback(reply: Reply, session: Session) -> list[Feedback]:
    """Return the ratings and comments of the attendees of a session."""
    feedback = WIRE.records(reply, RatingRow, partial(_to_feedback, session=session))
    return [entry for entry in feedback if entry.rating is not None or entry.text]


def _to_feedback(row: RatingRow, native: Native, session: Session) -> Feedback:
    return Feedback(
        id=f"{session.id}:{row.uid}",
        rating=to_int(row.rating),
        text=unescape(row.rating_comment),
        room_id=session.room_id,
        session_id=session.id,
        person=Person(name=unescape(row.nickname), email=row.email or None),
        # A rating has no time of its own: docs/vendors/clickmeeting.md#attendees
        given_at=row.end_date,
        native=native,
    )


# ----------------------------------------------------------------------------------------- reports


@define
class ReportRow:
    """The state of a PDF."""

    status: str
    progress: LaxInt | None = None
    url: Link | None = None


def read_report(reply: Reply, room_id: str, session_id: str, language: str) -> Report:
    """Return the state of a PDF report."""
    build = partial(_to_report, room_id=room_id, session_id=session_id, language=language)
    return WIRE.record(reply, ReportRow, build)


def _to_report(
    row: ReportRow, native: Native, room_id: str, session_id: str, language: str
) -> Report:
    status = _REPORT_STATUSES.get(row.status, ReportStatus.UNKNOWN)
    # A url may be there while the job is in progress (docs/vendors/clickmeeting.md#oddity-22).
    url = row.url if status is ReportStatus.READY else None
    return Report(
        id=pack_id(room_id, session_id, language),
        session_id=pack_id(room_id, session_id),
        kind="pdf",
        language=language,
        status=status,
        progress=to_int(row.progress),
        file=File(url=url, media_type="application/pdf") if url else None,
        native=native,
    )


# -------------------------------------------------------------------------------------- recordings


@define
class RecordingRow:
    """A recording; a url may be missing (docs/vendors/clickmeeting.md#recordings)."""

    id: Id
    recording_url: Link | None = None
    recording_duration: LaxInt | None = None
    recorder_start_date: Aware | None = None
    recorder_started: datetime | None = None
    recording_file_size: LaxInt | None = None
    recording_name: str | None = None
    conference_id: Id | None = None


def read_recordings(reply: Reply, room_id: str | None) -> list[Recording]:
    """Return recordings of a room, or of the account, whose rows should name their room."""
    return WIRE.records(reply, RecordingRow, partial(_to_recording, room_id=room_id))


def _to_recording(row: RecordingRow, native: Native, room_id: str | None) -> Recording:
    if room_id is None and row.conference_id is not None:
        room_id = str(row.conference_id)
    return Recording(
        id=pack_id(room_id or NO_ROOM, row.id),
        room_id=room_id,
        name=unescape(row.recording_name),
        status=RecordingStatus.READY if row.recording_url else RecordingStatus.UNKNOWN,
        # Only the second is documented; it has no offset: docs/vendors/clickmeeting.md#recordings
        started_at=row.recorder_start_date or assume_utc(row.recorder_started),
        duration=to_duration(row.recording_duration),
        files=_to_files(row),
        native=native,
    )


def _to_files(row: RecordingRow) -> tuple[File, ...]:
    if not row.recording_url:
        return ()
    file = File(
        url=row.recording_url,
        media_type="video/mp4",
        size=to_int(row.recording_file_size),
        expires_at=_to_expiry(row.recording_url),
    )
    return (file,)


def _to_expiry(url: str) -> datetime | None:
    """Return when a link expires: `e` is Unix time (docs/vendors/clickmeeting.md#oddity-24)."""
    stamp = parse_qs(raw_query(url)).get("e", [""])[0]
    return datetime.fromtimestamp(int(stamp), UTC) if re.fullmatch(r"[0-9]{1,11}", stamp) else None

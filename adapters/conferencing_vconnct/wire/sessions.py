"""Sessions, join links, attendance and recordings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Final
from urllib.parse import parse_qs

from attrs import define

from conferencing.errors import InvalidRequest, MalformedResponse
from conferencing.http import Aware, Decoder, Id, Reply, pack_id, raw_query
from conferencing.model import (
    File,
    JoinLink,
    Person,
    Recording,
    RecordingStatus,
    Role,
    Session,
    SessionStatus,
)
from conferencing.model.attendance import Attendance, Precision, Segment
from conferencing.model.fast import fast_constructor
from conferencing.model.links import is_web_link
from conferencing.model.native import Native

from .base import WIRE, log_repeats, logger

_LINK: Final = Decoder(secret=frozenset({"data"}))
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
_FAR_OFF: Final = datetime.max.replace(tzinfo=UTC)


@define
class LinkRow:
    url: str


@define
class SessionRow:
    """A session; `status` is true of ended ones too (docs/vendors/vconnct.md#oddity-8)."""

    session_id: Id
    title: str | None = None
    session_start_time: Aware | None = None
    session_end_time: Aware | None = None


@define
class AttendeeRow:
    """A person who came; the row has nothing else (docs/vendors/vconnct.md#oddity-14)."""

    full_name: str
    joined_date: Aware | None = None


@define
class RecordReply:
    """A recording's URL; null or an empty string is none (docs/vendors/vconnct.md#oddity-17)."""

    data: str | None


def full_name(person: Person | None) -> str:
    """Return the name for which a link is made. Raises `InvalidRequest` without one."""
    name = person.display_name if person else None
    if not name:
        raise InvalidRequest(
            "vconnct makes a link for a person with a name; give name", field="name"
        )
    return name


def read_link(reply: Reply, role: Role, person: Person) -> JoinLink:
    """Return a join link."""

    def build(row: LinkRow, native: Native) -> JoinLink:
        url = _clean(row.url)
        return JoinLink(url=url, role=role, personal=True, person=person, native=native)

    return WIRE.record(reply, LinkRow, build, at="data")


def _clean(url: str) -> str:
    """Remove white space, which no URL has (docs/vendors/vconnct.md#oddity-4)."""
    clean = re.sub(r"[ \t\r\n\f\v]", "", url)
    if clean != url:
        logger.warning("vconnct sent a link with white space in it, which was removed")
    return clean


def passcode_in(link: JoinLink) -> str | None:
    """Return the passcode in a link, which decides the role (docs/vendors/vconnct.md#oddity-5)."""
    return parse_qs(raw_query(link.url)).get("password", [None])[0]


def read_sessions(reply: Reply, room_id: str) -> list[Session]:
    """Return all sessions of a meeting, in their order (docs/vendors/vconnct.md#oddity-7)."""
    sessions = WIRE.records(reply, SessionRow, partial(_to_session, room_id=room_id), at="data")
    log_repeats("session_id", [session.id for session in sessions])
    return sessions


def _to_session(row: SessionRow, native: Native, room_id: str) -> Session:
    return Session(
        id=pack_id(room_id, row.session_id),
        room_id=room_id,
        title=row.title,
        status=_status(native),
        started_at=row.session_start_time,
        ended_at=row.session_end_time,
        native=native,
    )


def _status(native: Native) -> SessionStatus:
    """Return whether a session runs: it has no end. An end that cannot be read is an end."""
    return SessionStatus.ENDED if native.get("session_end_time") else SessionStatus.RUNNING


def find_running(sessions: Sequence[Session]) -> Session | None:
    """Return the session that is running.

    Raises `MalformedResponse` if several are (docs/vendors/vconnct.md#oddity-15).
    """
    unended = [session for session in sessions if session.status is SessionStatus.RUNNING]
    if len(unended) > 1:
        raise MalformedResponse("several sessions of one meeting have no end", path="$.data")
    return unended[0] if unended else None


def find_started(sessions: Sequence[Session]) -> Session | None:
    """Return the session that was just started: the one that runs, else the newest."""
    newest = max(sessions, key=lambda session: session.started_at or _LONG_AGO, default=None)
    return find_running(sessions) or newest


_attendance = fast_constructor(Attendance)
_segment = fast_constructor(Segment)


def read_attendance(reply: Reply, session_id: str) -> list[Attendance]:
    """Return who came, in order of arrival; the vendor's list is unsorted."""
    pairs = WIRE.records(reply, AttendeeRow, lambda row, native: (row, native), at="data")
    pairs.sort(key=lambda pair: pair[0].joined_date or _FAR_OFF)
    return [
        _attendance(
            # Rows have no id: docs/vendors/vconnct.md#oddity-14
            id=f"{session_id}:{place}",
            session_id=session_id,
            display_name=row.full_name,
            segments=(_segment(joined_at=row.joined_date),) if row.joined_date else (),
            precision=Precision.JOINED,
            native=native,
        )
        for place, (row, native) in enumerate(pairs, 1)
    ]


def read_recordings(reply: Reply, session: Session) -> list[Recording]:
    """Return the recording of a session, which has one URL, or an empty list."""
    url = WIRE.read(reply, RecordReply).data
    if not url:
        return []
    link = _clean(url)
    # Anything else than a web address is unknown, and stays in `native`.
    # The URL is that of a playback page: docs/vendors/vconnct.md#v1-recordings
    files = (File(url=link, media_type="text/html"),) if is_web_link(link) else ()
    return [
        Recording(
            # The call takes a session and returns one URL: docs/vendors/vconnct.md#v1-recordings
            id=session.id,
            room_id=session.room_id,
            session_id=session.id,
            name=session.title,
            status=RecordingStatus.READY if files else RecordingStatus.UNKNOWN,
            started_at=session.started_at,
            files=files,
            native=_LINK.native(reply),
        )
    ]

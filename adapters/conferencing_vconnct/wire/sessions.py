"""Sessions, the ways into them, and what is left of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from attrs import define

from conferencing.errors import InvalidRequest, MalformedResponse
from conferencing.http import Id, pack_id, raw_query
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
from conferencing.model.native import Native

from .base import SECRET, WIRE, logger, note_repeats

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@define
class LinkRow:
    url: str


@define
class LinkReply:
    data: LinkRow


@define
class SessionRow:
    """A session. `status` is true of ended ones too and is not read (oddity 8)."""

    session_id: Id
    title: str | None = None
    session_start_time: datetime | None = None
    session_end_time: datetime | None = None


@define
class SessionsReply:
    data: list[SessionRow]


@define
class AttendeeRow:
    full_name: str
    joined_date: datetime


@define
class AttendanceReply:
    data: list[AttendeeRow]


@define
class RecordReply:
    data: str | None


def full_name(person: Person | None) -> str:
    """Return the name that a link is made for. Raises `InvalidRequest` without one."""
    name = person.display_name if person else None
    if not name:
        raise InvalidRequest("vconnct makes a link for a named person; give name", field="name")
    return name


def join_link(payload: Any, role: Role, person: Person) -> JoinLink:
    """Read a way in. White space in it is an artefact, since no address has any (oddity 4)."""
    url = WIRE.read(payload, LinkReply).data.url
    clean = re.sub(r"[ \t\r\n\f\v]", "", url)
    if clean != url:
        logger.warning("vconnct sent a join link with white space in it, which was taken out")
    native = Native(payload["data"], SECRET)
    return JoinLink(url=clean, role=role, personal=True, person=person, native=native)


def passcode_in(link: JoinLink) -> str | None:
    """Return the passcode that a link carries: in BigBlueButton it decides the role (oddity 5)."""
    return parse_qs(raw_query(link.url)).get("password", [None])[0]


def sessions(payload: Any, room_id: str) -> list[Session]:
    """Read the sessions of a meeting, all of them and in their order (oddity 7)."""
    rows = WIRE.read(payload, SessionsReply).data
    note_repeats("session_id", [row.session_id for row in rows])
    natives = Native.each(payload["data"], SECRET)
    return [_session(row, native, room_id) for row, native in zip(rows, natives, strict=True)]


def _session(row: SessionRow, native: Native, room_id: str) -> Session:
    return Session(
        id=pack_id(room_id, row.session_id),
        room_id=room_id,
        title=row.title,
        status=SessionStatus.RUNNING if row.session_end_time is None else SessionStatus.ENDED,
        started_at=row.session_start_time,
        ended_at=row.session_end_time,
        native=native,
    )


def running(found: Sequence[Session]) -> Session | None:
    """Return the session that runs. Raises `MalformedResponse` if several do (oddity 15)."""
    unended = [one for one in found if one.status is SessionStatus.RUNNING]
    if len(unended) > 1:
        raise MalformedResponse("several sessions of one meeting have no end", path="$.data")
    return unended[0] if unended else None


def started(found: Sequence[Session]) -> Session | None:
    """Return the session that was started just now: the one that runs, else the newest."""
    newest = max(found, key=lambda one: one.started_at or _LONG_AGO, default=None)
    return running(found) or newest


_attendance = fast_constructor(Attendance)
_segment = fast_constructor(Segment)


def attendance(payload: Any, session_id: str) -> list[Attendance]:
    """Read who came, the first first; there is no id, no e-mail and no leave time (oddity 14)."""
    rows = WIRE.read(payload, AttendanceReply).data
    natives = Native.each(payload["data"], SECRET)
    pairs = sorted(zip(rows, natives, strict=True), key=lambda pair: pair[0].joined_date)
    return [
        _attendance(
            id=f"{session_id}:{place}",
            session_id=session_id,
            display_name=row.full_name,
            segments=(_segment(joined_at=row.joined_date),),
            precision=Precision.JOINED,
            native=native,
        )
        for place, (row, native) in enumerate(pairs, 1)
    ]


def recording(payload: Any, session: Session) -> list[Recording]:
    """Read the recording of a session: one address; null or an empty text is none (oddity 17)."""
    url = WIRE.read(payload, RecordReply).data
    if not url:
        return []
    return [
        Recording(
            id=session.id,
            room_id=session.room_id,
            session_id=session.id,
            name=session.title,
            status=RecordingStatus.READY,
            started_at=session.started_at,
            files=(File(url=url, media_type="text/html"),),
            native=Native(payload, frozenset({"data"})),
        )
    ]

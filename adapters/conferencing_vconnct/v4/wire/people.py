"""Who is or was in a room, the ways into it, and its recordings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import define

from conferencing.errors import InvalidRequest, MalformedResponse
from conferencing.http import (
    Id,
    pack_id,
)
from conferencing.model import (
    File,
    JoinLink,
    Person,
    Recording,
    RecordingStatus,
    Role,
)
from conferencing.model.attendance import Attendance, Precision, Segment
from conferencing.model.native import Native

from .base import SECRET, WIRE, Moment, Seconds

ROLES: Final = {Role.HOST: "admin", Role.ATTENDEE: "viewer"}


@define
class InfoResult:
    room_info: dict[str, Any]
    participants_info: list[dict[str, Any]]


@define
class Where:
    room_id: Id


@define
class InfoReply:
    result: InfoResult


@define
class Rights:
    is_admin: bool | None = None


@define
class PresentRow:
    identity: Id
    name: str | None = None
    joined_at: Moment | None = None
    metadata: Rights | None = None


def present(payload: Any) -> list[Attendance]:
    """Read who is in a room now. Those who hide themselves are not told, nor those who left."""
    found = WIRE.read(payload, InfoReply).result
    room_id = WIRE.read(found.room_info, Where).room_id
    return [_present(raw, room_id) for raw in found.participants_info]


def _present(raw: Mapping[str, Any], session_id: str) -> Attendance:
    row = WIRE.read(raw, PresentRow)
    admin = row.metadata is not None and row.metadata.is_admin
    return Attendance(
        id=row.identity,
        session_id=session_id,
        display_name=row.name,
        email=_email(row.identity),
        role=Role.HOST if admin else Role.ATTENDEE,
        segments=(Segment(joined_at=row.joined_at),) if row.joined_at else (),
        precision=Precision.JOINED,
        native=Native(raw, SECRET),
    )


@define
class Analytics:
    participant_durations: dict[str, Seconds] | None = None


@define
class AnalyticsReply:
    data: Analytics


def attendance(payload: Any, session_id: str) -> list[Attendance]:
    """Read how long each participant stayed; when, and under which name, is not told."""
    durations = WIRE.read(payload, AnalyticsReply).data.participant_durations or {}
    return [
        Attendance(
            id=key,
            session_id=session_id,
            email=_email(key),
            reported_duration=seconds,
            precision=Precision.DURATION,
            native=Native({"participant_durations": {key: seconds.total_seconds()}}),
        )
        for key, seconds in durations.items()
    ]


def _email(identity: str) -> str | None:
    return identity if "@" in identity else None  # `user_id` gives out addresses where it can


def user_id(person: Person | None) -> str:
    """Return the id that a link is made for: the address, else the name."""
    identity = person and (person.email or person.display_name)
    if not identity:
        raise InvalidRequest("vconnct makes a link for a person; give email or name", field="name")
    return identity


@define
class LinkReply:
    """A link: under one of three names, by call and generation."""

    final_link: str | None = None
    invitation_link: str | None = None
    invitation_url: str | None = None


def join_link(payload: Any, role: Role, person: Person, room_id: str) -> JoinLink:
    """Read a way in."""
    row = WIRE.read(payload, LinkReply)
    url = row.invitation_link or row.invitation_url or row.final_link
    if not url:
        raise MalformedResponse("there is no link in the reply", path="$")
    return JoinLink(
        url=url,
        role=role,
        personal=True,
        person=person,
        session_id=room_id,
        native=Native(payload, SECRET),
    )


def recordings(payload: Any, room_id: str) -> list[Recording]:
    """Read recordings: addresses with commas between them, or as v3 has them, a list."""
    if "data" not in WIRE.read(payload, dict[str, Any]):
        raise MalformedResponse("the reply has no data", path="$.data")
    data = payload["data"]
    listed: list[object] = [*data] if isinstance(data, list) else [data or {}]
    rows = WIRE.read(listed, list[RecordRow])
    urls = [url.strip() for row in rows for url in (row.url or "").split(",") if url.strip()]
    return [
        Recording(
            id=pack_id(room_id, number),
            room_id=room_id,
            session_id=room_id,
            status=RecordingStatus.READY,
            files=(File(url=url),),
            native=Native(payload, SECRET),
        )
        for number, url in enumerate(urls, 1)
    ]


@define
class RecordRow:
    url: str | None = None

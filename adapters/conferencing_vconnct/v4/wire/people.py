"""Who is or was in a room, join links, and recordings."""

from __future__ import annotations

from functools import partial
from typing import Any, Final, cast

from attrs import define

from conferencing.errors import InvalidRequest, MalformedResponse
from conferencing.http import Id, Reply, pack_id
from conferencing.model import (
    File,
    JoinLink,
    Person,
    Recording,
    RecordingStatus,
    Role,
)
from conferencing.model.attendance import Attendance, Precision, Segment
from conferencing.model.native import Native, Page

from .base import WIRE, Moment, Seconds, to_duration, to_time

ROLES: Final = {Role.HOST: "admin", Role.ATTENDEE: "viewer"}


@define
class Rights:
    is_admin: bool | None = None


@define
class PresentRow:
    identity: Id
    name: str | None = None
    joined_at: Moment | None = None
    metadata: Rights | None = None  # seen as a string, which is then unknown


def read_present(reply: Reply, session_id: str) -> list[Attendance]:
    """Return who is in a room now. Hidden participants are not listed, nor those who left.

    A room in which nobody is may have no list at all.
    """
    payload = reply.json()
    fields = cast("dict[str, Any]", payload) if isinstance(payload, dict) else {}
    place = "result" if "result" in fields else "room"
    inside = fields.get(place)
    if not isinstance(inside, dict):
        raise MalformedResponse("the reply has no room", path=f"$.{place}")
    rows = cast("dict[str, Any]", inside).get("participants_info")
    build = partial(_to_present, session_id=session_id)
    return WIRE.convert(reply, rows or [], PresentRow, build, f"{place}.participants_info")


def _to_present(row: PresentRow, native: Native, session_id: str) -> Attendance:
    admin = row.metadata is not None and row.metadata.is_admin
    joined_at, identity = to_time(row.joined_at), str(row.identity)
    return Attendance(
        id=identity,
        session_id=session_id,
        display_name=row.name,
        email=_email(identity),
        role=Role.HOST if admin else Role.ATTENDEE,
        segments=(Segment(joined_at=joined_at),) if joined_at else (),
        precision=Precision.JOINED,
        native=native,
    )


@define
class AnalyticsRow:
    """A person in the analytics: the vendor's client and the engine document different fields."""

    user_id: Id | None = None
    name: str | None = None
    duration: Seconds | None = None
    joined: Moment | None = None
    left: Moment | None = None


def read_attendance(reply: Reply, session_id: str) -> list[Attendance]:
    """Return how long each participant stayed, in any of the shapes that were seen.

    `participant_durations` (id to seconds) is in `data` or at the top; otherwise there are rows, as
    `participants` or `users`. Raises `MalformedResponse` if there is neither: nobody is not known.
    """
    payload = reply.json()
    fields = cast("dict[str, Any]", payload) if isinstance(payload, dict) else {}
    data = fields.get("data")
    places = [cast("dict[str, Any]", place) for place in (data, fields) if isinstance(place, dict)]
    for place in places:
        durations = place.get("participant_durations")
        if isinstance(durations, dict):
            rows: list[object] = [
                {"user_id": key, "duration": value}
                for key, value in cast("dict[str, object]", durations).items()
            ]
            return _to_records(reply, rows, session_id)
    for place in places:
        for name in ("participants", "users"):
            people = place.get(name)
            if isinstance(people, dict):
                people = list(cast("dict[str, object]", people).values())
            if isinstance(people, list):
                return _to_records(reply, cast("list[object]", people), session_id)
    raise MalformedResponse(
        "the analytics have no participant_durations, participants or users", path="$.data"
    )


def _to_records(reply: Reply, rows: list[object], session_id: str) -> list[Attendance]:
    pairs = WIRE.convert(reply, rows, AnalyticsRow, lambda row, native: (row, native), "data")
    return [
        _to_attendance(row, native, session_id, number)
        for number, (row, native) in enumerate(pairs, 1)
    ]


def _to_attendance(row: AnalyticsRow, native: Native, session_id: str, number: int) -> Attendance:
    joined_at, left_at = to_time(row.joined), to_time(row.left)
    identity = str(row.user_id) if row.user_id is not None else ""
    return Attendance(
        # Without an id, two people of one name must not become one.
        id=identity or f"{session_id}:{number}",
        session_id=session_id,
        display_name=row.name,
        email=_email(identity),
        segments=(Segment(joined_at=joined_at, left_at=left_at),) if joined_at else (),
        reported_duration=None if joined_at else to_duration(row.duration),
        precision=Precision.SPAN if joined_at else Precision.DURATION,
        native=native,
    )


def _email(identity: str) -> str | None:
    return identity if "@" in identity else None  # `user_id` makes ids of addresses


def user_id(person: Person | None) -> str:
    """Return the id for which a link is made: the address, else the name."""
    identity = person and (person.email or person.display_name)
    if not identity:
        raise InvalidRequest("vconnct makes a link for a person; give email or name", field="name")
    return identity


@define
class LinkReply:
    """A link, under one of three names by call and generation."""

    final_link: str | None = None
    invitation_link: str | None = None
    invitation_url: str | None = None


def read_link(reply: Reply, role: Role, person: Person, room_id: str) -> JoinLink:
    """Return a join link."""

    def build(row: LinkReply, native: Native) -> JoinLink:
        url = row.invitation_link or row.invitation_url or row.final_link
        if not url:
            raise MalformedResponse("there is no link in the reply", path="$")
        return JoinLink(
            url=url, role=role, personal=True, person=person, session_id=room_id, native=native
        )

    return WIRE.record(reply, LinkReply, build)


@define
class RecordRow:
    url: str | None = ""  # not None: an odd value is a fault, and never "no recording"


def read_recordings(reply: Reply, room_id: str) -> list[Recording]:
    """Return recordings: URLs with commas between them, or as v3 has them, a list."""
    payload = reply.json()
    fields = cast("dict[str, Any]", payload) if isinstance(payload, dict) else {}
    if "data" not in fields:
        raise MalformedResponse("the reply has no data", path="$.data")
    data = fields["data"]
    listed: list[object] = cast("list[object]", data) if isinstance(data, list) else [data or {}]
    rows = WIRE.convert(reply, listed, RecordRow, lambda row, _: row, "data")
    urls = [url.strip() for row in rows for url in (row.url or "").split(",") if url.strip()]
    return [
        Recording(
            id=pack_id(room_id, number),
            room_id=room_id,
            session_id=room_id,
            status=RecordingStatus.READY,
            files=(File(url=url),),
            native=Native.at(Page(reply.body, WIRE.secret), ()),
        )
        for number, url in enumerate(urls, 1)
    ]

"""Who is or was in a room, join links, and recordings."""

from __future__ import annotations

from functools import partial
from typing import Any, Final, cast

from attrs import define

from conferencing.errors import InvalidRequest, MalformedResponse
from conferencing.http import Id, LaxInt, Reply, pack_id, to_int
from conferencing.model import (
    File,
    JoinLink,
    Person,
    Recording,
    RecordingStatus,
    Role,
)
from conferencing.model.attendance import Attendance, Precision, Segment
from conferencing.model.links import is_web_link
from conferencing.model.native import Native

from .base import WIRE, Moment, to_duration, to_metadata, to_object, to_time

ROLES: Final = {Role.HOST: "admin", Role.ATTENDEE: "viewer"}


# ------------------------------------------------------------------------------ who is in a room


@define
class Rights:
    """What `metadata` of a person holds."""

    is_admin: bool | None = None


@define
class PresentRow:
    """A person in a room; `metadata` is an object, or a string of JSON."""

    identity: Id
    name: str | None = None
    joined_at: Moment | None = None
    metadata: Any = None


@define
class HeadcountRow:
    """How many people are in a room."""

    joined_participants: LaxInt | None = None


def read_present(reply: Reply, session_id: str) -> list[Attendance]:
    """Return who is in a room now. Hidden participants are not listed, nor those who left.

    The list may be missing. Raises `MalformedResponse` if it is and the room is not empty: that
    nobody is there would be wrong.
    """
    payload = to_object(reply.json())
    result = to_object(payload.get("result"))
    # The vendor's own client takes either place: docs/vendors/vconnct.md#v4-rooms
    at, room = ("result.", result.get("room_info")) if result else ("", payload.get("room"))
    rows = (result or payload).get("participants_info")
    if rows is not None:
        build = partial(_to_present, session_id=session_id)
        return WIRE.convert(reply, rows, PresentRow, build, f"{at}participants_info")
    people = to_int(WIRE.convert_value(room, HeadcountRow, f"{at}room").joined_participants)
    if people:
        raise MalformedResponse(
            f"{people} people are in the room and none is listed", path=f"$.{at}participants_info"
        )
    return []


def _to_present(row: PresentRow, native: Native, session_id: str) -> Attendance:
    joined_at, identity = to_time(row.joined_at), str(row.identity)
    is_admin = to_metadata(row.metadata, Rights).is_admin
    return Attendance(
        id=identity,
        session_id=session_id,
        display_name=row.name,
        email=_email(identity),
        role={True: Role.HOST, False: Role.ATTENDEE, None: Role.UNKNOWN}[is_admin],
        segments=(Segment(joined_at=joined_at),) if joined_at else (),
        precision=Precision.JOINED,
        native=native,
    )


# ----------------------------------------------------------------------------- who was in a room


@define
class AnalyticsRow:
    """A person in the analytics: the vendor's client and the engine document different fields."""

    user_id: Id | None = None
    name: str | None = None
    duration: int | float | str | None = None
    joined: Moment | None = None
    left: Moment | None = None


def read_attendance(reply: Reply, session_id: str) -> list[Attendance]:
    """Return how long each person was present, in any shape (docs/vendors/vconnct.md#v4-oddity-6).

    `participant_durations` (id to seconds), or rows as `participants` or `users`, are in `data` or
    at the top. Raises `MalformedResponse` without any of them: that nobody came would be wrong.
    """
    payload = to_object(reply.json())
    places = [to_object(payload.get("data")), payload]
    durations = [place.get("participant_durations") for place in places]
    rows = [place.get(name) for place in places for name in ("participants", "users")]
    shapes: list[Any] = [value for value in durations if isinstance(value, dict)]
    shapes += [value for value in rows if isinstance(value, list)]
    if not shapes:
        raise MalformedResponse(
            "the analytics have no participant_durations, participants or users", path="$.data"
        )
    people = max(shapes, key=bool)  # the first that is not empty
    if isinstance(people, dict):
        seconds_by_id = to_object(cast("object", people))
        numbered = enumerate(seconds_by_id.items(), 1)
        return [_read_duration(*pair, session_id, number) for number, pair in numbered]
    pairs = WIRE.convert(reply, people, AnalyticsRow, lambda row, native: (row, native), "data")
    return [_to_attendance(*pair, session_id, number) for number, pair in enumerate(pairs, 1)]


def _read_duration(identity: str, seconds: object, session_id: str, number: int) -> Attendance:
    return Attendance(
        id=identity or f"{session_id}:{number}",
        session_id=session_id,
        email=_email(identity),
        reported_duration=to_duration(seconds),
        precision=Precision.DURATION,
        native=Native({"participant_durations": {identity: seconds}}),
    )


def _to_attendance(row: AnalyticsRow, native: Native, session_id: str, number: int) -> Attendance:
    joined_at, left_at, duration = to_time(row.joined), to_time(row.left), to_duration(row.duration)
    segments: tuple[Segment, ...] = ()
    precision = Precision.DURATION
    # A duration says more than a join without a leave.
    if joined_at and (left_at or duration is None):
        segments = (Segment(joined_at=joined_at, left_at=left_at),)
        precision = Precision.SPAN if left_at else Precision.JOINED
    identity = str(row.user_id) if row.user_id is not None else ""
    return Attendance(
        # Without an id, two people of one name must not become one.
        id=identity or f"{session_id}:{number}",
        session_id=session_id,
        display_name=row.name,
        email=_email(identity),
        segments=segments,
        reported_duration=None if segments else duration,
        precision=precision,
        native=native,
    )


def _email(identity: str) -> str | None:
    return identity if "@" in identity else None  # `user_id` makes ids of addresses


# ------------------------------------------------------------------------------------ join links


@define
class LinkRow:
    """A link under one of three names (docs/vendors/vconnct.md#v4-oddity-8)."""

    final_link: str | None = None
    invitation_link: str | None = None
    invitation_url: str | None = None


def read_link(reply: Reply, role: Role, person: Person, room_id: str) -> JoinLink:
    """Return a join link."""

    def build(row: LinkRow, native: Native) -> JoinLink:
        url = row.invitation_link or row.invitation_url or row.final_link
        if not url:
            raise MalformedResponse("there is no link in the reply", path="$")
        return JoinLink(
            url=url, role=role, personal=True, person=person, session_id=room_id, native=native
        )

    return WIRE.record(reply, LinkRow, build)


def user_id(person: Person | None) -> str:
    """Return the id for which a link is made: the address, else the name."""
    identity = person and (person.email or person.display_name)
    if not identity:
        raise InvalidRequest("vconnct makes a link for a person; give email or name", field="name")
    return identity


# ------------------------------------------------------------------------------------ recordings


@define
class RecordRow:
    """Recordings; the default is not None, so that an odd `url` is never read as "none"."""

    url: str | None = ""


def read_recordings(reply: Reply, room_id: str) -> list[Recording]:
    """Return recordings: URLs with commas between them, or as v3 has them, a list."""
    payload = to_object(reply.json())
    if "data" not in payload:
        raise MalformedResponse("the reply has no data", path="$.data")
    data = payload["data"]
    listed: list[object] = cast("list[object]", data) if isinstance(data, list) else [data or {}]
    rows = WIRE.convert(reply, listed, RecordRow, lambda row, _: row, "data")
    urls = [url.strip() for row in rows for url in (row.url or "").split(",") if url.strip()]
    return [
        Recording(
            # Recordings have no ids, only URLs: docs/vendors/vconnct.md#v4-endpoints
            id=pack_id(room_id, number),
            room_id=room_id,
            session_id=room_id,
            status=RecordingStatus.READY if is_web_link(url) else RecordingStatus.UNKNOWN,
            files=(File(url=url),) if is_web_link(url) else (),
            native=WIRE.native(reply),
        )
        for number, url in enumerate(urls, 1)
    ]

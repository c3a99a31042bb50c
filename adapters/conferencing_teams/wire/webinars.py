"""Webinars and their sessions: replies as rooms, and drafts as JSON (docs/vendors/teams.md#webinars)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from attrs import define

from conferencing.errors import UnsupportedOption
from conferencing.http import Link, Reply, deep_merge, without_none
from conferencing.model import JoinLink, Person, Role, Room, RoomKind, RoomStatus
from conferencing.model.drafts import RoomDraft
from conferencing.model.native import Native
from conferencing.provider import replace_rows

from .base import WIRE, Form, ItemBodyRow, RoomKey, extract
from .meetings import find_status
from .zones import DateTimeRow, find_iana_name, read_moment, write_moment

__all__ = [
    "SessionRow",
    "is_canceled",
    "read_room",
    "read_rooms",
    "read_session_link",
    "read_sessions",
    "write_webinar",
]

CANCELED: Final = "canceled"
DRAFT: Final = "draft"


@define
class UserIdentityRow:
    """A person of a directory."""

    displayName: str | None = None  # noqa: N815 - Graph's spelling


@define
class IdentitySetRow:
    """Who made a webinar."""

    user: UserIdentityRow | None = None


@define
class WebinarRow:
    """A webinar. A canceled one stays (docs/vendors/teams.md#oddity-11)."""

    id: str
    displayName: str | None = None  # noqa: N815 - Graph's spelling
    description: ItemBodyRow | str | None = None
    startDateTime: DateTimeRow | None = None  # noqa: N815 - Graph's spelling
    endDateTime: DateTimeRow | None = None  # noqa: N815 - Graph's spelling
    status: str | None = None
    createdBy: IdentitySetRow | None = None  # noqa: N815 - Graph's spelling


@define
class SessionRow:
    """A planned session of a webinar, which has one.

    Its times have two forms (docs/vendors/teams.md#oddity-2) and are not read.
    """

    id: str
    subject: str | None = None
    joinWebUrl: Link | None = None  # noqa: N815 - Graph's spelling


# ------------------------------------------------------------------------------------------ reading


def read_room(reply: Reply, *, now: datetime) -> Room:
    """Return one webinar."""
    return WIRE.record(extract(reply), WebinarRow, partial(_to_room, now=now))


def read_rooms(reply: Reply, *, now: datetime) -> Sequence[Room]:
    """Return the webinars of a page, without the canceled ones."""
    rooms = WIRE.records(reply, WebinarRow, partial(_to_room, now=now), "value")
    return replace_rows(rooms, (room for room in rooms if not is_canceled(room)))


def is_canceled(room: Room) -> bool:
    """Return whether a webinar is over before it began, or was stopped: it can only be read."""
    return room.native.get("status") == CANCELED


def _to_room(row: WebinarRow, native: Native, *, now: datetime) -> Room:
    zone = find_iana_name(row.startDateTime.timeZone) if row.startDateTime else None
    start, end = read_moment(row.startDateTime), read_moment(row.endDateTime)
    user = row.createdBy.user if row.createdBy else None
    # The link is in the session, and takes another call (docs/vendors/teams.md#webinars).
    return Room(
        id=str(RoomKey(Form.WEBINAR, "", row.id)),
        name=row.displayName or "",
        kind=RoomKind.WEBINAR,
        status=_to_status(row, start, end, now),
        starts_at=start,
        duration=end - start if start and end else None,
        timezone=zone,
        entry=None,
        description=_to_text(row.description),
        registration=True,
        host=Person(name=user.displayName) if user and user.displayName else None,
        native=native,
    )


def _to_text(body: ItemBodyRow | str | None) -> str | None:
    """Return a description; plain text is a fault of some samples (docs/vendors/teams.md#oddity-3)."""
    text = body.content if isinstance(body, ItemBodyRow) else body
    return (text or "").strip() or None


def _to_status(
    row: WebinarRow, start: datetime | None, end: datetime | None, now: datetime
) -> RoomStatus:
    if row.status == CANCELED:
        return RoomStatus.ENDED
    by_clock = find_status(start, end, now)
    # Nobody can register for a draft, whatever its times (docs/vendors/teams.md#registrations).
    is_open = by_clock is RoomStatus.OPEN
    return RoomStatus.SCHEDULED if row.status == DRAFT and is_open else by_clock


def read_sessions(reply: Reply) -> list[SessionRow]:
    """Return the sessions of a webinar."""
    return WIRE.records(reply, SessionRow, lambda row, _: row, "value")


def read_session_link(
    reply: Reply, *, role: Role, person: Person | None = None, personal: bool = False
) -> JoinLink | None:
    """Return the link of the first session, or None where there is none yet."""
    urls = [row.joinWebUrl for row in read_sessions(reply) if row.joinWebUrl]
    if not urls:
        return None
    return JoinLink(url=urls[0], role=role, personal=personal, person=person)


# ------------------------------------------------------------------------------------------ writing


def write_webinar(
    draft: RoomDraft, times: tuple[datetime, datetime] | None, zone: str | None
) -> dict[str, Any]:
    """Return the body of a webinar, or the changes of one."""
    if draft.registration is False:
        raise UnsupportedOption(
            "people register for every webinar of Teams", field="registration", provider="teams"
        )
    fields = without_none(
        displayName=draft.name,
        description=None
        if draft.description is None
        else {"contentType": "text", "content": draft.description},
        startDateTime=write_moment(times[0], zone) if times else None,
        endDateTime=write_moment(times[1], zone) if times else None,
    )
    return deep_merge(fields, draft.native)

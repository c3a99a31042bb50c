"""Webinars: replies as rooms, and drafts as JSON (docs/vendors/gotowebinar.md#rooms)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from attrs import define

from conferencing.errors import UnsupportedOption
from conferencing.http import (
    Aware,
    Id,
    LaxInt,
    Link,
    Reply,
    deep_merge,
    to_int,
    without_none,
    write_utc,
)
from conferencing.model import JoinLink, Occurrence, Person, Role, Room, RoomKind, RoomStatus
from conferencing.model.drafts import RoomDraft
from conferencing.model.native import Native
from conferencing.model.zones import to_zone, zone_name

from .base import WIRE, read_embedded

LENGTH: Final = timedelta(hours=1)
"""How long a webinar lasts that is created without a duration, which GoTo does not permit."""


@define
class TimesRow:
    """The start and end of one date."""

    startTime: Aware | None = None
    endTime: Aware | None = None


@define
class RoomRow:
    """A webinar. Lists have `approvalType`; only a single one has `inSession` and the organizer."""

    webinarKey: Id
    subject: str | None = None
    description: str | None = None
    times: list[TimesRow] | None = None
    timeZone: str | None = None
    inSession: bool | None = None
    approvalType: str | None = None
    registrationUrl: Link | None = None
    registrationLimit: LaxInt | None = None
    organizerEmail: str | None = None
    organizerName: str | None = None


@define
class PairRow:
    """A date that is sent back."""

    startTime: Aware
    endTime: Aware


@define
class DefinitionRow:
    """All of a webinar that a change sends back: what cannot be read would be lost.

    docs/vendors/gotowebinar.md#oddity-8
    """

    webinarKey: Id
    subject: str
    times: list[PairRow]
    description: str | None = ""  # not None, so that an odd value is an error
    timeZone: str | None = ""
    locale: str | None = ""


@define
class HostLinkRow:
    """The link that opens the organizer's program."""

    startUrl: str


def read_definition(reply: Reply) -> dict[str, Any]:
    """Return what a change of a webinar has to send back."""
    # Settings of mails are in no reply, so that `native` has to repeat them
    # (docs/vendors/gotowebinar.md#oddity-8).
    row = WIRE.read(reply, DefinitionRow)
    return {
        "subject": row.subject,
        "description": row.description or "",
        "times": [_write_times(pair.startTime, pair.endTime) for pair in row.times],
        "timeZone": row.timeZone,
        "locale": row.locale,
    }


def read_key(reply: Reply) -> str:
    """Return the key of a webinar that was created, of which the reply has nothing else."""
    return str(WIRE.read(reply, RoomRow).webinarKey)


def read_room(reply: Reply, *, now: datetime) -> Room:
    """Return one webinar."""
    return WIRE.record(reply, RoomRow, partial(to_room, now=now))


def read_rooms(reply: Reply, *, now: datetime) -> list[Room]:
    """Return a page of webinars."""
    return read_embedded(reply, RoomRow, partial(to_room, now=now), "webinars")


def read_live_rooms(reply: Reply, *, now: datetime) -> list[Room]:
    """Return the webinars that are in session, whose list is a bare array."""
    return WIRE.records(reply, RoomRow, partial(to_room, now=now, live=True))


def to_room(row: RoomRow, native: Native, *, now: datetime, live: bool = False) -> Room:
    """Return a room. Everybody who attends a webinar is registered for it."""
    dates = [_to_occurrence(times, row.timeZone) for times in row.times or () if times.startTime]
    first = dates[0] if dates else Occurrence(id="")
    host = Person(email=row.organizerEmail or None, name=row.organizerName or None)
    return Room(
        id=str(row.webinarKey),
        name=row.subject or "",
        kind=RoomKind.WEBINAR,
        status=RoomStatus.LIVE if live or row.inSession else _to_status(dates, now),
        starts_at=first.starts_at,
        duration=first.duration,
        timezone=row.timeZone,
        join_url=row.registrationUrl,
        description=row.description or None,
        registration=True,
        # Only lists tell it (docs/vendors/gotowebinar.md#rooms).
        approval={"MANUAL": True, "AUTOMATIC": False}.get(row.approvalType or ""),
        capacity=to_int(row.registrationLimit),
        host=host if host.email or host.name else None,
        occurrences=tuple(dates) if len(dates) > 1 else (),
        native=native,
    )


def _to_occurrence(row: TimesRow, timezone: str | None) -> Occurrence:
    start, end = row.startTime, row.endTime
    # All dates of a sequence have one key, so that their starts tell them apart
    # (docs/vendors/gotowebinar.md#rooms).
    return Occurrence(
        id=write_utc(start) if start else "",
        starts_at=to_zone(start, timezone),
        duration=end - start if start and end else None,
    )


def _to_status(dates: Sequence[Occurrence], now: datetime) -> RoomStatus:
    """Return the status by the clock: between start and end a webinar can be entered."""
    times = [(date.starts_at, date.duration) for date in dates if date.starts_at]
    if not times:
        return RoomStatus.UNKNOWN
    if any(start and start <= now < start + (duration or timedelta()) for start, duration in times):
        return RoomStatus.OPEN
    return (
        RoomStatus.SCHEDULED
        if any(start and start > now for start, _ in times)
        else RoomStatus.ENDED
    )


def read_host_link(reply: Reply) -> JoinLink:
    """Return the link by which the organizer, who has to sign in, starts a webinar."""
    return JoinLink(url=WIRE.read(reply, HostLinkRow).startUrl, role=Role.HOST)


def to_created_room(key: str, body: Mapping[str, Any], now: datetime) -> Room:
    """Return a webinar that was created, of which nothing is known but what was sent."""
    # The reply has keys alone (docs/vendors/gotowebinar.md#oddity-7).
    sent = WIRE.convert_value({**body, "webinarKey": key}, RoomRow)
    return to_room(sent, Native({"webinarKey": key}, WIRE.secret), now=now)


def write_room(draft: RoomDraft, now: datetime) -> dict[str, Any]:
    """Return the body for a draft. Without a start, a webinar starts at the next full minute."""
    start = draft.starts_at or now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    # A sequence has a rule in place of times: docs/vendors/gotowebinar.md#oddity-10
    ruled = "recurrenceStart" in draft.native
    fields = without_none(
        subject=draft.name,
        description=draft.description or "",  # docs/vendors/gotowebinar.md#oddity-12
        times=None if ruled else [_write_times(start, start + (draft.duration or LENGTH))],
        # Without one, the organizer's own zone counts (docs/vendors/gotowebinar.md#times).
        timeZone=draft.timezone or zone_name(draft.starts_at),
    )
    return deep_merge(fields, draft.native)


def _write_times(start: datetime, end: datetime) -> dict[str, str]:
    return {"startTime": write_utc(start), "endTime": write_utc(end)}


def write_changes(before: Mapping[str, Any], changes: RoomDraft) -> dict[str, Any]:
    """Return the whole definition of a webinar with changes, since it is replaced."""
    changed = without_none(
        subject=changes.name,
        description=changes.description,
        times=_write_changed_times(before["times"], changes),
        timeZone=changes.timezone or zone_name(changes.starts_at),
    )
    # A blank description is sent all the same (docs/vendors/gotowebinar.md#oddity-12).
    kept = {name: value for name, value in before.items() if value or name == "description"}
    return deep_merge(kept | changed, changes.native)


def _write_changed_times(
    times: Sequence[Mapping[str, str]], changes: RoomDraft
) -> list[dict[str, str]] | None:
    if changes.starts_at is None and changes.duration is None:
        return None
    if len(times) != 1:
        raise UnsupportedOption(
            "this webinar has not one date: pass all of them, native={'times': [...]}",
            field="starts_at" if changes.starts_at else "duration",
        )
    start, end = (datetime.fromisoformat(times[0][name]) for name in ("startTime", "endTime"))
    first = changes.starts_at or start
    return [_write_times(first, first + (changes.duration or end - start))]


def is_pending(body: Mapping[str, Any], before: Mapping[str, Any], room: Room) -> bool:
    """Return whether a change that was accepted does not show yet.

    docs/vendors/gotowebinar.md#oddity-7
    """
    shown = {
        "subject": room.name,
        "description": room.description or "",
        "timeZone": room.timezone,
        "times": [
            _write_times(date.starts_at, date.starts_at + date.duration)
            for date in room.occurrences or (room,)
            if date.starts_at and date.duration
        ],
    }
    return any(
        body.get(name) != before[name] and value == before[name] for name, value in shown.items()
    )

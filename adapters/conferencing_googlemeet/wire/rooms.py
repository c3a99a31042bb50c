"""Events of a calendar with a Meet conference (docs/vendors/googlemeet.md#events)."""

from __future__ import annotations

from base64 import b32hexencode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Any, Final, cast
from uuid import UUID

from attrs import define, frozen

from conferencing.errors import (
    Conflict,
    InvalidRequest,
    MalformedResponse,
    NotFound,
    Sent,
    UnsupportedOption,
)
from conferencing.http import Link, Reply, deep_merge, without_none
from conferencing.model import (
    Occurrence,
    Participant,
    Person,
    Room,
    RoomKind,
    RoomStatus,
    SignIn,
    parse_recurrence,
    plan_dates,
)
from conferencing.model.drafts import RoomDraft
from conferencing.model.native import Native
from conferencing.model.zones import to_zone, zone_name

from .base import WIRE, EventId, Time, to_time
from .people import AttendeeRow, to_participants, write_attendee
from .spaces import SpaceRow, to_entry, to_settings, to_waiting_room

__all__ = [
    "MARK",
    "EventRow",
    "ReadEvent",
    "add_space",
    "make_event_id",
    "read_created_event",
    "read_event",
    "read_instances",
    "read_rooms",
    "to_room",
    "write_changes",
    "write_event",
]

HOUR: Final = timedelta(hours=1)
MEET: Final = "hangoutsMeet"
MARK: Final = ("conferencing", "room")
"""A private property of the events that are rooms, so that other dates are never listed."""


@define
class TimeRow:
    """A start or an end: a time, or the date of an event of whole days."""

    dateTime: Time | None = None  # noqa: N815
    date: str | None = None
    timeZone: str | None = None  # noqa: N815

    def read(self) -> datetime | None:
        """Return the time in its zone; a date is not an instant without the calendar's zone."""
        return to_zone(to_time(self.dateTime), self.timeZone)


@define
class KeyRow:
    type: str | None = None


@define
class StatusRow:
    statusCode: str | None = None  # noqa: N815


@define
class CreateRequestRow:
    conferenceSolutionKey: KeyRow | None = None  # noqa: N815
    status: StatusRow | None = None


@define
class SolutionRow:
    key: KeyRow | None = None


@define
class EntryPointRow:
    entryPointType: str | None = None  # noqa: N815
    uri: Link | None = None


@define
class ConferenceRow:
    createRequest: CreateRequestRow | None = None  # noqa: N815
    conferenceSolution: SolutionRow | None = None  # noqa: N815
    entryPoints: list[EntryPointRow] | None = None  # noqa: N815
    conferenceId: str | None = None  # noqa: N815


@define
class OrganizerRow:
    email: str | None = None
    displayName: str | None = None  # noqa: N815


@define
class PropertiesRow:
    private: dict[str, str] | None = None


@define
class EventRow:
    """An event; only the id is always there."""

    id: str
    status: str | None = None
    etag: str | None = None
    summary: str | None = None
    description: str | None = None
    start: TimeRow | None = None
    end: TimeRow | None = None
    originalStartTime: TimeRow | None = None  # noqa: N815
    recurringEventId: str | None = None  # noqa: N815
    recurrence: list[str] | None = None
    organizer: OrganizerRow | None = None
    attendees: list[AttendeeRow] | None = None
    attendeesOmitted: bool | None = None  # noqa: N815
    hangoutLink: Link | None = None  # noqa: N815
    conferenceData: ConferenceRow | None = None  # noqa: N815
    extendedProperties: PropertiesRow | None = None  # noqa: N815
    created: Time | None = None
    updated: Time | None = None

    @property
    def progress(self) -> str | None:
        """How far Google is with a new conference: `success`, `pending` or `failure`."""
        request = self.conferenceData.createRequest if self.conferenceData else None
        return request.status.statusCode if request and request.status else None

    @property
    def code(self) -> str | None:
        """The code of the space, which works in GET only (docs/vendors/googlemeet.md#oddity-3)."""
        return self.conferenceData.conferenceId if self.conferenceData else None

    @property
    def link(self) -> str | None:
        """The link to the space."""
        points = (self.conferenceData.entryPoints if self.conferenceData else None) or ()
        video = (point.uri for point in points if point.entryPointType == "video")
        return next(filter(None, video), self.hangoutLink)

    @property
    def is_meet(self) -> bool:
        """Whether it has a conference of Meet, and not of another vendor, or will have one."""
        data = self.conferenceData
        if data is None:
            return self.hangoutLink is not None
        # Other vendors' conferences are no rooms (docs/vendors/googlemeet.md#oddity-15). One that
        # is pending has no solution yet: its request names the type.
        keys = [part.key for part in (data.conferenceSolution,) if part]
        keys += [part.conferenceSolutionKey for part in (data.createRequest,) if part]
        types = {key.type for key in keys if key}
        return MEET in types if types else self.hangoutLink is not None

    @property
    def duration(self) -> timedelta | None:
        """How long it is planned."""
        start = self.start.read() if self.start else None
        end = self.end.read() if self.end else None
        if start is None or end is None:
            return self._days
        # In UTC: within one zone, Python subtracts by the wall clock, and ignores a clock change.
        return end.astimezone(UTC) - start.astimezone(UTC)

    @property
    def _days(self) -> timedelta | None:
        dates = [each.date for each in (self.start, self.end) if each and each.date]
        try:
            first, after = map(datetime.fromisoformat, dates)
        except ValueError:  # a date is missing or malformed
            return None
        return after - first  # the end of whole days is the day after the last one

    @property
    def rule(self) -> str | None:
        """The rule of a series, without its name."""
        lines = self.recurrence or ()
        rules = (line for line in lines if line.upper().startswith("RRULE:"))
        return next((line.partition(":")[2] for line in rules), None)

    @property
    def invited(self) -> tuple[str, ...]:
        """The addresses of those who are invited."""
        return tuple(row.email for row in self.attendees or () if row.email and not row.resource)


@frozen
class ReadEvent:
    """An event with its `native`."""

    row: EventRow
    native: Native

    @property
    def is_marked(self) -> bool:
        """Whether it was created as a room."""
        name, value = MARK
        properties = self.row.extendedProperties
        return bool(properties and (properties.private or {}).get(name) == value)

    def list_attendees(self) -> list[Mapping[str, Any]]:
        """Return the guests as Google sent them: a change sends all of them back, unchanged.

        Raises `Conflict` if Google left some out: they would be removed, since a change replaces
        the list (docs/vendors/googlemeet.md#oddity-6).
        """
        if self.row.attendeesOmitted:
            raise Conflict("Google sent a part of the guests only", sent=Sent.YES)
        return [*cast("Sequence[Mapping[str, Any]]", self.native.get("attendees") or ())]

    def list_participants(self, room_id: str) -> list[Participant]:
        """Return the guests in neutral terms."""
        return to_participants(self.row.attendees or [], self.list_attendees(), room_id)


def read_event(reply: Reply) -> ReadEvent:
    """Return an event. Raises `NotFound` for one that is cancelled, or that is not a room.

    Cancelled events stay under their id for ever (docs/vendors/googlemeet.md#oddity-5).
    """
    event = WIRE.record(reply, EventRow, ReadEvent)
    if event.row.status == "cancelled":
        raise NotFound("the event is cancelled", sent=Sent.YES)
    if not event.row.is_meet:
        raise NotFound("the event has no conference of Google Meet", sent=Sent.YES)
    return event


def read_created_event(reply: Reply) -> ReadEvent:
    """Return a new event. Raises `MalformedResponse` if Google has dropped its conference."""
    event = WIRE.record(reply, EventRow, ReadEvent)
    # The status is 200 then; a pending conference has no link yet, but a status of its own
    # (docs/vendors/googlemeet.md#oddity-1).
    if event.row.link is None and event.row.progress is None:
        raise MalformedResponse(
            "the event was created without a conference", path="$.conferenceData", sent=Sent.YES
        )
    return event


def read_rooms(reply: Reply, *, owner: str, calendar: str, now: datetime) -> list[Room]:
    """Return a page of rooms, without what only their spaces know.

    The changed dates of a series are listed beside it, and are not rooms of their own.
    """
    events = WIRE.records(reply, EventRow, ReadEvent, "items")
    build = partial(to_room, owner=owner, calendar=calendar, now=now)
    rooms = [event for event in events if event.row.is_meet and not event.row.recurringEventId]
    return [build(event) for event in rooms]


def read_instances(reply: Reply) -> list[Occurrence]:
    """Return a page of the dates of a series."""
    return WIRE.records(reply, EventRow, _to_occurrence, "items")


def _to_occurrence(row: EventRow, native: Native) -> Occurrence:  # noqa: ARG001
    # By Google's discovery document, a cancelled date may have only its ids and this start.
    start = row.start or row.originalStartTime
    return Occurrence(
        id=row.id,
        starts_at=start.read() if start else None,
        duration=row.duration,
        cancelled=row.status == "cancelled",
    )


def to_room(
    event: ReadEvent,
    *,
    owner: str,
    calendar: str,
    now: datetime,
    occurrences: Sequence[Occurrence] = (),
) -> Room:
    """Return a room, as far as its event knows it."""
    row = event.row
    start = row.start.read() if row.start else None
    organizer = row.organizer
    return Room(
        id=str(EventId(owner, calendar, row.id)),
        name=row.summary or "",
        kind=RoomKind.MEETING,
        status=_to_status(row, occurrences, now),
        starts_at=start,
        duration=row.duration,
        timezone=row.start.timeZone if row.start else None,
        permanent=False,  # yet the space outlives its event (docs/vendors/googlemeet.md#events)
        join_url=row.link,
        description=row.description or None,
        host=(
            Person(email=organizer.email, name=organizer.displayName)
            if organizer and organizer.email
            else None
        ),
        recurrence=row.rule,
        occurrences=tuple(occurrences),
        created_at=to_time(row.created),
        updated_at=to_time(row.updated),
        native=event.native,
    )


def add_space(room: Room, row: EventRow, space: SpaceRow) -> dict[str, Any]:
    """Return the fields of a room that its space knows."""
    return {
        "entry": to_entry(space, row.invited),
        "waiting_room": to_waiting_room(space),
        "settings": to_settings(space),
        "status": RoomStatus.LIVE if space.running else room.status,
    }


def _to_status(row: EventRow, dates: Sequence[Occurrence], now: datetime) -> RoomStatus:
    """Return the status by the clock; that of a series by its dates, or else by its rule."""
    start = row.start.read() if row.start else None
    if start is None:
        return RoomStatus.UNKNOWN
    duration = row.duration or timedelta()
    planned = [
        (date.starts_at, date.duration or duration)
        for date in dates
        if date.starts_at is not None and not date.cancelled
    ]
    planned = planned or [(each, duration) for each in _plan(row, start)]
    if min(begin for begin, _ in planned) > now:
        return RoomStatus.SCHEDULED
    last = max(begin.astimezone(UTC) + each for begin, each in planned)
    return RoomStatus.ENDED if last <= now else RoomStatus.OPEN


def _plan(row: EventRow, start: datetime) -> Sequence[datetime]:
    try:
        return plan_dates(row.rule, start) or [start] if row.rule else [start]
    except (InvalidRequest, ValueError):  # an hourly rule, made by another program
        return [start]


# ------------------------------------------------------------------------------------------ drafts


def make_event_id(key: str | UUID) -> str:
    """Return the id of an event for a key of the caller's own, such as the number of an order.

    The same key gives the same id, and so the same room, however often it is created:
    `create_room(..., native={"id": make_event_id("order-17")})`.
    """
    # Ids have `a` to `v` and `0` to `9`, which is Base32hex (docs/vendors/googlemeet.md#events).
    raw = key.bytes if isinstance(key, UUID) else sha256(key.encode()).digest()[:16]
    return b32hexencode(raw).decode().lower().rstrip("=")


def write_event(draft: RoomDraft, event_id: str, now: datetime) -> dict[str, Any]:
    """Return the body of a new event. Without a start it begins now, and it lasts an hour.

    Calendar has no event without a start and an end.
    """
    start = draft.starts_at or now.replace(second=0, microsecond=0)
    name, value = MARK
    fields = without_none(
        id=event_id,
        summary=draft.name,
        description=draft.description,
        start=_write_time(start, draft),
        end=_write_time(_add(start, draft.duration or HOUR), draft),
        recurrence=_write_recurrence(draft, start),
        attendees=_write_attendees(draft) or None,
        # `requestId` prevents a second conference, and `id` a second event
        # (docs/vendors/googlemeet.md#events).
        conferenceData={
            "createRequest": {"requestId": event_id, "conferenceSolutionKey": {"type": MEET}}
        },
        extendedProperties={"private": {name: value}},
    )
    return deep_merge(fields, _native_of(draft))


def write_changes(draft: RoomDraft, row: EventRow) -> dict[str, Any]:
    """Return the changes to an event: a new start keeps the duration, and vice versa."""
    # PATCH keeps what is left out (docs/vendors/googlemeet.md#events).
    fields = without_none(summary=draft.name, description=draft.description)
    if draft.starts_at or draft.duration or draft.timezone:
        zone = row.start.timeZone if row.start else None
        start = draft.starts_at or to_zone(row.start.read() if row.start else None, zone)
        if start is None:
            raise UnsupportedOption(
                "an event of whole days has no time; pass starts_at as well", field="starts_at"
            )
        duration = draft.duration or row.duration or HOUR
        fields["start"] = _write_time(start, draft, zone)
        fields["end"] = _write_time(_add(start, duration), draft, zone)
        if row.start and row.start.date:  # PATCH merges: a date would stay beside the time
            fields["start"]["date"] = fields["end"]["date"] = None
    if draft.recurrence is not None:
        begin = draft.starts_at or (row.start.read() if row.start else None)
        fields["recurrence"] = _write_recurrence(draft, begin)
    return deep_merge(fields, _native_of(draft))


def _native_of(draft: RoomDraft) -> Mapping[str, Any]:
    """Return the native fields of the event; `config` is that of the space."""
    return {name: value for name, value in draft.native.items() if name != "config"}


def _add(start: datetime, duration: timedelta) -> datetime:
    # In UTC: added to the wall clock, the duration would change with the clocks.
    return (start.astimezone(UTC) + duration).astimezone(start.tzinfo)


def _write_time(moment: datetime, draft: RoomDraft, zone: str | None = None) -> dict[str, Any]:
    """Return a time in whole seconds, as Calendar has them, with its offset and its zone."""
    name = draft.timezone or zone_name(moment) or zone
    local = to_zone(moment, name) or moment
    text = local.replace(microsecond=0).isoformat()
    return without_none(dateTime=text, timeZone=name or ("UTC" if local.tzinfo is UTC else None))


def _write_recurrence(draft: RoomDraft, start: datetime | None) -> list[str] | None:
    if draft.recurrence is None:
        return None
    # Calendar requires a zone; an offset does not name one (docs/vendors/googlemeet.md#events).
    zone = draft.timezone or zone_name(start)
    if zone is None and (start is None or start.tzinfo is not UTC):
        raise InvalidRequest(
            "a recurring event needs the zone of its days: pass timezone, such as 'Europe/Warsaw'",
            field="timezone",
        )
    return [f"RRULE:{parse_recurrence(draft.recurrence)}"]


def _write_attendees(draft: RoomDraft) -> list[dict[str, Any]]:
    """Return the guests: those in `people`, and those whom a rule of entry names."""
    # `RESTRICTED` names nobody: it admits the guests (docs/vendors/googlemeet.md#spaces).
    people = [invitee.person for invitee in draft.people or () if invitee.person]
    rules = [rule for rule in draft.entry or () if isinstance(rule, SignIn) and rule.email]
    named = {person.email for person in people}
    people += [Person(email=rule.email) for rule in rules if rule.email not in named]
    if not all(person.email for person in people):
        raise InvalidRequest("people needs an e-mail address for each", field="people")
    return [write_attendee(person) for person in people]

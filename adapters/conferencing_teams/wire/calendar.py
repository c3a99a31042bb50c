"""Calendar events with a link to a meeting: replies as rooms, and drafts as JSON.

docs/vendors/teams.md#events
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from attrs import define

from conferencing.errors import InvalidRequest, UnsupportedOption
from conferencing.http import Link, Reply, deep_merge, without_none
from conferencing.model import (
    Anyone,
    Occurrence,
    Person,
    Role,
    Room,
    RoomKind,
    RoomStatus,
    parse_recurrence,
    plan_dates,
)
from conferencing.model.drafts import Invitation, Invitee, RoomDraft
from conferencing.model.native import Native
from conferencing.model.zones import to_zone, zone_name
from conferencing.provider import replace_rows

from .base import WIRE, Form, ItemBodyRow, RoomKey
from .meetings import find_status
from .recurrence import RecurrenceRow, read_recurrence, write_recurrence
from .zones import (
    UTC_NAME,
    DateTimeRow,
    find_iana_name,
    find_windows_name,
    parse_instant,
    read_moment,
    write_moment,
)

__all__ = [
    "PREFER",
    "has_meeting",
    "list_bounds",
    "read_occurrences",
    "read_room",
    "read_rooms",
    "write_event",
    "write_forward",
]

PREFER: Final = {
    "Prefer": 'outlook.timezone="UTC", outlook.body-content-type="text", IdType="ImmutableId"'
}
"""Goes with every call: times in UTC, bodies as text, and ids that survive a move."""

YEAR: Final = timedelta(days=366)


@define
class OnlineMeetingRow:
    """The link of an event."""

    joinUrl: Link | None = None  # noqa: N815 - Graph's spelling


@define
class EmailAddressRow:
    """An address with a name."""

    address: str | None = None
    name: str | None = None


@define
class RecipientRow:
    """Who organizes an event."""

    emailAddress: EmailAddressRow | None = None  # noqa: N815 - Graph's spelling


@define
class EventRow:
    """An event of a calendar, or one date of a series."""

    id: str
    subject: str | None = None
    start: DateTimeRow | None = None
    end: DateTimeRow | None = None
    originalStartTimeZone: str | None = None  # noqa: N815 - Graph's spelling
    isCancelled: bool | None = None  # noqa: N815 - Graph's spelling
    isOrganizer: bool | None = None  # noqa: N815 - Graph's spelling
    isOnlineMeeting: bool | None = None  # noqa: N815 - Graph's spelling
    onlineMeeting: OnlineMeetingRow | None = None  # noqa: N815 - Graph's spelling
    body: ItemBodyRow | None = None
    organizer: RecipientRow | None = None
    recurrence: RecurrenceRow | None = None
    createdDateTime: str | None = None  # noqa: N815 - Graph's spelling
    lastModifiedDateTime: str | None = None  # noqa: N815 - Graph's spelling


# ------------------------------------------------------------------------------------------ reading


def read_room(reply: Reply, *, owner: str, now: datetime) -> Room:
    """Return one event."""
    return WIRE.record(reply, EventRow, partial(_to_room, owner=owner, now=now))


def read_rooms(reply: Reply, *, owner: str, now: datetime) -> Sequence[Room]:
    """Return the events of a page that have a link and are the owner's own."""
    build = partial(_to_pair, owner=owner, now=now)
    pairs = WIRE.records(reply, EventRow, build, "value")
    # A calendar also has the events of others to which the owner is invited.
    own = (room for row, room in pairs if row.isOnlineMeeting and row.isOrganizer is not False)
    return replace_rows(pairs, own)


def _to_pair(row: EventRow, native: Native, *, owner: str, now: datetime) -> tuple[EventRow, Room]:
    return row, _to_room(row, native, owner=owner, now=now)


def _to_room(row: EventRow, native: Native, *, owner: str, now: datetime) -> Room:
    start = read_moment(row.start, row.originalStartTimeZone)
    end = read_moment(row.end)  # its zone is not shown, only its distance from the start
    rule = read_recurrence(row.recurrence)
    # Lobby and settings are those of the meeting behind the event (docs/vendors/teams.md#forms).
    return Room(
        id=str(RoomKey(Form.EVENT, owner, row.id)),
        name=row.subject or "",
        kind=RoomKind.MEETING,
        status=_find_status(row, start, end, now),
        starts_at=start,
        duration=end - start if start and end else None,
        timezone=find_iana_name(row.originalStartTimeZone),
        entry=(Anyone(),),
        join_url=row.onlineMeeting.joinUrl if row.onlineMeeting else None,
        description=((row.body.content if row.body else None) or "").strip() or None,
        host=_to_person(row.organizer),
        recurrence=rule,
        created_at=parse_instant(row.createdDateTime),
        updated_at=parse_instant(row.lastModifiedDateTime),
        native=native,
    )


def _to_person(row: RecipientRow | None) -> Person | None:
    address = row.emailAddress if row else None
    if address is None or not (address.address or address.name):
        return None
    return Person(email=address.address or None, name=address.name or None)


def _find_status(
    row: EventRow, start: datetime | None, end: datetime | None, now: datetime
) -> RoomStatus:
    """Return the status. A series ends with its last date, which is not in the event."""
    if row.isCancelled:
        return RoomStatus.ENDED
    status = find_status(start, end, now)
    if row.recurrence is None or status is not RoomStatus.ENDED or start is None or end is None:
        return status
    rule = read_recurrence(row.recurrence)
    if rule is None:
        return RoomStatus.UNKNOWN
    bounds = list_bounds(rule, start, now)
    return RoomStatus.OPEN if bounds[1] > now else RoomStatus.ENDED


def has_meeting(room: Room) -> bool:
    """Return whether an event has a link: where the mailbox has no Teams, it has none."""
    return bool(room.join_url) and room.native.get("isOnlineMeeting") is not False


def list_bounds(rule: str, start: datetime, now: datetime) -> tuple[datetime, datetime]:
    """Return between which times the dates of a series are: up to a year from now without an end."""
    parsed = parse_recurrence(rule)
    dates = plan_dates(parsed, start)
    if parsed.count is None and parsed.until is None:
        return start, max(start, now) + YEAR
    return start, (dates[-1] if dates else start) + timedelta(days=1)


def read_occurrences(reply: Reply, timezone: str | None) -> list[Occurrence]:
    """Return a page of the dates of a series."""
    return WIRE.records(reply, EventRow, partial(_to_occurrence, timezone=timezone), "value")


def _to_occurrence(row: EventRow, native: Native, *, timezone: str | None) -> Occurrence:  # noqa: ARG001
    start, end = read_moment(row.start), read_moment(row.end)
    return Occurrence(
        id=row.id,
        starts_at=to_zone(start, timezone),
        duration=end - start if start and end else None,
        cancelled=bool(row.isCancelled),
    )


# ------------------------------------------------------------------------------------------ writing


def write_event(
    draft: RoomDraft,
    times: tuple[datetime, datetime] | None,
    zone: str | None,
    transaction_id: str | None = None,
) -> dict[str, Any]:
    """Return the body of a new event, or the changes of one.

    Graph makes an event once for each `transaction_id`. `zone` is the IANA name of the zone to plan
    in.
    """
    new = {
        "isOnlineMeeting": True,
        "onlineMeetingProvider": "teamsForBusiness",
        "transactionId": transaction_id,
    }
    fields = without_none(
        subject=draft.name,
        body=None
        if draft.description is None
        else {"contentType": "text", "content": draft.description},
        start=write_moment(times[0], zone) if times else None,
        end=write_moment(times[1], zone) if times else None,
        recurrence=_write_recurrence(draft.recurrence, times, zone),
        # Replaces the whole list, and mails the people on it (docs/vendors/teams.md#events).
        attendees=[_write_attendee(invitee) for invitee in draft.people] if draft.people else None,
        **(new if transaction_id else {}),
    )
    return deep_merge(fields, draft.native)


def _write_recurrence(
    rule: str | None, times: tuple[datetime, datetime] | None, zone: str | None
) -> dict[str, Any] | None:
    """Return the recurrence. Raises `InvalidRequest` where its zone cannot be said.

    In UTC, the dates would move by an hour when the clocks of the zone change.
    """
    if rule is None or times is None:
        return None
    name = zone or zone_name(times[0])
    local = to_zone(times[0], name) or times[0]
    written = write_moment(times[0], name)["timeZone"]
    if written == UTC_NAME and not _is_utc(name, local):
        raise InvalidRequest(
            "Teams cannot plan a series at this time: it has no name for the zone, or the first"
            " date is in the hour that the clock shows twice; pass timezone, such as 'Europe/Warsaw'",
            field="timezone",
        )
    return write_recurrence(parse_recurrence(rule), local, written)


def _is_utc(name: str | None, local: datetime) -> bool:
    # GMT has no Windows name, although it is UTC.
    if name is None or name == "GMT":
        return local.utcoffset() == timedelta()
    return find_windows_name(name) == UTC_NAME


def _write_attendee(invitee: Invitee) -> dict[str, Any]:
    if invitee.role is not Role.ATTENDEE or invitee.person is None or not invitee.person.email:
        raise UnsupportedOption(
            "people of a calendar event are attendees, each with an e-mail address",
            field="people",
            provider="teams",
        )
    return {"type": "required", **_write_recipient(invitee.person)}


def _write_recipient(person: Person) -> dict[str, Any]:
    address = without_none(address=person.email, name=person.display_name)
    return {"emailAddress": address}


def write_forward(invitation: Invitation) -> dict[str, Any]:
    """Return the body that mails the invitation of an event to more people."""
    recipients = [_write_recipient(person) for person in invitation.people]
    return deep_merge({"toRecipients": recipients}, invitation.native)

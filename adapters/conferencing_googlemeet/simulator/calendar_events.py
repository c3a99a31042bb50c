"""Events of calendars as they are kept and shown, with their conferences: docs/vendors/googlemeet.md#events"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from attrs import evolve

from conferencing.errors import InvalidRequest
from conferencing.model import Participant, Person, Role, Room, RoomKind, plan_dates
from conferencing.model.emails import same_email
from conferencing.model.names import split_name
from conferencing.model.zones import find_zone

from .endpoints import Query
from .errors import calendar_failure
from .formats import HEX, calendar_time, find_part, instance_id
from .spaces import sync_space
from .state import CALENDAR_APP, Caller, Event, MeetState

__all__ = [
    "MAILS",
    "check_body",
    "clean_body",
    "event_row",
    "find_dates",
    "find_event",
    "is_there",
    "list_addresses",
    "mail_people",
    "make_conference",
    "own_calendar",
    "sync_event",
    "to_moment",
]

READ_ONLY: Final = {
    *("kind", "etag", "htmlLink", "created", "updated", "creator", "organizer", "iCalUID"),
    *("hangoutLink", "sequence", "recurringEventId", "privateCopy", "locked"),
}
ID: Final = re.compile(f"[{HEX}]{{5,1024}}")
INSTANCE: Final = re.compile(r"(.+)_(\d{8}T\d{6}Z)")
MAILS: Final = ("all", "externalOnly", "none")
MEET: Final = "hangoutsMeet"
Row = dict[str, Any]


# ----------------------------------------------------------------------------------- finding things


def own_calendar(simulator: MeetState, caller: Caller, calendar: str) -> str:
    """Return the address of a calendar. Raises `Refusal` for one that is not the caller's."""
    address = caller.email if calendar == "primary" else calendar
    if not same_email(address, caller.email):
        raise calendar_failure(404, "notFound", "Not Found")
    return caller.email


def find_event(simulator: MeetState, caller: Caller, calendar: str, event_id: str) -> Event:
    """Return an event, also one that is deleted, or a date of a series. Raises `Refusal`."""
    simulator.adopt_rooms()
    events = simulator.calendars[own_calendar(simulator, caller, calendar)]
    event = events.get(event_id)
    if event is None:
        match = INSTANCE.fullmatch(event_id)
        series = events.get(match[1]) if match else None
        for date in find_dates(simulator, series) if series else ():
            if date.body["id"] == event_id:
                return date
    gone = event is not None and not event.cancelled and not is_there(simulator, event)
    if event is None or gone:
        raise calendar_failure(404, "notFound", "Not Found")
    return event


def is_there(simulator: MeetState, event: Event) -> bool:
    """Return whether the room of an event is in the world: a test may have removed it."""
    room_id = event.body.get("recurringEventId") or event.body["id"]
    return event.space_id is None or room_id in simulator.world.rooms


# ------------------------------------------------------------------------------------ what is shown


def event_row(simulator: MeetState, event: Event, query: Query | None = None) -> Row:
    """Return an event. What is empty or usual is left out."""
    if event.cancelled and "summary" not in event.body:
        return {"kind": "calendar#event", "etag": event.etag, **event.body}
    body, event_id = event.body, event.body["id"]
    user = {"email": event.calendar, "self": True}
    eid = urlsafe_b64encode(f"{event_id} {event.calendar}".encode()).rstrip(b"=").decode()
    zone = (query.text("timeZone") if query else None) or None
    row: Row = {
        "kind": "calendar#event",
        "etag": event.etag,
        "id": event_id,
        "status": body.get("status", "confirmed"),
        "htmlLink": f"https://www.google.com/calendar/event?eid={eid}",
        "created": calendar_time(event.created.replace(microsecond=0)),
        "updated": calendar_time(event.updated),
        **{name: value for name, value in body.items() if name not in {"id", "status"}},
        "creator": user,
        "organizer": user,
        "iCalUID": f"{event_id}@google.com",
        "sequence": event.sequence,
        "reminders": {"useDefault": True},
        "eventType": "default",
    }
    for name in ("start", "end", "originalStartTime"):
        if name in row:
            row[name] = _show_time(row[name], zone)
    row |= _conference(simulator, event)
    most = query.number("maxAttendees") if query else None
    attendees = row.get("attendees")
    if attendees and most is not None and most < len(attendees):
        row |= {"attendees": attendees[:most], "attendeesOmitted": True}
    return {name: value for name, value in row.items() if value not in (None, "", [])}


def _show_time(value: Row, zone: str | None) -> Row:
    """Return a time with the offset of its zone, in whole seconds."""
    moment = to_moment(value)
    if "dateTime" not in value or moment is None:
        return value
    target = find_zone(zone or value.get("timeZone"))
    local = moment.astimezone(target) if target else moment
    return {**value, "dateTime": local.replace(microsecond=0).isoformat()}


def _conference(simulator: MeetState, event: Event) -> Row:
    request = event.body.get("conferenceData", {}).get("createRequest")
    if event.progress is None:
        return {}
    echoed = (
        {"createRequest": {**request, "status": {"statusCode": event.progress}}} if request else {}
    )
    if event.progress != "success" or event.space_id is None:
        return {"conferenceData": echoed}
    space = simulator.spaces[event.space_id]
    link, label = simulator.link_of(space), f"meet.google.com/{space.code}"
    return {
        "hangoutLink": link,
        "conferenceData": {
            **echoed,
            "entryPoints": [{"entryPointType": "video", "uri": link, "label": label}],
            "conferenceSolution": {
                "key": {"type": MEET},
                "name": "Google Meet",
                "iconUri": "https://fonts.gstatic.com/s/i/productlogos/meet_2020q4/v6/192px.svg",
            },
            "conferenceId": space.code,
        },
    }


# ------------------------------------------------------------------------------------ what is stored


def to_moment(value: Any) -> datetime | None:
    """Return the instant of a time. Raises `Refusal` for one that cannot be read."""
    if not isinstance(value, Mapping):
        return None
    row = cast("Mapping[str, Any]", value)
    text = row.get("dateTime") or row.get("date")
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise calendar_failure(400, "invalid", "Invalid value for: Invalid format") from None
    if moment.tzinfo is None:
        zone = find_zone(row.get("timeZone"))
        if zone is None or ("timeZone" not in row and "dateTime" in row):
            raise calendar_failure(400, "required", "Missing time zone definition for start time.")
        moment = moment.replace(tzinfo=zone)
    return moment


def check_body(body: Row) -> None:
    """Refuse an event without start and end, with wrong times, or with a bad rule."""
    for name in ("start", "end"):
        if to_moment(body.get(name)) is None:
            raise calendar_failure(400, "required", f"Missing {name} time.")
        if {"date", "dateTime"} <= body[name].keys():
            raise calendar_failure(400, "invalid", f"Invalid {name} time.")
    start, end = to_moment(body["start"]), to_moment(body["end"])
    if start is not None and end is not None and end < start:
        raise calendar_failure(
            400, "timeRangeEmpty", "The specified time range is empty.", "calendar"
        )
    if body.get("recurrence") and not body["start"].get("timeZone") and "dateTime" in body["start"]:
        raise calendar_failure(400, "required", "Missing time zone definition for start time.")
    for line in body.get("recurrence") or ():
        if line.startswith("RRULE:"):
            _check_rule(line)
    for attendee in body.get("attendees") or ():
        if not attendee.get("email"):
            raise calendar_failure(400, "required", "Missing attendee email.")


def _check_rule(line: str) -> None:
    try:
        plan_dates(line.partition(":")[2], datetime(2026, 1, 1, tzinfo=UTC), 1)
    except (InvalidRequest, ValueError):
        raise calendar_failure(400, "invalid", "Invalid recurrence rule.") from None


def clean_body(body: Row) -> Row:
    """Return the fields that Google keeps: names of properties that are too long are dropped."""
    kept = {name: value for name, value in body.items() if name not in READ_ONLY}
    properties = kept.get("extendedProperties")
    if isinstance(properties, Mapping):
        kept["extendedProperties"] = {
            kind: {name: str(value)[:1024] for name, value in rows.items() if len(name) <= 44}  # noqa: PLR2004
            for kind, rows in cast("Mapping[str, Mapping[str, Any]]", properties).items()
        }
    for attendee in kept.get("attendees") or ():
        attendee.setdefault("responseStatus", "needsAction")
    return kept


def make_conference(simulator: MeetState, event: Event, wanted: Any) -> None:
    """Make the conference that an event asks for, unless it has one or asks as before."""
    if not isinstance(wanted, Mapping) or event.space_id is not None:
        return
    request = find_part(wanted, "createRequest")
    if not isinstance(request, Mapping):
        return
    row = cast("Mapping[str, Any]", request)
    kind = find_part(row, "conferenceSolutionKey", "type")
    if kind != MEET or not row.get("requestId"):
        raise calendar_failure(400, "invalid", "Invalid conference type value.")
    event.body["conferenceData"] = {"createRequest": dict(row)}
    if simulator.quirks["conference_failure"]:
        event.progress = "failure"
        return
    space = simulator.add_space(event.calendar, CALENDAR_APP, event.body["id"])
    event.space_id = space.id
    slow = simulator.quirks["pending_conferences"] or simulator.quirks["pending_for_ever"]
    event.progress = "pending" if slow else "success"


def sync_event(simulator: MeetState, event: Event) -> None:
    """Write what an event means into the world: its room and the registrations."""
    world, body = simulator.world, event.body
    room_id = body["id"]
    if "recurringEventId" in body:
        return
    start, end = to_moment(body["start"]), to_moment(body["end"])
    zone = body["start"].get("timeZone")
    local = start.astimezone(find_zone(zone)) if start and zone and find_zone(zone) else start
    rules = [line.partition(":")[2] for line in body.get("recurrence") or () if "RRULE" in line]
    fields: Row = {
        "name": body.get("summary", ""),
        "description": body.get("description"),
        "starts_at": local,
        "duration": end - start if start and end else None,
        "timezone": zone,
        "permanent": False,
        "recurrence": rules[0] if rules else None,
        "host": Person(email=event.calendar),
        "kind": RoomKind.MEETING,
        "updated_at": world.now,
    }
    if room_id in world.rooms:
        world.rooms[room_id] = evolve(world.rooms[room_id], **fields)
    else:
        world.rooms[room_id] = Room(id=room_id, created_at=world.now, **fields)
    if event.space_id is not None:
        sync_space(simulator, simulator.spaces[event.space_id], event)
    _sync_people(simulator, event)


def _sync_people(simulator: MeetState, event: Event) -> None:
    world, room_id = simulator.world, event.body["id"]
    before = {person.email: person for person in world.participants[room_id]}
    people: list[Participant] = []
    for row in event.list_guests():
        if row.get("resource") or row.get("organizer"):
            continue
        name = split_name(row["displayName"]) if row.get("displayName") else None
        people.append(
            before.get(row["email"])
            or Participant(
                id=row["email"],
                room_id=room_id,
                email=row["email"],
                first_name=name.first if name else None,
                last_name=name.last if name else None,
                name=row.get("displayName"),
                role=Role.ATTENDEE,
                registered_at=world.now,
            )
        )
    world.participants[room_id] = people


def mail_people(
    simulator: MeetState, event: Event, query: Query, before: set[str], kind: str
) -> None:
    """Put the mails to the guests into the outbox: none unless `sendUpdates` says so."""
    who = query.text("sendUpdates") or ("all" if query.flag("sendNotifications") else "none")
    if who not in MAILS:
        raise calendar_failure(400, "invalid", f"Invalid value for sendUpdates: {who}")
    domain = event.calendar.rpartition("@")[2]
    for row in event.list_guests():
        email = row["email"]
        if who == "none" or (who == "externalOnly" and email.endswith(f"@{domain}")):
            continue
        if kind == "change" and email not in before:
            simulator.world.post("invitation", email, event.body["id"])
        elif kind != "change":
            simulator.world.post(kind, email, event.body["id"])


def list_addresses(event: Event) -> set[str]:
    return {str(row["email"]) for row in event.list_guests()}


# ------------------------------------------------------------------------------ dates of a series


def find_dates(simulator: MeetState, series: Event) -> list[Event]:
    """Return the dates of a series; a changed or deleted one is an event of its own."""
    start, end = to_moment(series.body["start"]), to_moment(series.body["end"])
    rules = [line for line in series.body.get("recurrence") or () if line.startswith("RRULE:")]
    if start is None or end is None or not rules:
        return []
    zone = find_zone(series.body["start"].get("timeZone"))
    local = start.astimezone(zone) if zone else start
    duration = end.astimezone(UTC) - start.astimezone(UTC)
    events = simulator.calendars[series.calendar]
    dates: list[Event] = []
    for date in plan_dates(rules[0].partition(":")[2], local, 730):
        date_id = instance_id(series.body["id"], date)
        changed = events.get(date_id)
        dates.append(changed or _date(series, date_id, date, duration))
    return dates


def _date(series: Event, date_id: str, start: datetime, duration: timedelta) -> Event:
    zone = series.body["start"].get("timeZone")
    begin = {"dateTime": start.isoformat(), "timeZone": zone}
    end = (start.astimezone(UTC) + duration).astimezone(start.tzinfo)
    body = {name: value for name, value in series.body.items() if name != "recurrence"}
    return evolve(
        series,
        body=body
        | {
            "id": date_id,
            "recurringEventId": series.body["id"],
            "originalStartTime": begin,
            "start": begin,
            "end": {"dateTime": end.isoformat(), "timeZone": zone},
        },
    )

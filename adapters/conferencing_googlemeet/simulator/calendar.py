"""Events of calendars, with their conferences: docs/vendors/googlemeet.md#events"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from attrs import evolve

from conferencing.errors import InvalidRequest
from conferencing.model import Participant, Person, Role, Room, RoomKind, plan_dates
from conferencing.model.emails import same_email
from conferencing.model.names import split_name
from conferencing.model.zones import find_zone
from conferencing.sandbox.kit import Refusal, page_by_cursor
from conferencing.sandbox.simulator import Answer

from .endpoints import Endpoints, Query
from .errors import calendar_failure
from .formats import HEX, calendar_time, find_part, instance_id
from .spaces import sync_space
from .state import CALENDAR_APP, Caller, Event, MeetState

__all__ = ["endpoints"]

endpoints = Endpoints()

SCOPES: Final = ("calendar", "calendar.events", "calendar.events.owned")
READ: Final = (*SCOPES, "calendar.readonly", "calendar.events.readonly")
EVENTS: Final = "/calendar/v3/calendars/{calendar}/events"
EVENT: Final = f"{EVENTS}/{{event}}"
CHANGE: Final = (
    *("conferenceDataVersion", "sendUpdates", "sendNotifications", "maxAttendees"),
    *("supportsAttachments", "alwaysIncludeEmail", "eventLabelVersion"),
)
LIST: Final = (
    *("alwaysIncludeEmail", "eventTypes", "iCalUID", "maxAttendees", "maxResults", "orderBy"),
    *("pageToken", "privateExtendedProperty", "q", "sharedExtendedProperty", "showDeleted"),
    *("showHiddenInvitations", "singleEvents", "syncToken", "timeMax", "timeMin", "timeZone"),
    "updatedMin",
)
READ_ONLY: Final = {
    *("kind", "etag", "htmlLink", "created", "updated", "creator", "organizer", "iCalUID"),
    *("hangoutLink", "sequence", "recurringEventId", "privateCopy", "locked"),
}
ID: Final = re.compile(f"[{HEX}]{{5,1024}}")
INSTANCE: Final = re.compile(r"(.+)_(\d{8}T\d{6}Z)")
MEET: Final = "hangoutsMeet"
MAILS: Final = ("all", "externalOnly", "none")

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
        for date in _instances(simulator, series) if series else ():
            if date.body["id"] == event_id:
                return date
    gone = event is not None and not event.cancelled and not _exists(simulator, event)
    if event is None or gone:
        raise calendar_failure(404, "notFound", "Not Found")
    return event


def _exists(simulator: MeetState, event: Event) -> bool:
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
    moment = _moment(value)
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


def _moment(value: Any) -> datetime | None:
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
        if _moment(body.get(name)) is None:
            raise calendar_failure(400, "required", f"Missing {name} time.")
    start, end = _moment(body["start"]), _moment(body["end"])
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


def _clean(body: Row) -> Row:
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


def _make_conference(simulator: MeetState, event: Event, wanted: Any) -> None:
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
    start, end = _moment(body["start"]), _moment(body["end"])
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


def _mail(simulator: MeetState, event: Event, query: Query, before: set[str], kind: str) -> None:
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


def _emails(event: Event) -> set[str]:
    return {str(row["email"]) for row in event.list_guests()}


# ------------------------------------------------------------------------------------------- routes


def _check_version(query: Query) -> bool:
    version = query.number("conferenceDataVersion") or 0
    if version not in {0, 1}:
        raise calendar_failure(400, "invalid", "Invalid value for conferenceDataVersion")
    return version == 1


@endpoints("POST", EVENTS, SCOPES, *CHANGE)
def insert_event(simulator: MeetState, query: Query, caller: Caller, calendar: str) -> Answer:
    address = own_calendar(simulator, caller, calendar)
    events, fields = simulator.calendars[address], _clean(query.body)
    event_id = fields.get("id")
    if event_id is not None and not (isinstance(event_id, str) and ID.fullmatch(event_id)):
        raise calendar_failure(400, "invalid", "Invalid resource id value.")
    event_id = event_id or simulator.world.new_id("room")
    if event_id in events:  # deleted ones as well
        raise calendar_failure(409, "duplicate", "The requested identifier already exists.")
    check_body(fields)
    wanted = fields.pop("conferenceData", None)
    event = Event(
        body={"status": "confirmed", **fields, "id": event_id},
        calendar=address,
        created=simulator.world.now,
        updated=simulator.world.now,
        version=simulator.next_version(),
    )
    if _check_version(query):
        _make_conference(simulator, event, wanted)
    if event.space_id is None:
        simulator.failed.add(event_id)
    _mail_check(query)
    events[event_id] = event
    sync_event(simulator, event)
    _mail(simulator, event, query, set(), "change")
    simulator.world.announce("room created", event_id)
    return Answer.json(event_row(simulator, event))


def _mail_check(query: Query) -> None:
    if (query.text("sendUpdates") or "none") not in MAILS:
        raise calendar_failure(400, "invalid", "Invalid value for sendUpdates")


@endpoints("GET", EVENT, READ, "timeZone", "maxAttendees", "alwaysIncludeEmail")
def get_event(
    simulator: MeetState, query: Query, caller: Caller, calendar: str, event: str
) -> Answer:
    target = find_event(simulator, caller, calendar, event)
    if target.progress == "pending" and not simulator.quirks["pending_for_ever"]:
        target.looks += 1
        if target.looks > 1:
            target.progress = "success"
            simulator.stamp(target)
    return Answer.json(event_row(simulator, target, query))


def _check_match(query: Query, event: Event) -> None:
    wanted = query.headers.get("if-match")
    if wanted not in {None, "*", event.etag}:
        raise calendar_failure(412, "conditionNotMet", "Precondition Failed")


def _merge(old: Row, new: Mapping[str, Any]) -> Row:
    """Return an event with changes: arrays are replaced as a whole, and null removes."""
    merged = dict(old)
    for name, value in new.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, Mapping) and isinstance(merged.get(name), Mapping):
            merged[name] = _merge(merged[name], cast("Mapping[str, Any]", value))
        else:
            merged[name] = value
    return merged


@endpoints("PATCH", EVENT, SCOPES, *CHANGE)
def patch_event(
    simulator: MeetState,
    query: Query,
    caller: Caller,
    calendar: str,
    event: str,
) -> Answer:
    target = find_event(simulator, caller, calendar, event)
    _check_match(query, target)
    fields = _clean(query.body)
    if target.cancelled and fields.get("status") != "confirmed":
        raise calendar_failure(410, "deleted", "Resource has been deleted")
    return _change(simulator, query, target, _merge(target.body, fields), fields)


@endpoints("PUT", EVENT, SCOPES, *CHANGE)
def update_event(
    simulator: MeetState,
    query: Query,
    caller: Caller,
    calendar: str,
    event: str,
) -> Answer:
    target = find_event(simulator, caller, calendar, event)
    _check_match(query, target)
    fields = _clean(query.body)
    kept = {"id": target.body["id"], "status": "confirmed"}
    if not _check_version(query) and "conferenceData" in target.body:
        kept["conferenceData"] = target.body["conferenceData"]
    elif "conferenceData" not in fields:
        target.space_id, target.progress = None, None
    return _change(simulator, query, target, {**kept, **fields}, fields)


def _change(simulator: MeetState, query: Query, event: Event, body: Row, fields: Row) -> Answer:
    _mail_check(query)
    check_body(body)
    before, old = _emails(event), event.body
    conference = body.get("conferenceData")
    if "conferenceData" in fields and not _check_version(query):
        body = {**body, "conferenceData": old.get("conferenceData")}
    event.body = {name: value for name, value in body.items() if value is not None}
    if "conferenceData" in fields and _check_version(query):
        _make_conference(simulator, event, conference)
    if any(old.get(name) != event.body.get(name) for name in ("start", "end", "recurrence")):
        event.sequence += 1
    if "recurringEventId" in event.body:
        simulator.calendars[event.calendar][event.body["id"]] = event
    simulator.stamp(event)
    event.body.pop("updated", None)
    sync_event(simulator, event)
    _mail(simulator, event, query, before, "change")
    simulator.world.announce("room changed", event.body["id"])
    return Answer.json(event_row(simulator, event))


@endpoints("DELETE", EVENT, SCOPES, "sendUpdates", "sendNotifications")
def delete_event(
    simulator: MeetState,
    query: Query,
    caller: Caller,
    calendar: str,
    event: str,
) -> Answer:
    target = find_event(simulator, caller, calendar, event)
    if target.cancelled:
        raise calendar_failure(410, "deleted", "Resource has been deleted")
    _check_match(query, target)
    _mail(simulator, target, query, set(), "cancellation")
    target.body["status"] = "cancelled"
    simulator.stamp(target)
    target.body.pop("updated", None)
    simulator.calendars[target.calendar][target.body["id"]] = target
    if target.body["id"] in simulator.world.rooms:
        simulator.world.remove_room(target.body["id"])
    return Answer(status=204)


# -------------------------------------------------------------------------------------------- lists


def _instances(simulator: MeetState, series: Event) -> list[Event]:
    """Return the dates of a series; a changed or deleted one is an event of its own."""
    start, end = _moment(series.body["start"]), _moment(series.body["end"])
    rules = [line for line in series.body.get("recurrence") or () if line.startswith("RRULE:")]
    if start is None or end is None or not rules:
        return []
    zone = find_zone(series.body["start"].get("timeZone"))
    local = start.astimezone(zone) if zone else start
    length = end.astimezone(UTC) - start.astimezone(UTC)
    events = simulator.calendars[series.calendar]
    dates: list[Event] = []
    for date in plan_dates(rules[0].partition(":")[2], local, 730):
        date_id = instance_id(series.body["id"], date)
        changed = events.get(date_id)
        dates.append(changed or _date(series, date_id, date, length))
    return dates


def _date(series: Event, date_id: str, start: datetime, length: timedelta) -> Event:
    zone = series.body["start"].get("timeZone")
    begin = {"dateTime": start.isoformat(), "timeZone": zone}
    end = (start.astimezone(UTC) + length).astimezone(start.tzinfo)
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


def _list(simulator: MeetState, query: Query, address: str, events: list[Event]) -> Answer:
    """Answer a page of a list, with a token for what changes later on the last one."""
    size = min(query.number("maxResults") or 250, 2500)
    token, since = query.text("pageToken"), query.text("syncToken")
    if size < 1:
        raise calendar_failure(400, "invalid", "Invalid value for maxResults")
    if since is not None:
        events = _since(simulator, events, since)
    empty = simulator.quirks["empty_pages"] and token is None and bool(events)
    try:
        page = page_by_cursor(events, None if token == "empty" else token, size)  # noqa: S105
    except Refusal as error:
        raise calendar_failure(400, "invalid", "Invalid page token value.") from error
    reply: Row = {
        "kind": "calendar#events",
        "etag": f'"p{simulator.make_key("list", 16)}"',
        "summary": address,
        "updated": calendar_time(simulator.world.now),
        "timeZone": query.text("timeZone") or simulator.zone_of(address),
        "accessRole": "owner",
        "defaultReminders": [{"method": "popup", "minutes": 10}],
        "items": [] if empty else [event_row(simulator, event, query) for event in page.rows],
    }
    if empty:
        reply["nextPageToken"] = "empty"
    elif page.next:
        reply["nextPageToken"] = page.next
    else:
        reply["nextSyncToken"] = urlsafe_b64encode(
            json.dumps(simulator.world.now.isoformat()).encode()
        ).decode()
    return Answer.json(reply)


def _since(simulator: MeetState, events: list[Event], token: str) -> list[Event]:
    try:
        moment = datetime.fromisoformat(json.loads(urlsafe_b64decode(token)))
    except (ValueError, TypeError):
        raise calendar_failure(
            410, "fullSyncRequired", "Sync token is no longer valid, a full sync is required.",
            "calendar",
        ) from None  # fmt: skip
    return [event for event in events if event.updated > moment]


@endpoints("GET", EVENTS, READ, *LIST)
def list_events(simulator: MeetState, query: Query, caller: Caller, calendar: str) -> Answer:
    simulator.adopt_rooms()
    address = own_calendar(simulator, caller, calendar)
    single, deleted = query.flag("singleEvents"), query.flag("showDeleted")
    events: list[Event] = []
    for event in simulator.calendars[address].values():
        if not _exists(simulator, event) and not event.cancelled:
            continue
        dates = _instances(simulator, event) if single and event.body.get("recurrence") else []
        events += dates or [event]
    kept = [
        event
        for event in events
        if (deleted or query.text("syncToken") or not event.cancelled) and _matches(query, event)
    ]
    order = query.text("orderBy")
    if order == "startTime" and not single:
        raise calendar_failure(
            400, "invalid", "The requested ordering is not available for the particular query."
        )
    if order in {"startTime", "updated"}:
        kept.sort(key=_start_of if order == "startTime" else _update_of)
    return _list(simulator, query, address, kept)


def _start_of(event: Event) -> datetime:
    return (_moment(event.body["start"]) or event.created).astimezone(UTC)


def _update_of(event: Event) -> datetime:
    return event.updated


def _matches(query: Query, event: Event) -> bool:
    body = event.body
    text = query.text("q")
    wanted = [pair.partition("=") for pair in query.all("privateExtendedProperty")]
    tests = [
        text is None or text.casefold() in json.dumps(body, ensure_ascii=False).casefold(),
        all(
            find_part(body, "extendedProperties", "private", name) == value
            for name, _, value in wanted
        ),
        query.text("iCalUID") in {None, f"{body['id']}@google.com"},
        _is_between(query, body),
    ]
    return all(tests)


def _is_between(query: Query, body: Row) -> bool:
    bounds = [query.text("timeMin"), query.text("timeMax")]
    try:
        low, high = (datetime.fromisoformat(each) if each else None for each in bounds)
    except ValueError:
        raise calendar_failure(400, "badRequest", "Bad Request") from None
    if any(each is not None and each.tzinfo is None for each in (low, high)):
        raise calendar_failure(400, "badRequest", "Bad Request")
    start, end = _moment(body["start"]), _moment(body["end"])
    after = low is None or end is None or end > low or bool(body.get("recurrence"))
    return after and (high is None or start is None or start < high)


@endpoints("GET", f"{EVENT}/instances", READ, *LIST, "originalStart")
def list_instances(
    simulator: MeetState, query: Query, caller: Caller, calendar: str, event: str
) -> Answer:
    series = find_event(simulator, caller, calendar, event)
    dates = _instances(simulator, series)
    deleted = query.flag("showDeleted")
    kept = [
        date for date in dates if (deleted or not date.cancelled) and _is_between(query, date.body)
    ]
    return _list(simulator, query, series.calendar, kept)

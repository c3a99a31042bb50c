"""Calendar events: docs/vendors/teams.md#events"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from conferencing.model import Person, RoomKind
from conferencing.sandbox.simulator import Answer
from conferencing.world import User

from .endpoints import Endpoints, Rights
from .errors import no_item, no_user, refuse
from .ids import event_id, instance_id
from .parts import child, children
from .requests import Request, answer_page
from .schema import EVENT, EVENT_CHANGE, FORWARD
from .series import expand, fill_in
from .state import SIXTY_DAYS, EventDetails, TeamsState
from .times import format_local, format_time, iana_name, read_local, read_time, zone_of

__all__ = ["endpoints", "event_row", "find_event"]

endpoints = Endpoints()

RIGHTS: Final = Rights(app="Calendars.ReadWrite", user="Calendars.ReadWrite")
COLLECTION: Final = "/users/{user}/(?:calendar/)?events"
EVENT_PATH: Final = "/users/{user}/events/{event}"
LINKED: Final = "teamsForBusiness"

Row = dict[str, Any]


def _find_owner(simulator: TeamsState, request: Request, name: str) -> User:
    """Return the owner of a mailbox, by object id or sign-in name."""
    user = simulator.find_user(name)
    if user is None:
        raise no_user(outlook=True)
    if request.caller.user_id not in {None, user.id}:
        raise refuse(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
    if not simulator.directory[user.id].mailbox:
        message = "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
        raise refuse(404, "MailboxNotEnabledForRESTAPI", message)
    return user


def find_event(
    simulator: TeamsState, request: Request, user: str, event: str
) -> tuple[str, EventDetails]:
    """Return an event of a user's calendar."""
    owner = _find_owner(simulator, request, user)
    details = simulator.events.get(event)
    if details is None or details.owner != owner.id or event not in simulator.world.rooms:
        raise no_item()
    return event, details


# ------------------------------------------------------------------------------------------- calls


@endpoints("POST", COLLECTION, RIGHTS, body=EVENT, required="start end")
def create_event(simulator: TeamsState, request: Request, user: str) -> Answer:
    owner = _find_owner(simulator, request, user)
    body = dict(request.body)
    start, end = _read_times(body)
    existing = _find_repeated(simulator, owner, body)
    if existing is not None:
        return Answer.json(event_row(simulator, existing, request.prefer), 201)
    own_id = event_id(simulator.world.random)
    details = EventDetails(
        owner=owner.id,
        sent=body,
        fields={name: value for name, value in body.items() if value is not None},
        start=start,
        end=end,
        transaction_id=body.get("transactionId"),
        revised_at=simulator.world.now,
    )
    simulator.events[own_id] = details
    _add_meeting(simulator, own_id, details)
    _sync(simulator, own_id, details)
    for address in _addresses(details):
        simulator.mail("invitation", address, own_id)
    return Answer.json(event_row(simulator, own_id, request.prefer), 201)


def _read_times(body: Mapping[str, Any]) -> tuple[datetime, datetime]:
    times: list[datetime] = []
    for name in ("start", "end"):
        value = body[name]
        moment = read_local(value)
        if moment is None and zone_of(value.get("timeZone") or "UTC") is None:
            message = f"A valid TimeZone value must be specified: '{value.get('timeZone')}'."
            raise refuse(400, "TimeZoneNotSupportedException", message)
        if moment is None:
            raise refuse(400, "ErrorPropertyValidationFailure", "At least one property failed.")
        times.append(moment)
    if times[1] < times[0]:
        raise refuse(400, "ErrorPropertyValidationFailure", "The end is before the start.")
    return times[0], times[1]


def _find_repeated(simulator: TeamsState, owner: User, body: Mapping[str, Any]) -> str | None:
    """Return the event of a transaction that was sent before; other content is refused."""
    transaction = body.get("transactionId")
    for own_id, details in simulator.events.items():
        if (
            transaction is None
            or details.transaction_id != transaction
            or details.owner != owner.id
        ):
            continue
        if details.sent == body and own_id in simulator.world.rooms:
            return own_id
        status = 400 if simulator.quirks["duplicate_is_400"] else 409
        raise refuse(
            status, "ErrorDuplicateTransactionId", "Your request can't be completed: duplicate."
        )
    return None


def _add_meeting(simulator: TeamsState, own_id: str, details: EventDetails) -> None:
    """Give an event a meeting, where its mailbox has Teams; it is never taken away again."""
    wanted = details.fields.get("isOnlineMeeting") and details.meeting_id is None
    if not wanted or not simulator.directory[details.owner].teams:
        return
    meeting = simulator.add_meeting(
        details.owner,
        details.start,
        details.end,
        own_id,
        subject=details.fields.get("subject"),
        in_calendar=True,
    )
    details.meeting_id = meeting.id


def _sync(simulator: TeamsState, own_id: str, details: EventDetails) -> None:
    """Let the world have what an event has."""
    fields, meeting = details.fields, simulator.meetings.get(details.meeting_id or "")
    if meeting is not None:
        meeting.subject, meeting.start, meeting.end = (
            fields.get("subject"),
            details.start,
            details.end,
        )
        meeting.expires_at = details.end + SIXTY_DAYS
    user = simulator.world.users[details.owner]
    simulator.put_room(
        own_id,
        name=fields.get("subject") or "",
        kind=RoomKind.MEETING,
        starts_at=details.start,
        duration=details.end - details.start,
        timezone=iana_name(fields["start"].get("timeZone") or "UTC"),
        description=child(fields, "body").get("content"),
        join_url=meeting.join_url if meeting else None,
        host=Person(email=user.email),
    )
    simulator.world.notes[own_id].update(
        attendees=children(fields, "attendees"), recurrence=child(fields, "recurrence")
    )


@endpoints("GET", COLLECTION, RIGHTS, options="top skip select orderby count expand")
def list_events(simulator: TeamsState, request: Request, user: str) -> Answer:
    owner = _find_owner(simulator, request, user)
    rows = [
        event_row(simulator, own_id, request.prefer)
        for own_id, details in simulator.events.items()
        if details.owner == owner.id and own_id in simulator.world.rooms
    ]
    return answer_page(simulator, request, rows)


@endpoints("GET", EVENT_PATH, RIGHTS, options="select expand")
def get_event(simulator: TeamsState, request: Request, user: str, event: str) -> Answer:
    own_id, _ = find_event(simulator, request, user, event)
    return Answer.json(event_row(simulator, own_id, request.prefer))


@endpoints("PATCH", EVENT_PATH, RIGHTS, body=EVENT_CHANGE)
def change_event(simulator: TeamsState, request: Request, user: str, event: str) -> Answer:
    own_id, details = find_event(simulator, request, user, event)
    before = set(_addresses(details))
    merged = {**details.fields, **request.body}
    details.start, details.end = _read_times(merged)
    details.fields = merged
    details.version += 1
    details.revised_at = simulator.world.now
    _add_meeting(simulator, own_id, details)
    _sync(simulator, own_id, details)
    for address in _addresses(details):
        simulator.mail("update" if address in before else "invitation", address, own_id)
    return Answer.json(event_row(simulator, own_id, request.prefer))


@endpoints("DELETE", EVENT_PATH, RIGHTS)
def delete_event(simulator: TeamsState, request: Request, user: str, event: str) -> Answer:
    own_id, details = find_event(simulator, request, user, event)
    for address in _addresses(details):
        simulator.mail("cancellation", address, own_id)
    simulator.world.remove_room(own_id)
    return Answer(status=204)


@endpoints("POST", f"{EVENT_PATH}/forward", RIGHTS, body=FORWARD, required="toRecipients")
def forward_event(simulator: TeamsState, request: Request, user: str, event: str) -> Answer:
    own_id, _ = find_event(simulator, request, user, event)
    for recipient in request.body["toRecipients"]:
        simulator.mail("invitation", recipient["emailAddress"]["address"], own_id)
    return Answer(status=202)


@endpoints("GET", f"{EVENT_PATH}/instances", RIGHTS, options="top skip select")
def list_instances(simulator: TeamsState, request: Request, user: str, event: str) -> Answer:
    own_id, details = find_event(simulator, request, user, event)
    first, last = (_read_bound(request, name) for name in ("startDateTime", "endDateTime"))
    row = event_row(simulator, own_id, request.prefer)
    rows = [
        _instance(row, details, own_id, start, request.prefer)
        for start in _starts(details)
        if first <= start < last
    ]
    return answer_page(simulator, request, rows)


def _read_bound(request: Request, name: str) -> datetime:
    moment = read_time(request.query.get(name, "").replace(" ", "+"))
    if moment is None:
        raise refuse(400, "ErrorInvalidParameter", f"This request requires a time window: {name}.")
    return moment


def _starts(details: EventDetails) -> Iterator[datetime]:
    recurrence = details.fields.get("recurrence")
    return expand(recurrence, details.start) if recurrence else iter(())


def _instance(row: Row, details: EventDetails, own_id: str, start: datetime, prefer: str) -> Row:
    zone = _zone_of(prefer)
    length = details.end - details.start
    return row | {
        "id": instance_id(own_id, start.date().isoformat()),
        "type": "occurrence",
        "seriesMasterId": own_id,
        "recurrence": None,
        "start": format_local(start, zone),
        "end": format_local(start.astimezone(UTC) + length, zone),
    }


# -------------------------------------------------------------------------------------------- rows


def event_row(simulator: TeamsState, own_id: str, prefer: str = "") -> Row:
    """Return an event; times are in UTC, and bodies HTML, unless `Prefer` asks for others."""
    details, room = simulator.events[own_id], simulator.world.rooms[own_id]
    fields, zone = details.fields, _zone_of(prefer)
    meeting = simulator.meetings.get(details.meeting_id or "")
    user = simulator.world.users[details.owner]
    planned = fields["start"].get("timeZone") or "UTC"
    organizer = {"name": f"{user.first_name} {user.last_name}", "address": user.email}
    return {
        "@odata.etag": f'W/"{details.version:08}"',
        "id": own_id,
        "transactionId": details.transaction_id,
        "subject": fields.get("subject") or "",
        "type": "seriesMaster" if fields.get("recurrence") else "singleInstance",
        "seriesMasterId": None,
        "createdDateTime": format_time(room.created_at),
        "lastModifiedDateTime": format_time(details.revised_at),
        "changeKey": f"{details.version:08}",
        "iCalUId": f"040000008200E00074C5B7101A82E008{own_id[8:24]}",
        "isCancelled": False,
        "isOrganizer": True,
        "start": format_local(details.start, zone),
        "end": format_local(details.end, zone),
        "originalStartTimeZone": planned,
        "originalEndTimeZone": fields["end"].get("timeZone") or planned,
        "isOnlineMeeting": meeting is not None,
        "onlineMeetingProvider": LINKED if meeting else "unknown",
        "onlineMeetingUrl": None,
        "onlineMeeting": {"joinUrl": meeting.join_url} if meeting else None,
        "allowNewTimeProposals": True,
        "recurrence": fill_in(fields.get("recurrence")),
        "body": _body_row(child(fields, "body"), prefer),
        "organizer": {"emailAddress": organizer},
        "attendees": [
            {"status": {"response": "none", "time": "0001-01-01T00:00:00Z"}, **attendee}
            for attendee in children(fields, "attendees")
        ],
    }


def _body_row(body: Mapping[str, Any], prefer: str) -> Row:
    text = body.get("content") or ""
    if "body-content-type" in prefer or body.get("contentType") == "html":
        return {"contentType": body.get("contentType") or "text", "content": text}
    return {"contentType": "html", "content": f"<html><body>{text}</body></html>"}


def _zone_of(prefer: str) -> str:
    match = re.search(r'outlook\.timezone="([^"]*)"', prefer)
    return match[1] if match and zone_of(match[1]) else "UTC"


def _addresses(details: EventDetails) -> list[str]:
    attendees = children(details.fields, "attendees")
    return [attendee["emailAddress"]["address"] for attendee in attendees]

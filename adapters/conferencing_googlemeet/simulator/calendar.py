"""Calls that create, read, change and delete events: docs/vendors/googlemeet.md#events"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from conferencing.sandbox.simulator import Answer

from .calendar_events import (
    MAILS,
    check_body,
    clean_body,
    event_row,
    find_event,
    list_addresses,
    mail_people,
    make_conference,
    own_calendar,
    sync_event,
)
from .endpoints import Endpoints, Query
from .errors import calendar_failure
from .formats import HEX
from .state import Caller, Event, MeetState

__all__ = ["EVENT", "EVENTS", "READ", "endpoints"]

endpoints = Endpoints()

SCOPES: Final = ("calendar", "calendar.events", "calendar.events.owned")
READ: Final = (*SCOPES, "calendar.readonly", "calendar.events.readonly")
EVENTS: Final = "/calendar/v3/calendars/{calendar}/events"
EVENT: Final = f"{EVENTS}/{{event}}"
CHANGE: Final = (
    *("conferenceDataVersion", "sendUpdates", "sendNotifications", "maxAttendees"),
    *("supportsAttachments", "alwaysIncludeEmail", "eventLabelVersion"),
)
ID: Final = re.compile(f"[{HEX}]{{5,1024}}")

Row = dict[str, Any]


# ------------------------------------------------------------------------------------------- routes


def _check_version(query: Query) -> bool:
    version = query.number("conferenceDataVersion") or 0
    if version not in {0, 1}:
        raise calendar_failure(400, "invalid", "Invalid value for conferenceDataVersion")
    return version == 1


@endpoints("POST", EVENTS, SCOPES, *CHANGE)
def insert_event(simulator: MeetState, query: Query, caller: Caller, calendar: str) -> Answer:
    address = own_calendar(simulator, caller, calendar)
    events, fields = simulator.calendars[address], clean_body(query.body)
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
        make_conference(simulator, event, wanted)
    if event.space_id is None:
        simulator.failed.add(event_id)
    _check_mails(query)
    events[event_id] = event
    sync_event(simulator, event)
    mail_people(simulator, event, query, set(), "change")
    simulator.world.announce("room created", event_id)
    return Answer.json(event_row(simulator, event))


def _check_mails(query: Query) -> None:
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
    fields = clean_body(query.body)
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
    fields = clean_body(query.body)
    kept = {"id": target.body["id"], "status": "confirmed"}
    if not _check_version(query) and "conferenceData" in target.body:
        kept["conferenceData"] = target.body["conferenceData"]
    elif "conferenceData" not in fields:
        target.space_id, target.progress = None, None
    return _change(simulator, query, target, {**kept, **fields}, fields)


def _change(simulator: MeetState, query: Query, event: Event, body: Row, fields: Row) -> Answer:
    _check_mails(query)
    check_body(body)
    before, old = list_addresses(event), event.body
    conference = body.get("conferenceData")
    if "conferenceData" in fields and not _check_version(query):
        body = {**body, "conferenceData": old.get("conferenceData")}
    event.body = {name: value for name, value in body.items() if value is not None}
    if "conferenceData" in fields and _check_version(query):
        make_conference(simulator, event, conference)
    if any(old.get(name) != event.body.get(name) for name in ("start", "end", "recurrence")):
        event.sequence += 1
    if "recurringEventId" in event.body:
        simulator.calendars[event.calendar][event.body["id"]] = event
    simulator.stamp(event)
    event.body.pop("updated", None)
    sync_event(simulator, event)
    mail_people(simulator, event, query, before, "change")
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
    mail_people(simulator, target, query, set(), "cancellation")
    target.body["status"] = "cancelled"
    simulator.stamp(target)
    target.body.pop("updated", None)
    simulator.calendars[target.calendar][target.body["id"]] = target
    if target.body["id"] in simulator.world.rooms:
        simulator.world.remove_room(target.body["id"])
    return Answer(status=204)

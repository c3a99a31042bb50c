"""Lists of events, and of the dates of a series: docs/vendors/googlemeet.md#events"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any, Final

from conferencing.sandbox.kit import Refusal, page_by_cursor
from conferencing.sandbox.simulator import Answer

from .calendar import EVENT, EVENTS, READ
from .calendar_events import event_row, find_dates, find_event, is_there, own_calendar, to_moment
from .endpoints import Endpoints, Query
from .errors import calendar_failure
from .formats import calendar_time, find_part
from .state import Caller, Event, MeetState

__all__ = ["endpoints"]

endpoints = Endpoints()

LIST: Final = (
    *("alwaysIncludeEmail", "eventTypes", "iCalUID", "maxAttendees", "maxResults", "orderBy"),
    *("pageToken", "privateExtendedProperty", "q", "sharedExtendedProperty", "showDeleted"),
    *("showHiddenInvitations", "singleEvents", "syncToken", "timeMax", "timeMin", "timeZone"),
    "updatedMin",
)
Row = dict[str, Any]


# -------------------------------------------------------------------------------------------- lists


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
        if not is_there(simulator, event) and not event.cancelled:
            continue
        dates = find_dates(simulator, event) if single and event.body.get("recurrence") else []
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
    return (to_moment(event.body["start"]) or event.created).astimezone(UTC)


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
    start, end = to_moment(body["start"]), to_moment(body["end"])
    after = low is None or end is None or end > low or bool(body.get("recurrence"))
    return after and (high is None or start is None or start < high)


@endpoints("GET", f"{EVENT}/instances", READ, *LIST, "originalStart")
def list_instances(
    simulator: MeetState, query: Query, caller: Caller, calendar: str, event: str
) -> Answer:
    series = find_event(simulator, caller, calendar, event)
    dates = find_dates(simulator, series)
    deleted = query.flag("showDeleted")
    kept = [
        date for date in dates if (deleted or not date.cancelled) and _is_between(query, date.body)
    ]
    return _list(simulator, query, series.calendar, kept)

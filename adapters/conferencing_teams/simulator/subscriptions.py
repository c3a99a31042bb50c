"""Subscriptions, and the notifications that they cause: docs/vendors/teams.md#notifications"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final
from urllib.parse import unquote

from conferencing.sandbox.simulator import Answer
from conferencing.world import Change

from .endpoints import Endpoints, Rights
from .errors import no_meeting, no_permission, refuse
from .ids import make_guid, transcript_id
from .requests import Request, answer_page
from .schema import RENEWAL, SUBSCRIPTION
from .state import TeamsState
from .times import read_time

__all__ = [
    "drop_expired",
    "endpoints",
    "find_addresses",
    "list_notifications",
    "list_subscriptions",
    "write_notification",
]

endpoints = Endpoints()

ANY: Final = (
    "Calendars.ReadWrite OnlineMeetings.Read.All OnlineMeetings.ReadWrite.All OnlineMeetings.ReadWrite"
    " OnlineMeetingRecording.Read.All VirtualEvent.Read.All VirtualEvent.ReadWrite"
)
RIGHTS: Final = Rights(app=ANY, user=ANY)
LIVES: Final = (
    (re.compile(r"users/[^/]+/events"), timedelta(minutes=10_080)),
    (re.compile(r"solutions/virtualEvents/.*"), timedelta(days=1)),
    (re.compile(r".*onlineMeetings.*"), timedelta(days=3)),
)
"""How long a subscription to a resource lives at most."""

Row = dict[str, Any]


def list_subscriptions(simulator: TeamsState) -> dict[str, Row]:
    """Return the subscriptions by id; they are in the world, so that a test sees them."""
    return simulator.world.notes["subscriptions"]


def find_addresses(body: Mapping[str, Any]) -> list[str]:
    """Return the addresses that a new subscription names, each of which is validated."""
    names = ("notificationUrl", "lifecycleNotificationUrl")
    return list(dict.fromkeys(body[name] for name in names if isinstance(body.get(name), str)))


# ------------------------------------------------------------------------------------------- calls


@endpoints(
    "POST",
    "/subscriptions",
    RIGHTS,
    body=SUBSCRIPTION,
    required="changeType notificationUrl resource expirationDateTime",
)
def subscribe(simulator: TeamsState, request: Request) -> Answer:
    """Subscribe, once the addresses have proved to be receivers; `prepare` has asked them."""
    body = request.body
    _check_expiry(simulator, body["resource"], body["expirationDateTime"])
    if any(part in body["resource"] for part in simulator.refused_resources):
        raise no_permission()
    for row in list_subscriptions(simulator).values():
        if (row["resource"], row["changeType"]) == (body["resource"], body["changeType"]):
            raise refuse(409, "ExtensionError", "Subscription already exists for this resource.")
    if not set(find_addresses(body)) <= simulator.validated:
        message = "Subscription validation request failed. HTTP status code is not OK."
        raise refuse(400, "ValidationError", message)
    own_id = make_guid(simulator.world.random)
    row = {
        "id": own_id,
        "applicationId": simulator.app.id,
        "creatorId": simulator.app.id,
        **body,
    }
    list_subscriptions(simulator)[own_id] = row
    return Answer.json(_hide_state(row), 201)


def _hide_state(row: Row) -> Row:
    """Return a subscription as it is sent: `clientState` is not repeated."""
    return {**row, "clientState": None}


def _check_expiry(simulator: TeamsState, resource: str, text: str) -> None:
    life = next((life for pattern, life in LIVES if pattern.fullmatch(resource)), None)
    if life is None:
        raise refuse(400, "InvalidRequest", f"Resource '{resource}' is not supported.")
    moment = read_time(text)
    if moment is None or not simulator.world.now < moment <= simulator.world.now + life:
        message = (
            f"Subscription expiration can only be {life // timedelta(minutes=1)} minutes away."
        )
        raise refuse(400, "ValidationError", message)


@endpoints("GET", "/subscriptions", RIGHTS)
def get_subscriptions(simulator: TeamsState, request: Request) -> Answer:
    return answer_page(
        simulator, request, [_hide_state(row) for row in list_subscriptions(simulator).values()]
    )


@endpoints("GET", "/subscriptions/{subscription}", RIGHTS)
def get_subscription(simulator: TeamsState, request: Request, subscription: str) -> Answer:
    return Answer.json(_hide_state(_find(simulator, subscription)))


@endpoints("PATCH", "/subscriptions/{subscription}", RIGHTS, body=RENEWAL)
def renew(simulator: TeamsState, request: Request, subscription: str) -> Answer:
    row = _find(simulator, subscription)
    text = request.body.get("expirationDateTime")
    if text:
        _check_expiry(simulator, row["resource"], text)
        row["expirationDateTime"] = text
    return Answer.json(_hide_state(row))


@endpoints("POST", "/subscriptions/{subscription}/reauthorize", RIGHTS)
def reauthorize(simulator: TeamsState, request: Request, subscription: str) -> Answer:
    _find(simulator, subscription)
    return Answer(status=204)


@endpoints("DELETE", "/subscriptions/{subscription}", RIGHTS)
def unsubscribe(simulator: TeamsState, request: Request, subscription: str) -> Answer:
    _find(simulator, subscription)
    del list_subscriptions(simulator)[subscription]
    return Answer(status=204)


def _find(simulator: TeamsState, own_id: str) -> Row:
    row = list_subscriptions(simulator).get(own_id)
    if row is None:
        raise no_meeting()
    return row


def drop_expired(simulator: TeamsState) -> None:
    """Forget subscriptions that were not renewed."""
    rows = list_subscriptions(simulator)
    for own_id in [*rows]:
        expires_at = read_time(rows[own_id]["expirationDateTime"])
        if expires_at is None or expires_at <= simulator.world.now:
            del rows[own_id]


# --------------------------------------------------------------------------------------- notifying

Caused = tuple[str, str, Row]
"""A resource that changed, how, and what the notification holds of it."""


def list_notifications(simulator: TeamsState, change: Change) -> Iterator[tuple[Row, Row]]:
    """Yield each subscription that a change of the world concerns, with the notification."""
    for row in list(list_subscriptions(simulator).values()):
        for resource, kind, data in _list_caused(simulator, change, row["resource"]):
            if kind in row["changeType"].split(","):
                yield row, write_notification(simulator, row, resource, kind, data)


def write_notification(
    simulator: TeamsState, row: Row, resource: str, kind: str, data: Row, **more: Any
) -> Row:
    """Return one notification of a subscription."""
    return {
        "subscriptionId": row["id"],
        "subscriptionExpirationDateTime": row["expirationDateTime"],
        "clientState": row.get("clientState"),
        "changeType": kind,
        "tenantId": simulator.tenant,
        "resource": resource,
        "resourceData": data,
        **more,
    }


def _list_caused(simulator: TeamsState, change: Change, wanted: str) -> Iterator[Caused]:
    """Yield what a change means for the resource of a subscription."""
    if re.fullmatch(r"users/[^/]+/events", wanted):
        yield from _calendar(simulator, change, wanted)
    elif "meetingCallEvents" in wanted:
        yield from _calls(simulator, change, wanted)
    elif re.search(r"getAll(Recordings|Transcripts)$", wanted):
        yield from _media(simulator, change, wanted)
    else:
        yield from _webinars(simulator, change, wanted)


def _calendar(simulator: TeamsState, change: Change, wanted: str) -> Iterator[Caused]:
    details = simulator.events.get(change.room_id)
    kinds = {"room created": "created", "room changed": "updated", "room removed": "deleted"}
    if details is None or change.kind not in kinds or details.owner not in wanted:
        return
    resource = f"Users/{details.owner}/Events/{change.room_id}"
    data = {
        "@odata.type": "#Microsoft.Graph.Event",
        "@odata.id": resource,
        "@odata.etag": f'W/"{details.version:08}"',
        "id": change.room_id,
    }
    yield resource, kinds[change.kind], data


def _calls(simulator: TeamsState, change: Change, wanted: str) -> Iterator[Caused]:
    words = {
        "session started": "callStarted",
        "session ended": "callEnded",
        "entered": "rosterUpdated",
        "left": "rosterUpdated",
    }
    match = re.search(r"joinWebUrl='(.*)'\)", wanted)
    link = unquote(match[1]) if match else ""
    room = any(
        meeting.join_url == link and meeting.room_id == change.room_id
        for meeting in simulator.meetings.values()
    )
    if room and change.kind in words:
        word = words[change.kind]
        data = {
            "@odata.type": f"#Microsoft.Teams.GraphSvc.{word}Event",
            "@odata.id": wanted,
            "id": f"{change.subject_id}/{change.kind}",
            "eventType": word,
        }
        yield wanted, "updated", data


def _media(simulator: TeamsState, change: Change, wanted: str) -> Iterator[Caused]:
    recording = simulator.world.recordings.get(change.subject_id)
    meetings = [each for each in simulator.meetings.values() if each.room_id == change.room_id]
    if change.kind != "recorded" or recording is None or not meetings:
        return
    meeting = meetings[0]
    if not meeting.in_calendar or meeting.owner not in wanted:
        return
    file_ids = simulator.world.file_ids[recording.id]
    kind = "transcripts" if wanted.endswith("Transcripts") else "recordings"
    for file_id, file in zip(file_ids, recording.files, strict=True):
        is_text = file.media_type == "text/vtt"
        if is_text is not (kind == "transcripts"):
            continue
        own_id = transcript_id(file_id) if is_text else file_id
        resource = f"users/{meeting.owner}/onlineMeetings('{meeting.id}')/{kind}('{own_id}')"
        word = "callTranscript" if is_text else "callRecording"
        data = {"@odata.type": f"#Microsoft.Graph.{word}", "@odata.id": resource, "id": own_id}
        yield resource, "created", data


def _webinars(simulator: TeamsState, change: Change, wanted: str) -> Iterator[Caused]:
    details = simulator.webinars.get(change.room_id)
    if details is None:
        return
    root = f"solutions/virtualEvents/webinars/{details.id}"
    data = {
        "@odata.type": "#microsoft.graph.virtualEventWebinar",
        "@odata.id": root,
        "id": details.id,
    }
    if "getEventsFromOrganizers" in wanted and details.owner in wanted:
        if change.kind == "room created":
            yield root, "created", data
    elif wanted == root and change.kind in {"room changed", "room removed"}:
        yield root, "updated", data
    elif wanted == f"{root}/registrations" and change.kind.startswith("regist"):
        resource = f"{wanted}/{change.subject_id}"
        kind = "created" if change.kind == "registered" else "updated"
        word = "#microsoft.graph.virtualEventRegistration"
        yield resource, kind, {"@odata.type": word, "@odata.id": resource, "id": change.subject_id}

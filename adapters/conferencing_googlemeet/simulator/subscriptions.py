"""Subscriptions to events of Workspace, and the messages that Pub/Sub pushes.

docs/vendors/googlemeet.md#events-push
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from conferencing.sandbox.simulator import Answer
from conferencing.world import Change

from .endpoints import Endpoints, Query
from .errors import meet_failure
from .formats import find_part, meet_time, user_number
from .records import list_artifacts, person_id, write_page
from .state import Caller, MeetState, Space, Subscription

__all__ = ["build_messages", "end_subscriptions", "endpoints"]

endpoints = Endpoints()

SCOPES: Final = ("meetings.space.created", "meetings.space.readonly")
LONGEST: Final = timedelta(days=7)
PREFIX: Final = "google.workspace.meet."
LIFE: Final = "google.workspace.events.subscription.v1."
TYPES: Final = {
    f"{PREFIX}{kind}.v2.{what}"
    for kind, whats in {
        "conference": ("started", "ended"),
        "participant": ("joined", "left"),
        "recording": ("started", "ended", "fileGenerated"),
        "transcript": ("started", "ended", "fileGenerated"),
        "smartNote": ("started", "ended", "fileGenerated"),
    }.items()
    for what in whats
}
TOPIC: Final = re.compile(r"projects/[^/]+/topics/[^/]+")
SUBSCRIPTION: Final = "/v1/subscriptions/{subscription:[^/:]+}"

Row = dict[str, Any]


def _row(subscription: Subscription) -> Row:
    user = f"users/{user_number(subscription.owner)}"
    return {
        "name": f"subscriptions/{subscription.id}",
        "uid": subscription.id,
        "targetResource": subscription.target,
        "eventTypes": list(subscription.types),
        "notificationEndpoint": {"pubsubTopic": subscription.topic},
        "state": subscription.state,
        "authority": user,
        "userAuthority": user,
        "createTime": meet_time(subscription.created),
        "updateTime": meet_time(subscription.created),
        "expireTime": meet_time(subscription.expires),
        "etag": subscription.id[:8],
    }


def _operation(subscription: Subscription) -> Answer:
    kind = "type.googleapis.com/google.apps.events.subscriptions.v1.Subscription"
    return Answer.json(
        {
            "name": f"operations/{subscription.id}",
            "done": True,
            "response": {"@type": kind, **_row(subscription)},
        }
    )


def end_subscriptions(simulator: MeetState) -> None:
    """Drop the subscriptions whose time is over."""
    now = simulator.world.now
    for subscription in list(simulator.subscriptions.values()):
        if subscription.expires <= now:
            del simulator.subscriptions[subscription.id]


def _own(simulator: MeetState, caller: Caller, key: str) -> Subscription:
    subscription = simulator.subscriptions.get(key)
    if subscription is None or subscription.owner != caller.email:
        raise meet_failure(404, f"Subscription {key} not found.")
    return subscription


def _life(simulator: MeetState, ttl: Any) -> Any:
    match = re.fullmatch(r"(\d+)(\.\d+)?s", str(ttl)) if ttl is not None else None
    if ttl is not None and match is None:
        raise meet_failure(400, f"Invalid value at 'subscription.ttl', \"{ttl}\"")
    wanted = timedelta(seconds=int(match[1])) if match else timedelta()
    return simulator.world.now + min(wanted or LONGEST, LONGEST)


def _check_target(simulator: MeetState, caller: Caller, target: str) -> None:
    space = target.removeprefix("//meet.googleapis.com/spaces/")
    if space != target:
        target_space = simulator.spaces.get(space)
        if target_space is not None and target_space.owner == caller.email:
            return
        raise meet_failure(403, "The caller does not have permission to the target resource.")
    if target != f"//cloudidentity.googleapis.com/users/{caller.number}":
        raise meet_failure(400, f"Invalid target resource: {target}")


def _read_types(body: Row) -> tuple[str, ...]:
    return tuple(map(str, body.get("eventTypes") or ()))


@endpoints("POST", "/v1/subscriptions", SCOPES, "validateOnly")
def create_subscription(simulator: MeetState, query: Query, caller: Caller) -> Answer:
    body = query.body
    target, types = body.get("targetResource"), _read_types(body)
    topic = find_part(body, "notificationEndpoint", "pubsubTopic")
    if not target or not types or not isinstance(topic, str) or not TOPIC.fullmatch(topic):
        raise meet_failure(400, "targetResource, eventTypes and pubsubTopic are required.")
    if not set(types) <= TYPES:
        raise meet_failure(400, "Unknown event type.")
    _check_target(simulator, caller, str(target))
    expires = _life(simulator, body.get("ttl"))
    for other in simulator.subscriptions.values():
        if (other.owner, other.target) == (caller.email, target):
            raise meet_failure(409, "Subscription already exists.")
    subscription = Subscription(
        id=f"meet-spaces-{simulator.world.new_id('subscription')}",
        owner=caller.email,
        target=str(target),
        types=types,
        topic=topic,
        created=simulator.world.now,
        expires=expires,
    )
    simulator.subscriptions[subscription.id] = subscription
    return _operation(subscription)


@endpoints("GET", "/v1/subscriptions", SCOPES, "filter", "pageSize", "pageToken")
def list_subscriptions(simulator: MeetState, query: Query, caller: Caller) -> Answer:
    text = query.text("filter") or ""
    types = re.findall(r'event_types\s*:\s*"([^"]*)"', text)
    targets = re.findall(r'target_resource\s*=\s*"([^"]*)"', text)
    if not types:
        raise meet_failure(400, "The filter must have at least one event type.")
    rows = [
        _row(each)
        for each in simulator.subscriptions.values()
        if each.owner == caller.email
        and set(types) & set(each.types)
        and (not targets or each.target in targets)
    ]
    return Answer.json(write_page(simulator, query, rows, "subscriptions", (50, 100)))


@endpoints("GET", SUBSCRIPTION, SCOPES)
def get_subscription(
    simulator: MeetState, query: Query, caller: Caller, subscription: str
) -> Answer:
    return Answer.json(_row(_own(simulator, caller, subscription)))


@endpoints("PATCH", SUBSCRIPTION, SCOPES, "updateMask", "validateOnly")
def patch_subscription(
    simulator: MeetState, query: Query, caller: Caller, subscription: str
) -> Answer:
    target = _own(simulator, caller, subscription)
    body = query.body
    mask = (query.text("updateMask") or ",".join(body)).split(",")
    if "ttl" in mask:
        target.expires = _life(simulator, body.get("ttl"))
    if {"eventTypes", "event_types"} & set(mask):
        target.types = _read_types(body) or target.types
    return _operation(target)


@endpoints("POST", f"{SUBSCRIPTION}:reactivate", SCOPES)
def reactivate_subscription(
    simulator: MeetState, query: Query, caller: Caller, subscription: str
) -> Answer:
    target = _own(simulator, caller, subscription)
    target.state = "ACTIVE"
    return _operation(target)


@endpoints("DELETE", SUBSCRIPTION, SCOPES, "validateOnly", "allowMissing", "etag")
def delete_subscription(
    simulator: MeetState, query: Query, caller: Caller, subscription: str
) -> Answer:
    _own(simulator, caller, subscription)
    del simulator.subscriptions[subscription]
    kind = "type.googleapis.com/google.protobuf.Empty"
    return Answer.json(
        {"name": f"operations/{subscription}", "done": True, "response": {"@type": kind}}
    )


# ---------------------------------------------------------------------------------------- messages


def build_messages(simulator: MeetState, change: Change) -> Iterator[tuple[str, Row]]:
    """Yield the message about a change for each subscription to it, with its topic."""
    space = simulator.space_of_room(change.room_id)
    if space is None:
        return
    for kind, data in _describe(simulator, change):
        for subscription in simulator.subscriptions.values():
            if _hears(subscription, space, kind):
                yield subscription.topic, _message(simulator, subscription, kind, data)


def _hears(subscription: Subscription, space: Space, kind: str) -> bool:
    targets = {
        f"//meet.googleapis.com/spaces/{space.id}",
        f"//cloudidentity.googleapis.com/users/{user_number(space.owner)}",
    }
    active = subscription.state == "ACTIVE" and subscription.owner == space.owner
    return active and subscription.target in targets and kind in subscription.types


def _describe(simulator: MeetState, change: Change) -> Iterator[tuple[str, Row]]:
    """Yield the types of events for a change of the world, with their data: names only."""
    world = simulator.world
    match change.kind:
        case "session started" | "session ended":
            name = {"name": f"conferenceRecords/{change.subject_id}"}
            what = change.kind.rpartition(" ")[2]
            yield f"{PREFIX}conference.v2.{what}", {"conferenceRecord": name}
        case "entered" | "left":
            visit = world.visits[change.subject_id]
            person = person_id(simulator, visit)
            path = f"conferenceRecords/{visit.session_id}/participants/{person}"
            data = {"participantSession": {"name": f"{path}/participantSessions/{visit.id}"}}
            word = "joined" if change.kind == "entered" else "left"
            if visit.segments():
                yield f"{PREFIX}participant.v2.{word}", data
        case "recorded":
            session = world.sessions.get(world.recordings[change.subject_id].session_id or "")
            for collection, row in list_artifacts(simulator, session) if session else ():
                kind = collection.removesuffix("s")
                if row["state"] == "FILE_GENERATED":
                    yield f"{PREFIX}{kind}.v2.fileGenerated", {kind: {"name": row["name"]}}
        case _:
            return


def _message(simulator: MeetState, subscription: Subscription, kind: str, data: Row) -> Row:
    now = meet_time(simulator.world.now)
    number = simulator.world.random.randrange(10**15, 10**16)
    return {
        "message": {
            "attributes": {
                "ce-datacontenttype": "application/json",
                "ce-id": f"spaces/{number}",
                "ce-source": f"//workspaceevents.googleapis.com/subscriptions/{subscription.id}",
                "ce-specversion": "1.0",
                "ce-subject": subscription.target,
                "ce-time": now,
                "ce-type": kind,
            },
            "data": b64encode(json.dumps(data).encode()).decode(),
            "messageId": str(number),
            "publishTime": now,
            "orderingKey": subscription.target,
        },
        "subscription": "projects/demo-project/subscriptions/meet-push",
    }

"""Events that Webex pushes, in neutral terms, and the hooks for them (docs/vendors/webex.md#webhooks)."""
# ruff: noqa: N815 - a row's fields are spelled as Webex spells them

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any, Final

from attrs import define, evolve

from conferencing import webhooks
from conferencing.errors import MalformedResponse
from conferencing.http import Reply
from conferencing.model import Secret, WebhookSubscription
from conferencing.model.native import Native
from conferencing.webhooks.verification import check_hmac

from .base import WIRE, series_of, to_moment
from .recordings import RecordingRow, TranscriptRow, to_recording, to_transcript
from .rooms import MeetingRow, to_room
from .sessions import DeviceRow, PersonRow

__all__ = ["EVENTS", "HookRow", "read_hook", "read_hooks", "read_webhook", "to_subscription"]

SIGNATURE: Final = "X-Spark-Signature"

Events = tuple[webhooks.Event, ...]
Common = dict[str, Any]
"""What all events of a delivery have, by the names of their fields."""


def read_webhook(
    request: webhooks.WebhookRequest, secrets: Sequence[Secret], base_url: str
) -> webhooks.Delivery:
    """Verify the signature over the raw body, which has no timestamp, and return the events."""
    signature = request.header(SIGNATURE)
    check_hmac(secrets, request.body, signature, algorithm="sha1", header=SIGNATURE)
    body = request.json(dict[str, Any])
    name, data = f"{body.get('resource')}.{body.get('event')}", body.get("data")
    # Webex gives events no ids, and a repeated one is known by its data
    # (docs/vendors/webex.md#webhooks).
    digest = sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()
    common: Common = {"id": f"{name}/{digest[:32]}", "native": Native(body, WIRE.secret)}
    if name in EVENTS:
        kind, build = EVENTS[name]
        with suppress(MalformedResponse):  # what cannot be read is told as it came
            return webhooks.Delivery(events=build(WIRE.convert_value(data, kind), common, base_url))
    return webhooks.Delivery(events=(webhooks.OtherEvent(name=name, **common),))


def _to_room_event(row: MeetingRow, common: Common, _: str) -> Events:
    """Return that a room changed; what an occurrence has is not what the room has."""
    is_room = row.meetingType == "meetingSeries"
    room = to_room(row, common["native"].get("data")) if is_room else None
    return (webhooks.RoomChanged(room_id=series_of(row.id), room=room, **common),)


def _to_deletion(row: MeetingRow, common: Common, base_url: str) -> Events:
    if row.meetingType == "scheduledMeeting":  # the series goes on without this date
        return _to_room_event(row, common, base_url)
    return (webhooks.RoomDeleted(room_id=series_of(row.id), **common),)


def _to_start(row: MeetingRow, common: Common, _: str) -> Events:
    # Of a start and an end, `id` is that of the run (docs/vendors/webex.md#ids).
    ids: Common = common | {"room_id": series_of(row.id), "session_id": row.id}
    return (webhooks.SessionStarted(started_at=row.start, time=row.start, **ids),)


def _to_end(row: MeetingRow, common: Common, _: str) -> Events:
    ids: Common = common | {"room_id": series_of(row.id), "session_id": row.id}
    times: Common = {"started_at": row.start, "ended_at": row.end, "time": row.end}
    return (webhooks.SessionEnded(**times, **ids),)


def _to_joins(row: PersonRow, common: Common, _: str) -> Events:
    """Return an event for each join of a person so far: those told before have the ids of before."""
    return tuple(
        webhooks.ParticipantJoined(time=to_moment(join.joinedTime), **fields)
        for join, fields in _list_joins(row, common, "joined")
    )


def _to_leaves(row: PersonRow, common: Common, _: str) -> Events:
    """Return an event for each device of a person that has left so far; without any, one for all."""
    left = [pair for pair in _list_joins(row, common, "left") if to_moment(pair[0].leftTime)]
    left = left or [*_list_joins(evolve(row, devices=None), common, "left")]
    return tuple(
        webhooks.ParticipantLeft(left_at=moment, time=moment, **fields)
        for join, fields in left
        for moment in [to_moment(join.leftTime)]
    )


def _list_joins(
    row: PersonRow, common: Common, name: str
) -> Iterator[tuple[DeviceRow | PersonRow, Common]]:
    """Yield the devices of a person, or the person where there are none, with fields of events."""
    fields: Common = common | {
        "room_id": series_of(row.meetingId or row.id),
        "session_id": row.meetingId,
        "person_id": row.id,
        "role": row.find_role(),
        "display_name": row.displayName or None,
        "email": row.email or None,
    }
    if not row.devices:
        yield row, fields | {"joined_at": to_moment(row.joinedTime)}
    for device in row.devices or ():
        # An event lists all devices so far, which is inferred: one that was told before gets the
        # same id again (docs/vendors/webex.md#webhooks).
        visit = device.correlationId or f"{row.id}/{device.joinedTime}"
        ids = {"id": f"{name}/{row.id}/{visit}", "visit_id": visit}
        yield device, fields | ids | {"joined_at": to_moment(device.joinedTime)}


def _to_recorded(row: RecordingRow, common: Common, _: str) -> Events:
    recording = to_recording(row, common["native"].get("data"))
    fields: Common = common | {"room_id": recording.room_id, "session_id": recording.session_id}
    return (webhooks.RecordingReady(recording=recording, **fields),)


def _to_unrecorded(row: RecordingRow, common: Common, _: str) -> Events:
    return (webhooks.RecordingDeleted(recording_id=row.id, **common),)


def _to_transcribed(row: TranscriptRow, common: Common, base_url: str) -> Events:
    files = (to_transcript(row, common["native"], base_url=base_url),)
    room_id = series_of(row.meetingId) if row.meetingId else None
    fields: Common = common | {"room_id": room_id, "session_id": row.meetingId}
    return (webhooks.TranscriptReady(files=files, **fields),)


EVENTS: Final[Mapping[str, tuple[type[Any], Callable[[Any, Common, str], Events]]]] = {
    "meetings.created": (MeetingRow, _to_room_event),
    "meetings.updated": (MeetingRow, _to_room_event),
    "meetings.deleted": (MeetingRow, _to_deletion),
    "meetings.started": (MeetingRow, _to_start),
    "meetings.ended": (MeetingRow, _to_end),
    "meetingParticipants.joined": (PersonRow, _to_joins),
    "meetingParticipants.left": (PersonRow, _to_leaves),
    "recordings.created": (RecordingRow, _to_recorded),
    "recordings.deleted": (RecordingRow, _to_unrecorded),
    "meetingTranscripts.created": (TranscriptRow, _to_transcribed),
}
"""The events that have a neutral form: resource and event, what is in `data`, and what it means."""


# ------------------------------------------------------------------------------------------- hooks


@define
class HookRow:
    """A hook: one kind of event, which goes to one address."""

    id: str
    targetUrl: str | None = None
    resource: str | None = None
    event: str | None = None
    filter: str | None = None
    secret: str | None = None
    status: str | None = None


def read_hook(reply: Reply) -> WebhookSubscription:
    """Return one hook."""
    return WIRE.record(reply, HookRow, to_subscription)


def read_hooks(reply: Reply) -> list[WebhookSubscription]:
    """Return a page of hooks."""
    return WIRE.records(reply, HookRow, to_subscription, "items")


def to_subscription(row: HookRow, native: Native) -> WebhookSubscription:
    """Return a hook."""
    events = (f"{row.resource}.{row.event}",) if row.resource and row.event else ()
    return WebhookSubscription(id=row.id, url=row.targetUrl or "", events=events, native=native)


def write_hook(name: str, url: str, secret: Secret, host: str | None) -> dict[str, Any]:
    """Return the body of a hook for an event; with a host, of their meetings among all of the site."""
    resource, _, event = name.partition(".")
    owner = {"ownedBy": "org", "filter": f"hostEmail={host}"} if host else {}
    kind = {"resource": resource, "event": event}
    return {"name": "conferencing", "targetUrl": url, "secret": secret, **kind, **owner}


def is_current(hook: WebhookSubscription, secret: Secret) -> bool:
    """Return whether a hook is on, and signs with this secret, as far as Webex reports it."""
    # Failed deliveries switch a hook off (docs/vendors/webex.md#webhooks).
    return hook.native.get("status") == "active" and hook.native.get("secret", secret) == secret

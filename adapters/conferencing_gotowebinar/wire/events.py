"""Webhooks: what is subscribed to, and events in neutral terms (docs/vendors/gotowebinar.md#webhooks)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from attrs import define

from conferencing.errors import MalformedResponse
from conferencing.http import Aware, Id, Reply, pack_id
from conferencing.model import Participant, Role, Secret, WebhookSubscription
from conferencing.model.native import Native
from conferencing.webhooks import (
    Delivery,
    Event,
    OtherEvent,
    ParticipantJoined,
    RegistrationCreated,
    RoomChanged,
    RoomDeleted,
    WebhookRequest,
    check_hmac,
)

from .base import WIRE
from .people import RegistrantRow, to_participant

SIGNATURE: Final = "X-Webhook-Signature"
PRODUCT: Final = {"product": "g2w"}
EVENTS: Final = frozenset(
    [
        "registrant.added",
        "registrant.joined",
        "survey.submitted",
        "webinar.changed",
        "webinar.created",
    ]
)


@define
class HookRow:
    """A webhook: an address for one event. It is born INACTIVE."""

    webhookKey: Id
    callbackUrl: str | None = None
    eventName: str | None = None
    state: str | None = None


@define
class SubscriptionRow:
    """What connects a webhook to the organizer."""

    userSubscriptionKey: Id
    webhookKey: Id | None = None


@define
class EventRow:
    """An event; `eventKey` is the same whenever it is repeated."""

    eventKey: Id
    eventName: str
    timestamp: Aware | None = None
    webinarKey: Id | None = None
    sessionKey: Id | None = None
    joinTime: Aware | None = None
    status: str | None = None


def read_hooks(reply: Reply, url: str) -> list[HookRow]:
    """Return the webhooks for an address."""
    return [row for row in _read_list(reply, HookRow, "webhooks") if row.callbackUrl == url]


def read_subscriptions(reply: Reply, hooks: Collection[str]) -> list[SubscriptionRow]:
    """Return the organizer's subscriptions to some webhooks."""
    rows = _read_list(reply, SubscriptionRow, "userSubscriptions")
    return [row for row in rows if str(row.webhookKey) in hooks]


def _read_list(reply: Reply, row: type[Any], name: str) -> list[Any]:
    """Return the rows of an envelope that has no `page`; without rows it is empty.

    docs/vendors/gotowebinar.md#pages
    """
    if not WIRE.read(reply, dict[str, Any]).keys() - {"page", "_links"}:
        return []
    return WIRE.records(reply, row, lambda each, _: each, f"_embedded.{name}")


def write_hooks(url: str, names: Iterable[str]) -> list[dict[str, Any]]:
    """Return the body that creates webhooks for an address."""
    return [
        {"callbackUrl": url, "eventName": name, "eventVersion": "1.0.0", **PRODUCT}
        for name in names
    ]


def to_subscription(row: HookRow) -> WebhookSubscription:
    """Return a subscription, which lasts until it is deleted."""
    return WebhookSubscription(
        id=str(row.webhookKey), url=row.callbackUrl or "", events=(row.eventName or "",)
    )


def read_webhook(request: WebhookRequest, secrets: Iterable[Secret]) -> Delivery:
    """Verify a request and return its event.

    Header, algorithm and encoding are not published: this is the usual form, and nothing else is
    accepted (docs/vendors/gotowebinar.md#signature).
    """
    check_hmac(secrets, request.body, request.header(SIGNATURE), header=SIGNATURE)
    body = request.json(dict[str, Any])
    return Delivery(events=(_to_event(WIRE.read_pushed(body, EventRow), body),))


def _to_event(row: EventRow, body: Mapping[str, Any]) -> Event:
    """Return the neutral event. No event reports that somebody left."""
    room = None if row.webinarKey is None else str(row.webinarKey)
    common: dict[str, Any] = {
        "id": str(row.eventKey),
        "time": row.timestamp,
        "room_id": room,
        "session_id": pack_id(room, row.sessionKey) if room and row.sessionKey else None,
        "native": Native(body, WIRE.secret),
    }
    match row.eventName:
        case "registrant.added":
            return RegistrationCreated(participant=_read_person(body, room), **common)
        case "registrant.joined":
            return _to_joined(row, _read_person(body, room) or Participant(), common)
        # A deletion has no event of its own (docs/vendors/gotowebinar.md#webhooks).
        case "webinar.changed" if row.status == "DELETED":
            return RoomDeleted(**common)
        case "webinar.created" | "webinar.changed":
            return RoomChanged(**common)
        case _:
            return OtherEvent(name=row.eventName, **common)


def _to_joined(row: EventRow, person: Participant, common: dict[str, Any]) -> Event:
    return ParticipantJoined(
        person_id=person.id,
        participant_id=person.id,
        display_name=person.display_name,
        email=person.email,
        role=Role.ATTENDEE,
        joined_at=row.joinTime,
        **common,
    )


def _read_person(body: Mapping[str, Any], room_id: str | None) -> Participant | None:
    try:
        row = WIRE.convert_value(body, RegistrantRow)
    except MalformedResponse:
        return None
    return to_participant(row, Native(body, WIRE.secret), room_id)

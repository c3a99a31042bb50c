"""Webhooks: docs/vendors/gotowebinar.md#webhooks"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from attrs import evolve

from conferencing.model import Participant, RegistrationStatus, WebhookSubscription
from conferencing.sandbox.kit import Fields, Problem, Refusal, Router
from conferencing.sandbox.simulator import Answer
from conferencing.world import Change

from .people import registrant_row
from .state import API, GoToState, to_text

__all__ = ["build_event", "find_addresses", "list_receivers", "route", "sign"]

route = Router()

EVENTS: Final = (
    "registrant.added",
    "registrant.joined",
    "webinar.created",
    "webinar.changed",
    "survey.submitted",
)
NAMES: Final = {
    "registered": "registrant.added",
    "entered": "registrant.joined",
    "webinar created": "webinar.created",
    "webinar changed": "webinar.changed",
    "webinar deleted": "webinar.changed",
}
"""Which event a change of the world becomes."""


@route("POST", f"{API}/webhooks/secretkey", "validFrom")
def create_secret(simulator: GoToState, fields: Fields) -> Answer:
    """Make a secret key, which signs events from now on."""
    value = str(UUID(bytes=simulator.world.random.randbytes(16)))
    simulator.world.notes["secret"]["value"] = value
    return Answer.json({"id": 1, "value": value, "validFrom": to_text(simulator.world.now)})


# A webhook is in `World.subscriptions` by its key and "hook", a subscription by its key and the
# webhook's: `room_id` holds the state of either.


def _hooks(simulator: GoToState) -> dict[str, WebhookSubscription]:
    subscriptions = simulator.world.subscriptions
    return {key: value for (key, kind), value in subscriptions.items() if kind == "hook"}


@route("GET", f"{API}/webhooks", "product")
def list_hooks(simulator: GoToState, fields: Fields) -> Answer:
    fields.require("product")
    return _embed("webhooks", [_hook_row(hook) for hook in _hooks(simulator).values()])


def find_addresses(body: bytes) -> set[str]:
    """Return the addresses that a request to create webhooks names, which are tested first."""
    try:
        rows = msgspec.json.decode(body, type=list[dict[str, Any]])
    except msgspec.DecodeError:
        return set()
    return {row["callbackUrl"] for row in rows if isinstance(row.get("callbackUrl"), str)}


@route("POST", f"{API}/webhooks")
def create_hooks(simulator: GoToState, fields: Fields) -> Answer:
    """Create webhooks for addresses that answered a GET with 200; `prepare` has asked them."""
    added: list[WebhookSubscription] = []
    for row in simulator.read_rows():
        row.require("callbackUrl", "eventName", "eventVersion", "product")
        if row.text("callbackUrl") not in simulator.answering:
            raise Refusal(400, Problem("The callback URL does not answer.", code="InvalidRequest"))
        name, key = row.choice("eventName", EVENTS) or "", simulator.world.new_id("hook")
        hook = WebhookSubscription(
            id=key, url=row.text("callbackUrl") or "", events=(name,), room_id="INACTIVE"
        )
        simulator.world.subscriptions[key, "hook"] = hook
        added.append(hook)
    return _embed("webhooks", [_hook_row(hook) for hook in added])


@route("PUT", f"{API}/webhooks")
def change_hooks(simulator: GoToState, fields: Fields) -> Answer:
    for row in simulator.read_rows():
        key = row.text("webhookKey") or ""
        hook = _hooks(simulator).get(key)
        if hook is None:
            raise Refusal(404, Problem("Webhook does not exist.", code="NotFound"))
        state = row.choice("state", ("ACTIVE", "INACTIVE")) or "INACTIVE"
        simulator.world.subscriptions[key, "hook"] = evolve(hook, room_id=state)
    return Answer(status=204)


@route("DELETE", f"{API}/webhooks")
@route("DELETE", f"{API}/userSubscriptions")
def delete_hooks(simulator: GoToState, fields: Fields) -> Answer:
    keys = set(simulator.read_keys())
    for place in [place for place in simulator.world.subscriptions if place[0] in keys]:
        del simulator.world.subscriptions[place]
    return Answer(status=202)


@route("GET", f"{API}/userSubscriptions", "product")
def list_subscriptions(simulator: GoToState, fields: Fields) -> Answer:
    fields.require("product")
    return _embed("userSubscriptions", [_row(*pair) for pair in _pairs(simulator)])


@route("POST", f"{API}/userSubscriptions")
def create_subscriptions(simulator: GoToState, fields: Fields) -> Answer:
    pairs: list[tuple[str, str]] = []
    for row in simulator.read_rows():
        hook = _hooks(simulator).get(row.require_text("webhookKey"))
        if hook is None:
            raise Refusal(404, Problem("Webhook does not exist.", code="NotFound"))
        key = simulator.world.new_id("hook")
        simulator.world.subscriptions[key, hook.id] = evolve(hook, id=key, room_id="ACTIVE")
        pairs.append((key, hook.id))
    return _embed("userSubscriptions", [_row(*pair) for pair in pairs])


def _pairs(simulator: GoToState) -> list[tuple[str, str]]:
    places = simulator.world.subscriptions
    return [(key, hook) for key, hook in places if hook is not None and hook != "hook"]


def _row(key: str, hook: str) -> dict[str, Any]:
    return {"userSubscriptionKey": key, "webhookKey": hook, "userSubscriptionState": "ACTIVE"}


def _hook_row(hook: WebhookSubscription) -> dict[str, Any]:
    return {
        "webhookKey": hook.id,
        "callbackUrl": hook.url,
        "eventName": hook.events[0],
        "eventVersion": "1.0.0",
        "product": "g2w",
        "state": hook.room_id,
    }


def _embed(name: str, rows: list[dict[str, Any]]) -> Answer:
    return Answer.json({"_embedded": {name: rows}} if rows else {})


# ------------------------------------------------------------------------------------------ events


def list_receivers(simulator: GoToState, name: str) -> list[str]:
    """Return the addresses to which an event goes: of active webhooks with a subscription."""
    subscribed = {hook for _, hook in _pairs(simulator)}
    return [
        hook.url
        for key, hook in _hooks(simulator).items()
        if hook.events == (name,) and hook.room_id == "ACTIVE" and key in subscribed
    ]


def build_event(simulator: GoToState, change: Change) -> dict[str, Any] | None:
    """Return the event for a change of the world, or None for one that GoTo does not report."""
    name = NAMES.get(change.kind)
    if name is None:
        return None
    fields = (
        _registrant_fields(simulator, change)
        if name.startswith("registrant")
        else _webinar_fields(simulator, change)
    )
    if fields is None:
        return None
    return {
        "eventName": name,
        "eventVersion": "1.0.0",
        "product": "g2w",
        "eventKey": str(UUID(bytes=simulator.world.random.randbytes(16))),
        "timestamp": to_text(change.at),
        "webinarKey": change.room_id,
        **fields,
    }


def _registrant_fields(simulator: GoToState, change: Change) -> dict[str, Any] | None:
    visit = simulator.world.visits.get(change.subject_id)
    key = simulator.world.notes[change.subject_id].get("registrant") if visit else change.subject_id
    people = simulator.world.participants[change.room_id]
    participant = next((each for each in people if each.id == key), None)
    if participant is None:
        return None  # an organizer or a panelist
    if visit is None:
        return _build_added_fields(simulator, participant)
    return {
        "registrantKey": participant.id,
        "firstName": participant.first_name,
        "lastName": participant.last_name,
        "email": participant.email,
        "sessionKey": visit.session_id,
        "joinTime": to_text(visit.joined_at),
    }


def _build_added_fields(simulator: GoToState, participant: Participant) -> dict[str, Any]:
    status = participant.status or RegistrationStatus.APPROVED
    words = {RegistrationStatus.PENDING: "Waiting"}
    row = registrant_row(simulator, participant)
    return {
        **row,
        "registrantKey": participant.id,
        "status": words.get(status, status.value.title()),
        "webinarTitle": simulator.world.room(participant.room_id or "").name,
    }


def _webinar_fields(simulator: GoToState, change: Change) -> dict[str, Any]:
    words = {"webinar created": "NEW", "webinar deleted": "DELETED"}
    details = simulator.details[change.room_id]
    return {
        "accountKey": simulator.account_key,
        "organizerKey": simulator.organizer_key,
        "description": simulator.world.room(change.room_id).description or "",
        "status": words.get(change.kind, "UPDATED"),
        "times": [
            {"startTime": to_text(start), "endTime": to_text(end)} for start, end in details.times
        ],
    }


def sign(simulator: GoToState, body: bytes, at: datetime) -> Mapping[str, str]:
    """Return the header with a signature, whose form GoTo has not published: off by default."""
    secret = simulator.world.notes["secret"].get("value")
    if not secret or not simulator.quirks["signed_webhooks"]:
        return {}
    return {"X-Webhook-Signature": hmac.digest(secret.encode(), body, "sha256").hex()}


def write_event(event: Mapping[str, Any]) -> bytes:
    """Return the body of an event."""
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode()

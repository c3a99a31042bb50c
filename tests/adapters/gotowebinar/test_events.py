"""Events, which are off unless the account is unverified: GoTo has not published the signature."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from samples import read_sample
from scenarios import HOUR

from conferencing import (
    InvalidRequest,
    Person,
    RegistrationStatus,
    Support,
    UnsupportedOperation,
    WebhookForged,
    WebhookMalformed,
    connect,
)
from conferencing.model import Secret
from conferencing.sandbox.listener import WebhookListener
from conferencing.webhooks import (
    Event,
    OtherEvent,
    ParticipantJoined,
    RegistrationCreated,
    RoomChanged,
    RoomDeleted,
    sign_hmac,
)

ANN = Person(first_name="Ann", last_name="Lee", email="ann@example.com")
SECRET = "9d2e4b1c-7f60-4a35-8c1b-2e3f4a5b6c7d"
ROOM = "7878787878787878781"
sample = partial(read_sample, "gotowebinar")


async def read(conference: Any, event: Any, secret: str = SECRET) -> Event:
    body = json.dumps(event).encode()
    headers = {"X-Webhook-Signature": sign_hmac(Secret(secret), body)}
    (read_event,) = (await conference.webhooks.read(headers, body)).events
    return read_event


@pytest.fixture
async def receiver(sandbox, clock) -> Any:
    account = sandbox.account("gotowebinar") | {
        "unverified": True,
        "webhook_secret": SECRET,
        "webhook_secret_previous": "former",
    }
    async with connect(account, clock=clock) as conference:
        yield conference


async def test_events_are_off_by_default(sandbox, clock) -> None:
    async with connect(sandbox.account("gotowebinar"), clock=clock) as conference:
        assert conference.capabilities.webhooks is Support.UNVERIFIED
        with pytest.raises(UnsupportedOperation, match="unverified"):
            await conference.webhooks.read({}, b"{}")
        with pytest.raises(UnsupportedOperation, match="unverified"):
            await conference.webhooks.subscribe("https://example.com/hooks")


async def test_registration_is_an_event(receiver) -> None:
    event = await read(receiver, sample("registrant_added"))
    assert isinstance(event, RegistrationCreated)
    assert (event.id, event.room_id) == ("7f0f0000-0000-4000-8000-000000000001", ROOM)
    person = event.participant
    assert person is not None
    assert (person.id, person.status) == ("8439885694023999999", RegistrationStatus.APPROVED)
    assert person.fields["industry"] == "Tea"
    assert person.join_link is not None


async def test_joining_is_an_event(receiver) -> None:
    event = await read(receiver, sample("registrant_joined"), secret="former")
    assert isinstance(event, ParticipantJoined)
    assert event.session_id == f"{ROOM}:7878787878787878790"
    assert event.person_id == event.participant_id == "8439885694023999999"
    assert (event.display_name, event.email, event.visit_id) == ("Bo Li", "bo@example.com", None)
    assert event.joined_at is not None


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("webinar.created", "NEW", RoomChanged),
        ("webinar.changed", "UPDATED", RoomChanged),
        ("webinar.changed", "DELETED", RoomDeleted),
        ("survey.submitted", None, OtherEvent),
    ],
)
async def test_other_events_are_read(receiver, name, status, kind) -> None:
    event = await read(
        receiver,
        {"eventName": name, "eventKey": "k", "webinarKey": int(ROOM), "status": status},
    )
    assert type(event) is kind
    assert (event.id, event.room_id) == ("k", ROOM)


async def test_event_without_the_registrant_is_still_one(receiver) -> None:
    for name in ("registrant.added", "registrant.joined"):
        event = await read(receiver, {"eventName": name, "eventKey": "k", "webinarKey": ROOM})
        assert event.room_id == ROOM


async def test_event_without_a_key_is_refused(receiver) -> None:
    with pytest.raises(WebhookMalformed, match="eventKey"):
        await read(receiver, {"eventName": "registrant.added"})


@pytest.mark.parametrize("headers", [{}, {"X-Webhook-Signature": "00"}])
async def test_event_without_its_signature_is_forged(receiver, headers) -> None:
    with pytest.raises(WebhookForged):
        await receiver.webhooks.read(headers, json.dumps(sample("registrant_added")).encode())


async def test_simulated_events_are_read(receiver, simulator, world) -> None:
    listener = WebhookListener()
    listener.conference = receiver
    await listener.start()
    reply = await receiver.request("POST", "/webhooks/secretkey", json={})
    assert set(reply.json()) == {"id", "value", "validFrom"}
    world.notes["secret"]["value"] = SECRET
    simulator.quirks["signed_webhooks"] = True
    await receiver.webhooks.subscribe(listener.url)
    room = await receiver.create_room("Launch", starts_at=world.now + HOUR, duration=HOUR)
    await receiver.register(room, ANN)
    await receiver.update_room(room, name="B")
    world.enter(room.id, "Ann Lee", ANN.email)
    world.end_session(room.id)
    await receiver.delete_room(room)
    while simulator.sender.pending:
        await simulator.sender.deliver()
    await listener.aclose()
    test, *attempts = simulator.sender.attempts
    assert (test.body, test.status) == (b"", 200)
    assert [json.loads(each.body)["eventName"] for each in attempts] == [
        "webinar.created",
        "registrant.added",
        "webinar.changed",
        "registrant.joined",
        "webinar.changed",
    ]
    assert all(each.delivered for each in attempts)


async def test_inactive_webhook_sends_nothing(conference, simulator) -> None:
    hook = {
        "callbackUrl": "http://127.0.0.1:9/hooks",
        "eventName": "webinar.created",
        "eventVersion": "1.0.0",
        "product": "g2w",
    }
    with pytest.raises(InvalidRequest, match="does not answer"):
        await conference.request("POST", "/webhooks", json=[hook])
    simulator.answering.add(hook["callbackUrl"])
    await conference.request("POST", "/webhooks", json=[hook])
    await conference.create_room("Launch")
    assert simulator.sender.pending == 0
    (subscription, *_) = await conference.webhooks.subscribe(hook["callbackUrl"])
    assert subscription.events == ("webinar.created",)
    await conference.create_room("Launch")
    assert simulator.sender.pending == 1

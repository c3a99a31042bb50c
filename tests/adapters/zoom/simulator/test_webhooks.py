"""Signed webhooks, the challenge and retries: docs/vendors/zoom.md#webhooks"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from aiohttp import web
from attrs import define, field

from conferencing.sandbox import World
from conferencing_zoom.simulator import ZoomSimulator
from conferencing_zoom.simulator.state import Event
from conferencing_zoom.simulator.webhooks import (
    challenge_answer,
    challenge_body,
    signature,
    signature_headers,
    write_event,
)

SECRET = "zS3cr3t-Webhook_9fKq"
TIMESTAMP = "1796115605"
BODY = (
    '{"event":"meeting.started","payload":{"account_id":"aCc0unt-Q1","object":{"duration":60,'
    '"start_time":"2026-12-01T09:00:04Z","timezone":"Europe/Warsaw","topic":"Zażółć gęślą jaźń / 1",'
    '"id":"81234567890","type":2,"uuid":"Kj3b/9q1QhSgW2cBv0tXNA==",'
    '"host_id":"hG7dKq2LSrmV1c0yYb9xTQ"}},"event_ts":1796115604123}'
).encode()
MINUTE = timedelta(minutes=1)

# -------------------------------------------------------------------------- vectors of the notes


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{}", "v0=38822c020e72621c8c34b20d3bc1fe4015975c1c8146c491f775dbc85de79745"),
        (BODY, "v0=e065cd0bef116ffa659279d7a9ddc889c607a25385dddbcc3503aeb08cbc0dec"),
        (
            json.dumps(json.loads(BODY), separators=(",", ":")).encode(),
            "v0=e58aca7dd69234b95c08e5c59e942e047284937b260482377b1c12494524696c",
        ),
    ],
)
def test_signature_is_that_of_the_notes(body: bytes, expected: str) -> None:
    assert signature(SECRET, TIMESTAMP, body) == expected


def test_event_is_written_as_in_the_notes() -> None:
    assert (len(BODY), sha256(BODY).hexdigest()) == (
        316,
        "15a455799077564f8e4c9bdbeb26a015682ccf8dc2ece7ac9a0af30796b6d8df",
    )
    sent = json.loads(BODY)
    at = datetime.fromtimestamp(sent["event_ts"] / 1000, UTC)
    assert write_event(Event(name=sent["event"], at=at, payload=sent["payload"])) == BODY


def test_headers_have_seconds_and_signature() -> None:
    at = datetime.fromtimestamp(int(TIMESTAMP), UTC)
    assert signature_headers(SECRET, b"{}", at) == {
        "x-zm-signature": "v0=38822c020e72621c8c34b20d3bc1fe4015975c1c8146c491f775dbc85de79745",
        "x-zm-request-timestamp": TIMESTAMP,
    }


def test_challenge_is_that_of_the_notes() -> None:
    assert challenge_answer(SECRET, "qgg8vlvZRS6UYooatFL8Aw") == {
        "plainToken": "qgg8vlvZRS6UYooatFL8Aw",
        "encryptedToken": "e472c61b4740a0686c8651a1e61e8852476373d57ec36d0d6f272154c258e53f",
    }
    body = json.loads(challenge_body("abc", datetime(2026, 10, 1, 8, tzinfo=UTC)))
    assert body == {
        "event": "endpoint.url_validation",
        "payload": {"plainToken": "abc"},
        "event_ts": 1790841600000,
    }


# -------------------------------------------------------------------------------- a real receiver


@define
class Receiver:
    """A web server that verifies events; it answers with `status`."""

    secret: str
    url: str = ""
    status: int = 200
    proves: bool = True
    events: list[Any] = field(factory=list)
    bodies: list[bytes] = field(factory=list)
    ids: list[str] = field(factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        timestamp = request.headers["x-zm-request-timestamp"]
        assert request.headers["x-zm-signature"] == signature(self.secret, timestamp, body)
        event = json.loads(body)
        if event["event"] == "endpoint.url_validation":
            secret = self.secret if self.proves else "other"
            return web.json_response(challenge_answer(secret, event["payload"]["plainToken"]))
        self.events.append(event)
        self.bodies.append(body)
        self.ids.append(request.headers["x-zm-request-id"])
        return web.Response(status=self.status)


@pytest.fixture
async def receiver(simulator: ZoomSimulator) -> AsyncIterator[Receiver]:
    receiver = Receiver(simulator.secret_token)
    app = web.Application()
    app.router.add_post("/hooks", receiver.receive)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks"
    yield receiver
    await runner.cleanup()


async def test_events_arrive_signed(
    program: Any, simulator: ZoomSimulator, receiver: Receiver
) -> None:
    assert await simulator.subscribe(receiver.url)
    await program.create(topic="Zażółć / 1")
    await simulator.sender.deliver()
    (event,) = receiver.events
    assert event["event"] == "meeting.created"
    assert event["event_ts"] == int(simulator.world.now.timestamp() * 1000)
    assert event["payload"]["account_id"] == simulator.account_id
    (body,) = receiver.bodies
    assert "Zażółć / 1".encode() in body
    assert b'": ' not in body


async def test_receiver_that_fails_the_challenge_gets_nothing(
    program: Any, simulator: ZoomSimulator, receiver: Receiver
) -> None:
    receiver.proves = False
    assert not await simulator.subscribe(receiver.url)
    await program.create()
    await simulator.sender.deliver()
    assert receiver.events == []


async def test_challenge_is_repeated_after_72_hours(
    program: Any, simulator: ZoomSimulator, receiver: Receiver
) -> None:
    await simulator.subscribe(receiver.url)
    simulator.world.advance(timedelta(hours=71))
    assert await simulator.repeat_challenges() == []
    receiver.proves = False
    simulator.world.advance(timedelta(hours=1))
    assert await simulator.repeat_challenges() == [receiver.url]
    await program.create()
    await simulator.sender.deliver()
    assert receiver.events == []


async def test_failed_event_is_sent_after_5_20_60_minutes(
    simulator: ZoomSimulator, world: World, receiver: Receiver
) -> None:
    await simulator.subscribe(receiver.url)
    receiver.status = 500
    world.start_session(world.add_room(name="Room").id)
    await simulator.sender.deliver()
    for minutes in (5, 20, 60):
        world.advance(minutes * MINUTE - timedelta(seconds=1))
        assert await simulator.sender.deliver() == []
        world.advance(timedelta(seconds=1))
        await simulator.sender.deliver()
    assert len(receiver.events) == 4
    assert len({*receiver.bodies}) == len({*receiver.ids}) == 1
    assert simulator.sender.pending == 0


@pytest.mark.parametrize("quirk", ["duplicate_webhooks", "reorder_webhooks", "delay_webhooks"])
async def test_delivery_is_disturbed_on_demand(
    simulator: ZoomSimulator, world: World, receiver: Receiver, quirk: str
) -> None:
    await simulator.subscribe(receiver.url)
    simulator.quirks[quirk] = True
    room = world.add_room(name="Room").id
    visits = [world.enter(room, f"P{number}", f"p{number}@example.org") for number in range(4)]
    for visit in visits:
        world.leave(visit.id)
    world.end_session(room)
    sent = [event.name for event in simulator.events]
    await simulator.sender.deliver()
    if quirk == "delay_webhooks":
        assert receiver.events == []
        world.advance(timedelta(hours=1))
        await simulator.sender.deliver()
    received = [event["event"] for event in receiver.events]
    copies = 2 if quirk == "duplicate_webhooks" else 1
    assert sorted(received) == sorted(sent * copies)
    assert (received != sent) == (quirk != "delay_webhooks")

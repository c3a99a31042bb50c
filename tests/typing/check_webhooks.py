"""How a user receives webhooks, in both clients and in each framework."""
# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import assert_type

from aiohttp import web

from conferencing import Attendance, Conference, WebhookRejected, sync
from conferencing.webhooks import (
    Delivery,
    Event,
    MemoryEventStore,
    OtherEvent,
    ParticipantJoined,
    Receiver,
    WebhookAnswer,
    aiohttp_handler,
    asgi_app,
    attendance_from_events,
    blocking,
    wsgi_app,
)


async def handle(event: Event) -> None:
    match event:
        case ParticipantJoined(email=email):
            assert_type(email, str | None)
            assert_type(event.joined_at, datetime | None)
        case OtherEvent():
            assert_type(event.name, str | None)
        case _:
            assert_type(event.kind, str)


def handle_blocking(event: Event) -> int:
    return len(event.id)


async def read(conference: Conference, headers: dict[str, str], body: bytes) -> None:
    try:
        delivery = await conference.webhooks.read(headers, body, query="a=1")
    except WebhookRejected as error:
        assert_type(error.answer_status, int)
        return
    assert_type(delivery, Delivery)
    assert_type(delivery.events, tuple[Event, ...])
    assert_type(delivery.answer, WebhookAnswer)


async def receive(conference: Conference, pairs: Sequence[tuple[bytes, bytes]]) -> None:
    async with conference.webhooks.receiver(handle, store="sqlite:events.db") as receiver:
        assert_type(receiver, Receiver)
        assert_type(await receiver.receive(pairs, b""), WebhookAnswer)
        web.Application().router.add_post("/", aiohttp_handler(receiver))
        asgi_app(receiver)
    store = MemoryEventStore(conference.provider.context.clock)
    conference.webhooks.receiver(handle_blocking, store=store)


def receive_blocking(conference: sync.Conference) -> None:
    with conference.webhooks.receiver(handle_blocking, store="redis://localhost") as receiver:
        assert_type(receiver, blocking.Receiver)
        assert_type(receiver.receive({}, b"", method="POST"), WebhookAnswer)
        wsgi_app(receiver)
    assert_type(conference.webhooks.read({}, b""), Delivery)


def fold(events: list[Event]) -> None:
    assert_type(attendance_from_events(events), list[Attendance])

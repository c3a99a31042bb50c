"""A whole story over HTTP: disturbed by the sender, received, and folded to what a query gives."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from stories import events_of, play_story

from conferencing import Secret, connect
from conferencing.sandbox import WebhookSender, World
from conferencing.webhooks import (
    Event,
    aiohttp_handler,
    attendance_from_events,
    sign_neutral,
    write_neutral,
)

SECRET = Secret("s")


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.exhaustive)])
async def test_disturbed_webhooks_give_what_a_query_gives(
    seed: int, serve: Any, clock: Any, tmp_path: Path
) -> None:
    received: list[Event] = []
    chance = Random(seed)

    def handle(event: Event) -> None:
        if chance.random() < 0.1:
            raise RuntimeError("the database is away")
        received.append(event)

    account = {"provider": "memory", "webhook_secret": SECRET.reveal()}
    async with (
        connect(account, clock=clock) as conference,
        conference.webhooks.receiver(
            handle, store=f"sqlite:{tmp_path / 'events.db'}", answer_within=20
        ) as receiver,
    ):
        world: World = conference.provider.world  # type: ignore[attr-defined]
        play_story(world, chance, 15)
        quirks = {"duplicate_webhooks": True, "reorder_webhooks": True, "delay_webhooks": False}
        sender = WebhookSender(
            world,
            lambda body, now: sign_neutral(SECRET, body, now),
            quirks=quirks,
            retry_after=[timedelta(minutes=5)] * 20,
        )
        url = await serve(aiohttp_handler(receiver))
        for event in events_of(world):
            quirks["delay_webhooks"] = chance.random() < 0.2
            sender.send(url, write_neutral([event]))
        while sender.pending:
            clock.time = (world.now - clock.start).total_seconds()
            await sender.deliver()
            world.advance(timedelta(minutes=5))
        queried = [
            record
            for session in world.sessions.values()
            for record in await conference.attendance(session).collect()
        ]
    assert not sender.dropped
    assert len(received) == len({event.id for event in received})
    assert sorted(attendance_from_events(received), key=by_id) == sorted(queried, key=by_id)


def by_id(record: Any) -> tuple[Any, Any]:
    return record.session_id, record.id

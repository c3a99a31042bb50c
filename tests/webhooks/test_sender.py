"""What a simulator sends: signed, retried by the world's clock, and disturbed on demand."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from aiohttp import web

from conferencing.errors import InvalidRequest
from conferencing.sandbox import (
    WEBHOOK_QUIRKS,
    Sandbox,
    ServedSimulator,
    Simulator,
    WebhookSender,
    World,
)


def sign(body: bytes, now: datetime) -> dict[str, str]:
    return {"X-Signature": f"{len(body)}:{now:%H:%M}"}


def sender(world: World, *, seed: int = 0, **options: Any) -> WebhookSender:
    return WebhookSender(world, sign, **options)


async def test_send_delivers_signed_bytes(hook: Any) -> None:
    webhooks = sender(World())
    number = webhooks.send(hook.url, b'{"a": 1}', {"X-Id": "7"})
    (attempt,) = await webhooks.deliver()
    assert hook.bodies == [b'{"a": 1}']
    headers = hook.headers[0]
    assert (headers["x-signature"], headers["x-id"]) == ("8:08:00", "7")
    assert headers["content-type"] == "application/json"
    assert (attempt.message, attempt.attempt, attempt.status) == (number, 1, 200)
    assert (attempt.delivered, webhooks.pending, [*webhooks.attempts]) == (True, 0, [attempt])
    assert await webhooks.deliver() == []


async def test_failure_retries_by_the_schedule(hook: Any, caplog: Any) -> None:
    world = World()
    webhooks = sender(world)
    hook.statuses += [500, 302, 401, 500]
    number = webhooks.send(hook.url, b"{}")
    for minutes, expected in [(0, 1), (4, 1), (1, 2), (19, 2), (1, 3), (59, 3), (1, 4), (999, 4)]:
        world.advance(timedelta(minutes=minutes))
        await webhooks.deliver()
        assert len(hook.bodies) == expected
    assert [attempt.status for attempt in webhooks.attempts] == [500, 302, 401, 500]
    assert [attempt.attempt for attempt in webhooks.attempts] == [1, 2, 3, 4]
    assert [header["x-signature"] for header in hook.headers] == [
        "2:08:00", "2:08:05", "2:08:25", "2:09:25",
    ]  # fmt: skip
    assert ([*webhooks.dropped], webhooks.pending) == ([number], 0)
    assert "4 attempts failed" in caplog.text


async def test_retry_stops_after_success(hook: Any) -> None:
    world = World()
    webhooks = sender(world, retry_after=[timedelta(seconds=1)] * 5)
    hook.statuses += [503, 204]
    webhooks.send(hook.url, b"{}")
    for _ in range(5):
        await webhooks.deliver()
        world.advance(timedelta(seconds=1))
    assert [attempt.status for attempt in webhooks.attempts] == [503, 204]


async def test_slow_receiver_times_out(serve: Any) -> None:
    release = asyncio.Event()

    async def wait(_: web.BaseRequest) -> web.StreamResponse:
        await release.wait()
        return web.Response()

    webhooks = sender(World(), timeout=0.05, retry_after=())
    webhooks.send(await serve(wait), b"{}")
    (attempt,) = await webhooks.deliver()
    release.set()
    assert (attempt.status, attempt.delivered) == (None, False)
    assert "Timeout" in (attempt.error or "")
    assert len(webhooks.dropped) == 1


async def test_refused_connection_is_recorded(hook: Any, unused_tcp_port: int) -> None:
    webhooks = sender(World())
    webhooks.send(f"http://127.0.0.1:{unused_tcp_port}/", b"{}")
    webhooks.send(hook.url, b"{}")
    first, second = await webhooks.deliver()
    assert (first.error, first.status) == ("ClientConnectorError", None)
    assert second.delivered
    assert webhooks.pending == 1


async def test_duplicate_quirk_sends_twice(hook: Any) -> None:
    webhooks = sender(World(), quirks={"duplicate_webhooks": True})
    webhooks.send(hook.url, b"1")
    webhooks.send(hook.url, b"2")
    await webhooks.deliver()
    assert hook.bodies == [b"1", b"1", b"2", b"2"]
    assert [attempt.message for attempt in webhooks.attempts] == [1, 1, 2, 2]


async def test_duplicate_with_one_failure_is_delivered(hook: Any) -> None:
    webhooks = sender(World(), quirks={"duplicate_webhooks": True})
    hook.statuses += [500, 200]
    webhooks.send(hook.url, b"1")
    await webhooks.deliver()
    assert webhooks.pending == 0


async def test_reorder_quirk_shuffles_by_seed(hook: Any) -> None:
    orders: list[list[bytes]] = []
    sent = [str(number).encode() for number in range(10)]
    for seed in (1, 1, 2):
        webhooks = sender(World(seed=seed), quirks={"reorder_webhooks": True})
        for body in sent:
            webhooks.send(hook.url, body)
        await webhooks.deliver()
        orders.append(hook.bodies[:])
        hook.bodies.clear()
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sent != orders[0]


async def test_delay_quirk_waits_for_the_clock(hook: Any) -> None:
    world = World()
    webhooks = sender(world, quirks={"delay_webhooks": True}, delay=timedelta(hours=2))
    webhooks.send(hook.url, b"late")
    await webhooks.deliver()
    assert (hook.bodies, webhooks.has_due) == ([], False)
    world.advance(timedelta(hours=2))
    assert webhooks.has_due
    await webhooks.deliver()
    assert hook.bodies == [b"late"]


async def test_full_queue_drops_and_logs(caplog: Any) -> None:
    webhooks = sender(World())
    with caplog.at_level(logging.WARNING):
        for _ in range(1_001):
            webhooks.send("http://127.0.0.1:1/", b"{}")
    assert (webhooks.pending, [*webhooks.dropped]) == (1_000, [1_001])
    assert "1000 others are waiting" in caplog.text


async def test_challenge_returns_the_reply(hook: Any) -> None:
    hook.reply = b'{"plainToken": "x"}'
    attempt = await sender(World()).challenge(hook.url, b'{"plainToken": "x"}')
    assert (attempt.status, attempt.reply) == (200, b'{"plainToken": "x"}')
    assert "x-signature" in hook.headers[0]


async def test_long_reply_is_cut(hook: Any) -> None:
    hook.reply = b"x" * 1_000_000
    attempt = await sender(World()).challenge(hook.url, b"{}")
    assert (attempt.status, len(attempt.reply)) == (200, 64 * 1024)


@pytest.mark.parametrize(
    "url", ["", "ftp://127.0.0.1/", "http://", "http://[::1", "http://127.0.0.1:x/", "nonsense"]
)
def test_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest, match="is not a web address"):
        sender(World()).send(url, b"{}")


@pytest.mark.parametrize(
    "url", ["http://example.com/", "https://10.0.0.1/", "http://127.0.0.1.nip.io"]
)
def test_foreign_address_needs_any_host(url: str) -> None:
    with pytest.raises(InvalidRequest, match="any_host=True"):
        sender(World()).send(url, b"{}")
    assert sender(World(), any_host=True).send(url, b"{}") == 1


class Acme(Simulator):
    """A vendor that sends a webhook when it is asked for one."""

    name = "acme"
    default_quirks: ClassVar[Mapping[str, bool]] = {**WEBHOOK_QUIRKS}

    def reset(self) -> None:
        super().reset()
        self.webhooks = WebhookSender(self.world, sign, quirks=self.quirks)


@pytest.fixture
async def acme() -> Any:
    async with Sandbox([]) as sandbox:
        sandbox.simulators["acme"] = ServedSimulator(Acme())
        yield sandbox.simulators["acme"]


async def test_sandbox_delivers_on_its_own(
    acme: ServedSimulator, hook: Any, wait_for: Callable[..., Any]
) -> None:
    simulator = acme.simulator
    assert simulator.webhooks is not None
    simulator.quirks["duplicate_webhooks"] = True
    hook.statuses += [500, 500]
    simulator.webhooks.send(hook.url, b"{}")
    await wait_for(lambda: len(hook.bodies) == 2)
    await wait_for(lambda: simulator.webhooks.pending == 1)
    simulator.world.advance(timedelta(minutes=5))
    await wait_for(lambda: len(hook.bodies) == 4)
    acme.reset()
    assert simulator.webhooks.pending == 0


async def test_broken_signer_stops_no_other(
    acme: ServedSimulator, hook: Any, wait_for: Callable[..., Any], caplog: Any
) -> None:
    webhooks = acme.simulator.webhooks
    assert webhooks is not None
    webhooks.sign = lambda body, now: {}["no such key"]  # type: ignore[misc]
    webhooks.send(hook.url, b"lost")
    await wait_for(lambda: "webhooks cannot be delivered" in caplog.text)
    webhooks.sign = sign
    webhooks.send(hook.url, b"sent")
    await wait_for(lambda: hook.bodies == [b"sent"])

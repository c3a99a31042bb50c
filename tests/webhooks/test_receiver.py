"""From a request to an answer: each event handed over once, whatever fails or comes twice."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from conferencing import InvalidRequest, Secret, connect, sync
from conferencing.memory import MemoryProvider
from conferencing.webhooks import (
    Claim,
    Delivery,
    Event,
    MemoryEventStore,
    OtherEvent,
    Receiver,
    WebhookRequest,
    sign_neutral,
    write_neutral,
)

NOW = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
SECRET = Secret("present-secret")
ACCOUNT = {"provider": "memory", "webhook_secret": SECRET.reveal()}

Make = Callable[..., Receiver]


def request(*ids: str) -> tuple[dict[str, str], bytes]:
    """Return headers and body of a genuine delivery of events."""
    body = write_neutral(OtherEvent(id=event_id, time=NOW) for event_id in ids)
    return sign_neutral(SECRET, body, NOW), body


class Handler:
    """A handler that records events; it fails for what is in `failing`, and waits for `gate`."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.failing: set[str] = set()
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, event: Event) -> None:
        self.events.append(event.id)
        await self.gate.wait()
        if event.id in self.failing:
            raise RuntimeError("the handler broke")


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
async def make(clock: Any, handler: Handler) -> AsyncIterator[Make]:
    """Return a maker of receivers."""
    async with AsyncExitStack() as stack:

        def make(handle: Any = handler, **options: Any) -> Receiver:
            account = {**ACCOUNT, **options.pop("account", {})}
            options.setdefault("answer_within", 20)
            conference = connect(account, clock=clock)
            receiver = conference.webhooks.receiver(handle, **options)
            stack.push_async_callback(conference.aclose)
            stack.push_async_callback(partial(receiver.aclose, grace=0.0))
            return receiver

        yield make


async def test_event_is_handed_over_once(make: Make, handler: Handler) -> None:
    receiver = make()
    for _ in range(3):
        answer = await receiver.receive(*request("e1", "e2"))
        assert (answer.status, answer.body) == (200, b"")
    assert handler.events == ["e1", "e2"]


async def test_concurrent_duplicates_wait_for_the_first(
    make: Make, handler: Handler, wait_for: Callable[..., Any]
) -> None:
    receiver = make()
    handler.gate.clear()
    tasks = [asyncio.create_task(receiver.receive(*request("e1"))) for _ in range(5)]
    await wait_for(lambda: handler.events == ["e1"])
    handler.gate.set()
    assert [answer.status for answer in await asyncio.gather(*tasks)] == [200] * 5
    assert handler.events == ["e1"]


async def test_failed_handler_is_called_again(make: Make, handler: Handler, caplog: Any) -> None:
    receiver = make()
    handler.failing.add("e2")
    assert (await receiver.receive(*request("e1", "e2", "e3"))).status == 503
    assert "the handler broke" in caplog.text
    handler.failing.clear()
    assert (await receiver.receive(*request("e1", "e2", "e3"))).status == 200
    assert handler.events == ["e1", "e2", "e3", "e2"]


async def test_slow_handler_is_answered_in_time(
    make: Make, handler: Handler, wait_for: Callable[..., Any]
) -> None:
    receiver = make(answer_within=0.05)
    handler.gate.clear()
    answer = await receiver.receive(*request("e1"))
    assert (answer.status, b"send it again" in answer.body) == (503, True)
    assert (await receiver.receive(*request("e1"))).status == 503
    handler.gate.set()
    await wait_for(lambda: not receiver._deliveries)
    receiver.answer_within = 20
    assert (await receiver.receive(*request("e1"))).status == 200
    assert handler.events == ["e1"]


async def test_cancelled_request_finishes_its_events(
    make: Make, handler: Handler, wait_for: Callable[..., Any]
) -> None:
    receiver = make()
    handler.gate.clear()
    task = asyncio.create_task(receiver.receive(*request("e1")))
    await wait_for(lambda: handler.events == ["e1"])
    task.cancel()
    await asyncio.wait([task])
    handler.gate.set()
    assert (await receiver.receive(*request("e1"))).status == 200
    assert handler.events == ["e1"]


async def test_lease_is_renewed_while_the_handler_runs(
    make: Make, handler: Handler, clock: Any, wait_for: Callable[..., Any]
) -> None:
    renewed: list[float] = []

    class Store(MemoryEventStore):
        async def renew(self, key: str, owner: str, lease: float) -> bool:
            renewed.append(lease)
            return await super().renew(key, owner, lease)

    receiver = make(store=Store(clock), lease=0.03)
    handler.gate.clear()
    task = asyncio.create_task(receiver.receive(*request("e1")))
    await wait_for(lambda: len(renewed) > 2)
    handler.gate.set()
    assert (await task).status == 200


async def test_event_of_a_dead_process_is_free_again(
    make: Make, handler: Handler, clock: Any, wait_for: Callable[..., Any]
) -> None:
    store = MemoryEventStore(clock)
    receiver = make(store=store, lease=60, answer_within=0.05)
    await store.claim(receiver._key(OtherEvent(id="e1")), "the dead", 60)
    assert (await receiver.receive(*request("e1"))).status == 503
    await wait_for(lambda: not receiver._deliveries)
    receiver.answer_within = 20
    clock.time += 60
    assert (await receiver.receive(*request("e1"))).status == 200
    assert handler.events == ["e1"]


async def test_restarted_receiver_hands_nothing_over_twice(
    make: Make, handler: Handler, tmp_path: Path
) -> None:
    store = f"sqlite:{tmp_path / 'events.db'}"
    async with make(store=store) as first:
        handler.failing.add("e2")
        await first.receive(*request("e1", "e2"))
    handler.failing.clear()
    second = make(store=store)
    assert (await second.receive(*request("e1", "e2"))).status == 200
    assert handler.events == ["e1", "e2", "e2"]


async def test_accounts_share_a_store(make: Make, handler: Handler, tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path / 'events.db'}"
    receivers = [make(store=store, account={"name": name}) for name in ("main", "other", "main")]
    for receiver in receivers:
        assert (await receiver.receive(*request("e1"))).status == 200
    assert handler.events == ["e1", "e1"]


async def test_closing_cancels_a_handler_after_grace(
    make: Make, handler: Handler, clock: Any, wait_for: Callable[..., Any]
) -> None:
    store = MemoryEventStore(clock)
    receiver = make(store=store)
    handler.gate.clear()
    task = asyncio.create_task(receiver.receive(*request("e1")))
    await wait_for(lambda: handler.events == ["e1"])
    await receiver.aclose(grace=0.01)
    await receiver.aclose()
    assert (await task).status == 503
    assert (await receiver.receive(*request("e2"))).status == 503
    assert await store.claim(receiver._key(OtherEvent(id="e1")), "next", 60) is Claim.TAKEN


async def test_closing_waits_for_a_handler(
    make: Make, handler: Handler, wait_for: Callable[..., Any]
) -> None:
    receiver = make()
    handler.gate.clear()
    task = asyncio.create_task(receiver.receive(*request("e1")))
    await wait_for(lambda: handler.events == ["e1"])
    closing = asyncio.create_task(receiver.aclose())
    await asyncio.sleep(0)
    handler.gate.set()
    await closing
    assert (await task).status == 200


async def test_function_is_called_in_a_thread(make: Make) -> None:
    threads: list[str] = []
    receiver = make(lambda event: threads.append(threading.current_thread().name))
    assert (await receiver.receive(*request("e1", "e2"))).status == 200
    assert len(threads) == 2
    assert all(name.startswith("conferencing-webhooks") for name in threads)


async def test_function_that_returns_a_coroutine_is_awaited(make: Make, handler: Handler) -> None:
    receiver = make(partial(handler))
    assert (await receiver.receive(*request("e1"))).status == 200
    assert handler.events == ["e1"]


async def test_flood_is_answered_send_again(
    make: Make, handler: Handler, wait_for: Callable[..., Any]
) -> None:
    receiver = make()
    receiver._max_deliveries = 2
    handler.gate.clear()
    tasks = [asyncio.create_task(receiver.receive(*request(f"e{n}"))) for n in range(2)]
    await wait_for(lambda: len(handler.events) == 2)
    assert (await receiver.receive(*request("e3"))).status == 503
    handler.gate.set()
    assert [answer.status for answer in await asyncio.gather(*tasks)] == [200, 200]


# ------------------------------------------------------------------------------------ what is wrong


async def test_forged_event_never_reaches_the_handler(
    make: Make, handler: Handler, caplog: Any
) -> None:
    receiver = make()
    headers, body = request("e1")
    answer = await receiver.receive(headers, body + b" ")
    assert answer.status == 401
    assert b"does not match the body" in answer.body
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert (await receiver.receive({}, body)).status == 401
    assert handler.events == []
    assert "a webhook was refused" in caplog.text
    assert "secret" not in caplog.text.replace("webhook_secret is that of", "")


async def test_stale_event_is_unauthorized(make: Make, handler: Handler, clock: Any) -> None:
    receiver = make()
    delivery = request("e1")
    clock.time += 2 * 3600
    assert (await receiver.receive(*delivery)).status == 401
    assert handler.events == []


async def test_malformed_event_is_a_bad_request(make: Make) -> None:
    answer = await make().receive(sign_neutral(SECRET, b"[1]", NOW), b"[1]")
    assert answer.status == 400


async def test_large_body_is_answered_413(make: Make) -> None:
    assert (await make().receive({}, b"x" * 10_000_000)).status == 413
    assert (await make(max_body=10).receive(*request("e1"))).status == 413


@pytest.mark.parametrize("method", ["GET", "PUT", "HEAD", "OPTIONS"])
async def test_other_method_is_answered_405(make: Make, method: str) -> None:
    answer = await make().receive(*request("e1"), method=method)
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")


async def test_vendor_that_tests_addresses_is_answered_200() -> None:
    account = {
        "provider": "gotowebinar", "client_id": "c", "client_secret": "s", "refresh_token": "r",
        "token_store": "memory", "unverified": True,
    }  # fmt: skip
    async with connect(account) as conference:
        receiver = conference.webhooks.receiver(print)
        for method, status in (("GET", 200), ("HEAD", 200), ("PUT", 405)):
            assert (await receiver.receive({}, b"", method=method)).status == status
        await receiver.aclose()


async def test_account_without_secret_is_answered_500(
    make: Make, clock: Any, handler: Handler, caplog: Any
) -> None:
    async with connect({"provider": "memory"}, clock=clock) as conference:
        receiver = conference.webhooks.receiver(handler)
        answer = await receiver.receive(*request("e1"))
        await receiver.aclose()
    assert (answer.status, answer.body) == (500, b"webhooks are not set up here\n")
    assert "webhook_secret is not set" in caplog.text


async def test_challenge_reaches_no_handler(make: Make, handler: Handler) -> None:
    body = b'{"challenge": "abc"}'
    answer = await make().receive(sign_neutral(SECRET, body, NOW), body)
    assert (answer.status, b'"proof"' in answer.body) == (200, True)
    assert handler.events == []


class Slow(MemoryProvider):
    """A provider that fetches a key for ever."""

    name = "slow"

    async def read_webhook(self, request: WebhookRequest) -> Delivery:
        await asyncio.Event().wait()
        return Delivery()


async def test_slow_verification_is_answered_in_time(make: Make, handler: Handler) -> None:
    receiver = make(account={"provider": Slow}, answer_within=0.05)
    assert (await receiver.receive(*request("e1"))).status == 503
    assert handler.events == []


class FailingStore(MemoryEventStore):
    """A store whose operations fail while they are in `broken`."""

    broken: frozenset[str] = frozenset()

    async def claim(self, key: str, owner: str, lease: float) -> Claim:
        self._fail("claim")
        return await super().claim(key, owner, lease)

    async def complete(self, key: str, owner: str) -> bool:
        self._fail("complete")
        return await super().complete(key, owner)

    async def release(self, key: str, owner: str) -> None:
        self._fail("release")
        await super().release(key, owner)

    def _fail(self, name: str) -> None:
        if name in self.broken:
            raise ConnectionResetError(name)


@pytest.mark.parametrize(
    ("broken", "outcome"), [("claim", (503, 0)), ("complete", (200, 1)), ("release", (503, 1))]
)
async def test_broken_store_loses_no_event(
    make: Make, handler: Handler, clock: Any, broken: str, outcome: tuple[int, int]
) -> None:
    status, handed_over = outcome
    store = FailingStore(clock)
    store.broken = frozenset({broken})
    receiver = make(store=store, lease=60)
    handler.failing |= {"e1"} if broken == "release" else set()
    assert (await receiver.receive(*request("e1"))).status == status
    assert len(handler.events) == handed_over
    store.broken = frozenset()
    handler.failing.clear()
    clock.time += 60
    assert (await receiver.receive(*request("e1"))).status == 200
    assert len(handler.events) == handed_over + 1


async def test_store_closed_meanwhile_is_answered_503(
    make: Make, handler: Handler, tmp_path: Path, caplog: Any
) -> None:
    receiver = make(store=f"sqlite:{tmp_path / 'events.db'}")
    await receiver._store.aclose()
    assert (await receiver.receive(*request("e1"))).status == 503
    assert "is not handled" in caplog.text


async def test_lost_lease_is_logged(
    make: Make, handler: Handler, clock: Any, caplog: Any, wait_for: Callable[..., Any]
) -> None:
    receiver = make(lease=60)
    handler.gate.clear()
    task = asyncio.create_task(receiver.receive(*request("e1")))
    await wait_for(lambda: handler.events == ["e1"])
    clock.time += 61
    handler.gate.set()
    with caplog.at_level(logging.WARNING):
        assert (await task).status == 200
    assert "its lease was lost" in caplog.text


@pytest.mark.parametrize(
    "options", [{"answer_within": -1}, {"lease": "x"}, {"lease": 0}, {"max_body": 0}]
)
async def test_wrong_option_is_an_invalid_request(make: Make, options: Any) -> None:
    with pytest.raises(InvalidRequest, match=next(iter(options))):
        make(**options)


# ---------------------------------------------------------------------------------------- blocking


def test_blocking_receiver_hands_over_once(clock: Any) -> None:
    events: list[str] = []
    with sync.connect(ACCOUNT, clock=clock) as conference:
        delivery = conference.webhooks.read(*request("e1"))
        assert delivery.events[0].id == "e1"
        with conference.webhooks.receiver(lambda event: events.append(event.id)) as receiver:
            for _ in range(2):
                assert receiver.receive(*request("e1", "e2")).status == 200
            assert receiver.receive({}, b"").status == 401
    assert events == ["e1", "e2"]


def test_threads_share_a_blocking_receiver(clock: Any, tmp_path: Path) -> None:
    events: list[str] = []
    statuses: list[int] = []
    with sync.connect(ACCOUNT, clock=clock) as conference:
        store = f"sqlite:{tmp_path / 'events.db'}"
        append: Callable[[Event], object] = lambda event: events.append(event.id)  # noqa: E731
        with conference.webhooks.receiver(append, store=store, answer_within=20) as receiver:
            threads = [
                threading.Thread(
                    target=lambda: statuses.append(receiver.receive(*request("e1", "e2")).status)
                )
                for _ in range(8)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(20)
    assert (statuses, sorted(events)) == ([200] * 8, ["e1", "e2"])

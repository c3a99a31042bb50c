"""From a request to an answer: read, verify, hand each event over once, in time.

What is promised, and why the answer is 200 only after the handler has finished, is on the page
`docs/webhooks.md`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from inspect import isawaitable, iscoroutinefunction
from secrets import token_hex
from types import TracebackType
from typing import Final, Protocol, Self, cast

from conferencing.client.base import check_count, check_seconds
from conferencing.errors import ConferencingError, InvalidRequest, StoreUnavailable, WebhookRejected
from conferencing.provider import ConferenceProvider

from .claims import Claim, EventStore
from .events import Event
from .request import MAX_BODY, Delivery, HeaderSource, WebhookAnswer, too_large

__all__ = ["EventHandler", "Receiver"]

_LOG = logging.getLogger("conferencing.webhooks")

EventHandler = Callable[[Event], Awaitable[object] | object]
"""A function or a coroutine function that takes an event. A function is called in a thread."""

MAX_DELIVERIES: Final = 100
MAX_THREADS: Final = 8
LOOK_AGAIN: Final = 0.05
"""How often an event that another delivery holds is looked at, in seconds."""


PROBES: Final = frozenset({"GET", "HEAD"})
"""Methods by which a vendor may test an address."""


class WebhookReader(Protocol):
    """The webhooks of one account, as a receiver uses them: `Webhooks`, which makes receivers."""

    @property
    def provider(self) -> ConferenceProvider: ...

    @property
    def account(self) -> str: ...

    async def read(
        self, headers: HeaderSource, body: bytes, *, query: str = "", max_body: int = MAX_BODY
    ) -> Delivery: ...


class Receiver:
    """Read the webhooks of one account and call `handler` once for each event.

    An event counts as handled when the handler returns. If it raises, or if the process dies, the
    event is handed over again when the vendor repeats it. The answer is 200 when all events of a
    request were handled; 503 if that takes longer than `answer_within` seconds, while the handler
    goes on. A request that is not accepted never reaches the handler.

    A running handler keeps its event for as long as it takes; `lease` is in how many seconds the
    event is free again after its process has died. Close the receiver at the end.
    """

    def __init__(
        self,
        webhooks: WebhookReader,
        handler: EventHandler,
        store: EventStore,
        *,
        answer_within: float,
        lease: float,
        max_body: int,
        max_deliveries: int = MAX_DELIVERIES,
    ) -> None:
        self.answer_within = check_seconds("answer_within", answer_within)
        self.max_body = check_count("max_body", max_body)
        self._webhooks = webhooks
        self._handler = handler
        self._store = store
        self._lease = check_lease(lease)
        self._max_deliveries = max_deliveries
        self._deliveries: set[asyncio.Task[bool]] = set()
        self._threads: ThreadPoolExecutor | None = None
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self, *, grace: float = 10.0) -> None:
        """Wait at most `grace` seconds for running handlers, cancel them, and close the store.

        Calling it again does nothing.
        """
        self._closed = True
        if self._deliveries:
            _, late = await asyncio.wait(self._deliveries, timeout=grace)
            for delivery in late:
                delivery.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
        await self._store.aclose()

    async def receive(
        self, headers: HeaderSource, body: bytes, *, query: str = "", method: str = "POST"
    ) -> WebhookAnswer:
        """Return the answer to a request, after its events were handed over.

        Its status is 200, or that of a challenge; 400, 401 or 413 if the request is not accepted;
        405 for a method other than POST, except a GET or HEAD with which the vendor tests the
        address; 503 if the vendor has to send it again; and 500 if the account is not set up for
        webhooks.
        """
        until = self._deadline()
        return self._refuse_early(method) or await self._answer_body(headers, body, query, until)

    async def receive_stream(
        self,
        headers: HeaderSource,
        pieces: AsyncIterable[bytes],
        *,
        query: str = "",
        method: str = "POST",
    ) -> WebhookAnswer:
        """Return the answer to a request whose body arrives in pieces; no more than needed is read.

        The answer is 408 if the body does not arrive in time.
        """
        until, body = self._deadline(), bytearray()
        refusal = self._refuse_early(method)
        if refusal is not None:
            return refusal
        try:
            async with asyncio.timeout_at(until):
                async for piece in pieces:
                    body += piece
                    if len(body) > self.max_body:
                        return _refuse(too_large(self.max_body))
        except TimeoutError:
            return _answer(408, "the body did not arrive in time")
        return await self._answer_body(headers, bytes(body), query, until)

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self.answer_within

    def _refuse_early(self, method: str) -> WebhookAnswer | None:
        """Return the answer to a request that is not looked at, or None."""
        if method in PROBES and self._webhooks.provider.probes_webhooks:
            return WebhookAnswer()
        if method != "POST":
            return _answer(405, "send a POST request", {"Allow": "POST"})
        if self._closed or len(self._deliveries) >= self._max_deliveries:
            return _answer(503, "too many deliveries at once, or closed; send it again")
        return None

    async def _answer_body(
        self, headers: HeaderSource, body: bytes, query: str, until: float
    ) -> WebhookAnswer:
        try:
            async with asyncio.timeout_at(until):
                delivery = await self._webhooks.read(
                    headers, body, query=query, max_body=self.max_body
                )
        except ConferencingError as error:
            return _refuse(error)
        except TimeoutError:
            return _answer(503, "it could not be verified in time; send it again")
        return await self._answer_events(delivery, until)

    async def _answer_events(self, delivery: Delivery, until: float) -> WebhookAnswer:
        if not delivery.events:
            return delivery.answer
        task = asyncio.create_task(self._hand_over_all(delivery.events, until))
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)
        # The task goes on when the time is over, and when this request is cancelled.
        await asyncio.wait([task], timeout=max(0.0, until - asyncio.get_running_loop().time()))
        if not task.done():
            return _answer(503, "it is still being handled; send it again")
        if task.cancelled() or not task.result():
            return _answer(503, "it was not handled; send it again")
        return delivery.answer

    async def _hand_over_all(self, events: tuple[Event, ...], until: float) -> bool:
        """Hand the events over in order; return whether all were handled, now or before."""
        return all([await self._hand_over(event, until) for event in events])

    async def _hand_over(self, event: Event, until: float) -> bool:
        key, owner = self._key(event), token_hex(16)
        try:
            claim = await self._claim(key, owner, until)
        except ConferencingError as error:
            _LOG.error("event %r is not handled: %s", event.id, error)
            return False
        if claim is not Claim.TAKEN:
            return claim is Claim.DONE
        try:
            await self._handle(event, key, owner)
        except BaseException as error:
            await self._give_back(key, owner)
            if not isinstance(error, Exception):
                raise  # cancelled
            _LOG.exception("the handler failed for event %r; it will be called again", event.id)
            return False
        await self._complete(event, key, owner)
        return True

    async def _claim(self, key: str, owner: str, until: float) -> Claim:
        """Claim an event; while another delivery holds it, wait until it is done or time is up."""
        while True:
            claim = await self._store.claim(key, owner, self._lease)
            remaining = until - asyncio.get_running_loop().time()
            if claim is not Claim.HELD or remaining <= 0:
                return claim
            await asyncio.sleep(min(LOOK_AGAIN, remaining))

    async def _handle(self, event: Event, key: str, owner: str) -> None:
        """Call the handler, and keep the lease alive as long as it runs."""
        task = asyncio.ensure_future(self._call(event))
        try:
            while not (await asyncio.wait([task], timeout=self._lease / 3))[0]:
                with suppress(StoreUnavailable):  # tried again soon, before the lease ends
                    await self._store.renew(key, owner, self._lease)
        finally:
            task.cancel()
            await asyncio.wait([task])
        task.result()

    async def _call(self, event: Event) -> None:
        if _is_coroutine_function(self._handler):
            await cast("Awaitable[object]", self._handler(event))
            return
        if self._threads is None:  # its own: slow handlers must not keep the store waiting
            self._threads = ThreadPoolExecutor(MAX_THREADS, "conferencing-webhooks")
        result = await asyncio.get_running_loop().run_in_executor(
            self._threads, self._handler, event
        )
        if isawaitable(result):
            await result

    async def _complete(self, event: Event, key: str, owner: str) -> None:
        """Mark the event as done. It was handled in any case, so that a failure is only logged."""
        try:
            if await self._store.complete(key, owner):
                return
            reason = "its lease was lost"
        except StoreUnavailable as error:
            reason = error.message
        _LOG.warning("event %r was handled, and may be handed over again: %s", event.id, reason)

    async def _give_back(self, key: str, owner: str) -> None:
        with suppress(StoreUnavailable):  # then the lease ends it
            await self._store.release(key, owner)

    def _key(self, event: Event) -> str:
        """Return the key of an event in the store: of one length, and without personal data."""
        parts = (self._webhooks.provider.name, self._webhooks.account, event.id)
        return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def check_lease(lease: float) -> float:
    """Return a lease in seconds. Raises `InvalidRequest` unless it is a number above 0."""
    if not check_seconds("lease", lease):
        raise InvalidRequest("lease is 0; it must be more than 0 seconds", field="lease")
    return lease


def _is_coroutine_function(handler: EventHandler) -> bool:
    """Return whether it is one, or an object whose call is one."""
    return iscoroutinefunction(handler) or iscoroutinefunction(type(handler).__call__)


def _refuse(error: ConferencingError) -> WebhookAnswer:
    """Return the answer for an error, and log it. What is not the sender's fault is not shown."""
    if isinstance(error, WebhookRejected):
        _LOG.warning("a webhook was refused: %s", error)
        return _answer(error.answer_status, error.message)
    _LOG.error("a webhook cannot be read: %s", error)
    if error.retryable:
        return _answer(503, "it cannot be verified for now; send it again")
    return _answer(500, "webhooks are not set up here")


def _answer(status: int, text: str, headers: dict[str, str] | None = None) -> WebhookAnswer:
    return WebhookAnswer(
        status=status,
        headers={
            "Content-Type": "text/plain; charset=utf-8",
            "X-Content-Type-Options": "nosniff",
            **(headers or {}),
        },
        body=f"{text}\n".encode("utf-8", "replace"),
    )

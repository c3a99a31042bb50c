"""Webhooks that a simulator sends: signed as its vendor signs, retried, and disturbed on demand.

    class AcmeSimulator(Simulator):
        default_quirks = {**WEBHOOK_QUIRKS}

        def reset(self) -> None:
            super().reset()
            self.webhooks = WebhookSender(self.world, sign, quirks=self.quirks)

    simulator.webhooks.send("http://127.0.0.1:8000/hooks", body)

`send` only queues, so that a route may call it. A served sandbox delivers what is due on its own; a
test that drives the clock calls `await simulator.webhooks.deliver()` after `world.advance(...)`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from attrs import define, field, frozen

from conferencing.errors import InvalidRequest
from conferencing.world import World

if TYPE_CHECKING:
    import aiohttp

__all__ = ["WEBHOOK_QUIRKS", "WebhookAttempt", "WebhookSender"]

_LOG = logging.getLogger("conferencing.sandbox")

WEBHOOK_QUIRKS: Final[Mapping[str, bool]] = {
    "duplicate_webhooks": False,  # each webhook is sent twice, also after a success
    "reorder_webhooks": False,  # webhooks that are due together go out in random order
    "delay_webhooks": False,  # a webhook waits for `delay` before its first attempt
}
"""What the sender can do wrong, for the `default_quirks` of a simulator."""

RETRY_AFTER: Final = (timedelta(minutes=5), timedelta(minutes=20), timedelta(minutes=60))
MAX_PENDING: Final = 1_000
MAX_ATTEMPTS_KEPT: Final = 10_000
MAX_REPLY: Final = 64 * 1024

Signer = Callable[[bytes, datetime], Mapping[str, str]]
"""Return the headers that sign a body sent at a time, as the vendor does."""


@frozen(kw_only=True)
class WebhookAttempt:
    """One request that was sent, and what came of it.

    `message` is the number of the webhook: its retries and duplicates share it. `attempt` counts
    from 1. Without a reply, `status` is None and `error` the name of what happened.
    """

    message: int
    attempt: int
    url: str
    sent_at: datetime
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    status: int | None = None
    reply: bytes = field(default=b"", repr=False)
    error: str | None = None

    @property
    def delivered(self) -> bool:
        """Whether the receiver answered with a status from 200 to 299."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004


@define(kw_only=True, eq=False)
class Pending:
    """A webhook that is still to be sent. `due` is a time of the world."""

    message: int
    url: str
    body: bytes
    headers: Mapping[str, str]
    due: datetime
    method: str = "POST"
    attempt: int = 1


class WebhookSender:
    """Send webhooks over HTTP, one after another, and send again what was not accepted.

    `sign` returns the signature's headers for a body and a time; it is called for each attempt.
    `retry_after` are the waits of the vendor's schedule, by the world's clock: the first after the
    first failure, and so on; then the webhook is dropped. `timeout` is the vendor's limit for an
    answer, in seconds of real time. `attempts` are the requests that were sent, and `dropped` the
    numbers of the webhooks that were given up.

    Only loopback addresses are called, unless `any_host` is set. Redirects are not followed.
    """

    def __init__(
        self,
        world: World,
        sign: Signer,
        *,
        quirks: Mapping[str, bool] | None = None,
        retry_after: Sequence[timedelta] = RETRY_AFTER,
        timeout: float = 3.0,
        delay: timedelta = timedelta(hours=1),
        any_host: bool = False,
    ) -> None:
        self.world = world
        self.sign = sign
        self.quirks = quirks if quirks is not None else dict(WEBHOOK_QUIRKS)
        self.retry_after = tuple(retry_after)
        self.timeout = timeout
        self.delay = delay
        self.attempts: deque[WebhookAttempt] = deque(maxlen=MAX_ATTEMPTS_KEPT)
        self.dropped: deque[int] = deque(maxlen=MAX_ATTEMPTS_KEPT)
        self._any_host = any_host
        self._last_number = 0
        self._pending: list[Pending] = []
        self._lock = asyncio.Lock()

    @property
    def pending(self) -> int:
        """How many webhooks are still to be sent, those to be sent again included."""
        return len(self._pending)

    @property
    def has_due(self) -> bool:
        """Whether a webhook is due by the world's clock."""
        now = self.world.now
        return any(webhook.due <= now for webhook in self._pending)

    def send(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "POST",
    ) -> int:
        """Queue a webhook and return its number. `headers` go with those of the signature.

        With 1,000 webhooks waiting, the new one is dropped, which is logged. Raises
        `InvalidRequest` for an address that must not be called.
        """
        self._check_url(url)
        message = self._next_number()
        due = self.world.now + (self.delay if self.quirks.get("delay_webhooks") else timedelta())
        webhook = Pending(
            message=message,
            url=url,
            body=bytes(body),
            headers={**headers} if headers else {},
            due=due,
            method=method,
        )
        if len(self._pending) >= MAX_PENDING:
            self._drop(webhook, f"{MAX_PENDING} others are waiting")
        else:
            self._pending.append(webhook)
        return message

    async def deliver(self) -> list[WebhookAttempt]:
        """Send what is due by the world's clock, and return the attempts.

        What failed is queued again by the schedule. Call it in the event loop of the sandbox.
        """
        async with self._lock, self._session() as session:
            due = self._take_due()
            attempts = [await self._attempt(session, webhook) for webhook in due]
        delivered = {attempt.message for attempt in attempts if attempt.delivered}
        for webhook in dict.fromkeys(due):
            if webhook.message not in delivered:
                self._retry(webhook)
        return attempts

    async def challenge(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        method: str = "POST",
    ) -> WebhookAttempt:
        """Send a signed request now and once, and return it with the reply.

        Vendors check an address this way before they use it.
        """
        self._check_url(url)
        webhook = Pending(
            message=self._next_number(),
            url=url,
            body=bytes(body),
            headers={**headers} if headers else {},
            due=self.world.now,
            method=method,
        )
        async with self._session() as session:
            return await self._attempt(session, webhook)

    def _take_due(self) -> list[Pending]:
        now = self.world.now
        due = [webhook for webhook in self._pending if webhook.due <= now]
        self._pending = [webhook for webhook in self._pending if webhook.due > now]
        due.sort(key=lambda webhook: webhook.due)  # stable: what was queued first goes first
        # Copies are apart before the shuffle, so that others may come between them.
        if self.quirks.get("duplicate_webhooks"):
            due = [webhook for webhook in due for _ in range(2)]
        if self.quirks.get("reorder_webhooks"):
            self.world.random.shuffle(due)
        return due

    def _retry(self, webhook: Pending) -> None:
        if webhook.attempt > len(self.retry_after):
            self._drop(webhook, f"{webhook.attempt} attempts failed")
            return
        webhook.due = self.world.now + self.retry_after[webhook.attempt - 1]
        webhook.attempt += 1
        self._pending.append(webhook)

    def _drop(self, webhook: Pending, reason: str) -> None:
        self.dropped.append(webhook.message)
        _LOG.warning("webhook %d to %s is dropped: %s", webhook.message, webhook.url, reason)

    async def _attempt(self, session: aiohttp.ClientSession, webhook: Pending) -> WebhookAttempt:
        now = self.world.now
        headers = {
            "Content-Type": "application/json",
            **webhook.headers,
            **self.sign(webhook.body, now),
        }
        status, reply, error = await _send(session, webhook, headers)
        attempt = WebhookAttempt(
            message=webhook.message,
            attempt=webhook.attempt,
            url=webhook.url,
            sent_at=now,
            headers=headers,
            body=webhook.body,
            status=status,
            reply=reply,
            error=error,
        )
        self.attempts.append(attempt)
        return attempt

    @asynccontextmanager
    async def _session(self) -> AsyncGenerator[aiohttp.ClientSession]:
        import aiohttp  # noqa: PLC0415 - most simulators send nothing

        timeout = aiohttp.ClientTimeout(total=self.timeout)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            yield session

    def _next_number(self) -> int:
        self._last_number += 1
        return self._last_number

    def _check_url(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            host = ""
        if not host or not url.startswith(("http://", "https://")):
            raise InvalidRequest(f"{url!r} is not a web address", field="url")
        if not self._any_host and not _is_loopback(host):
            raise InvalidRequest(
                f"{url!r} is not on this machine; a simulator sends webhooks to loopback"
                " addresses only, unless its sender is made with any_host=True",
                field="url",
            )


async def _send(
    session: aiohttp.ClientSession, webhook: Pending, headers: Mapping[str, str]
) -> tuple[int | None, bytes, str | None]:
    """Return the status and the start of the reply, or the name of the error."""
    import aiohttp  # noqa: PLC0415 - most simulators send nothing

    try:
        async with session.request(
            webhook.method, webhook.url, data=webhook.body, headers=headers, allow_redirects=False
        ) as reply:
            return reply.status, await _read_start(reply), None
    except (aiohttp.ClientError, OSError) as error:  # a TimeoutError is an OSError
        return None, b"", type(error).__name__


async def _read_start(reply: aiohttp.ClientResponse) -> bytes:
    content = b""
    async for piece in reply.content.iter_any():
        content += piece
        if len(content) >= MAX_REPLY:
            break
    return content[:MAX_REPLY]


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False

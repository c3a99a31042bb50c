"""The blocking forms, for `conferencing.sync`: Django, Flask, WSGI and scripts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from conferencing.model import Room, WebhookSubscription
from conferencing.portal import Portal

from . import reader, receiver
from .claims import EventStore
from .events import Event
from .request import MAX_BODY, Delivery, HeaderSource, WebhookAnswer

if TYPE_CHECKING:
    from conferencing.conference import Conference

__all__ = ["Receiver", "Webhooks"]


class Webhooks:
    """The webhooks of one account, blocking."""

    def __init__(self, conference: Conference, portal: Portal) -> None:
        self._conference = conference
        self._portal = portal

    def read(
        self, headers: HeaderSource, body: bytes, *, query: str = "", max_body: int = MAX_BODY
    ) -> Delivery:
        """Verify one webhook and return its events, or the answer to a challenge."""
        read = self._conference.webhooks.read
        return self._portal.run(read(headers, body, query=query, max_body=max_body))

    def receiver(
        self,
        handler: Callable[[Event], object],
        *,
        store: str | EventStore | None = None,
        answer_within: float = reader.ANSWER_WITHIN,
        lease: float = reader.LEASE,
        max_body: int = MAX_BODY,
    ) -> Receiver:
        """Return a receiver that calls `handler` once for each event, in a thread of its own."""
        made = self._conference.webhooks.receiver(
            handler, store=store, answer_within=answer_within, lease=lease, max_body=max_body
        )
        return Receiver(made, self._portal)

    def subscribe(self, url: str, *rooms: Room | str) -> Sequence[WebhookSubscription]:
        """Have the vendor send events to `url`, of the whole account or of some rooms."""
        return self._portal.run(self._conference.webhooks.subscribe(url, *rooms))

    def unsubscribe(self, url: str, *rooms: Room | str) -> None:
        """End the subscriptions of `url`: all of them, or those of some rooms."""
        self._portal.run(self._conference.webhooks.unsubscribe(url, *rooms))


class Receiver:
    """Read the webhooks of one account and call a handler once for each event, blocking.

    It may be called from many threads at once. Close it before its conference.
    """

    def __init__(self, made: receiver.Receiver, portal: Portal) -> None:
        self._async = made
        self._portal = portal

    @property
    def max_body(self) -> int:
        """The longest body that is accepted, in bytes."""
        return self._async.max_body

    def receive(
        self, headers: HeaderSource, body: bytes, *, query: str = "", method: str = "POST"
    ) -> WebhookAnswer:
        """Return the answer to a request, after its events were handed over."""
        return self._portal.run(self._async.receive(headers, body, query=query, method=method))

    def close(self, *, grace: float = 10.0) -> None:
        """Wait at most `grace` seconds for running handlers, and close the store."""
        self._portal.run(self._async.aclose(grace=grace))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

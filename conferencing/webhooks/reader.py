"""Reading one webhook of an account: `conference.webhooks`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from conferencing.capabilities import Operation, Support
from conferencing.client.base import Client, room_of
from conferencing.errors import (
    ConferencingError,
    InvalidRequest,
    UnsupportedOption,
    WebhookMalformed,
    raise_without_context,
)
from conferencing.model import Room, WebhookSubscription
from conferencing.model.links import is_web_link
from conferencing.provider import without_webhooks

from .request import MAX_BODY, Delivery, HeaderSource, WebhookRequest, build_request

if TYPE_CHECKING:
    from .claims import EventStore
    from .receiver import EventHandler, Receiver

__all__ = ["Webhooks"]

ANSWER_WITHIN = 2.5
"""Seconds until an answer. The strictest vendors give up after three."""

LEASE = 60.0
"""Seconds after which an event counts as not handled if its process has died."""


class Webhooks(Client):
    """The webhooks of one account: read them, or make a receiver that hands their events over."""

    async def read(
        self, headers: HeaderSource, body: bytes, *, query: str = "", max_body: int = MAX_BODY
    ) -> Delivery:
        """Verify one webhook and return its events, or the answer to a challenge.

        `headers` may be a mapping or pairs, in any case; `body` are the raw bytes, and `query` is
        the part of the address behind the question mark. Raises `WebhookRejected`, or
        `ConfigurationError` if the account has no secret for it.
        """
        try:
            request = build_request(headers, body, query, max_body)
            return await read_request(self, request)
        except ConferencingError as error:
            error.add_context(
                provider=self.provider.name, account=self.account, operation="read_webhook"
            )
            raise

    def receiver(
        self,
        handler: EventHandler,
        *,
        store: str | EventStore | None = None,
        answer_within: float = ANSWER_WITHIN,
        lease: float = LEASE,
        max_body: int = MAX_BODY,
    ) -> Receiver:
        """Return a receiver that calls `handler` once for each event, for a web framework.

        `handler` is a function or a coroutine function that takes an event. `store` remembers which
        events were handled: `sqlite:<file>`, a `redis://` address, a store of
        `conferencing.webhooks`, or None for this process's memory. See `Receiver` for the rest.
        Raises `UnsupportedOperation` if the provider has no webhooks.
        """
        if self.capabilities.webhooks is Support.ABSENT:
            error = without_webhooks(self.provider.name)
            error.add_context(account=self.account)
            raise error
        from .receiver import Receiver  # noqa: PLC0415 - reading alone needs none
        from .stores import open_event_store  # noqa: PLC0415

        return Receiver(
            self,
            handler,
            open_event_store(store, self.provider.context.clock),
            answer_within=answer_within,
            lease=lease,
            max_body=max_body,
        )

    async def subscribe(self, url: str, *rooms: Room | str) -> Sequence[WebhookSubscription]:
        """Have the vendor send events to `url`, of the whole account or of some rooms.

        Creates the subscriptions that are missing, renews those that expire, and creates again what
        the vendor removed; calling it again is safe. Where `expires_at` of a result is not None, call
        it on a timer, at the latest then. The receiver has to run already, since some vendors check
        it at once. Raises `UnsupportedOperation` where addresses are entered in the vendor's console.
        """
        with self._operation(Operation.SUBSCRIBE_WEBHOOKS):
            targets = self._targets(url, rooms)
            return await self.provider.subscribe_webhooks(url, targets)

    async def unsubscribe(self, url: str, *rooms: Room | str) -> None:
        """End the subscriptions of `url`: all of them, or those of some rooms.

        Those that no longer exist are ignored.
        """
        with self._operation(Operation.UNSUBSCRIBE_WEBHOOKS):
            targets = self._targets(url, rooms)
            await self.provider.unsubscribe_webhooks(url, targets)

    def _targets(self, url: str, rooms: Sequence[Room | str]) -> Sequence[Room]:
        """Return the rooms, each once. Raises `InvalidRequest` unless `url` is a web address."""
        if not isinstance(url, str) or not is_web_link(url):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidRequest("url is not a web address (http or https)", field="url")
        if rooms and not self.provider.features.hooks_of_rooms:
            raise UnsupportedOption(
                f"{self.provider.name} sends the events of all rooms; pass no rooms", field="rooms"
            )
        by_id = {room.id: room for room in map(room_of, rooms)}
        return list(by_id.values())


async def read_request(client: Client, request: WebhookRequest) -> Delivery:
    """Return what the adapter reads. Whatever else it raises becomes `WebhookMalformed`."""
    try:
        return await client.provider.read_webhook(request)
    except ConferencingError as error:
        raise_without_context(error)  # its frames hold the body, and may hold a secret
    except Exception as error:  # noqa: BLE001 - whatever is sent, one class of error is raised
        reason = type(error).__name__
    raise WebhookMalformed(f"the webhook cannot be read ({reason})", path="$")

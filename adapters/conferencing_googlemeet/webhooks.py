"""Events of Workspace: subscriptions to them, and their verification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from conferencing.accounts.context import Context
from conferencing.errors import (
    ConfigurationError,
    Conflict,
    MalformedResponse,
    Sent,
    WebhookForged,
)
from conferencing.http import (
    DELETE,
    GET,
    PATCH,
    POST,
    Effect,
    NoAuth,
    Request,
)
from conferencing.model import (
    Room,
    WebhookSubscription,
)

from .calls import SPACE, WAITS
from .events import EventCalls
from .settings import GoogleMeetSettings
from .wire import base, spaces, subscriptions
from .wire.base import EventId, last_part
from .wire.subscriptions import ReadSubscription

if TYPE_CHECKING:
    from conferencing.webhooks import Delivery, WebhookRequest


__all__ = ["WebhookCalls"]

SUBSCRIPTION: Final = "/v1/subscriptions/{subscription}"
KEYS_KEPT: Final = 60.0
"""After how many seconds the keys are fetched again at the earliest."""


class WebhookCalls(EventCalls):
    """Operations on webhooks."""

    def __init__(self, settings: GoogleMeetSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._keys: Mapping[str, Any] = {}
        self._fetch_keys_at = 0.0

    async def subscribe_webhooks(
        self, url: str, rooms: Sequence[Room]
    ) -> Sequence[WebhookSubscription]:
        """Have events published to the account's topic, whose subscription pushes them to `url`.

        The push subscription is made once, in the console of Google Cloud.
        """
        topic = self._topic()
        targets = [await self._find_target(room) for room in rooms] or [self._own_target()]
        made: list[WebhookSubscription] = []
        for owner, target, room_id in targets:
            subscription = await self._subscribe(owner, target, topic)
            made.append(subscription.build(url, room_id))
        return made

    async def unsubscribe_webhooks(self, url: str, rooms: Sequence[Room]) -> None:
        """Delete the subscriptions of rooms to the account's topic, or all that the user has."""
        topic = self._topic()
        targets: list[tuple[str, str | None]] = [
            (await self._find_target(room))[:2] for room in rooms
        ]
        for owner, target in targets or [(self.settings.owner, None)]:
            for subscription in await self._subscriptions(owner, target, topic):
                request = DELETE(SUBSCRIPTION, subscription=subscription.row.id)
                await self.delete(self.place(request), auth=self.auth_of(owner))

    def _topic(self) -> str:
        if self.settings.pubsub_topic is None:
            raise ConfigurationError(
                "pubsub_topic is not set; Google sends events to a topic of Pub/Sub only,"
                " projects/<project>/topics/<topic>",
                field="pubsub_topic",
            )
        return self.settings.pubsub_topic

    def _own_target(self) -> tuple[str, str, str | None]:
        if self.settings.user_id is None:
            raise ConfigurationError(
                "user_id is not set; it is the numeric id of the user about whose rooms events are"
                " sent; or name the rooms",
                field="user_id",
            )
        return self.settings.owner, subscriptions.user_target(self.settings.user_id), None

    async def _find_target(self, room: Room) -> tuple[str, str, str | None]:
        """Return owner, target and id of a room: an event stands for the space behind its code."""
        owner, space = await self._find_space(room)
        # A subscription takes the lasting name, an event has the code alone
        # (docs/vendors/googlemeet.md#oddity-3).
        if isinstance(base.split_room_id(room.id), EventId):
            request = GET(SPACE, space=space)
            row = await self.call_for(
                owner, request, spaces.read_space_row, errors=base.READ_ERRORS
            )
            space = last_part(row.name)
        return owner, subscriptions.space_target(space), room.id

    async def _subscriptions(
        self, owner: str, target: str | None, topic: str | None
    ) -> list[ReadSubscription]:
        query = {"pageSize": 100, "filter": subscriptions.find_filter(target)}
        pages = self.pages_for(
            owner, GET("/v1/subscriptions", query=query), subscriptions.read_subscriptions
        )
        return [each async for page in pages for each in page if each.is_for(target, topic)]

    async def _subscribe(self, owner: str, target: str, topic: str) -> ReadSubscription:
        """Return the subscription to a target: the one that exists, renewed, or a new one."""
        present = await self._subscriptions(owner, target, topic)
        if present:
            return await self._renew(owner, present[0])
        body = subscriptions.write_subscription(target, topic)
        request = POST("/v1/subscriptions", json=body, effect=Effect.KEYED)
        try:
            created = await self.call_for(owner, request, subscriptions.read_operation)
        except Conflict as error:
            # An earlier try made it: Google takes one for each user and target
            # (docs/vendors/googlemeet.md#events-push).
            if error.code != "ALREADY_EXISTS":
                raise
            created = None
        return created or await self._await_subscription(owner, target, topic)

    async def _renew(self, owner: str, present: ReadSubscription) -> ReadSubscription:
        """Return a subscription that is active and does not end soon."""
        row, name = present.row, present.row.id
        changes: list[Request] = []
        if row.is_suspended:
            changes.append(POST(f"{SUBSCRIPTION}:reactivate", subscription=name, json={}))
        if row.is_due(self.now):
            # `0s` is the longest, seven days (docs/vendors/googlemeet.md#events-push).
            query = {"updateMask": "ttl"}
            changes.append(PATCH(SUBSCRIPTION, subscription=name, query=query, json={"ttl": "0s"}))
        for request in changes:
            again = replace(request, effect=Effect.IDEMPOTENT)
            changed = await self.call_for(owner, again, subscriptions.read_operation)
            present = present if changed is None else changed
        return present

    async def _await_subscription(self, owner: str, target: str, topic: str) -> ReadSubscription:
        # The reply to a creation may be an operation that is not done yet.
        for wait in WAITS:
            present = await self._subscriptions(owner, target, topic)
            if present:
                return present[0]
            await self.context.clock.sleep(wait)
        if not await self._subscriptions(owner, target, None):
            raise MalformedResponse("Google does not list the subscription", path="$.subscriptions")
        raise Conflict(
            "Google has a subscription of this user to the same rooms, which sends elsewhere; delete"
            " it, or use its topic as pubsub_topic",
            sent=Sent.YES,
        )

    async def read_webhook(self, request: WebhookRequest) -> Delivery:
        """Verify and read an event that Pub/Sub pushed."""
        from .wire import events  # noqa: PLC0415 - few programs receive webhooks

        settings = self.settings
        if not settings.webhook_sender or not settings.webhook_audience:
            name = "webhook_sender" if not settings.webhook_sender else "webhook_audience"
            raise ConfigurationError(
                f"{name} is not set; without it nobody can tell who sent an event", field=name
            )
        key = await self._find_key(events.find_key_id(request))
        events.check_sender(
            request,
            key,
            audience=settings.webhook_audience,
            sender=settings.webhook_sender,
            now=self.now,
        )
        return events.read_delivery(request, settings.owner)

    async def _find_key(self, key_id: str) -> Any:
        """Return the key that signed a token. Keys are fetched again when there is a new one."""
        from .wire import events  # noqa: PLC0415 - few programs receive webhooks

        settings = self.settings
        if settings.webhook_keys is not None:
            self._keys = self._keys or events.parse_keys(settings.webhook_keys)
        elif key_id not in self._keys and self._may_fetch_keys():
            parts = urlsplit(settings.webhook_keys_url)
            origin = f"{parts.scheme}://{parts.netloc}"
            get = GET(parts.path, base_url=origin)
            self._keys = await self.call(get, events.read_keys, auth=NoAuth())
        if key_id not in self._keys:
            raise WebhookForged(
                "the token is signed by a key that Google does not publish", field="Authorization"
            )
        return self._keys[key_id]

    def _may_fetch_keys(self) -> bool:
        """Return whether the last fetch is long ago: forged tokens must not cause a flood of calls."""
        now = self.context.clock.monotonic()
        may_fetch = now >= self._fetch_keys_at
        if may_fetch:
            self._fetch_keys_at = now + KEYS_KEPT
        return may_fetch

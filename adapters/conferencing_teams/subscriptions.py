"""Subscriptions that an application keeps alive by one call on a timer."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from conferencing.errors import Conflict, NotAvailable, NotFound, PermissionDenied
from conferencing.http import DELETE, GET, PATCH, POST, Effect, Request
from conferencing.model import Room, Secret, WebhookSubscription
from conferencing.webhooks.verification import live_secrets

from .client import GraphProvider
from .forms import RoomForm
from .settings import CALENDAR
from .wire import subscriptions
from .wire.base import Form
from .wire.subscriptions import SubscriptionRow, Wanted, build_address, is_same
from .wire.zones import parse_instant

__all__ = ["Subscriptions"]

logger: Final = logging.getLogger("conferencing.teams")

READ: Final = subscriptions.read_subscriptions


class Subscriptions:
    """Create, renew and repair the subscriptions of an account."""

    def __init__(self, graph: GraphProvider, forms: Mapping[Form, RoomForm]) -> None:
        self._graph = graph
        self._forms = forms

    async def subscribe(self, url: str, rooms: Sequence[Room]) -> list[WebhookSubscription]:
        """Return the subscriptions that hold for an address, after making or renewing each."""
        settings = self._graph.settings
        secret = live_secrets(settings.webhook_secret)[0]
        existing = await self._list()
        held = [
            await self._hold(wanted, url, existing, secret)
            for wanted in await self._list_wanted(rooms)
        ]
        return [subscription for subscription in held if subscription is not None]

    async def _list_wanted(self, rooms: Sequence[Room]) -> list[Wanted]:
        if rooms:
            return [wanted for room in rooms for wanted in await self._list_wanted_of(room)]
        return subscriptions.list_for_host(
            await self._graph.find_owner(),
            calendar=self._graph.settings.meetings == CALENDAR,
            webinars=self._graph.organizer_auth is not None,
        )

    async def _list_wanted_of(self, room: Room) -> list[Wanted]:
        key = self._graph.split_id(room.id)
        if key.form is Form.WEBINAR:
            return subscriptions.list_for_webinar(key.id, room.id)
        current = room if room.join_url else await self._forms[key.form].get(key)
        if current.join_url is None:
            raise NotAvailable("this event has no Teams link, so nothing happens in it")
        return [subscriptions.follow_calls(current.join_url, room.id)]

    async def _hold(
        self, wanted: Wanted, url: str, existing: Sequence[SubscriptionRow], secret: Secret
    ) -> WebhookSubscription | None:
        """Return a subscription, made or renewed; None for one that the account may not have."""
        address = build_address(url, wanted.room_id)
        read = partial(subscriptions.read_subscription, url=url, room_id=wanted.room_id)
        row = next((row for row in existing if is_same(row, wanted, address)), None)
        try:
            if row is not None:
                return await self._graph.call(self._renew(row, wanted), read)
        except NotFound:
            pass  # it ended after it was listed
        request = POST(
            "/subscriptions",
            json=subscriptions.write_subscription(
                wanted, address, secret, self._graph.now, self._graph.settings.webhook_certificate
            ),
            effect=Effect.IDEMPOTENT,  # a second one is refused
        )
        try:
            return await self._graph.call(request, read)
        except Conflict as error:
            refused = error
        except (NotAvailable, PermissionDenied) as error:
            if not wanted.optional:
                raise
            logger.warning("%s is left out: %s", wanted.resource, error)
            return None
        # Made meanwhile: by another process, or by a try of which the reply was lost.
        row = next((row for row in await self._list() if is_same(row, wanted, address)), None)
        if row is None:
            raise refused
        return await self._graph.call(self._renew(row, wanted), read)

    def _renew(self, row: SubscriptionRow, wanted: Wanted) -> Request:
        """Return the request that prolongs a subscription, or that reads one which lives on."""
        expires_at = parse_instant(row.expirationDateTime)
        late = expires_at is None or expires_at - self._graph.now < wanted.lifetime / 2
        if not late:
            return GET("/subscriptions/{subscription}", subscription=row.id)
        return PATCH(
            "/subscriptions/{subscription}",
            subscription=row.id,
            json=subscriptions.write_expiry(wanted, self._graph.now),
            effect=Effect.IDEMPOTENT,
        )

    async def _list(self) -> list[SubscriptionRow]:
        pages = self._graph.list_pages(GET("/subscriptions"), READ)
        return [row async for page in pages for row in page]

    async def unsubscribe(self, url: str, rooms: Sequence[Room]) -> None:
        """End the subscriptions of an address: all of them, or those of some rooms."""
        addresses = {build_address(url, room.id) for room in rooms} or {url}
        # The address for a room names the room in its query.
        beginning = () if rooms else build_address(url, "")
        ids = {
            row.id
            for row in await self._list()
            if row.notificationUrl in addresses or (row.notificationUrl or "").startswith(beginning)
        }
        for subscription in sorted(ids):
            await self._graph.delete(
                DELETE("/subscriptions/{subscription}", subscription=subscription)
            )

"""Subscriptions to notifications: which there are, how long they live, and their JSON.

docs/vendors/teams.md#notifications
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from urllib.parse import quote

from attrs import define, frozen

from conferencing.http import Reply, without_none
from conferencing.model import Secret, WebhookSubscription
from conferencing.model.native import Native

from .base import WIRE, quote_literal
from .zones import parse_instant, write_instant

__all__ = [
    "SubscriptionRow",
    "Wanted",
    "build_address",
    "follow_calls",
    "is_same",
    "list_for_host",
    "list_for_webinar",
    "read_subscription",
    "read_subscriptions",
    "write_expiry",
    "write_subscription",
]

DAY: Final = timedelta(days=1)
MARGIN: Final = timedelta(minutes=5)
"""Kept below each limit, since the clocks of Graph and of this machine may differ."""


@frozen
class Wanted:
    """A subscription that should hold. `optional` is one that the account may be refused."""

    resource: str
    changes: str
    lifetime: timedelta
    room_id: str | None = None
    optional: bool = False
    with_content: bool = False


def list_for_host(owner: str, *, calendar: bool, webinars: bool) -> list[Wanted]:
    """Return what there is to know of all rooms of a host."""
    # Each lives as long as Graph permits for its resource (docs/vendors/teams.md#notifications).
    wanted = [
        Wanted(f"users/{owner}/onlineMeetings/getAllRecordings", "created", 3 * DAY, optional=True),
        Wanted(
            f"users/{owner}/onlineMeetings/getAllTranscripts", "created", 3 * DAY, optional=True
        ),
    ]
    if calendar:
        wanted.insert(0, Wanted(f"users/{owner}/events", "created,updated,deleted", 7 * DAY))
    if webinars:
        root = "solutions/virtualEvents/events"
        resource = f"{root}/getEventsFromOrganizers(organizerIds=['{owner}'])"
        wanted.append(Wanted(resource, "created", DAY, optional=True))
    return wanted


def follow_calls(join_url: str, room_id: str) -> Wanted:
    """Return what there is to know of a running meeting. The link is encoded as in a filter.

    docs/vendors/teams.md#join-url
    """
    literal = quote(quote_literal(join_url), safe="")
    resource = f"communications/onlineMeetings(joinWebUrl='{literal}')/meetingCallEvents"
    return Wanted(resource, "updated", 3 * DAY, room_id, with_content=True)


def list_for_webinar(webinar_id: str, room_id: str) -> list[Wanted]:
    """Return what there is to know of a webinar."""
    root = f"solutions/virtualEvents/webinars/{webinar_id}"
    return [
        Wanted(root, "updated", DAY, room_id),
        Wanted(f"{root}/registrations", "created,updated", DAY, room_id),
    ]


def build_address(url: str, room_id: str | None) -> str:
    """Return the address for a subscription; that of a room names it, which notifications do not."""
    if room_id is None:
        return url
    return f"{url}{'&' if '?' in url else '?'}room={quote(room_id, safe='')}"


@define
class SubscriptionRow:
    """A subscription."""

    id: str
    resource: str
    changeType: str | None = None  # noqa: N815 - Graph's spelling
    notificationUrl: str | None = None  # noqa: N815 - Graph's spelling
    expirationDateTime: str | None = None  # noqa: N815 - Graph's spelling


def read_subscriptions(reply: Reply) -> list[SubscriptionRow]:
    """Return the subscriptions of a page."""
    return WIRE.records(reply, SubscriptionRow, lambda row, _: row, "value")


def read_subscription(reply: Reply, *, url: str, room_id: str | None) -> WebhookSubscription:
    """Return one subscription; `url` is the address as the application has it."""
    return WIRE.record(reply, SubscriptionRow, partial(_to_subscription, url=url, room_id=room_id))


def _to_subscription(
    row: SubscriptionRow, native: Native, *, url: str, room_id: str | None
) -> WebhookSubscription:
    return WebhookSubscription(
        id=row.id,
        url=url,
        events=tuple(f"{row.resource} {change}" for change in (row.changeType or "").split(",")),
        room_id=room_id,
        expires_at=parse_instant(row.expirationDateTime),
        native=native,
    )


def is_same(row: SubscriptionRow, wanted: Wanted, address: str) -> bool:
    """Return whether a subscription is the one that is wanted."""
    changes = set((row.changeType or "").split(","))
    return (
        row.notificationUrl == address
        and row.resource.strip("/").lower() == wanted.resource.lower()
        and changes == set(wanted.changes.split(","))
    )


def write_subscription(
    wanted: Wanted, address: str, secret: Secret, now: datetime, certificate: str | None
) -> dict[str, Any]:
    """Return the body of a new subscription; with a certificate, contents come encrypted for it."""
    encrypts = certificate if wanted.with_content else None
    return without_none(
        changeType=wanted.changes,
        notificationUrl=address,
        lifecycleNotificationUrl=address,
        resource=wanted.resource,
        clientState=secret,  # the only proof of who notifies (docs/vendors/teams.md#notifications)
        includeResourceData=True if encrypts else None,
        encryptionCertificate=encrypts,
        encryptionCertificateId="conferencing" if encrypts else None,
        **write_expiry(wanted, now),
    )


def write_expiry(wanted: Wanted, now: datetime) -> dict[str, str]:
    """Return the body that lets a subscription live as long as it may."""
    return {"expirationDateTime": write_instant(now + wanted.lifetime - MARGIN)}

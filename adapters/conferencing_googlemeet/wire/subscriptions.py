"""Subscriptions to events of Workspace (docs/vendors/googlemeet.md#events-push)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import define

from conferencing.http import Reply
from conferencing.model import WebhookSubscription
from conferencing.model.native import Native

from .base import WIRE, Name, Time, last_part, read_rows, to_time

__all__ = [
    "TYPES",
    "ReadSubscription",
    "find_filter",
    "read_operation",
    "read_subscriptions",
    "space_target",
    "user_target",
    "write_subscription",
]

PREFIX: Final = "google.workspace.meet."
TYPES: Final = tuple(
    PREFIX + name
    for name in (
        "conference.v2.started",
        "conference.v2.ended",
        "participant.v2.joined",
        "participant.v2.left",
        "recording.v2.started",
        "recording.v2.ended",
        "recording.v2.fileGenerated",
        "transcript.v2.started",
        "transcript.v2.ended",
        "transcript.v2.fileGenerated",
        "smartNote.v2.started",
        "smartNote.v2.ended",
        "smartNote.v2.fileGenerated",
    )
)
RENEWED: Final = timedelta(days=1)
"""How long before its end a subscription is renewed; it lives for seven days."""


@define
class EndpointRow:
    pubsubTopic: str | None = None  # noqa: N815


@define
class SubscriptionRow:
    """A subscription: one for each user and target."""

    name: Name
    targetResource: str | None = None  # noqa: N815
    eventTypes: list[str] | None = None  # noqa: N815
    notificationEndpoint: EndpointRow | None = None  # noqa: N815
    state: str | None = None
    expireTime: Time | None = None  # noqa: N815

    @property
    def id(self) -> str:
        """The last part of its name."""
        return last_part(self.name)

    @property
    def is_suspended(self) -> bool:
        """Whether Google stopped sending, such as to a topic that it may not write to."""
        return self.state == "SUSPENDED"

    def is_due(self, now: datetime) -> bool:
        """Return whether it has to be renewed."""
        expires_at = to_time(self.expireTime)
        return expires_at is None or expires_at - now < RENEWED


@define
class OperationRow:
    """A reply to each change; what was changed is in `response` once it is done."""

    name: str | None = None
    done: bool | None = None
    response: dict[str, Any] | None = None


class ReadSubscription:
    """A subscription with its `native`."""

    def __init__(self, row: SubscriptionRow, native: Native) -> None:
        self.row, self.native = row, native

    def is_for(self, target: str | None, topic: str | None) -> bool:
        """Return whether it sends events of a target, or of any, to a topic."""
        endpoint = self.row.notificationEndpoint
        same = topic is None or (endpoint is not None and endpoint.pubsubTopic == topic)
        return same and target in {None, self.row.targetResource} and self.row.state != "DELETED"

    def build(self, url: str, room_id: str | None) -> WebhookSubscription:
        """Return it as the model has it."""
        row = self.row
        return WebhookSubscription(
            id=row.id,
            url=url,
            events=tuple(row.eventTypes or ()),
            room_id=room_id,
            expires_at=to_time(row.expireTime),
            native=self.native,
        )


def read_subscriptions(reply: Reply) -> list[ReadSubscription]:
    """Return a page of the user's subscriptions."""
    return read_rows(reply, SubscriptionRow, ReadSubscription, "subscriptions")


def read_operation(reply: Reply) -> ReadSubscription | None:
    """Return the subscription that a change led to, or None while Google is at it."""
    row = WIRE.read(reply, OperationRow)
    # False is left out, so a missing `done` means "not yet" (docs/vendors/googlemeet.md#json).
    if not row.done or row.response is None:
        return None
    value = WIRE.convert_value(row.response, SubscriptionRow, "response")
    return ReadSubscription(value, WIRE.native(reply, "response"))


def space_target(space: str) -> str:
    """Return the name of a space, for which events are sent."""
    return f"//meet.googleapis.com/spaces/{space}"


def user_target(user_id: str) -> str:
    """Return the name of a user, for whose rooms events are sent."""
    return f"//cloudidentity.googleapis.com/users/{user_id}"


def find_filter(target: str | None) -> str:
    """Return the filter of a listing; Google asks for a type of events in it."""
    # Any of the types will do, since `write_subscription` asks for all of them.
    of_type = f'event_types:"{TYPES[0]}"'
    return of_type if target is None else f'{of_type} AND target_resource="{target}"'


def write_subscription(target: str, topic: str, types: Sequence[str] = TYPES) -> dict[str, Any]:
    """Return the body of a subscription that lives as long as Google permits."""
    return {
        "targetResource": target,
        "eventTypes": [*types],
        "notificationEndpoint": {"pubsubTopic": topic},
        "ttl": "0s",  # the longest, seven days (docs/vendors/googlemeet.md#events-push)
    }

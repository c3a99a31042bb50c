"""What was agreed with a vendor about events: where it sends them, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from attrs import field, frozen

from .base import Record
from .native import NO_NATIVE

__all__ = ["WebhookSubscription"]


@frozen(kw_only=True, repr=False)
class WebhookSubscription(Record):
    """A vendor's promise to send events to an address.

    `events` are the vendor's own names of what it sends. `room_id` is the room that it is about, or
    None for the whole account. `expires_at` is when the vendor ends it unless it is renewed, or None
    if it lasts. `url` is where the events go.
    """

    _shown: ClassVar[tuple[str, ...]] = ("id", "events", "room_id", "expires_at")

    id: str
    url: str
    events: tuple[str, ...] = ()
    room_id: str | None = None
    expires_at: datetime | None = None
    native: Mapping[str, Any] = field(default=NO_NATIVE, eq=False)

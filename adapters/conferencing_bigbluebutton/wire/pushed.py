"""What deliveries of webhooks and of callbacks share: their events, and what is kept of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from conferencing.webhooks.events import Event

from .sessions import StoredSession

__all__ = ["Document", "Pushed"]


@frozen(kw_only=True)
class Document:
    """What has to be kept of a delivery: the server's own JSON under a key, and what it settles."""

    session: StoredSession
    key: str
    body: Mapping[str, Any]


@frozen(kw_only=True)
class Pushed:
    """The events of a delivery, and what has to be kept of it."""

    events: tuple[Event, ...]
    documents: tuple[Document, ...] = ()

"""What deliveries of webhooks and of call-backs share: their events, and what is kept of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from conferencing.errors import MalformedResponse, WebhookMalformed
from conferencing.webhooks.events import Event

from .base import WIRE
from .sessions import StoredSession

__all__ = ["Document", "Pushed", "convert"]


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


def convert(value: object, row: type[Any], at: str) -> Any:
    """Return a value of a delivery as a row. Raises `WebhookMalformed` with the path below `at`."""
    try:
        return WIRE.convert_value(value, row)
    except MalformedResponse as error:
        problem, path = error.message, error.path
    # Outside of `except`: its frames hold the body.
    raise WebhookMalformed(problem, path=f"{at}{(path or '$')[1:]}")

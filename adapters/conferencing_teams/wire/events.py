"""Notifications, which name what changed and hold little of it (docs/vendors/teams.md#notifications)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from html import escape
from typing import Any, Final
from urllib.parse import unquote

import msgspec
from attrs import define, frozen

from conferencing.model import Participant, Room
from conferencing.webhooks import WebhookAnswer, WebhookRequest

from .base import WIRE
from .encryption import EncryptedRow

__all__ = [
    "NotificationRow",
    "Subject",
    "answer_validation",
    "find_call_event",
    "identify_notification",
    "identify_registration",
    "identify_room_change",
    "parse_resource",
    "read_notifications",
]

HOUR: Final = 3600


@define
class NotificationRow:
    """One notification; that of a subscription's life has a `lifecycleEvent`."""

    subscriptionId: str | None = None  # noqa: N815 - Graph's spelling
    clientState: str | None = None  # noqa: N815 - Graph's spelling
    changeType: str | None = None  # noqa: N815 - Graph's spelling
    resource: str | None = None
    lifecycleEvent: str | None = None  # noqa: N815 - Graph's spelling
    id: str | None = None
    resourceData: dict[str, Any] | None = None  # noqa: N815 - Graph's spelling
    encryptedContent: EncryptedRow | None = None  # noqa: N815 - Graph's spelling


@define
class NotificationsRow:
    """What Graph sends at once, perhaps of several subscriptions."""

    value: list[NotificationRow]


def answer_validation(token: str) -> WebhookAnswer:
    """Return the answer by which an address proves to be a receiver: the decoded token alone."""
    # Escaped, since anybody can send a token (docs/vendors/teams.md#notifications).
    return WebhookAnswer(
        headers={"Content-Type": "text/plain"}, body=escape(token, quote=False).encode()
    )


def read_notifications(
    request: WebhookRequest,
) -> list[tuple[NotificationRow, Mapping[str, Any]]]:
    """Return the notifications of a request, each with its own mapping. They are not verified yet."""
    body = request.json(dict[str, Any])
    rows = WIRE.read_pushed(body, NotificationsRow).value
    return list(zip(rows, body["value"], strict=True))


# ------------------------------------------------------------------------------------------ subjects


@frozen
class Subject:
    """What a notification is about: a kind, and the ids of what it names."""

    kind: str
    ids: Mapping[str, str]


PATTERNS: Final = [
    ("event", r"users/(?P<owner>[^/]+)/events/(?P<event>.+)"),
    ("registration", r"solutions/virtualevents/\w+/(?P<webinar>[^/]+)/registrations/(?P<registration>[^/]+)"),
    ("webinar", r"solutions/virtualevents/(?:webinars|events)/(?P<webinar>[^/(]+)"),
    ("recordings", r"(?:users/(?P<owner>[^/]+)|communications)/onlinemeetings/(?P<meeting>[^/]+)/recordings/(?P<media>[^/]+)"),
    ("transcripts", r"(?:users/(?P<owner>[^/]+)|communications)/onlinemeetings/(?P<meeting>[^/]+)/transcripts/(?P<media>[^/]+)"),
    ("call", r"communications/onlinemeetings.*/meetingcallevents"),
]  # fmt: skip
COMPILED: Final = [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in PATTERNS]


def parse_resource(resource: str) -> Subject | None:
    """Return what a path names, or None for another one. Names come in any case.

    A key stands in brackets or behind a slash: `recordings('7e31')` is `recordings/7e31`.
    """
    path = re.sub(r"\('([^']*)'\)", r"/\1", resource.strip("/"))
    for kind, pattern in COMPILED:
        match = pattern.fullmatch(path)
        if match:
            ids = {name: unquote(text) for name, text in match.groupdict().items() if text}
            return Subject(kind, ids)
    return None


# That the names of events end with these is inferred (docs/vendors/teams.md#notifications).
CALL_EVENTS: Final = ("callstarted", "callended", "rosterupdated")


def find_call_event(data: Mapping[str, Any]) -> str | None:
    """Return the word for what happened in a meeting, in lower case, or None for none of them.

    It is the last part of a dotted name, of which the namespaces vary
    (docs/vendors/teams.md#oddity-13).
    """
    for value in (data.get("eventType"), data.get("@odata.type")):
        word = str(value or "").rpartition(".")[2].lower().removeprefix("#").removesuffix("event")
        if word in CALL_EVENTS:
            return word
    return None


# --------------------------------------------------------------------------------------------- ids


def identify_notification(row: NotificationRow, data: Mapping[str, Any], now: datetime) -> str:
    """Return an id for a notification that has none: the same for its repetitions.

    Graph repeats one for up to four hours, and distinguishes two calls of a meeting by their
    ids only, if at all. So the hour counts as well: to hand one over twice is better than never.
    """
    told = [data.get(name) for name in ("id", "eventDateTime")]
    hour = None if any(told) else int(now.timestamp()) // HOUR
    return _digest([row.resource, row.changeType, row.lifecycleEvent, dict(data), hour])


def identify_room_change(room: Room) -> str:
    """Return an id for a change of a room, the same for each notification of it."""
    # Graph gives no time of the last change of a webinar.
    changed = room.updated_at or [
        room.name, room.starts_at, room.duration, room.status, room.description,
        room.native.get("status"),
    ]  # fmt: skip
    return _digest(["room", room.id, changed])


def identify_registration(participant: Participant) -> str:
    """Return an id for a change of a registration."""
    return _digest(["registration", participant.id, participant.status, dict(participant.fields)])


def _digest(value: object) -> str:
    return sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()[:32]

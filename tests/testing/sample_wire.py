"""What Acme sends: its rows, its words, and its settings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import define, frozen

from conferencing import Role, Secret
from conferencing.http import Decoder, Link, VendorEnum

WIRE = Decoder(secret=frozenset({"passcode", "url", "link"}))
FIELDS = frozenset({
    "name", "kind", "starts_at", "duration", "timezone", "description", "registration", "entry",
    "settings.recording",
})  # fmt: skip
ROLES = {Role.HOST: "moderator", Role.ATTENDEE: "viewer"}
WORDS = {word: role for role, word in ROLES.items()}


@frozen(kw_only=True)
class AcmeSettings:
    api_key: Secret
    base_url: str


class Kind(VendorEnum):
    MEETING = "meeting"
    WEBINAR = "webinar"
    UNKNOWN = "unknown"


class State(VendorEnum):
    RUNNING = "running"
    ENDED = "ended"
    UNKNOWN = "unknown"


@define
class PongRow:
    pong: bool


@define
class RoomRow:
    id: str
    name: str
    kind: Kind
    url: Link
    begin: datetime | None = None
    minutes: int | None = None
    zone: str | None = None
    description: str | None = None
    passcode: str | None = None
    record: bool | None = None
    sign_up: bool | None = None


@define(kw_only=True)
class LaxRoomRow(RoomRow):
    """The same row with fields of any type, for adapters that convert them wrongly."""

    minutes: Any = None
    name: Any = ""
    kind: Any = ""


@define(kw_only=True)
class AnyLinkRoomRow(RoomRow):
    """The same row with a link that is not checked."""

    url: str = ""


@define
class SessionRow:
    id: str
    room: str
    state: State
    begin: int | None = None
    end: int | None = None
    people: int | None = None


@define(kw_only=True)
class WordySessionRow(SessionRow):
    """The same row with a state of any word."""

    state: str = ""


@define
class PersonRow:
    id: str
    email: str
    first: str | None = None
    last: str | None = None
    at: datetime | None = None
    link: Link | None = None


@define
class StayRow:
    id: str
    name: str
    role: str
    joined: int
    email: str | None = None
    left: int | None = None
    rating: int | None = None
    comment: str | None = None


@define
class RatingRow:
    id: str
    room: str
    rating: int | None = None
    comment: str | None = None
    at: int | None = None


@define
class RecordingRow:
    id: str
    url: str
    size: int | None = None
    seconds: int | None = None
    begin: int | None = None


@define
class TemplateRow:
    id: str
    name: str
    description: str | None = None


@define
class TicketRow:
    code: str


@define
class LinkRow:
    url: str

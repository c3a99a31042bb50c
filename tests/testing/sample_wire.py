"""What Acme writes: its rows, its words, and its settings."""

from __future__ import annotations

from datetime import datetime

from attrs import define, frozen

from conferencing import (
    Role,
    RoomKind,
    Secret,
    SessionStatus,
)
from conferencing.http import (
    Wire,
)

WIRE = Wire()
SECRET = frozenset({"passcode", "url"})
FIELDS = frozenset(
    [
        "name",
        "kind",
        "starts_at",
        "duration",
        "timezone",
        "description",
        "entry",
        "settings.recording",
    ]
)
ROLES = {Role.HOST: "moderator", Role.ATTENDEE: "viewer"}
WORDS = {word: role for role, word in ROLES.items()}


@frozen(kw_only=True)
class AcmeSettings:
    api_key: Secret
    base_url: str


@define
class RoomRow:
    id: str
    name: str
    kind: RoomKind
    begin: datetime | None
    minutes: int | None
    zone: str | None
    description: str | None
    passcode: str | None
    record: bool | None
    url: str


@define
class SessionRow:
    id: str
    room: str
    state: SessionStatus
    begin: int
    end: int | None
    people: int


@define
class PersonRow:
    id: str
    email: str
    first: str | None
    last: str | None
    at: datetime


@define
class StayRow:
    id: str
    name: str
    email: str | None
    role: str
    joined: int
    left: int | None


@define
class RecordingRow:
    id: str
    url: str
    size: int
    seconds: int
    begin: int


@define
class LinkRow:
    url: str

"""Tokens of Microsoft Entra ID: their claims, and what they permit.

docs/vendors/teams.md#tokens
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

import msgspec

from conferencing.capabilities import Operation
from conferencing.model import Secret

__all__ = [
    "NEEDS",
    "Caller",
    "Needs",
    "find_caller",
    "list_granted",
]


class Caller(StrEnum):
    """In whose name a call is made."""

    ANY = "any"
    APP = "app"
    ORGANIZER = "organizer"
    ORGANIZER_IF_KNOWN = "organizer if known"


def find_caller(method: str, path: str) -> Caller:
    """Return who may make a call (docs/vendors/teams.md#permissions).

    Only the organizer makes and changes webinars, and only an app registers others for them.
    """
    if not path.startswith("/solutions/virtualEvents/"):
        return Caller.ANY
    if "/registrations" in path:
        return Caller.APP
    # The questions of a form are the organizer's even to read (docs/vendors/teams.md#permissions).
    reads = method == "GET" and "/registrationConfiguration/questions" not in path
    return Caller.ORGANIZER_IF_KNOWN if reads else Caller.ORGANIZER


def list_granted(token: Secret) -> tuple[str, ...] | None:
    """Return the permissions in the claims of a token: `roles` of an app, `scp` of a user.

    None for a token without readable claims, which Microsoft may issue at any time. They are for
    information, and so not verified: Graph decides.
    """
    claims = _read_claims(token.reveal())
    roles, scopes = claims.get("roles"), claims.get("scp")
    if isinstance(roles, list):
        return tuple(sorted(str(role) for role in roles))  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
    if isinstance(scopes, str):
        return tuple(sorted(scopes.split()))
    return () if claims else None


def _read_claims(token: str) -> Mapping[str, Any]:
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004 - header, claims, signature
        return {}
    try:
        # A JWT leaves out the padding (RFC 7515, section 2).
        claims = urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        return msgspec.json.decode(claims, type=dict[str, Any])
    except (Base64Error, ValueError, msgspec.MsgspecError, RecursionError):
        return {}


MEETING_WRITE: Final = ("OnlineMeetings.ReadWrite.All", "OnlineMeetings.ReadWrite")
MEETING_READ: Final = ("OnlineMeetings.Read.All", "OnlineMeetings.Read", *MEETING_WRITE)
EVENTS: Final = ("Calendars.ReadWrite",)
ARTIFACTS: Final = ("OnlineMeetingArtifact.Read.All",)
RECORDINGS: Final = ("OnlineMeetingRecording.Read.All",)
WEBINAR_READ: Final = ("VirtualEvent.Read.All", "VirtualEvent.Read", "VirtualEvent.ReadWrite")
WEBINAR_WRITE: Final = ("VirtualEvent.ReadWrite",)
REGISTER: Final = (
    "VirtualEventRegistration-Anon.ReadWrite.All",
    "VirtualEventRegistration-Anon.ReadWrite.Chat",
)
# The second one permits it until July of 2026 (docs/vendors/teams.md#permissions).
REGISTRATIONS: Final = ("VirtualEvent.Read.Chat", "VirtualEvent.Read.All")

_RUNS: Final = {
    Operation.LIST_SESSIONS: (MEETING_READ, ARTIFACTS),
    Operation.GET_SESSION: (MEETING_READ, ARTIFACTS),
    Operation.LIST_ATTENDANCE: (MEETING_READ, ARTIFACTS),
    # No permission for transcripts: without it, recordings are listed alone.
    Operation.LIST_RECORDINGS: (MEETING_READ, RECORDINGS),
}
Needs = Mapping[Operation, tuple[tuple[str, ...], ...]]
"""Operations with what each of them needs: one permission of each group."""

NEEDS: Final[Mapping[str, Needs]] = {
    "events": {
        Operation.LIST_ROOMS: (EVENTS,),
        Operation.GET_ROOM: (EVENTS,),
        Operation.CREATE_ROOM: (EVENTS,),
        Operation.UPDATE_ROOM: (EVENTS,),
        Operation.DELETE_ROOM: (EVENTS,),
        Operation.ROOM_SETTINGS: (EVENTS, MEETING_READ),
        Operation.INVITE: (EVENTS,),
        Operation.JOIN_LINK: (EVENTS,),
        **_RUNS,
    },
    "meetings": {
        Operation.GET_ROOM: (MEETING_READ,),
        Operation.CREATE_ROOM: (MEETING_WRITE,),
        Operation.UPDATE_ROOM: (MEETING_WRITE,),
        Operation.DELETE_ROOM: (MEETING_WRITE,),
        Operation.ROOM_SETTINGS: (MEETING_READ,),
        Operation.JOIN_LINK: (MEETING_READ,),
        **_RUNS,
    },
    "webinars": {
        Operation.LIST_ROOMS: (WEBINAR_READ,),
        Operation.GET_ROOM: (WEBINAR_READ,),
        Operation.CREATE_ROOM: (WEBINAR_WRITE,),
        Operation.UPDATE_ROOM: (WEBINAR_WRITE,),
        Operation.DELETE_ROOM: (WEBINAR_WRITE,),
        Operation.REGISTER: (REGISTER,),
        Operation.CANCEL_REGISTRATION: (REGISTER,),
        Operation.LIST_PARTICIPANTS: (REGISTRATIONS,),
        Operation.GET_PARTICIPANT: (REGISTRATIONS,),
        Operation.JOIN_LINK: (WEBINAR_READ,),
        Operation.LIST_SESSIONS: (WEBINAR_READ, ARTIFACTS),
        Operation.GET_SESSION: (WEBINAR_READ, ARTIFACTS),
        Operation.LIST_ATTENDANCE: (WEBINAR_READ, ARTIFACTS),
        Operation.LIST_RECORDINGS: (WEBINAR_READ, MEETING_READ, RECORDINGS),
    },
}
"""What each operation needs, by what it is about (docs/vendors/teams.md#permissions)."""

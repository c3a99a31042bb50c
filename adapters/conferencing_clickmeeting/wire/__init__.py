"""ClickMeeting's JSON and forms, and how they map to the model. Pure; no I/O here.

Types follow recorded bodies where the reference's hand-written samples differ from them. What
people typed comes escaped as HTML (seen in names, assumed of the rest). Host hashes and personal links are secrets, also in `native`.
"""

from .base import ROLES, WIRE, accepted, deleted, failure, pong
from .people import (
    autologin,
    invitation_form,
    participants,
    registered,
    registration_form,
    tokens,
    tokens_of,
    with_hash,
)
from .rooms import ACCESS, created_room, fetched_room, room_form, rooms
from .sessions import (
    NO_ROOM,
    DetailRow,
    attendance,
    attendees,
    feedback,
    recordings,
    report,
    session,
    sessions,
    stays,
)

__all__ = [
    "ACCESS",
    "NO_ROOM",
    "ROLES",
    "WIRE",
    "DetailRow",
    "accepted",
    "attendance",
    "attendees",
    "autologin",
    "created_room",
    "deleted",
    "failure",
    "feedback",
    "fetched_room",
    "invitation_form",
    "participants",
    "pong",
    "recordings",
    "registered",
    "registration_form",
    "report",
    "room_form",
    "rooms",
    "session",
    "sessions",
    "stays",
    "tokens",
    "tokens_of",
    "with_hash",
]

"""VConnct's v1 JSON and how it maps to the model. Pure; no I/O here.

Every reply is an envelope with `status`, `status_code`, `message` and `data`. Texts are for people
and Arabic by default: nothing here reads them. Where an *oddity* has a number, it is that of the
table in `docs/providers/vconnct.md`.
"""

from .base import (
    ROLES,
    SECRET,
    SETTINGS,
    WIRE,
    complete,
    done,
    failure,
    general_settings,
    overlaid,
    room_settings,
)
from .rooms import attendee_passcode, created, host_passcode, meeting, room, rooms
from .sessions import (
    attendance,
    full_name,
    join_link,
    passcode_in,
    recording,
    running,
    sessions,
    started,
)

__all__ = [
    "ROLES",
    "SECRET",
    "SETTINGS",
    "WIRE",
    "attendance",
    "attendee_passcode",
    "complete",
    "created",
    "done",
    "failure",
    "full_name",
    "general_settings",
    "host_passcode",
    "join_link",
    "meeting",
    "overlaid",
    "passcode_in",
    "recording",
    "room",
    "room_settings",
    "rooms",
    "running",
    "sessions",
    "started",
]

"""V.cloud's v4 JSON and how it maps to the model. Pure; no I/O here.

Numbers come as texts, epochs are in seconds, and v3, whose shapes some calls still have, wraps its
lists. Both are read. The vendor's own SDK and its samples are the witnesses of all this.
"""

from .base import done, failure
from .people import ROLES, attendance, join_link, present, recordings, user_id
from .rooms import active_room, active_rooms, created, past_rooms, room_body

__all__ = [
    "ROLES",
    "active_room",
    "active_rooms",
    "attendance",
    "created",
    "done",
    "failure",
    "join_link",
    "past_rooms",
    "present",
    "recordings",
    "room_body",
    "user_id",
]

"""Meet.rs' JSON and how it maps to the model. Pure; no I/O here.

Bodies are bare objects and lists in camelCase, but for the token's. Passcodes are secrets, also in
`native`, where an e-mail address as a condition is hidden with them.
"""

from .base import WIRE, credentials, failure, token
from .people import GUEST, PROVIDERS, ROLES, guests, participant, participants
from .reports import feedback, sessions, usage, window
from .rooms import meeting, room, rooms
from .templates import Tenant, configuration, template, templates, tenants

__all__ = [
    "GUEST",
    "PROVIDERS",
    "ROLES",
    "WIRE",
    "Tenant",
    "configuration",
    "credentials",
    "failure",
    "feedback",
    "guests",
    "meeting",
    "participant",
    "participants",
    "room",
    "rooms",
    "sessions",
    "template",
    "templates",
    "tenants",
    "token",
    "usage",
    "window",
]

"""The state behind simulators and the memory provider: rooms, people in sessions, and a clock.

A simulator writes a `World` in its vendor's wire format. Tests and demonstrations read it directly,
let people enter and leave, and advance its clock. No wire formats, no I/O.
"""

from .state import START, World
from .values import Change, Mail, Place, Stay, User, Visit

__all__ = ["START", "Change", "Mail", "Place", "Stay", "User", "Visit", "World"]

"""A small site for people: the start page, the join page, the room.

    /                        every simulator: rooms, who is inside, sessions, the outbox
    /join/<provider>/…       what a join link opens: forms for its entry options
    /identity/<name>?to=…    a stand-in for "Sign in with …"
    /room/<key>              one visit: who is there, leaving, a rating

Plain HTML and one style sheet. No script, nothing loaded from elsewhere. No sockets here.
"""

from .site import OWN_PATHS, Site

__all__ = ["OWN_PATHS", "Site"]

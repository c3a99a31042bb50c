"""How each operation is played, and what the world must say afterwards: one `Play` for each."""

from __future__ import annotations

from conferencing.capabilities import Operation

from .people import PLAYS as PEOPLE
from .play import Play
from .rooms import PLAYS as ROOMS
from .sessions import PLAYS as SESSIONS

__all__ = ["PLAYS", "Play"]

PLAYS: dict[Operation, Play] = {one.operation: one for one in (*ROOMS, *PEOPLE, *SESSIONS)}
"""By operation; a test holds the keys equal to `Operation`."""

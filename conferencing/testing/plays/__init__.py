"""How each operation is played, and what the world must say afterwards: one `OperationCase` for each."""

from __future__ import annotations

from conferencing.capabilities import Operation

from .people import CASES as PEOPLE
from .play import OperationCase
from .rooms import CASES as ROOMS
from .sessions import CASES as SESSIONS

__all__ = ["CASES", "OperationCase"]

CASES: dict[Operation, OperationCase] = {one.operation: one for one in (*ROOMS, *PEOPLE, *SESSIONS)}
"""By operation; a test holds the keys equal to `Operation`."""

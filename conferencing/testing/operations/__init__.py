"""How each operation is called and checked: the one table that all parts of the suite share."""

from __future__ import annotations

from typing import Final

from conferencing.capabilities import Operation

from .case import OperationCase
from .people import CASES as PEOPLE
from .people import VARIANTS as PEOPLE_VARIANTS
from .rooms import CASES as ROOMS
from .rooms import VARIANTS as ROOM_VARIANTS
from .sessions import CASES as SESSIONS
from .sessions import VARIANTS as SESSION_VARIANTS
from .webhooks import CASES as WEBHOOKS

__all__ = ["CASES", "VARIANTS", "OperationCase"]

CASES: Final[dict[Operation, OperationCase]] = {
    case.operation: case for case in (*ROOMS, *PEOPLE, *SESSIONS, *WEBHOOKS)
}
"""The usual call of each operation."""

VARIANTS: Final = (*ROOM_VARIANTS, *PEOPLE_VARIANTS, *SESSION_VARIANTS)
"""Further calls, with other arguments or in other states."""

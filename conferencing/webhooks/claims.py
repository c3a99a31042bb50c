"""What a store of events is, and the result of claiming an event in it.

An event is free, held by an owner for the time of a lease, or done. A lease that is not renewed
expires, and the event is free again; what is done is forgotten after `KEEP` seconds.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Protocol

__all__ = ["Claim", "EventStore"]

KEEP: Final = 7 * 86400.0
"""For how many seconds a handled event is remembered. Vendors retry for hours, some for a day."""


class Claim(StrEnum):
    """The result of claiming an event."""

    TAKEN = "taken"  # it is the caller's, until the lease expires
    HELD = "held"  # another caller has it
    DONE = "done"  # it was handled


class EventStore(Protocol):
    """Where the state of each event is kept.

    `key` stands for an event and `owner` for one caller's attempt. Each operation is atomic. An
    implementation may raise anything; receivers then answer 503.
    """

    async def claim(self, key: str, owner: str, lease: float) -> Claim:
        """Take a free event for `lease` seconds."""
        ...

    async def renew(self, key: str, owner: str, lease: float) -> bool:
        """Hold an event for `lease` seconds from now; return whether the owner still had it."""
        ...

    async def complete(self, key: str, owner: str) -> bool:
        """Mark an event as done; return whether the owner still had it."""
        ...

    async def release(self, key: str, owner: str) -> None:
        """Make an event free again, if the owner still has it."""
        ...

    async def aclose(self) -> None:
        """Close the store; calling it again does nothing."""
        ...

"""Requests are counted at the server: as many as an error tells, and one of what is done once."""

from __future__ import annotations

from kinds import kinds
from matrix import cells, played

LOST = ("closed before the reply", "reset before the reply", "closed in the middle of the body")


async def test_attempts_told_are_requests_seen_and_what_is_done_once_is_sent_once() -> None:
    every = await cells([kind for kind in kinds() if kind.name in LOST])
    tally = await played([cell for cell in every if not cell.once])
    assert tally.faults == []
    assert tally.counted > 300
    assert {"create_room", "register", "invite"} <= {one.name for one in tally.careful}
    assert set(tally.careful.values()) == {1}

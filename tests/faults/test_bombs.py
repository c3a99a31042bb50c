"""A reply that is too much is refused before it costs memory."""

from __future__ import annotations

import pytest
from bombs import BURDENS, bomb, bombed

MIB = 32


@pytest.mark.parametrize("burden", BURDENS)
async def test_too_much_is_refused_within_little_memory(burden: str) -> None:
    cost = await bombed("clickmeeting", burden)
    assert cost.error == "MalformedResponse"
    assert cost.mebibytes <= MIB


def test_the_bomb_is_small_on_the_wire() -> None:
    assert len(bomb()) < 2**20

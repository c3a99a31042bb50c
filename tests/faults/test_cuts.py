"""A reply that breaks off anywhere is an error that knows how far the request got."""

from __future__ import annotations

import pytest
from cuts import cut_all
from operations import ADAPTERS

EVERY = 97


@pytest.mark.parametrize("adapter", ADAPTERS)
async def test_a_reply_cut_after_any_byte_is_an_error(adapter: str) -> None:
    tally = await cut_all(EVERY, [adapter])
    assert tally.faults == []
    assert tally.played > 50

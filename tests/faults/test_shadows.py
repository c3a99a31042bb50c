"""A plug-in that shadows an adapter, or is broken, is said to; a built-in one stays what it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from shadows import WAYS, EntryOption, tried


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name.replace(" ", "-"))
async def test_nothing_is_shadowed_or_broken_without_a_word(
    way: EntryOption, tmp_path: Path
) -> None:
    assert await tried(way, tmp_path) is None


def test_there_are_twenty_ways() -> None:
    assert len(WAYS) >= 20

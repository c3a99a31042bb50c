"""A vendor that registers twice who is sent twice, a client of it, and a journal's place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from clocks import Turning
from vendor_fixtures import clock, room, served

__all__ = ["clock", "room", "served"]
"""Fixtures, which pytest finds by these names."""


@pytest.fixture
async def turning() -> AsyncIterator[Turning]:
    clock = Turning()
    driver = asyncio.create_task(clock.turn())
    yield clock
    driver.cancel()


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "people.journal"

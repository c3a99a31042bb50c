"""Fixtures of the vendor that registers twice who is sent twice, for the tests of bulk and jobs."""

from __future__ import annotations

import pytest
from clocks import Waiting
from vendor import Planned, open_room, settle_in

from conferencing import Conference, Room
from conferencing.sandbox import Sandbox

__all__ = ["clock", "room", "served"]


@pytest.fixture
def clock() -> Waiting:
    return Waiting()


@pytest.fixture
def served(sandbox: Sandbox) -> Planned:
    return settle_in(sandbox)


@pytest.fixture
async def room(conference: Conference, served: Planned) -> Room:
    room = await open_room(conference)
    served.requests.clear()
    served.counts.clear()
    return room

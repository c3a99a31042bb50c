"""A room, and the samples of replies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conferencing import Conference, Room
from conferencing.http import Reply

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture
async def room(conference: Conference) -> Room:
    return await conference.create_room("Course", native={"meetingID": "course-17"})


@pytest.fixture
def sample() -> Callable[..., Reply]:
    """Return a sample as a reply of the server."""

    def load(name: str, status: int = 200) -> Reply:
        return Reply(status, {}, (SAMPLES / name).read_bytes())

    return load

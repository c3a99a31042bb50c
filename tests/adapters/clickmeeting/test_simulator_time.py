"""The simulator by itself: when rooms start, close, and drop off the list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from conferencing import RoomStatus

DATED = "name=Dated&room_type=webinar&permanent_room=0&access_type=1"
ROOM = "/v1/conferences/2632001"
MINUTE = timedelta(minutes=1)


async def test_room_closes_at_ten_minute_mark(api, world) -> None:
    """Observed: an end at 15:20 shows at 15:30, and one at 3:52 at 4:00."""
    ends = {
        "2632001": "starts_at=2026-10-01+10:00:00&duration=0:20",
        "2632002": "starts_at=2026-10-01+10:00:00&duration=0:12",
    }
    for form in ends.values():
        await api("POST", "/v1/conferences", f"{DATED}&{form}")
    world.advance(19 * MINUTE)
    assert await active(api) == [2632001, 2632002]
    world.advance(MINUTE)
    assert await active(api) == [2632001]
    world.advance(9 * MINUTE)
    assert await active(api) == [2632001]
    world.advance(MINUTE)
    assert await active(api) == []


async def test_room_with_people_stays_open(api, world) -> None:
    await api("POST", "/v1/conferences", f"{DATED}&duration=0:10")
    world.enter("2632001", "A")
    world.advance(60 * MINUTE)
    assert await active(api) == [2632001]
    world.end_session("2632001")
    assert await active(api) == []
    assert world.room("2632001").status is RoomStatus.ENDED


async def test_room_is_hidden_after_half_a_year(api, world) -> None:
    await api("POST", "/v1/conferences", f"{DATED}&duration=1:00")
    world.advance(timedelta(days=200))
    assert await active(api) == []
    assert (await api("GET", "/v1/conferences/inactive"))[1] == []
    assert (await api("GET", ROOM))[0] == 200


@pytest.mark.parametrize(
    ("form", "start", "end"),
    [
        ("starts_at=2026-10-02+10:00:00", "2026-10-02T10:00:00+02:00", "2026-10-02T13:00:00+02:00"),
        ("starts_at=2026-10-02+10:00", "2026-10-02T10:00:00+02:00", "2026-10-02T13:00:00+02:00"),
        ("starts_at=2026-10-02T10:00:00%2B00:00&duration=1:20", "2026-10-02T12:00:00+02:00", "2026-10-02T13:20:00+02:00"),
        ("starts_at=2026-10-02T08:00:00Z&duration=2", "2026-10-02T10:00:00+02:00", "2026-10-02T12:00:00+02:00"),
        ("starts_at=2026-10-02+10:00:00&timezone=Asia/Tokyo", "2026-10-02T10:00:00+09:00", "2026-10-02T13:00:00+09:00"),
        ("duration=60", "2026-10-01T10:00:00+02:00", "2026-10-03T22:00:00+02:00"),
    ],
)  # fmt: skip
async def test_times_are_read_as_programs_write_them(api, form, start, end) -> None:
    """A number alone is hours: `60` for sixty minutes gives sixty hours."""
    _, reply = await api("POST", "/v1/conferences", f"{DATED}&{form}")
    assert (reply["room"]["starts_at"], reply["room"]["ends_at"]) == (start, end)


# --------------------------------------------------------------------------------------- helpers


async def active(api: Any) -> list[int]:
    return [row["id"] for row in (await api("GET", "/v1/conferences/active"))[1]]

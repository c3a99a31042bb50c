"""Starts and durations of rooms: zones, offsets, hours that occur twice, and no dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest

from conferencing import RoomStatus

WARSAW = ZoneInfo("Europe/Warsaw")
HOUR = timedelta(hours=1)
SOON = datetime(2026, 10, 2, 10, 0, tzinfo=WARSAW)


async def test_permanent_room_has_no_dates(conference, world) -> None:
    room = await conference.create_room("For ever", permanent=True)
    assert (room.starts_at, room.duration, room.ends_at) == (None, None, None)
    assert room.permanent is world.room(room.id).permanent is True
    assert room.status is RoomStatus.OPEN


@pytest.mark.parametrize("reference", ["room", "id"])
@pytest.mark.parametrize(
    "changes",
    [
        {"starts_at": SOON + HOUR},
        {"duration": 2 * HOUR},
        {"starts_at": SOON + HOUR, "duration": 2 * HOUR},
    ],
    ids=["start", "duration", "both"],
)
async def test_new_times_are_sent_with_permanent_room(
    conference, served, world, reference, changes
) -> None:
    room = await conference.create_room("Moved", starts_at=SOON, duration=HOUR)
    served.requests.clear()
    moved = await conference.update_room(room if reference == "room" else room.id, **changes)
    stored = world.room(room.id)
    assert stored.starts_at == moved.starts_at == changes.get("starts_at", SOON)
    assert stored.duration == moved.duration == changes.get("duration", HOUR)
    assert stored.permanent is False
    assert [request.method for request in served.requests] == ["GET"] * (reference == "id") + [
        "PUT"
    ]
    assert b"permanent_room=0" in served.requests[-1].body


async def test_permanent_room_becomes_dated_and_back(conference, world) -> None:
    room = await conference.create_room("For ever", permanent=True)
    dated = await conference.update_room(room, permanent=False, starts_at=SOON, duration=HOUR)
    assert (dated.permanent, dated.starts_at, dated.duration) == (False, SOON, HOUR)
    again = await conference.update_room(dated, permanent=True)
    assert (again.permanent, again.starts_at) == (True, None)
    assert world.room(room.id).starts_at is None


@pytest.mark.parametrize(
    ("start", "zone", "sent"),
    [
        (SOON, None, "2026-10-02 10:00:00|Europe/Warsaw"),
        (SOON, "America/New_York", "2026-10-02 04:00:00|America/New_York"),
        (datetime(2026, 10, 2, 8, tzinfo=UTC), None, "2026-10-02T08:00:00+00:00|"),
        (datetime(2026, 10, 2, 8, tzinfo=UTC), "Asia/Tokyo", "2026-10-02 17:00:00|Asia/Tokyo"),
        (
            datetime(2026, 10, 2, 8, tzinfo=timezone(timedelta(hours=5, minutes=45))),
            None,
            "2026-10-02T08:00:00+05:45|",
        ),
        (
            datetime(2026, 10, 25, 2, 30, tzinfo=WARSAW, fold=0),
            None,
            "2026-10-25T02:30:00+02:00|Europe/Warsaw",
        ),
        (
            datetime(2026, 10, 25, 2, 30, tzinfo=WARSAW, fold=1),
            None,
            "2026-10-25T02:30:00+01:00|Europe/Warsaw",
        ),
        (
            datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
            "Europe/Warsaw",
            "2026-10-25T02:30:00+01:00|Europe/Warsaw",
        ),
        (datetime(2026, 10, 25, 3, 0, tzinfo=WARSAW), None, "2026-10-25 03:00:00|Europe/Warsaw"),
        (datetime(2027, 3, 28, 3, 30, tzinfo=WARSAW), None, "2027-03-28 03:30:00|Europe/Warsaw"),
    ],
)
async def test_start_is_sent_without_ambiguity(conference, served, start, zone, sent) -> None:
    """Naive with its zone; with its offset where no zone is known or the hour occurs twice."""
    room = await conference.create_room("Timed", starts_at=start, timezone=zone)
    form = dict(parse_qsl(served.requests[-1].body.decode()))
    assert f"{form['starts_at']}|{form.get('timezone', '')}" == sent
    stored = served.simulator.world.room(room.id).starts_at
    # In UTC: Python never finds times of different zones equal in an hour that occurs twice.
    assert room.starts_at.astimezone(UTC) == stored.astimezone(UTC) == start.astimezone(UTC)


async def test_start_in_utc_keeps_the_rooms_zone(conference) -> None:
    room = await conference.create_room("Timed", starts_at=SOON.astimezone(ZoneInfo("Asia/Tokyo")))
    moved = await conference.update_room(room, starts_at=datetime(2026, 10, 3, tzinfo=UTC))
    assert (moved.starts_at, moved.timezone) == (
        datetime(2026, 10, 3, tzinfo=UTC),
        "Asia/Tokyo",
    )

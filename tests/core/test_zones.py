"""Time zones: by IANA name, older names included; UTC without a database; a week later at the same hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from conferencing import InvalidRequest
from conferencing.model.zones import find_zone, to_zone, zone_name, zone_of
from conferencing.sync import connect

WARSAW = ZoneInfo("Europe/Warsaw")
START = datetime(2027, 3, 22, 17, tzinfo=WARSAW)
LAST = datetime.max.replace(tzinfo=UTC)

WITHOUT_DATABASE = """
import sys, zoneinfo
zoneinfo.reset_tzpath([])
sys.modules["tzdata"] = None
from datetime import datetime, timedelta
from conferencing.model.zones import zone_of
"""


@pytest.mark.parametrize("name", ["Europe/Warsaw", "US/Eastern", "Asia/Calcutta", "Europe/Kiev"])
def test_zone_of_old_name_is_found(name) -> None:
    assert zone_of(name).key == name


def test_zone_of_none_is_utc() -> None:
    assert zone_of(None) is zone_of("UTC")


@pytest.mark.parametrize("name", ["Warsaw", "europe/nowhere", "../etc/passwd", "\0", 5])
def test_unknown_zone_raises_with_field(name) -> None:
    with pytest.raises(InvalidRequest, match="IANA name") as caught:
        zone_of(name, "zone")
    assert caught.value.field == "zone"


def test_utc_needs_no_database(python) -> None:
    program = f"{WITHOUT_DATABASE}zone = zone_of(None)\nprint(zone.key, datetime(2027, 7, 1, tzinfo=zone))"
    assert python(program).strip() == "UTC 2027-07-01 00:00:00+00:00"


def test_missing_database_is_named(python) -> None:
    program = (
        f"{WITHOUT_DATABASE}try:\n    zone_of('Europe/Warsaw')\n"
        "except Exception as error:\n    print(repr(error))"
    )
    assert "there is no time zone database; install one: python -m pip install tzdata" in python(
        program
    )


@pytest.mark.parametrize(
    ("moment", "name", "zone"),
    [
        (START.astimezone(UTC), "Europe/Warsaw", "Europe/Warsaw"),
        (START, None, "Europe/Warsaw"),
        (START.astimezone(UTC), "Nowhere", None),
        (LAST, "Asia/Tokyo", None),
        (None, "Asia/Tokyo", None),
    ],
)
def test_to_zone_keeps_the_instant(moment, name, zone) -> None:
    converted = to_zone(moment, name)
    assert converted == moment
    assert zone_name(converted) == zone


@pytest.mark.parametrize(
    ("fields", "zone"),
    [
        ({"starts_at": START}, "Europe/Warsaw"),
        ({"starts_at": START.astimezone(UTC), "timezone": "Europe/Warsaw"}, "Europe/Warsaw"),
        ({"starts_at": START, "timezone": "Asia/Tokyo"}, "Asia/Tokyo"),
        ({"starts_at": START.astimezone(UTC)}, None),
    ],
)
def test_room_in_memory_has_its_zone(fields, zone) -> None:
    with connect({"provider": "memory"}) as conference:
        room = conference.create_room("Weekly", **fields)
    assert (room.timezone, zone_name(room.starts_at), room.starts_at) == (zone, zone, START)


def test_room_moved_to_zone_starts_there() -> None:
    with connect({"provider": "memory"}) as conference:
        room = conference.create_room("Weekly", starts_at=START)
        moved = conference.update_room(room, timezone="Asia/Tokyo")
    assert (zone_name(moved.starts_at), moved.starts_at) == ("Asia/Tokyo", START)


def test_week_later_is_at_same_hour(conferencing_sandbox) -> None:
    for account in ({"provider": "memory"}, conferencing_sandbox.account("clickmeeting")):
        with connect(account) as conference:
            fields: Any = {"starts_at": START, "duration": timedelta(hours=1)}
            room = conference.create_room("Weekly", **fields)
            fetched = conference.get_room(room.id)
        assert fetched.starts_at is not None
        assert (fetched.starts_at + timedelta(days=7)).astimezone(WARSAW).hour == START.hour


def test_long_text_is_no_zone_and_is_not_repeated() -> None:
    assert find_zone("x" * 2**20) is None
    with pytest.raises(InvalidRequest, match="timezone has 1,048,576 characters") as caught:
        zone_of("x" * 2**20)
    assert len(str(caught.value)) < 200

"""Creating, reading, changing and deleting rooms, checked in the world."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve

from conferencing import (
    Anyone,
    InvalidRequest,
    MalformedResponse,
    NotFound,
    Passcode,
    PersonalToken,
    RoomKind,
    RoomSettings,
    RoomStatus,
    Sent,
)

WARSAW = ZoneInfo("Europe/Warsaw")
HOUR = timedelta(hours=1)
SOON = datetime(2026, 10, 2, 10, 0, tzinfo=WARSAW)


async def test_created_room_is_in_the_world(conference, world) -> None:
    room = await conference.create_room(
        'Launch & "demo" łódź',
        kind="webinar",
        starts_at=SOON,
        duration=timedelta(hours=1, minutes=20),
        entry=Passcode("s3cret"),
        registration=True,
    )
    stored = world.room(room.id)
    assert room.name == stored.name == 'Launch & "demo" łódź'
    assert room.kind is stored.kind is RoomKind.WEBINAR
    assert room.status is RoomStatus.SCHEDULED
    assert stored.starts_at == room.starts_at == datetime(2026, 10, 2, 8, 0, tzinfo=UTC)
    assert room.timezone == "Europe/Warsaw"
    assert room.duration == timedelta(hours=1, minutes=20)
    assert room.entry == (Passcode("s3cret"),)
    assert room.registration is True


async def test_room_with_a_name_only_has_defaults(conference, world) -> None:
    """The vendor's defaults: it starts now, lasts three hours, and is in the account's zone."""
    room = await conference.create_room("Plain")
    assert room.kind is RoomKind.MEETING
    assert room.permanent is False
    assert room.entry == (Anyone(),)
    assert (room.starts_at, room.duration) == (world.now, 3 * HOUR)
    assert room.ends_at == world.now + 3 * HOUR
    assert room.timezone == "Europe/Warsaw"
    assert room.status is RoomStatus.OPEN
    assert room.registration is False
    assert room.waiting_room is False
    assert room.created_at == room.updated_at == world.now
    assert room.join_url == world.room(room.id).join_url


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "<b>Ünïcode</b> 'quoted' &amp; escaped \U0001f600"),
        ("name", "x" * 255),
        ("kind", RoomKind.WEBINAR),
        ("duration", timedelta(minutes=5)),
        ("duration", timedelta(hours=25, minutes=1)),
        ("permanent", True),
        ("permanent", False),
        ("entry", (Anyone(),)),
        ("entry", (Passcode("p&ss =wörd+"),)),
        ("entry", (PersonalToken(),)),
        ("description", "one & two\nlines, zażółć"),
        ("registration", True),
        ("waiting_room", True),
        ("timezone", "America/New_York"),
        ("starts_at", SOON),
    ],
)
@pytest.mark.parametrize("way", ["create", "update"])
async def test_each_field_arrives_and_comes_back(conference, world, field, value, way) -> None:
    if way == "create":
        room = await conference.create_room(**{"name": "New", field: value})
    else:
        plain = await conference.create_room("Plain", starts_at=SOON)
        room = await conference.update_room(plain, **{field: value})
    assert getattr(room, field) == value
    assert getattr(world.room(room.id), field) == value
    assert await conference.get_room(room.id) == room


@pytest.mark.parametrize("way", ["create", "update"])
@pytest.mark.parametrize("on", [True, False])
async def test_single_setting_keeps_the_others(conference, world, way, on) -> None:
    settings = RoomSettings(auto_recording=on, encryption=not on)
    room = await conference.create_room("New", settings=settings if way == "create" else None)
    if way == "update":
        room = await conference.update_room(room, settings=RoomSettings(auto_recording=on))
        room = await conference.update_room(room, settings=RoomSettings(encryption=not on))
    assert room.settings == settings
    stored = world.notes[room.id]["settings"]
    assert stored["recorder_autostart_enabled"] is on
    assert stored["encryption_enabled"] is not on
    assert stored["show_on_personal_page"] is True


async def test_native_overrides_and_adds_fields(conference, served, world) -> None:
    room = await conference.create_room(
        "Mine",
        duration=HOUR,
        native={
            "duration": "0:30",
            "custom_room_url_name": "my_room",
            "settings": {"thank_you_page_url": "https://example.com/?thanks"},
            "registration": {"enabled": True, "template": 2},
        },
    )
    assert room.duration == timedelta(minutes=30)
    assert room.registration is True
    assert room.join_url == served.simulator.join_url("my_room")
    assert room.native["settings"]["thank_you_page_url"] == "https://example.com/?thanks"
    updated = await conference.update_room(room, native={"lobby_enabled": True})
    assert updated.waiting_room is True
    assert world.room(room.id).waiting_room is True


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"status": "ended"}, RoomStatus.ENDED), ({"status": "open"}, RoomStatus.OPEN)],
)
async def test_room_is_switched_off_and_on(conference, world, changes, status) -> None:
    room = await conference.create_room("Switched", permanent=True)
    await conference.update_room(room, status="ended")
    assert (await conference.update_room(room, **changes)).status is status
    assert world.room(room.id).status is status


async def test_update_keeps_the_other_fields(conference, world) -> None:
    before = await conference.create_room(
        "Kept", kind="webinar", starts_at=SOON, entry=Passcode("s3cret"), registration=True
    )
    after = await conference.update_room(before, name="Renamed")
    assert evolve(after, name="Kept") == before
    assert world.room(before.id).name == "Renamed"


async def test_repeated_deletion_of_room_succeeds(conference, world) -> None:
    room = await conference.create_room("Short-lived")
    await conference.delete_room(room)
    assert world.rooms == {}
    await conference.delete_room(room)
    with pytest.raises(NotFound):
        await conference.get_room(room.id)


async def test_room_pin_is_not_an_id(conference) -> None:
    room = await conference.create_room("Pinned")
    with pytest.raises(NotFound):
        await conference.get_room(str(room.native["room_pin"]))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": "x", "duration": timedelta(seconds=90)}, "duration"),
        ({"name": "x", "duration": timedelta(seconds=30)}, "duration"),
        ({"name": "x", "starts_at": datetime(2026, 10, 2, 10)}, "starts_at"),  # noqa: DTZ001
        ({"name": "x", "timezone": "Europe/Warszawa"}, "timezone"),
    ],
)
async def test_invalid_field_is_not_sent(conference, served, fields, field) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await conference.create_room(**fields)
    assert caught.value.field == field
    assert caught.value.operation == "create_room"
    assert served.requests == []


async def test_refused_value_is_reported_as_not_sent(conference) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await conference.create_room("x", duration=timedelta(seconds=90))
    assert caught.value.sent is Sent.NO


@pytest.mark.parametrize("status", ["scheduled", "live"])
async def test_status_that_cannot_be_set_raises(conference, served, status) -> None:
    with pytest.raises(InvalidRequest) as caught:
        await conference.update_room("2632001", status=status)
    assert caught.value.field == "status"
    assert served.requests == []


async def test_unknown_kind_and_status_stay_in_native(conference, served) -> None:
    room = await conference.create_room("New kind")
    body = '{"conference":{"id":7,"name":"x","room_type":"automated","status":"paused"}}'
    served.fail("body", body=body)
    unknown = await conference.get_room(room.id)
    assert (unknown.kind, unknown.status) == (RoomKind.UNKNOWN, RoomStatus.UNKNOWN)
    assert (unknown.native["room_type"], unknown.native["status"]) == ("automated", "paused")
    served.fail("body", body='{"conference":{"id":7,"status":"active"}}')
    with pytest.raises(MalformedResponse) as caught:
        await conference.get_room(room.id)
    assert caught.value.path == "$.conference.name"

"""Creating, reading, changing and deleting rooms: docs/vendors/zoom.md#rooms"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from conferencing import Anyone, Passcode
from conferencing.model import RoomKind
from conferencing.sandbox import World
from conferencing_zoom.simulator import ZoomSimulator

NOW = "2026-10-01T08:00:00Z"
SAMPLE = {
    *("uuid", "id", "host_id", "host_email", "topic", "type", "status", "start_time", "duration"),
    *("timezone", "agenda", "created_at", "start_url", "join_url", "registration_url"),
    *("password", "h323_password", "pstn_password", "encrypted_password", "pre_schedule"),
    *("creation_source", "settings"),
}


async def test_created_meeting_has_the_samples_fields(program: Any) -> None:
    row = await program.create(topic="Launch", settings={"approval_type": 0})
    assert row.keys() == SAMPLE
    assert isinstance(row["id"], int)
    assert row["settings"].keys() >= {"approval_type", "waiting_room", "jbh_time", "audio"}
    fetched = await program.get(f"/meetings/{row['id']}")
    assert fetched.keys() == SAMPLE
    assert fetched.pop("start_url") != row.pop("start_url")
    assert fetched == row


async def test_webinar_has_fields_of_its_own(program: Any) -> None:
    row = await program.create("webinar", topic="Launch")
    assert row["type"] == 5
    assert row.keys() >= {"h323_passcode", "encrypted_passcode", "is_simulive"}
    assert not row.keys() & {"status", "h323_password", "pstn_password", "registration_url"}


async def test_defaults_are_zooms(program: Any, world: World) -> None:
    row = await program.create()
    assert (row["topic"], row["type"], row["duration"]) == ("Zoom Meeting", 2, 60)
    assert (row["start_time"], row["timezone"], row["agenda"]) == (NOW, "Europe/Warsaw", "")
    assert len(row["password"]) == 6
    assert row["settings"]["approval_type"] == 2
    room = world.room(str(row["id"]))
    assert (room.kind, room.starts_at, room.duration) == (
        RoomKind.MEETING,
        world.now,
        timedelta(hours=1),
    )
    assert room.entry == (Passcode(row["password"]),)
    assert (room.registration, room.permanent, room.join_url) == (False, False, row["join_url"])


@pytest.mark.parametrize(
    ("sent", "zone", "kept"),
    [
        ("2026-12-01T09:00:00Z", "Europe/Warsaw", "2026-12-01T09:00:00Z"),
        ("2026-12-01T09:00:00", "Europe/Warsaw", "2026-12-01T08:00:00Z"),
        ("2026-12-01T09:00:00", "UTC", "2026-12-01T09:00:00Z"),
        ("2026-12-01T09:00:00", None, "2026-12-01T08:00:00Z"),
        ("2026-09-01T09:00:00Z", None, NOW),
        (None, "Asia/Tokyo", NOW),
    ],
)
async def test_start_without_z_is_local(
    program: Any, sent: str | None, zone: str | None, kept: str
) -> None:
    row = await program.create(start_time=sent, timezone=zone)
    assert row["start_time"] == kept
    assert row["timezone"] == (zone or "Europe/Warsaw")


@pytest.mark.parametrize(("kind", "kind_type"), [("meeting", 3), ("webinar", 6)])
async def test_permanent_room_has_no_start(
    program: Any, world: World, kind: str, kind_type: int
) -> None:
    row = await program.create(kind, type=kind_type, settings={"approval_type": 0})
    assert not row.keys() & {"start_time", "duration", "registration_url"}
    assert row["settings"]["approval_type"] == 2  # dropped without a word
    assert world.room(str(row["id"])).permanent


REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "long topic": ("topic", {"topic": "x" * 201}),
    "topic of a wrong type": ("topic", {"topic": 5}),
    "long agenda": ("agenda", {"agenda": "x" * 2001}),
    "long passcode": ("password", {"password": "x" * 11}),
    "no minutes": ("duration", {"duration": 0}),
    "more than a day": ("duration", {"duration": 1441}),
    "minutes as text": ("duration", {"duration": "60"}),
    "unknown type": ("type", {"type": 5}),
    "type as text": ("type", {"type": "2"}),
    "time in words": ("start_time", {"start_time": "tomorrow"}),
    "before the first year": (
        "start_time",
        {"start_time": "0001-01-01T00:00:00", "timezone": "Europe/Warsaw"},
    ),
    "date alone": ("start_time", {"start_time": "2026-12-01"}),
    "zone without a name": ("timezone", {"timezone": "CET+1"}),
    "settings as a list": ("settings", {"settings": []}),
    "approval of a wrong number": ("settings.approval_type", {"settings": {"approval_type": 3}}),
    "recording in words": ("settings.auto_recording", {"settings": {"auto_recording": "yes"}}),
    "minutes before the host": ("settings.jbh_time", {"settings": {"jbh_time": 7}}),
    "flag as text": ("settings.waiting_room", {"settings": {"waiting_room": "true"}}),
    "tracking field without a name": ("tracking_fields[0].field", {"tracking_fields": [{}]}),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_wrong_field_is_named(program: Any, world: World, name: str) -> None:
    field, body = REFUSED[name]
    reply = await program("POST", "/users/olga@example.com/meetings", body)
    assert (reply.status, reply.code) == (400, 300)
    assert reply.body["message"] == "Validation Failed."
    assert [error["field"] for error in reply.body["errors"]] == [field]
    assert world.rooms == {}


async def test_all_wrong_fields_are_named(program: Any) -> None:
    body = {"topic": 5, "duration": 0, "settings": {"jbh_time": 7}}
    reply = await program("POST", "/users/olga@example.com/meetings", body)
    assert {error["field"] for error in reply.body["errors"]} == {"topic", "duration"}
    assert {error["message"] for error in reply.body["errors"]} == {"Invalid field."}


UNKNOWN = {"colour": "red", "settings": {"shape": "round"}}
LENIENT = {"topic": "T", "userId": "x", "id": 5, "agenda": None, "settings": {"contact_name": None}}


async def test_unknown_fields_are_ignored(program: Any, simulator: ZoomSimulator) -> None:
    row = await program.create(**UNKNOWN)
    assert "shape" not in row["settings"]
    simulator.quirks["refuse_unknown"] = True
    reply = await program("POST", "/users/olga@example.com/meetings", UNKNOWN)
    assert reply.body["errors"] == [{"field": "colour", "message": "Invalid parameter: colour."}]
    assert (await program("GET", "/users?page=1")).code == 300


async def test_nulls_and_path_ids_are_never_unknown(program: Any, simulator: ZoomSimulator) -> None:
    simulator.quirks["refuse_unknown"] = True
    row = await program.create(**LENIENT)
    assert row["agenda"] == ""
    path = f"/meetings/{row['id']}?id={row['id']}"
    assert (await program("PATCH", path, {"meeting_id": row["id"], "topic": "U"})).status == 204


# --------------------------------------------------------------------------------------- passcodes


@pytest.mark.parametrize(
    ("fields", "wanted", "has_one"),
    [
        ({}, True, True),
        ({"default_password": True}, True, True),
        ({"default_password": False}, True, False),
        ({}, False, False),
        ({"password": "abc"}, False, True),
    ],
)
async def test_passcode_is_made_up_if_wanted(
    program: Any,
    simulator: ZoomSimulator,
    fields: dict[str, Any],
    wanted: bool,
    has_one: bool,
) -> None:
    simulator.quirks["passcode_required"] = wanted
    row = await program.create(**fields)
    assert ("password" in row) == has_one
    assert ("?pwd=" in row["join_url"]) == has_one
    entry = simulator.world.room(str(row["id"])).entry
    assert entry == ((Passcode(row["password"]),) if has_one else (Anyone(),))


async def test_join_url_changes_with_the_passcode(program: Any) -> None:
    row = await program.create(password="first1")
    path = f"/meetings/{row['id']}"
    await program("PATCH", path, {"topic": "Other"})
    assert (await program.get(path))["join_url"] == row["join_url"]
    await program("PATCH", path, {"password": "second"})
    changed = await program.get(path)
    assert changed["password"] == "second"
    assert changed["join_url"] != row["join_url"]


# ----------------------------------------------------------------------------------------- updates


async def test_patch_is_204_and_merges_settings(program: Any, world: World) -> None:
    row = await program.create(settings={"waiting_room": True, "audio": "voip"})
    path = f"/meetings/{row['id']}"
    body = {"topic": "New", "settings": {"audio": "both"}, "start_time": "2026-12-01T09:00:00Z"}
    reply = await program("PATCH", path, body)
    assert (reply.status, reply.content) == (204, b"")
    changed = await program.get(path)
    assert (changed["topic"], changed["start_time"]) == ("New", "2026-12-01T09:00:00Z")
    assert changed["settings"]["waiting_room"] is True
    assert changed["settings"]["audio"] == "both"
    assert world.room(str(row["id"])).starts_at == datetime(2026, 12, 1, 9, tzinfo=UTC)


async def test_past_start_is_ignored_on_update(program: Any) -> None:
    row = await program.create(start_time="2026-12-01T09:00:00Z")
    path = f"/meetings/{row['id']}"
    await program("PATCH", path, {"start_time": "2026-09-01T09:00:00Z", "duration": 30})
    changed = await program.get(path)
    assert (changed["start_time"], changed["duration"]) == ("2026-12-01T09:00:00Z", 30)


async def test_type_3_with_null_times_is_permanent(program: Any) -> None:
    row = await program.create(start_time="2026-12-01T09:00:00Z")
    path = f"/meetings/{row['id']}"
    await program("PATCH", path, {"type": 3, "start_time": None, "duration": None})
    changed = await program.get(path)
    assert changed["type"] == 3
    assert not changed.keys() & {"start_time", "duration"}
    await program("PATCH", path, {"type": 2, "start_time": "2026-12-02T09:00:00Z"})
    assert (await program.get(path))["start_time"] == "2026-12-02T09:00:00Z"


async def test_approval_of_permanent_room_is_dropped(program: Any) -> None:
    row = await program.create(type=3)
    path = f"/meetings/{row['id']}"
    assert (await program("PATCH", path, {"settings": {"approval_type": 0}})).status == 204
    assert (await program.get(path))["settings"]["approval_type"] == 2


async def test_waiting_room_turns_off_joining_first(program: Any) -> None:
    row = await program.create(settings={"waiting_room": True, "join_before_host": True})
    assert row["settings"]["join_before_host"] is False


async def test_tracking_fields_are_kept(program: Any) -> None:
    row = await program.create(tracking_fields=[{"field": "Project", "value": "X"}])
    assert row["tracking_fields"] == [{"field": "Project", "value": "X", "visible": True}]


# ------------------------------------------------------------------------------------ schedule_for


async def test_app_schedules_for_another_host(program: Any, simulator: ZoomSimulator) -> None:
    row = await program.create(schedule_for="piotr@example.com")
    assert row["host_email"] == "piotr@example.com"
    room = simulator.world.room(str(row["id"]))
    assert room.host is not None
    assert room.host.email == "piotr@example.com"


async def test_user_without_privilege_gets_3000(as_user: Any) -> None:
    body = {"schedule_for": "piotr@example.com"}
    reply = await as_user("POST", "/users/me/meetings", body)
    assert (reply.status, reply.code) == (400, 3000)


# ------------------------------------------------------------------------------- status and deletion


async def test_status_and_uuid_follow_the_run(program: Any, world: World) -> None:
    row = await program.create()
    path, number = f"/meetings/{row['id']}", str(row["id"])
    assert row["status"] == "waiting"
    world.enter(number, "Olga", "olga@example.com")
    running = await program.get(path)
    assert (running["status"], running["uuid"]) == ("started", row["uuid"])
    assert world.running(number).id == row["uuid"]  # type: ignore[union-attr]
    assert (await program("PUT", f"{path}/status", {"action": "end"})).status == 204
    ended = await program.get(path)
    assert ended["status"] == "waiting"
    assert ended["uuid"] != row["uuid"]
    world.enter(number, "Olga", "olga@example.com")
    assert (await program.get(path))["uuid"] == ended["uuid"]


@pytest.mark.parametrize(("quirk", "status"), [(False, 204), (True, 400)])
async def test_end_without_a_run(
    program: Any, simulator: ZoomSimulator, quirk: bool, status: int
) -> None:
    simulator.quirks["end_idle_is_400"] = quirk
    row = await program.create()
    reply = await program("PUT", f"/meetings/{row['id']}/status", {"action": "end"})
    assert reply.status == status


async def test_status_needs_a_known_action(program: Any) -> None:
    meeting, webinar = await program.create(), await program.create("webinar")
    for path, body in (
        (f"/meetings/{meeting['id']}", {}),
        (f"/meetings/{meeting['id']}", {"action": "start"}),
        (f"/webinars/{webinar['id']}", {"action": "recover"}),
    ):
        assert (await program("PUT", f"{path}/status", body)).code == 300


@pytest.mark.parametrize(("quirk", "ended"), [(True, False), (False, True)])
async def test_run_ends_a_minute_after_the_last_one(
    program: Any, simulator: ZoomSimulator, quirk: bool, ended: bool
) -> None:
    world, row = simulator.world, await program.create()
    simulator.quirks["ends_when_empty"] = quirk
    path, number = f"/meetings/{row['id']}", str(row["id"])
    visits = [world.enter(number, name, f"{name}@example.com") for name in ("olga", "piotr")]
    world.leave(visits[0].id)
    world.advance(timedelta(minutes=5))
    left_at = world.leave(visits[1].id).left_at
    world.advance(timedelta(seconds=59))
    assert (await program.get(path))["status"] == "started"
    world.advance(timedelta(seconds=30))
    assert (await program.get(path))["status"] == ("started" if ended else "waiting")
    if quirk and left_at is not None:
        assert world.session(row["uuid"]).ended_at == left_at + timedelta(minutes=1)


async def test_deleted_room_is_gone_until_recovered(program: Any, world: World) -> None:
    row = await program.create()
    path, number = f"/meetings/{row['id']}", str(row["id"])
    assert (await program("DELETE", path)).status == 204
    assert number not in world.rooms
    assert (await program("DELETE", path)).code == 3001
    assert (await program("PUT", f"{path}/status", {"action": "recover"})).status == 204
    assert (await program.get(path))["topic"] == row["topic"]


@pytest.mark.parametrize(("quirk", "status"), [(True, 400), (False, 204)])
async def test_running_room_cannot_be_deleted(
    program: Any, simulator: ZoomSimulator, quirk: bool, status: int
) -> None:
    simulator.quirks["undeletable_while_running"] = quirk
    row = await program.create()
    simulator.world.enter(str(row["id"]), "Olga", "olga@example.com")
    reply = await program("DELETE", f"/meetings/{row['id']}")
    assert reply.status == status
    assert not quirk or reply.code == 3002


@pytest.mark.parametrize(
    ("query", "mails"),
    [
        ("", []),
        ("?cancel_meeting_reminder=true", [("cancellation", "bea@example.org")]),
        ("?schedule_for_reminder=true", [("deletion", "olga@example.com")]),
        ("?cancel_meeting_reminder=false&schedule_for_reminder=false", []),
    ],
)
async def test_deletion_mails_on_demand(
    program: Any, world: World, query: str, mails: list[tuple[str, str]]
) -> None:
    row = await program.create(settings={"approval_type": 0})
    await program.register(row)
    world.outbox.clear()
    await program("DELETE", f"/meetings/{row['id']}{query}")
    assert [(mail.kind, mail.to) for mail in world.outbox] == mails


async def test_one_off_room_expires_after_30_days(program: Any, world: World) -> None:
    once, always = await program.create(), await program.create(type=3)
    world.advance(timedelta(days=30))
    assert (await program("GET", f"/meetings/{once['id']}")).status == 200
    world.advance(timedelta(hours=2))
    assert (await program("GET", f"/meetings/{once['id']}")).code == 3001
    assert (await program("GET", f"/meetings/{always['id']}")).status == 200


async def test_room_of_a_test_is_served(program: Any, world: World) -> None:
    room = world.add_room(name="Hall", kind=RoomKind.WEBINAR, registration=True)
    row = await program.get(f"/webinars/{room.id}")
    assert (row["topic"], row["type"], row["settings"]["approval_type"]) == ("Hall", 5, 0)
    assert (await program.register(row)).status == 201


async def test_invitation_has_link_and_passcode(program: Any) -> None:
    row = await program.create(topic="Launch")
    body = await program.get(f"/meetings/{row['id']}/invitation")
    for text in (row["join_url"], row["password"], str(row["id"]), "Topic: Launch"):
        assert text in body["invitation"]

"""Events from changes of the world: docs/vendors/zoom.md#events"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from conferencing.model import Role
from conferencing.sandbox import World
from conferencing.world import Place
from conferencing_zoom.simulator import ZoomSimulator
from conferencing_zoom.simulator.state import Event

MINUTE = timedelta(minutes=1)
OLGA = "olga@example.com"


@pytest.fixture
async def room(program: Any, simulator: ZoomSimulator) -> Any:
    """A meeting with registration, without the events of its making."""
    row = await program.create(topic="Launch", settings={"approval_type": 1})
    simulator.events.clear()
    return row


def names(simulator: ZoomSimulator) -> list[str]:
    return [event.name for event in simulator.events]


def last(simulator: ZoomSimulator) -> Any:
    event: Event = simulator.events[-1]
    return event.payload["object"]


async def test_started_has_the_samples_fields(
    simulator: ZoomSimulator, world: World, room: Any
) -> None:
    world.start_session(str(room["id"]))
    (event,) = simulator.events
    assert event.name == "meeting.started"
    assert event.payload == {
        "account_id": simulator.account_id,
        "object": {
            "duration": 60,
            "start_time": "2026-10-01T08:00:00Z",
            "timezone": "Europe/Warsaw",
            "topic": "Launch",
            "id": str(room["id"]),
            "type": 2,
            "uuid": room["uuid"],
            "host_id": room["host_id"],
        },
    }


async def test_id_is_a_number_with_a_quirk(
    simulator: ZoomSimulator, world: World, room: Any
) -> None:
    simulator.quirks["ids_as_text"] = False
    world.start_session(str(room["id"]))
    assert last(simulator)["id"] == room["id"]


async def test_people_join_and_leave(simulator: ZoomSimulator, world: World, room: Any) -> None:
    number = str(room["id"])
    world.enter(number, "Olga Host", OLGA, Role.HOST)
    joined = last(simulator)["participant"]
    assert joined["join_time"] == "2026-10-01T08:00:00Z"
    assert (joined["user_name"], joined["email"]) == ("Olga Host", OLGA)
    assert joined["id"] == joined["participant_user_id"] == room["host_id"]
    world.advance(MINUTE)
    world.end_session(number)
    assert names(simulator) == [
        "meeting.started",
        "meeting.participant_joined",
        "meeting.participant_left",
        "meeting.ended",
    ]
    left = simulator.events[2].payload["object"]["participant"]
    assert left["user_id"] == joined["user_id"]
    assert left["leave_time"] == "2026-10-01T08:01:00Z"
    assert "<br>" in left["leave_reason"]
    assert last(simulator)["end_time"] == "2026-10-01T08:01:00Z"


async def test_registrant_is_named_in_events(
    program: Any, simulator: ZoomSimulator, world: World, room: Any
) -> None:
    registrant = (await program.register(room)).body["registrant_id"]
    world.enter(str(room["id"]), "Bea", "bea@example.org")
    person = last(simulator)["participant"]
    assert (person["registrant_id"], person["id"]) == (registrant, "")
    first = person["participant_uuid"]
    world.enter(str(room["id"]), "Bea", "bea@example.org")
    again = last(simulator)["participant"]
    assert again["participant_uuid"] == first
    assert again["user_id"] != person["user_id"]


async def test_waiting_room_has_events_of_its_own(
    simulator: ZoomSimulator, world: World, room: Any
) -> None:
    number = str(room["id"])
    world.enter(number, "Olga", OLGA, Role.HOST)
    visit = world.enter(number, "Bea", "bea@example.org", waits=True)
    world.enter(number, "Zoe", "zoe@example.org", waits=True)
    simulator.events.clear()
    world.move(visit.id)
    world.move(visit.id, Place.WAITING_ROOM)
    world.end_session(number)
    assert [name.removeprefix("meeting.participant_") for name in names(simulator)] == [
        *("left_waiting_room", "admitted", "joined"),
        *("left", "put_in_waiting_room"),
        *("left", "left_waiting_room", "left_waiting_room", "meeting.ended"),
    ]
    assert "date_time" in simulator.events[0].payload["object"]["participant"]


async def test_breakout_room_has_a_parent(
    simulator: ZoomSimulator, world: World, room: Any
) -> None:
    visit = world.enter(str(room["id"]), "Bea", "bea@example.org")
    simulator.events.clear()
    world.move(visit.id, Place.BREAKOUT, "Group 1")
    world.move(visit.id)
    assert names(simulator) == [
        "meeting.participant_joined_breakout_room",
        "meeting.participant_left_breakout_room",
    ]
    objects = [event.payload["object"] for event in simulator.events]
    assert objects[0]["breakout_room_uuid"] == objects[1]["breakout_room_uuid"]
    assert objects[0]["participant"]["parent_user_id"] == visit.id
    assert "join_time" in objects[0]["participant"]
    assert "leave_time" in objects[1]["participant"]


async def test_left_is_lost_with_a_quirk(simulator: ZoomSimulator, world: World, room: Any) -> None:
    simulator.quirks["lose_left"] = True
    visit = world.enter(str(room["id"]), "Bea", "bea@example.org")
    world.leave(visit.id)
    assert names(simulator) == ["meeting.started", "meeting.participant_joined"]


# ------------------------------------------------------------------------------- registrations


async def test_registration_and_its_decision(
    program: Any, simulator: ZoomSimulator, room: Any
) -> None:
    await program.register(room)
    created = last(simulator)
    assert created["id"] == room["id"]
    assert created["registrant"]["status"] == "pending"
    assert "join_url" not in created["registrant"]
    path = f"/meetings/{room['id']}/registrants/status"
    for action in ("approve", "deny", "cancel"):
        body = {"action": action, "registrants": [{"email": "bea@example.org"}]}
        await program("PUT", path, body)
    assert names(simulator) == [
        *(f"meeting.registration_{what}" for what in ("created", "approved", "denied", "cancelled"))
    ]
    approved = simulator.events[1].payload
    assert "join_url" in approved["object"]["registrant"]
    assert approved["operator"] == OLGA
    assert simulator.events[3].payload["object"]["registrant"]["status"] == "cancelled"


async def test_automatic_registration_is_approved_at_once(
    program: Any, simulator: ZoomSimulator
) -> None:
    room = await program.create("webinar", settings={"approval_type": 0})
    simulator.events.clear()
    await program.register(room)
    await program.register(room)  # changes nothing
    assert names(simulator) == ["webinar.registration_created"]
    registrant = last(simulator)["registrant"]
    assert registrant["status"] == "approved"
    assert "join_url" in registrant


# -------------------------------------------------------------------------------- rooms, recordings


async def test_life_of_a_room(program: Any, simulator: ZoomSimulator) -> None:
    room = await program.create("webinar", topic="A")
    created = last(simulator)
    assert created["join_url"] == room["join_url"]
    assert created["settings"]["approval_type"] == 2
    path = f"/webinars/{room['id']}"
    await program("PATCH", path, {"topic": "B", "agenda": "C"})
    updated = simulator.events[-1].payload
    identity = {"id": room["id"], "uuid": room["uuid"]}
    assert updated["object"] == {**identity, "topic": "B", "agenda": "C"}
    assert updated["old_object"] == {**identity, "topic": "A", "agenda": ""}
    assert updated["time_stamp"] == 1790841600000
    await program("DELETE", path)
    assert names(simulator) == ["webinar.created", "webinar.updated", "webinar.deleted"]
    assert "settings" not in last(simulator)


async def test_recovered_room(program: Any, simulator: ZoomSimulator, room: Any) -> None:
    await program("DELETE", f"/meetings/{room['id']}")
    await program("PUT", f"/meetings/{room['id']}/status", {"action": "recover"})
    assert names(simulator) == ["meeting.deleted", "meeting.recovered"]


async def test_completed_recording_has_a_download_token(
    program: Any, simulator: ZoomSimulator, held: Any
) -> None:
    simulator.world.record(str(held["id"]), MINUTE)
    event = simulator.events[-1]
    assert event.name == "recording.completed"
    row = event.payload["object"]
    assert (row["type"], row["host_email"], row["id"]) == (2, OLGA, held["id"])
    url = row["recording_files"][0]["download_url"]
    header = f"Bearer {event.beside['download_token']}"
    assert (await program.send("GET", url, Authorization=header)).status == 302
    simulator.world.advance(timedelta(days=1))
    assert (await program.send("GET", url, Authorization=header)).status == 200


async def test_life_of_a_recording(program: Any, simulator: ZoomSimulator, held: Any) -> None:
    simulator.world.record(str(held["id"]), MINUTE)
    simulator.events.clear()
    path = f"/meetings/{held['id']}/recordings"
    await program("DELETE", path)
    await program("PUT", f"{path}/status", {"action": "recover"})
    await program("DELETE", f"{path}?action=delete")
    assert names(simulator) == [
        *("recording.trashed", "recording.recovered", "recording.deleted"),
    ]

"""Past runs, reports and the dashboard: docs/vendors/zoom.md#attendance"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from conferencing.model import Role
from conferencing.sandbox import World
from conferencing.world import Place
from conferencing_zoom.simulator import ZoomSimulator

MINUTE = timedelta(minutes=1)
OLGA = "olga@example.com"

REPORT_ROW = {
    "id": "",
    "user_id": "16779264",
    "participant_user_id": "",
    "name": "Bea Nowak",
    "user_email": "bea@example.org",
    "join_time": "2026-10-01T08:00:00Z",
    "leave_time": "2026-10-01T08:20:00Z",
    "duration": 1200,
    "registrant_id": "",
    "status": "in_meeting",
    "failover": False,
    "customer_key": "",
    "bo_mtg_id": "",
}


async def test_report_row_is_as_the_sample(program: Any, world: World, held: Any) -> None:
    path = f"/report/meetings/{held['id']}/participants?page_size=300&include_fields=registrant_id"
    body = await program.get(path)
    assert body.keys() == {
        *("page_count", "page_size", "total_records", "next_page_token", "participants"),
    }
    (registrant,) = world.participants[str(held["id"])]
    assert body["participants"][1] == {**REPORT_ROW, "registrant_id": registrant.id}
    host = body["participants"][0]
    assert host["id"] == host["participant_user_id"] == held["host_id"]


async def test_registrant_id_is_there_on_demand_only(program: Any, held: Any) -> None:
    for path in (f"/report/meetings/{held['id']}", f"/past_meetings/{held['id']}"):
        for row in (await program.get(f"{path}/participants"))["participants"]:
            assert "registrant_id" not in row
        query = "?include_fields=registrant_id"
        for row in (await program.get(f"{path}/participants{query}"))["participants"]:
            assert "registrant_id" in row


async def test_past_row_differs_from_report_row(program: Any, held: Any) -> None:
    body = await program.get(f"/past_meetings/{held['id']}/participants")
    host, guest = body["participants"]
    assert host.keys() == {
        *("id", "user_id", "name", "user_email", "join_time", "leave_time", "duration"),
        *("failover", "status", "internal_user"),
    }
    assert (host["internal_user"], guest["internal_user"]) == (True, False)
    assert (host["user_email"], guest["id"]) == (OLGA, "")


async def test_guest_who_did_not_register_is_blank(program: Any, world: World, held: Any) -> None:
    number = str(held["id"])
    for name, email in (("Olga", OLGA), ("Zoe", "zoe@example.org"), ("Bea", "bea@example.org")):
        world.enter(number, name, email)
    world.end_session(number)
    body = await program.get(f"/past_meetings/{number}/participants")
    assert [row["user_email"] for row in body["participants"]] == [OLGA, "", "bea@example.org"]


async def test_summary_of_a_run(program: Any, held: Any) -> None:
    expected = {
        "uuid": held["uuid"],
        "id": held["id"],
        "type": 2,
        "topic": "Launch",
        "user_name": "Olga Host",
        "user_email": OLGA,
        "start_time": "2026-10-01T08:00:00Z",
        "end_time": "2026-10-01T08:30:00Z",
        "duration": 30,
        "total_minutes": 50,
        "participants_count": 2,
        "dept": "",
    }
    past = {"host_id": held["host_id"], "source": "Zoom"}
    assert await program.get(f"/past_meetings/{held['id']}") == expected | past
    report = await program.get(f"/report/meetings/{held['id']}")
    assert report.items() >= expected.items()


async def test_number_means_the_latest_run(program: Any, world: World, held: Any) -> None:
    number = str(held["id"])
    world.advance(MINUTE)
    for name in ("olga", "piotr"):
        world.enter(number, name, f"{name}@example.com")
    world.advance(5 * MINUTE)
    later = world.end_session(number)
    assert (await program.get(f"/past_meetings/{number}"))["uuid"] == later.id
    body = await program.get(f"/past_meetings/{number}/instances")
    assert body == {
        "meetings": [
            {"uuid": later.id, "start_time": "2026-10-01T08:31:00Z"},
            {"uuid": held["uuid"], "start_time": "2026-10-01T08:00:00Z"},
        ]
    }


@pytest.mark.parametrize("kind", ["meeting", "webinar"])
async def test_running_or_never_run_is_3001(program: Any, world: World, kind: str) -> None:
    room = await program.create(kind)
    paths = [f"/report/{kind}s/{room['id']}", f"/past_{kind}s/{room['id']}/participants"]
    for running in (False, True):
        if running:
            world.enter(str(room["id"]), "Olga", OLGA)
        for path in paths:
            reply = await program("GET", path)
            assert (reply.status, reply.code) == (404, 3001)
    body = await program.get(f"/past_{kind}s/{room['id']}/instances")
    assert body == {f"{kind}s": []}


async def test_webinar_has_paths_of_its_own(program: Any, world: World) -> None:
    room = await program.create("webinar")
    number, uuid = str(room["id"]), room["uuid"]
    for name in ("olga", "piotr"):
        world.enter(number, name, f"{name}@example.com")
    world.end_session(number)
    assert (await program.get(f"/report/webinars/{uuid}"))["type"] == 5
    assert len((await program.get(f"/past_webinars/{uuid}/participants"))["participants"]) == 2
    reply = await program("GET", f"/past_meetings/{uuid}")
    assert (reply.status, reply.code) == (400, 300)
    assert (await program("GET", f"/past_webinars/{uuid}")).code == 2300


async def test_instances_keep_15_months_and_dates(program: Any, world: World, held: Any) -> None:
    path = f"/past_meetings/{held['id']}/instances"
    assert (await program.get(f"{path}?from=2026-10-02"))["meetings"] == []
    assert len((await program.get(f"{path}?from=2026-10-01&to=2026-10-01"))["meetings"]) == 1
    assert (await program("GET", f"{path}?from=x")).code == 300
    world.advance(timedelta(days=14 * 30.5))
    assert len((await program.get(path))["meetings"]) == 1
    reply = await program("GET", f"/past_meetings/{held['id']}/participants")
    assert (reply.status, reply.code) == (400, 12702)  # more than a year ago
    world.advance(timedelta(days=62))
    assert (await program.get(path))["meetings"] == []


async def test_runs_outlive_their_room(program: Any, held: Any) -> None:
    await program("DELETE", f"/meetings/{held['id']}")
    assert (await program.get(f"/past_meetings/{held['uuid']}"))["topic"] == "Launch"


# ------------------------------------------------------------------------------------ odd rows


@pytest.fixture
async def odd(program: Any, world: World) -> Any:
    """A run in which Bea waits for a minute, goes to a breakout room, and comes back later."""
    room = await program.create(settings={"approval_type": 0, "waiting_room": True})
    await program.register(room)
    number = str(room["id"])
    world.enter(number, "Olga Host", OLGA, Role.HOST)
    visit = world.enter(number, "Bea", "bea@example.org", waits=True)
    world.advance(MINUTE)
    world.move(visit.id)
    world.advance(MINUTE)
    world.move(visit.id, Place.BREAKOUT, "Group 1")
    world.advance(MINUTE)
    world.move(visit.id)
    world.advance(MINUTE)
    world.leave(visit.id)
    world.enter(number, "Bea", "bea@example.org")
    world.advance(MINUTE)
    world.end_session(number)
    return room


def bea(body: Any) -> list[tuple[str, str, int, bool]]:
    return [
        (row["status"], row["join_time"][14:16], row["duration"], bool(row["bo_mtg_id"]))
        for row in body["participants"]
        if row["name"] == "Bea"
    ]


async def test_rows_of_waiting_and_breakout_rooms(program: Any, odd: Any) -> None:
    body = await program.get(f"/report/meetings/{odd['uuid']}/participants")
    assert bea(body) == [
        ("in_meeting", "01", 180, False),
        ("in_waiting_room", "00", 60, False),
        ("in_meeting", "02", 60, True),
        ("in_meeting", "04", 60, False),
    ]
    user_ids = {row["user_id"] for row in body["participants"] if row["name"] == "Bea"}
    assert len(user_ids) == 2  # a new one at each join
    summary = await program.get(f"/past_meetings/{odd['uuid']}")
    assert summary["participants_count"] == 2


async def test_duplicate_rows_are_a_quirk(program: Any, simulator: ZoomSimulator, odd: Any) -> None:
    simulator.quirks["duplicate_rows"] = True
    body = await program.get(f"/report/meetings/{odd['uuid']}/participants")
    assert len(bea(body)) == 8


async def test_late_rows_are_a_quirk(program: Any, simulator: ZoomSimulator, held: Any) -> None:
    simulator.quirks["late_rows"] = True
    path = f"/report/meetings/{held['id']}/participants"
    for row in (await program.get(path))["participants"]:
        assert row["duration"] == 0
        assert "leave_time" not in row
    simulator.world.advance(10 * MINUTE)
    assert [row["duration"] for row in (await program.get(path))["participants"]] == [1800, 1200]


async def test_blank_people_are_a_quirk(program: Any, simulator: ZoomSimulator, held: Any) -> None:
    simulator.quirks["blank_people"] = True
    body = await program.get(f"/past_meetings/{held['id']}/participants")
    assert {(row["name"], row["user_email"]) for row in body["participants"]} == {("", "")}


@pytest.mark.parametrize(("shown", "status"), [(True, 200), (False, 404)])
async def test_run_of_one_person(
    program: Any, simulator: ZoomSimulator, shown: bool, status: int
) -> None:
    simulator.quirks["one_person_runs"] = shown
    room = await program.create()
    simulator.world.enter(str(room["id"]), "Olga", OLGA)
    session = simulator.world.end_session(str(room["id"]))
    assert (await program("GET", f"/past_meetings/{session.id}/participants")).status == status
    body = await program.get(f"/past_meetings/{room['id']}/instances")
    assert len(body["meetings"]) == shown
    assert (await program("GET", f"/report/meetings/{session.id}/participants")).code == 3001
    simulator.quirks["one_person_reports"] = True
    assert (await program("GET", f"/report/meetings/{session.id}/participants")).status == 200


# --------------------------------------------------------------------------- absentees, answers


async def test_absentees_registered_and_did_not_come(program: Any, world: World) -> None:
    room = await program.create("webinar", settings={"approval_type": 0})
    for email in ("bea@example.org", "cem@example.org"):
        await program.register(room, email=email)
    world.enter(str(room["id"]), "Bea", "BEA@example.org")
    session = world.end_session(str(room["id"]))
    body = await program.get(f"/past_webinars/{session.id}/absentees")
    assert [row["email"] for row in body["registrants"]] == ["cem@example.org"]


@pytest.mark.parametrize("what", ["polls", "qa"])
async def test_answers_are_those_in_the_notes(
    program: Any, world: World, held: Any, what: str
) -> None:
    details = [{"question": "Q?", "answer": "A", "polling_id": "p", "date_time": "2026-10-01"}]
    questions = [{"name": "Bea", "email": "bea@example.org", "question_details": details}]
    world.notes[held["uuid"]][what] = questions
    for path in (f"/past_meetings/{held['id']}", f"/report/meetings/{held['id']}"):
        body = await program.get(f"{path}/{what}")
        assert (body["uuid"], body["questions"]) == (held["uuid"], questions)


# ---------------------------------------------------------------------------------------- reports


async def test_report_of_a_host_takes_a_month(program: Any, world: World, held: Any) -> None:
    room = await program.create("webinar")
    for name in ("olga", "piotr"):
        world.enter(str(room["id"]), name, f"{name}@example.com")
    world.end_session(str(room["id"]))
    path = "/report/users/olga@example.com/meetings"
    body = await program.get(f"{path}?from=2026-10-01&to=2026-11-01")
    assert [row["type"] for row in body["meetings"]] == [5, 2]
    assert (body["from"], body["to"]) == ("2026-10-01", "2026-11-01")
    for query in ("?from=2026-10-01&to=2026-11-02", "", "?from=2026-10-02&to=2026-10-01"):
        assert (await program("GET", path + query)).code == 300
    other = "/report/users/piotr@example.com/meetings?from=2026-10-01&to=2026-10-31"
    assert (await program.get(other))["meetings"] == []


async def test_report_is_kept_six_months(program: Any, world: World, held: Any) -> None:
    path = f"/report/meetings/{held['id']}"
    world.advance(timedelta(days=180))
    assert (await program("GET", path)).status == 200
    world.advance(timedelta(days=5))
    assert (await program("GET", path)).code == 3001


async def test_reports_need_a_paid_plan(program: Any, simulator: ZoomSimulator, held: Any) -> None:
    simulator.plan = "free"
    for path in (
        f"/report/meetings/{held['id']}",
        "/report/users/olga@example.com/meetings?from=2026-10-01&to=2026-10-02",
    ):
        reply = await program("GET", path)
        assert (reply.status, reply.code) == (400, 200)


# -------------------------------------------------------------------------------------- dashboard


async def test_live_participants_have_other_names(program: Any, world: World) -> None:
    room = await program.create()
    world.enter(str(room["id"]), "Olga Host", OLGA, Role.HOST)
    for part in (room["id"], room["uuid"]):
        (row,) = (await program.get(f"/metrics/meetings/{part}/participants"))["participants"]
        assert (row["user_name"], row["email"], row["role"]) == ("Olga Host", OLGA, Role.HOST)
        assert not row.keys() & {"name", "user_email", "duration", "leave_time"}
    world.end_session(str(room["id"]))
    path = f"/metrics/meetings/{room['id']}/participants"
    assert (await program("GET", path)).code == 3001
    assert (await program("GET", f"{path}?type=past")).code == 3001
    (row,) = (await program.get(f"{path}?type=pastOne"))["participants"]
    assert row["leave_time"] == "2026-10-01T08:00:00Z"


async def test_dashboard_needs_business(program: Any, simulator: ZoomSimulator) -> None:
    simulator.plan = "pro"
    room = await program.create()
    reply = await program("GET", f"/metrics/meetings/{room['id']}/participants")
    assert (reply.status, reply.code) == (400, 200)

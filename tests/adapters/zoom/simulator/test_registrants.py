"""Registrations, their approval, batches and questions: docs/vendors/zoom.md#registrants"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from conferencing.model import Participant, RegistrationStatus
from conferencing.sandbox import World
from conferencing_zoom.simulator import ZoomSimulator

AUTOMATIC = {"approval_type": 0}
MANUAL = {"approval_type": 1}


@pytest.fixture(params=["meeting", "webinar"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def path_of(room: Any, rest: str = "registrants") -> str:
    kind = "webinars" if room["type"] in {5, 6, 9} else "meetings"
    return f"/{kind}/{room['id']}/{rest}"


async def list_all(program: Any, room: Any) -> dict[str, list[str]]:
    """Return the addresses by status, as three listings have them."""
    path = path_of(room)
    return {
        status: [
            row["email"] for row in (await program.get(f"{path}?status={status}"))["registrants"]
        ]
        for status in ("approved", "pending", "denied")
    }


async def test_registration_is_as_the_sample(program: Any, world: World, kind: str) -> None:
    room = await program.create(kind, settings=AUTOMATIC)
    reply = await program.register(room)
    assert reply.status == 201
    pin = {"participant_pin_code"} if kind == "meeting" else set()
    assert reply.body.keys() == {"id", "registrant_id", "topic", "start_time", "join_url"} | pin
    assert reply.body["id"] == room["id"]
    assert len(reply.body["registrant_id"]) == 22
    assert f"/w/{room['id']}?tk=" in reply.body["join_url"]
    (participant,) = world.participants[str(room["id"])]
    assert (participant.id, participant.status) == (
        reply.body["registrant_id"],
        RegistrationStatus.APPROVED,
    )
    assert participant.join_link is not None
    assert participant.join_link.url == reply.body["join_url"]
    assert [(mail.kind, mail.to) for mail in world.outbox] == [("confirmation", "bea@example.org")]


async def test_pending_registration_has_no_link(program: Any, world: World, kind: str) -> None:
    room = await program.create(kind, settings=MANUAL)
    reply = await program.register(room)
    assert "join_url" not in reply.body
    assert await list_all(program, room) == {
        "approved": [],
        "pending": ["bea@example.org"],
        "denied": [],
    }
    assert world.outbox == []
    (participant,) = world.participants[str(room["id"])]
    assert participant.status is RegistrationStatus.PENDING
    assert world.room(str(room["id"])).approval is True


async def test_auto_approve_skips_the_approval(program: Any, kind: str) -> None:
    room = await program.create(kind, settings=MANUAL)
    assert "join_url" in (await program.register(room, auto_approve=True)).body


@pytest.mark.parametrize(
    ("action", "status", "mail"),
    [
        ("approve", "approved", "confirmation"),
        ("deny", "denied", "denial"),
        ("cancel", None, "cancellation"),
    ],
)
@pytest.mark.parametrize("by", ["id", "email"])
async def test_status_is_changed(
    program: Any, world: World, *, kind: str, action: str, status: str | None, mail: str, by: str
) -> None:
    room = await program.create(kind, settings=MANUAL)
    registrant = (await program.register(room)).body["registrant_id"]
    key = {"id": registrant} if by == "id" else {"email": "BEA@example.org"}
    body = {"action": action, "registrants": [key, {"id": "nobody"}]}
    reply = await program("PUT", path_of(room, "registrants/status"), body)
    assert (reply.status, reply.content) == (204, b"")
    listed = {name for name, emails in (await list_all(program, room)).items() if emails}
    assert listed == ({status} if status else set())
    assert [post.kind for post in world.outbox] == [mail]
    row = await program.get(path_of(room, f"registrants/{registrant}"))
    assert ("join_url" in row) == (action == "approve")


async def test_status_of_nobody_is_204(program: Any, kind: str) -> None:
    room = await program.create(kind, settings=MANUAL)
    path = path_of(room, "registrants/status")
    body = {"action": "approve", "registrants": [{"id": "x", "email": "y@example.org"}]}
    assert (await program("PUT", path, body)).status == 204
    for wrong in ({}, {"action": "remove"}, {"action": "deny", "registrants": [{}] * 31}):
        assert (await program("PUT", path, wrong)).code == 300


async def test_same_address_gets_the_same_registrant(program: Any, world: World, kind: str) -> None:
    room = await program.create(kind, settings=AUTOMATIC)
    first = await program.register(room)
    again = await program.register(room, email="Bea@Example.org", first_name="Beata")
    assert again.status == 201
    assert again.body == first.body
    assert len(world.participants[str(room["id"])]) == 1


async def test_cancelled_person_registers_anew(program: Any, kind: str) -> None:
    room = await program.create(kind, settings=AUTOMATIC)
    first = (await program.register(room)).body
    body = {"action": "cancel", "registrants": [{"id": first["registrant_id"]}]}
    await program("PUT", path_of(room, "registrants/status"), body)
    again = (await program.register(room)).body
    assert again["registrant_id"] == first["registrant_id"]
    assert again["join_url"] != first["join_url"]


# ----------------------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("email", {"first_name": "Bea"}),
        ("email", {"first_name": "Bea", "email": "no address"}),
        ("email", {"first_name": "Bea", "email": "b@" + "x" * 127}),
        ("first_name", {"email": "bea@example.org"}),
        ("first_name", {"email": "bea@example.org", "first_name": "x" * 65}),
        ("last_name", {"email": "bea@example.org", "first_name": "B", "last_name": "x" * 65}),
        ("org", {"email": "bea@example.org", "first_name": "B", "org": 5}),
        (
            "custom_questions[0].value",
            {
                "email": "bea@example.org",
                "first_name": "B",
                "custom_questions": [{"title": "T", "value": "x" * 129}],
            },
        ),
    ],
)
async def test_wrong_person_is_300(program: Any, field: str, body: dict[str, Any]) -> None:
    room = await program.create(settings=AUTOMATIC)
    reply = await program("POST", path_of(room), body)
    assert (reply.status, reply.code) == (400, 300)
    assert [error["field"] for error in reply.body["errors"]] == [field]


async def test_registration_that_is_off(program: Any) -> None:
    meeting, webinar = await program.create(), await program.create("webinar")
    permanent = await program.create(type=3, settings=AUTOMATIC)
    for room, posted, listed in ((meeting, 404, 300), (permanent, 404, 300), (webinar, 3000, 3000)):
        reply = await program.register(room)
        assert (reply.status, reply.code) == (400, posted)
        reply = await program("GET", path_of(room))
        assert (reply.status, reply.code) == (400, listed)


async def test_basic_host_has_no_registration(program: Any) -> None:
    room = await program.create(user="eve@example.com", settings=AUTOMATIC)
    reply = await program.register(room)
    assert (reply.status, reply.code) == (400, 200)


@pytest.mark.parametrize("email", ["olga@example.com", "deputy@example.com"])
async def test_host_cannot_register(program: Any, kind: str, email: str) -> None:
    settings = {**AUTOMATIC, "alternative_hosts": "x@example.com;deputy@example.com"}
    room = await program.create(kind, settings=settings)
    reply = await program.register(room, email=email)
    assert (reply.status, reply.code) == (400, 3027)


async def test_full_webinar_is_3043(program: Any) -> None:
    settings = {**AUTOMATIC, "registrants_restrict_number": 1}
    room = await program.create("webinar", settings=settings)
    assert (await program.register(room)).status == 201
    assert (await program.register(room)).status == 201  # the same person
    reply = await program.register(room, email="cem@example.org")
    assert (reply.status, reply.code) == (400, 3043)
    body = {"action": "deny", "registrants": [{"email": "bea@example.org"}]}
    await program("PUT", path_of(room, "registrants/status"), body)
    assert (await program.register(room, email="cem@example.org")).status == 201


async def test_room_that_is_over_is_3038(program: Any, world: World) -> None:
    room = await program.create(settings=AUTOMATIC)
    world.enter(str(room["id"]), "Olga", "olga@example.com")
    world.end_session(str(room["id"]))
    assert (await program.register(room)).status == 201  # its time is not over
    world.advance(timedelta(hours=2))
    reply = await program.register(room, email="cem@example.org")
    assert (reply.status, reply.code) == (400, 3038)


async def test_missing_registrant(program: Any) -> None:
    meeting = await program.create(settings=AUTOMATIC)
    webinar = await program.create("webinar", settings=AUTOMATIC)
    for room, method, code in (
        (meeting, "GET", 300),
        (meeting, "DELETE", 300),
        (webinar, "GET", 3079),
        (webinar, "DELETE", 3000),
    ):
        reply = await program(method, path_of(room, "registrants/nobody"))
        assert (reply.status, reply.code) == (400, code)


async def test_deleted_registrant_is_gone(program: Any, world: World, kind: str) -> None:
    room = await program.create(kind, settings=AUTOMATIC)
    registrant = (await program.register(room)).body["registrant_id"]
    assert (await program("DELETE", path_of(room, f"registrants/{registrant}"))).status == 204
    assert world.participants[str(room["id"])] == []


# ------------------------------------------------------------------------------- batches and series


def people(count: int) -> list[dict[str, str]]:
    return [{"email": f"p{number}@example.org", "first_name": "P"} for number in range(count)]


async def test_batch_registers_30(program: Any, world: World, kind: str) -> None:
    room = await program.create(kind, settings=AUTOMATIC)
    path = path_of(room, "batch_registrants")
    reply = await program("POST", path, {"registrants": people(30)})
    assert reply.status == 201
    rows = reply.body["registrants"]
    assert [row["email"] for row in rows] == [person["email"] for person in people(30)]
    assert rows[0].keys() >= {"email", "registrant_id", "join_url"}
    assert len(world.participants[str(room["id"])]) == 30
    assert (await program("POST", path, {"registrants": people(31)})).code == 300
    assert (await program("POST", path, {"registrants": []})).code == 300


async def test_batch_of_pending_people_has_no_links(program: Any) -> None:
    room = await program.create(settings=MANUAL)
    path = path_of(room, "batch_registrants")
    (row,) = (await program("POST", path, {"registrants": people(1)})).body["registrants"]
    assert "join_url" not in row
    body = {"registrants": [{"email": "q@example.org", "first_name": "Q"}], "auto_approve": True}
    (row,) = (await program("POST", path, body)).body["registrants"]
    assert "join_url" in row


async def test_wrong_row_refuses_the_batch(program: Any, world: World) -> None:
    room = await program.create(settings=AUTOMATIC)
    body = {"registrants": [*people(2), {"email": "x@example.org"}]}
    reply = await program("POST", path_of(room, "batch_registrants"), body)
    assert reply.code == 300
    assert [error["field"] for error in reply.body["errors"]] == ["registrants[2].first_name"]
    assert world.participants[str(room["id"])] == []


@pytest.mark.parametrize(("kind_", "code"), [("meeting", 303), ("webinar", 300)])
async def test_batch_is_for_one_off_rooms(program: Any, kind_: str, code: int) -> None:
    rule = {"type": 1, "end_times": 2}
    room = await program.create(
        kind_, type=8 if kind_ == "meeting" else 9, recurrence=rule, settings=AUTOMATIC
    )
    reply = await program("POST", path_of(room, "batch_registrants"), {"registrants": people(1)})
    assert (reply.status, reply.code) == (400, code)


async def test_registration_for_one_occurrence(program: Any) -> None:
    rule = {"type": 1, "end_times": 3}
    settings = {**AUTOMATIC, "registration_type": 2}
    room = await program.create(type=8, recurrence=rule, settings=settings)
    run_id = room["occurrences"][1]["occurrence_id"]
    person = {"email": "bea@example.org", "first_name": "Bea"}
    reply = await program("POST", f"{path_of(room)}?occurrence_ids={run_id}", person)
    assert [run["occurrence_id"] for run in reply.body["occurrences"]] == [run_id]
    for run, count in zip(room["occurrences"], (0, 1, 0), strict=True):
        body = await program.get(f"{path_of(room)}?occurrence_id={run['occurrence_id']}")
        assert body["total_records"] == count
    reply = await program("POST", f"{path_of(room)}?occurrence_ids=5", person)
    assert (reply.status, reply.code) == (400, 300)


async def test_registrants_are_paged(program: Any) -> None:
    room = await program.create(settings=AUTOMATIC)
    for _ in range(2):
        for start in (0, 30):
            rows = people(60)[start : start + 30]
            await program("POST", path_of(room, "batch_registrants"), {"registrants": rows})
    first = await program.get(path_of(room))
    assert (len(first["registrants"]), first["total_records"]) == (30, 60)
    token = first["next_page_token"]
    last = await program.get(f"{path_of(room)}?next_page_token={token}")
    assert len({row["id"] for row in first["registrants"] + last["registrants"]}) == 60


# --------------------------------------------------------------------------------------- questions


async def test_questions_are_kept_and_required(program: Any, kind: str) -> None:
    room = await program.create(kind, settings=AUTOMATIC)
    path = path_of(room, "registrants/questions")
    assert await program.get(path) == {"questions": [], "custom_questions": []}
    choice = "single" if kind == "meeting" else "single_radio"
    body = {
        "questions": [{"field_name": "org", "required": True}],
        "custom_questions": [
            {"title": "Diet", "type": choice, "required": True, "answers": ["any", "vegan"]}
        ],
    }
    assert (await program("PATCH", path, body)).status == 204
    assert await program.get(path) == body
    assert (await program.register(room, org="Acme")).code == 300
    answer = [{"title": "Diet", "value": "vegan"}]
    assert (await program.register(room, custom_questions=answer)).code == 300
    reply = await program.register(room, org="Acme", custom_questions=answer)
    assert reply.status == 201
    row = await program.get(path_of(room, f"registrants/{reply.body['registrant_id']}"))
    assert (row["custom_questions"], row["org"], row["city"]) == (answer, "Acme", "")


async def test_question_types_differ_by_kind(program: Any) -> None:
    question = {"custom_questions": [{"title": "T", "type": "multiple"}]}
    meeting = await program.create(settings=AUTOMATIC)
    webinar = await program.create("webinar", settings=AUTOMATIC)
    for room, status in ((meeting, 400), (webinar, 204)):
        path = path_of(room, "registrants/questions")
        assert (await program("PATCH", path, question)).status == status


async def test_registrant_of_a_test_is_approved(program: Any, simulator: ZoomSimulator) -> None:
    room = await program.create(settings=AUTOMATIC)
    participant = Participant(id="p1", room_id=str(room["id"]), email="x@example.org")
    simulator.world.participants[str(room["id"])].append(participant)
    (row,) = (await program.get(path_of(room)))["registrants"]
    assert (row["id"], row["status"], row["email"]) == ("p1", "approved", "x@example.org")

"""What all calls share: tokens, errors, users, and ids in paths: docs/vendors/zoom.md#general"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import pytest

from conferencing.sandbox import World
from conferencing.sandbox.kit import Refusal
from conferencing_zoom.simulator import ZoomSimulator
from conferencing_zoom.simulator.formats import read_run_id

INVALID = {"code": 124, "message": "Invalid access token."}


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x.y.z", "Basic eA==", "x"])
async def test_wrong_bearer_is_401(program: Any, header: str) -> None:
    reply = await program("GET", "/users", Authorization=header)
    assert (reply.status, reply.body) == (401, INVALID)


async def test_token_in_query_is_401(program: Any, simulator: ZoomSimulator) -> None:
    token = simulator.tokens.issue(simulator.app.id).access_token
    url = f"{simulator.root}/v2/users?access_token={token}"
    reply = await program.send("GET", url)
    assert (reply.status, reply.body) == (401, INVALID)


async def test_unknown_path_is_404(program: Any) -> None:
    reply = await program("GET", "/nowhere")
    assert (reply.status, reply.code) == (404, 2300)


async def test_reply_has_tracking_id_and_date(program: Any, world: World) -> None:
    reply = await program("GET", "/users")
    assert reply.headers["x-zm-trackingid"].startswith("v=2.0;clid=us06;rid=WEB_")
    assert parsedate_to_datetime(reply.headers["Date"]) == world.now


@pytest.mark.parametrize("raw", [b"not json", b"[]", b'"x"', b"{", b"\xff"])
async def test_body_that_is_no_object_is_300(
    program: Any, simulator: ZoomSimulator, raw: bytes
) -> None:
    url = f"{simulator.root}/v2/users/olga@example.com/meetings"
    token = simulator.tokens.issue(simulator.app.id).access_token
    reply = await program.send("POST", url, raw=raw, Authorization=f"Bearer {token}")
    assert reply.status == 400
    assert reply.body == {
        "code": 300,
        "message": "Request Body should be a valid JSON object.",
    }


# ------------------------------------------------------------------------------------------ users


@pytest.mark.parametrize("name", ["olga@example.com", "OLGA%40example.com", "id"])
async def test_user_is_found_by_id_or_address(
    program: Any, simulator: ZoomSimulator, name: str
) -> None:
    path = simulator.host.id if name == "id" else name
    row = await program.get(f"/users/{path}")
    assert (row["id"], row["type"], row["timezone"]) == (simulator.host.id, 2, "Europe/Warsaw")
    assert (row["email"], row["account_id"]) == ("olga@example.com", simulator.account_id)


async def test_users_are_listed(program: Any) -> None:
    body = await program.get("/users")
    assert [row["type"] for row in body["users"]] == [2, 2, 1]
    assert body["total_records"] == 3


@pytest.mark.parametrize("name", ["zoe@example.com", "me"])
async def test_unknown_user_is_1001(program: Any, name: str) -> None:
    """An app on its own has no `me`."""
    reply = await program("GET", f"/users/{name}")
    assert (reply.status, reply.body) == (
        404,
        {"code": 1001, "message": f"User does not exist: {name}."},
    )


async def test_me_is_the_user_of_the_token(as_user: Any, simulator: ZoomSimulator) -> None:
    assert (await as_user.get("/users/me"))["id"] == simulator.host.id


async def test_other_user_with_a_users_token_is_401(as_user: Any) -> None:
    reply = await as_user("GET", "/users/piotr@example.com/meetings")
    assert (reply.status, reply.body) == (401, INVALID)


async def test_other_hosts_room_is_not_there_for_a_user(program: Any, as_user: Any) -> None:
    room = await program.create(user="piotr@example.com")
    assert (await program("GET", f"/meetings/{room['id']}")).status == 200
    reply = await as_user("GET", f"/meetings/{room['id']}")
    assert (reply.status, reply.code) == (404, 3001)


# ------------------------------------------------------------------------------------ ids in paths

TWICE = [
    ("/u2F0gUNSqqC7DT+08xKrw==", "%252Fu2F0gUNSqqC7DT%252B08xKrw%253D%253D"),
    ("Ahqu+zVcQpO//RcAUUWkNA==", "Ahqu%252BzVcQpO%252F%252FRcAUUWkNA%253D%253D"),
]
ONCE = [
    ("Kj3b/9q1QhSgW2cBv0tXNA==", "Kj3b%2F9q1QhSgW2cBv0tXNA%3D%3D"),
    ("M8TigfzxRTKJmhXnV7bNjw==", "M8TigfzxRTKJmhXnV7bNjw%3D%3D"),
]


@pytest.fixture
async def run(program: Any, world: World) -> Any:
    """Return the reply for a part of a path after a run with this uuid."""
    room = await program.create()

    async def ask(uuid: str, part: str) -> Any:
        number = str(room["id"])
        world.next_session_ids[number] = uuid
        world.enter(number, "Olga", "olga@example.com")
        world.end_session(number)
        return await program("GET", f"/past_meetings/{part}/participants")

    return ask


@pytest.mark.parametrize(("uuid", "part"), TWICE)
async def test_uuid_with_slash_needs_two_encodings(run: Any, uuid: str, part: str) -> None:
    assert quote(quote(uuid, safe=""), safe="") == part
    assert (await run(uuid, part)).status == 200


@pytest.mark.parametrize(("uuid", "_"), TWICE)
@pytest.mark.parametrize("encoded", [True, False])
async def test_uuid_loses_slashes_otherwise(run: Any, uuid: str, _: str, encoded: bool) -> None:
    reply = await run(uuid, quote(uuid, safe="") if encoded else quote(uuid, safe="/+="))
    shown = uuid.lstrip("/").replace("//", "/")
    assert (reply.status, reply.body) == (
        404,
        {"code": 3001, "message": f"Meeting does not exist: {shown}."},
    )


@pytest.mark.parametrize(("uuid", "part"), ONCE)
async def test_other_uuid_is_taken_in_any_encoding(run: Any, uuid: str, part: str) -> None:
    assert quote(uuid, safe="") == part
    for written in (part, quote(part, safe=""), uuid):
        assert (await run(uuid, written)).status == 200, written


def test_lost_slashes_are_as_observed() -> None:
    with pytest.raises(Refusal) as refused:
        read_run_id("/pfVhQWoSQmUs6ZOwFD4kw==")
    assert refused.value.message == "Meeting does not exist: pfVhQWoSQmUs6ZOwFD4kw==."


async def test_first_uuids_have_all_awkward_shapes(program: Any) -> None:
    uuids = [(await program.create())["uuid"] for _ in range(5)]
    assert all(len(uuid) == 24 and uuid.endswith("==") for uuid in uuids)
    assert any(uuid.startswith("/") for uuid in uuids)
    assert any("//" in uuid for uuid in uuids)
    assert any("/" in uuid.lstrip("/") and "//" not in uuid for uuid in uuids)
    assert any("+" in uuid for uuid in uuids)


# ------------------------------------------------------------------------------- two kinds of room


async def test_numbers_are_of_one_space(program: Any) -> None:
    meeting, webinar = await program.create(), await program.create("webinar")
    assert {len(str(room["id"])) for room in (meeting, webinar)} == {11}
    reply = await program("GET", f"/meetings/{webinar['id']}")
    assert (reply.status, reply.code) == (400, 3000)
    reply = await program("GET", f"/webinars/{meeting['id']}")
    assert (reply.status, reply.code) == (404, 3001)


async def test_unknown_number_is_3001(program: Any) -> None:
    reply = await program("GET", "/meetings/81234567890")
    assert (reply.status, reply.body) == (
        404,
        {"code": 3001, "message": "Meeting does not exist: 81234567890."},
    )
    assert (await program("GET", "/webinars/abc")).code == 300


@pytest.mark.parametrize(("quirk", "status"), [(False, 400), (True, 200)])
async def test_webinar_without_addon_is_200(
    program: Any, simulator: ZoomSimulator, quirk: bool, status: int
) -> None:
    simulator.quirks["no_plan_in_200"] = quirk
    for method in ("GET", "POST"):
        reply = await program(method, "/users/piotr@example.com/webinars", {})
        assert (reply.status, reply.code) == (status, 200)

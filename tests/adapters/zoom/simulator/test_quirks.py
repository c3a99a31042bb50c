"""The quirks that all simulators offer, and resetting."""

from __future__ import annotations

from typing import Any

import pytest

from conferencing.sandbox import Sandbox
from conferencing_zoom.simulator import ZoomSimulator
from conferencing_zoom.simulator.api import ENDPOINTS


async def test_failures_come_with_200(program: Any, simulator: ZoomSimulator) -> None:
    simulator.quirks["failures_in_200"] = True
    reply = await program("GET", "/meetings/81234567890")
    assert (reply.status, reply.code) == (200, 3001)
    assert (await program("GET", "/users", Authorization="x")).status == 401


async def test_replies_vary_with_quirks(program: Any, simulator: ZoomSimulator) -> None:
    room = await program.create(agenda="x")
    for name in ("missing_fields", "extra_fields", "other_spellings"):
        simulator.quirks[name] = True
    (item,) = (await program.get("/users/olga@example.com/meetings"))["meetings"]
    assert item["id"] == str(room["id"])
    assert "agenda" not in item
    assert item["not_documented"]


async def test_reset_keeps_the_credentials(sandbox: Sandbox, program: Any) -> None:
    served = sandbox["zoom"]
    before = served.simulator.settings()
    await program.create()
    served.reset()
    assert served.simulator.settings() == before
    assert served.simulator.world.rooms == {}


@pytest.mark.parametrize("dialect", ["", "user"])
async def test_account_has_the_keys(simulator: ZoomSimulator, dialect: str) -> None:
    keys = simulator.settings(dialect)
    common = {"client_id", "client_secret", "webhook_secret", "base_url", "auth_url", "host"}
    own = {"refresh_token", "token_store"} if dialect else {"account_id"}
    assert keys.keys() == common | own
    assert keys["base_url"] == f"{simulator.root}/v2"


def test_default_scopes_are_granular_and_of_the_account() -> None:
    scopes = ENDPOINTS.scopes()
    assert all(scope.count(":") == 3 and scope.endswith(":admin") for scope in scopes)
    assert {"meeting:read:list_registrants:admin", "webinar:read:list_absentees:admin"} <= scopes


async def test_errors_in_another_language(program: Any, simulator: ZoomSimulator) -> None:
    simulator.quirks["other_language"] = True
    reply = await program("GET", "/meetings/81234567890")
    assert (reply.status, reply.code) == (404, 3001)
    assert "exist" not in reply.body["message"]
    reply = await program("POST", "/users/olga@example.com/meetings", {"topic": 5})
    assert reply.body["errors"][0]["field"] == "topic"


async def test_reports_of_webinars_with_fractions(program: Any, simulator: ZoomSimulator) -> None:
    simulator.quirks["fractional_times"] = True
    room = await program.create("webinar")
    for name in ("olga", "piotr"):
        simulator.world.enter(str(room["id"]), name, f"{name}@example.com")
    session = simulator.world.end_session(str(room["id"]))
    uuid = session.id.replace("/", "%2F")
    body = await program.get(f"/report/webinars/{uuid}/participants")
    assert body["participants"][0]["join_time"] == "2026-10-01T08:00:00.000Z"


@pytest.mark.parametrize(("kind", "kind_type"), [("meeting", 5), ("webinar", 2)])
async def test_room_changes_its_family(
    program: Any, simulator: ZoomSimulator, kind: str, kind_type: int
) -> None:
    room = await program.create(kind)
    other = "webinar" if kind == "meeting" else "meeting"
    simulator.convert_room(str(room["id"]))
    assert (await program("GET", f"/{kind}s/{room['id']}")).code in {3000, 3001}
    assert (await program.get(f"/{other}s/{room['id']}"))["type"] == kind_type
    assert simulator.events[-1].name == f"{kind}.converted_to_{other}"


async def test_equal_seeds_give_equal_rooms() -> None:
    rows = []
    for seed in (3, 3, 4):
        simulator = ZoomSimulator(seed=seed)
        room = simulator.world.add_room(name="Room")
        session = simulator.world.start_session(room.id)
        rows.append((room.id, session.id, simulator.account_id, simulator.host.id))
    assert rows[0] == rows[1]
    assert not set(rows[1]) & set(rows[2])

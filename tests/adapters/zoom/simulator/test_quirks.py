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
    own = {"refresh_token"} if dialect else {"account_id"}
    assert keys.keys() == common | own
    assert keys["base_url"] == f"{simulator.root}/v2"


def test_default_scopes_are_granular_and_of_the_account() -> None:
    scopes = ENDPOINTS.scopes()
    assert all(scope.count(":") == 3 and scope.endswith(":admin") for scope in scopes)
    assert {"meeting:read:list_registrants:admin", "webinar:read:list_absentees:admin"} <= scopes

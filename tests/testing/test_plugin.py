"""The fixtures serve synchronous and async tests of users, and load nothing until they are used."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import conferencing
from conferencing.testing import ServedSandbox
from conferencing.testing.plugin import (  # as pytest finds them where it is installed
    _conferencing_served,
    conferencing_account,
    conferencing_sandbox,
)

Accounts = Callable[..., dict[str, Any]]
FIXTURES = (_conferencing_served, conferencing_account, conferencing_sandbox)


def test_fixtures_serve_blocking_program(
    conferencing_sandbox: ServedSandbox, conferencing_account: Accounts
) -> None:
    with conferencing.sync.connect(conferencing_account("clickmeeting")) as conference:
        conference.create_room("Launch")
    rooms = conferencing_sandbox["clickmeeting"].simulator.world.rooms
    assert [room.name for room in rooms.values()] == ["Launch"]


async def test_fixtures_serve_async_program_in_dialect(
    conferencing_sandbox: ServedSandbox, conferencing_account: Accounts
) -> None:
    async with conferencing.connect(conferencing_account("vconnct", "v4")) as conference:
        await conference.create_room("Launch")
    assert len(conferencing_sandbox["vconnct"].simulator.world.rooms) == 1


def test_world_is_empty_at_start(conferencing_sandbox: ServedSandbox) -> None:
    served = conferencing_sandbox["clickmeeting"]
    assert (served.simulator.world.rooms, served.requests) == ({}, [])
    assert conferencing_sandbox.origin.startswith("http://127.0.0.1:")


def test_keywords_override_account(conferencing_account: Accounts) -> None:
    assert conferencing_account("clickmeeting", rate="5/s")["rate"] == "5/s"


def test_plugin_loads_no_adapter() -> None:
    code = (
        "import sys, pytest; before = set(sys.modules); import conferencing.testing.plugin;"
        "print(*sorted(set(sys.modules) - before))"
    )
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert set(loaded.stdout.split()) == {
        "conferencing",
        "conferencing.lazy",
        "conferencing.testing",
        "conferencing.testing.plugin",
    }

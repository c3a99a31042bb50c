"""The fixtures serve our users' own tests, synchronous and async, and cost nothing unless asked."""

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


def test_a_blocking_program_is_tested(
    conferencing_sandbox: ServedSandbox, conferencing_account: Accounts
) -> None:
    with conferencing.sync.connect(conferencing_account("clickmeeting")) as conference:
        conference.create_room("Launch")
    rooms = conferencing_sandbox["clickmeeting"].simulator.world.rooms
    assert [one.name for one in rooms.values()] == ["Launch"]


async def test_an_asynchronous_program_is_tested_in_any_dialect(
    conferencing_sandbox: ServedSandbox, conferencing_account: Accounts
) -> None:
    async with conferencing.connect(conferencing_account("vconnct", "v4")) as conference:
        await conference.create_room("Launch")
    assert len(conferencing_sandbox["vconnct"].simulator.world.rooms) == 1


def test_each_test_begins_in_an_empty_world(conferencing_sandbox: ServedSandbox) -> None:
    served = conferencing_sandbox["clickmeeting"]
    assert (served.simulator.world.rooms, served.requests) == ({}, [])
    assert conferencing_sandbox.origin.startswith("http://127.0.0.1:")


def test_further_keys_go_over_the_account(conferencing_account: Accounts) -> None:
    assert conferencing_account("clickmeeting", rate="5/s")["rate"] == "5/s"


def test_loading_the_plug_in_loads_neither_aiohttp_nor_an_adapter() -> None:
    code = (
        "import sys, pytest; before = set(sys.modules); import conferencing.testing.plugin;"
        "print(*sorted(set(sys.modules) - before))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert set(loaded.stdout.split()) == {
        "conferencing",
        "conferencing.lazy",
        "conferencing.testing",
        "conferencing.testing.plugin",
    }

"""`conferencing people approve`, `deny` and `cancel`, on a provider with approval and on others."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from conferencing import connect
from conferencing.sandbox import Sandbox

PEOPLE = ("ann@example.com", "bo@example.com", "cy@example.com")


@pytest.fixture
async def desk(shell: Any) -> AsyncIterator[Any]:
    """Serve a Zoom room with three people who wait for approval; the shell has its account."""
    async with Sandbox(["zoom"]) as sandbox:
        account = sandbox.account("zoom")
        lines = [
            'default = "main"',
            "[accounts.main]",
            *(f"{key} = {value!r}" for key, value in account.items()),
        ]
        (shell.folder / "conferencing.toml").write_text("\n".join(lines), "utf-8")
        async with connect(account) as conference:
            room = await conference.create_room("Launch", registration=True, approval=True)
            for address in PEOPLE:
                await conference.register(room, email=address, first_name=address[:2])
        shell.room, shell.sandbox = room.id, sandbox
        yield shell


async def list_statuses(desk: Any) -> dict[str, str]:
    listed = await desk.run("people", "list", desk.room)
    return {row["email"]: row["status"] for row in listed.rows}


async def test_registrations_are_approved_denied_and_cancelled(desk: Any) -> None:
    approved = await desk.run("people", "approve", desk.room, *PEOPLE[:2])
    assert approved.out == "".join(f"Approved registration {who}.\n" for who in PEOPLE[:2])
    denied = await desk.run("people", "deny", desk.room, PEOPLE[2], "--json")
    assert denied.data == {"denied": [PEOPLE[2]], "failed": []}
    statuses = dict(zip(PEOPLE, ("approved", "approved", "denied"), strict=True))
    assert await list_statuses(desk) == statuses
    ids = (await desk.run("people", "list", desk.room, "--quiet")).out.split()
    cancelled = await desk.run("people", "cancel", desk.room, ids[0], "--yes")
    assert (cancelled.code, cancelled.out) == (0, f"Cancelled registration {ids[0]}.\n")
    assert PEOPLE[0] not in await list_statuses(desk)


async def test_unknown_registration_stops_no_other(desk: Any) -> None:
    words = ("people", "approve", desk.room)
    result = await desk.run(*words, "nobody@example.com", PEOPLE[0])
    assert result.code == 3
    assert "Registration nobody@example.com was not approved:" in result.out
    assert f"Approved registration {PEOPLE[0]}." in result.out
    alone = await desk.run(*words, "nobody@example.com")
    assert (alone.code, alone.out) == (1, "")
    assert "there is no registration with this e-mail address" in alone.err


async def test_cancellation_asks_and_dry_run_sends_nothing(desk: Any) -> None:
    unasked = await desk.run("people", "cancel", desk.room, PEOPLE[0])
    assert (unasked.code, unasked.out) == (2, "")
    assert "--yes is required" in unasked.err
    dry = await desk.run("people", "cancel", desk.room, PEOPLE[0], "--dry-run", "--json")
    [call] = dry.data["calls"]
    assert call["operation"] == "cancel_registration"
    assert set((await list_statuses(desk)).values()) == {"pending"}


async def test_provider_without_approval_is_named(run: Any, tmp_path: Any) -> None:
    account = 'default = "main"\n[accounts.main]\nprovider = "clickmeeting"\napi_key = "k"\n'
    (tmp_path / "conferencing.toml").write_text(account, "utf-8")
    result = await run("people", "approve", "1", "7")
    assert result.code == 1
    assert "clickmeeting does not support `conferencing people approve`" in result.err

"""Servers that the tests of jobs share, started once; without a server or a library they are skipped."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from vendor import Planned
from vendor_fixtures import clock, room, served

from conferencing.jobs import SharedJournal, open_journal
from conferencing.sandbox import Sandbox

__all__ = ["clock", "room", "served"]
"""Fixtures, which pytest finds by these names."""


@pytest.fixture
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a journal, of the kind that a test asks for; the servers start empty."""
    store = getattr(request, "param", "sqlite")
    if store == "sqlite":
        return f"sqlite:{tmp_path / 'people.db'}"
    server = request.getfixturevalue(f"{store}_server")
    server.clear()
    return str(server.address)


@pytest.fixture
async def make_journal(address: str) -> AsyncIterator[Callable[..., SharedJournal]]:
    """Make journals on one store, as several processes do; they are closed at the end."""
    made: list[SharedJournal] = []

    def make(lease: float = 30.0) -> SharedJournal:
        journal = open_journal(address, lease=lease)
        made.append(journal)
        return journal

    yield make
    for journal in made:
        await journal.aclose()


@pytest.fixture
def journal(make_journal: Callable[..., SharedJournal]) -> SharedJournal:
    return make_journal()


@pytest.fixture
def config(sandbox: Sandbox, served: Planned, tmp_path: Path) -> Path:
    """A configuration with the account "main"."""
    keys = sandbox.account("clickmeeting")
    lines = ["[accounts.main]", *(f'{name} = "{value}"' for name, value in keys.items())]
    path: Any = tmp_path / "conferencing.toml"
    path.write_text("\n".join(lines), "utf-8")
    return path

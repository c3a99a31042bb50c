"""`conferencing providers`: what is installed, and the same capabilities that programs see."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import pytest

from conferencing import Operation, connect


async def test_pipe_has_every_operation_and_no_boxes(run: Any) -> None:
    result = await run("providers")
    assert (result.code, result.err) == (0, "")
    plugins, operations = result.out.split("\n\n")
    assert plugins.splitlines()[0].split("\t")[:2] == ["provider", "package"]
    rows = [line.split("\t") for line in operations.splitlines()]
    assert rows[0][:3] == ["operation", "bigbluebutton", "clickmeeting"]
    assert [row[0] for row in rows[1:]] == list(Operation)
    assert result.out.isascii()


async def test_terminal_shows_every_operation_whole(run: Any) -> None:
    result = await run("providers", terminal=True, COLUMNS="60")
    words = result.screen.split()
    for name in (*Operation, "clickmeeting", "vconnct"):
        assert name in words
    assert max(map(len, result.screen.splitlines())) <= 60


@pytest.mark.parametrize(
    "account", [{"provider": "clickmeeting", "api_key": "x"}, {"provider": "memory"}]
)
async def test_json_equals_capabilities(run: Any, account: dict[str, str]) -> None:
    result = await run("providers", "--json")
    assert (result.code, result.err) == (0, "")
    [data] = [
        row for row in result.data if (row["name"], row["dialect"]) == (account["provider"], "")
    ]
    async with connect(account) as conference:
        capabilities = conference.capabilities
    features = capabilities.features
    assert data["operations"] == {name: capabilities[name] for name in Operation}
    for name in ("create_fields", "update_fields", "roles", "kinds", "entry", "reports"):
        assert set(data[name]) == getattr(features, name)
    assert data["attendance"] == features.attendance
    assert data["resolution_seconds"] == features.resolution.total_seconds()
    assert data["limits"] == features.limits
    assert (data["distribution"], data["version"]) == ("conferencing", version("conferencing"))
    assert data["simulator"] is (account["provider"] != "memory")
    assert data["rivals"] == []

"""`conferencing providers`: what is installed, and the same capabilities that programs see."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from conferencing import Operation, connect


async def test_the_table_has_every_operation_and_every_adapter(run: Any) -> None:
    ran = await run("providers")
    assert (ran.code, ran.err) == (0, "")
    for word in ("clickmeeting", "memory", *Operation):
        assert word in ran.out


async def test_json_says_what_the_capabilities_say(run: Any) -> None:
    ran = await run("providers", "--json")
    assert (ran.code, ran.err) == (0, "")
    told = {one["name"]: one for one in ran.data if not one["dialect"]}
    for account in ({"provider": "clickmeeting", "api_key": "x"}, {"provider": "memory"}):
        async with connect(account) as conference:
            capabilities, one = conference.capabilities, told[account["provider"]]
        features = capabilities.features
        assert one["operations"] == {name: capabilities[name] for name in Operation}
        for name in ("create_fields", "update_fields", "roles", "kinds", "entry", "reports"):
            assert set(one[name]) == getattr(features, name)
        assert one["attendance"] == features.attendance
        assert one["resolution_seconds"] == features.resolution.total_seconds()
        assert one["limits"] == features.limits
        assert (one["distribution"], one["version"]) == ("conferencing", version("conferencing"))
        assert one["simulator"] is (account["provider"] != "memory")
        assert one["rivals"] == []

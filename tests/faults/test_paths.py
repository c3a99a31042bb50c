"""No id climbs out of its place in a path or a query; read off the raw targets at the server."""

from __future__ import annotations

import pytest
from operations import ADAPTERS
from paths import hostile, probed
from staging import baselines

IDS = 84


@pytest.mark.parametrize("adapter", ADAPTERS)
async def test_no_hostile_id_changes_which_path_is_asked(adapter: str) -> None:
    escapes = await probed(IDS, adapters=[adapter])
    assert escapes.faults == []
    assert escapes.requests > IDS
    assert escapes.refused > 0


@pytest.mark.parametrize("adapter", ADAPTERS)
async def test_every_path_with_an_id_is_probed(adapter: str) -> None:
    bases = await baselines(adapter)
    known = {step.template for case in bases if case.by_id for step in bases[case].steps}
    escapes = await probed(12, adapters=[adapter])
    asked = {template for _, template in escapes.templates}
    assert {one for one in known if "{" in one} - asked <= NOT_OF_IDS


NOT_OF_IDS = {"/conferences/{kind}", "/api/v1/{path}/", "/rooms/create_{when}_{kind}_room"}
"""Whose parts are words of the adapter's own."""


def test_the_same_ids_are_tried_each_time() -> None:
    assert [*hostile(500)] == [*hostile(500)]

"""Creations whose replies are lost: none is doubled, and none is missing."""

from __future__ import annotations

import pytest
from teams_creating import create_all, losing


@pytest.mark.parametrize("form", ["event", "plain"])
async def test_lost_replies_are_repeated_without_a_double(form, clock) -> None:
    async with losing(form, seed=1, clock=clock) as (conference, served):
        created = await create_all(conference, form, 60)
        assert sum(served.lost.values()) > 5
        assert served.made() == created
        assert set(created.values()) == {1}


async def test_lost_webinars_are_found_before_they_are_repeated(clock) -> None:
    async with losing("webinar", seed=2, clock=clock) as (conference, served):
        created = await create_all(conference, "webinar", 60)
        assert sum(served.lost.values()) > 5
        assert served.made() == created
        assert set(created.values()) == {1}
        statuses = {details.status for details in served.simulator.webinars.values()}  # type: ignore[attr-defined]
        assert statuses == {"published"}

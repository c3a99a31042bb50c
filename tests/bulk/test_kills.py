"""Killed at any point and started again until done: nobody is lost, and nobody registered twice.

`benchmarks/reliability/bulk_kills.py` does the same with 10,000 people and 50 random kills.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from killing import NAMED, SENDING, SETTLING, Kill, kill_at_all, killing, random_kills

FIVE = {
    "a batch is about to be written down",
    "a request has left",
    "the vendor has registered and not answered",
    "a reply has come and is not written down",
    "it waits for the vendor to settle",
}
"""One point for each state in which a registration can be left behind."""


async def test_registration_killed_at_five_points_loses_nobody(tmp_path: Path) -> None:
    kills = [kill for kill in NAMED if kill.name in FIVE]
    assert len(kills) == len(FIVE)
    await check_kills(tmp_path, kills, count=250)


@pytest.mark.exhaustive
async def test_registration_killed_at_every_point_loses_nobody(tmp_path: Path) -> None:
    assert len({kill.name for kill in NAMED}) == 12
    await check_kills(tmp_path, [*SENDING, *random_kills(3, Random(3), 40), *SETTLING], count=400)


async def check_kills(folder: Path, kills: Sequence[Kill], *, count: int) -> None:
    """Kill a registration of `count` people at each point; nobody is lost or registered twice."""
    async with killing(folder, 3, count=count, settle=1.5, late=0.05, latest=0.3) as roster:
        runs = await kill_at_all(roster, kills)
    last = runs.pop("the last")
    assert [name for name, run in runs.items() if not run.killed] == []
    assert (last.code, last.errors, last.told.get("complete")) == (0, "", True)
    assert sum(request.fault == "late" for request in roster.served.requests) > 5
    assert roster.lost() == []
    assert roster.double() == []

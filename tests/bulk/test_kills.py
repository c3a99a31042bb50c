"""Killed at any point and started again until done: nobody is lost, and nobody registered twice.

`benchmarks/bulk_kills.py` does the same with 10,000 people and 50 random kills.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

from killing import NAMED, SENDING, SETTLING, kill_at_all, killing, random_kills


async def test_a_registration_that_is_killed_at_many_points_loses_and_doubles_nobody(
    tmp_path: Path,
) -> None:
    assert len({kill.name for kill in NAMED}) == 12
    kills = [*SENDING, *random_kills(3, Random(3), 40), *SETTLING]
    async with killing(tmp_path, 3, count=400, settle=1.5, late=0.05, latest=0.3) as roster:
        runs = await kill_at_all(roster, kills)
    last = runs.pop("the last")
    assert [name for name, run in runs.items() if not run.killed] == []
    assert (last.code, last.errors, last.told.get("complete")) == (0, "", True)
    assert sum(one.fault == "late" for one in roster.served.requests) > 5
    assert roster.lost() == []
    assert roster.double() == []

"""Every kind of fault under every operation of every adapter: a part of the whole matrix."""

from __future__ import annotations

import pytest
from front import Front
from join_links import good
from kinds import Family, kinds
from matrix import cells, played, sampled
from operations import ADAPTERS, cases
from staging import Theatre

CELLS = 600


async def test_each_cell_ends_in_the_right_error_or_the_right_result() -> None:
    every = await cells()
    tally = await played(sampled(every, CELLS))
    assert tally.faults == []
    assert tally.played >= CELLS


async def test_there_are_faults_of_all_families_at_every_request() -> None:
    every = await cells()
    assert len(kinds()) >= 40
    assert {cell.kind.family for cell in every} == set(Family)
    silent = {str(case) for case in cases()} - {str(cell.case) for cell in every}
    assert silent <= {"meetrs join_link"}  # which asks the vendor nothing


@pytest.mark.parametrize("adapter", ADAPTERS)
async def test_a_certificate_as_it_should_be_is_no_fault(adapter: str) -> None:
    theatre = Theatre(adapter)
    async with (
        Front(theatre.simulator) as front,
        good(front) as join_target,
        theatre.connect(join_target.origin, session=join_target.session) as client,
    ):
        await client.check()

"""Any body up to the limit, whatever its shape, costs a second and 32 MiB at most, and is typed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hostile_bodies import STATUS, measure
from suites import EVERY_SUITE

from conferencing import Operation
from conferencing.errors import UnsupportedOperation
from conferencing.testing import OperationCase
from conferencing.testing.base import Harness

pytestmark = pytest.mark.skipif(not STATUS.exists(), reason="peak memory is read from /proc")
CASES = [(suite, case) for suite in EVERY_SUITE for case in suite.cases()]


@pytest.mark.parametrize("suite", EVERY_SUITE)
def test_hostile_list_of_rooms_is_cheap(suite: Any) -> None:
    [case] = [case for case in suite.cases() if case.operation is Operation.LIST_ROOMS]
    assert asyncio.run(problems_of(suite, case, every=10)) == []


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("suite", "case"), CASES, ids=[f"{suite.__name__}-{case}" for suite, case in CASES]
)
def test_hostile_body_is_cheap(suite: Any, case: OperationCase) -> None:
    assert asyncio.run(problems_of(suite, case, every=120)) == []


async def problems_of(suite: Any, case: OperationCase, every: int) -> list[str]:
    """Return what is wrong with the readings of one operation."""
    async with Harness(suite()) as harness:
        try:
            readings = [reading async for reading in measure(harness, case, 1, every)]
        except UnsupportedOperation:
            return []
        return [problem for reading in readings for problem in reading.problems]

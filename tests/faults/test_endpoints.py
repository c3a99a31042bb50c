"""Servers that cannot be reached: one typed error, which says whether anything was sent."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from endpoints import SILENT, UNREACHABLE, good, trusting_session
from suites import SUITES

from conferencing import Operation
from conferencing.testing import CASES, FakeClock, OperationCase
from conferencing.testing.base import Harness
from conferencing.testing.faults import Fault
from conferencing.testing.suite.faults import check_faults

EVERY_CASE = [
    pytest.param(suite, case, id=f"{suite.__name__}-{case}")
    for suite in SUITES
    for case in suite.cases()
]


@pytest.mark.parametrize("fault", [*UNREACHABLE, *SILENT], ids=str)
def test_unreachable_server_raises(fault: Fault) -> None:
    for case in (CASES[Operation.LIST_ROOMS], CASES[Operation.CREATE_ROOM]):
        check(SUITES[0], case, fault)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("suite", "case"), EVERY_CASE)
def test_every_operation_raises_when_unreachable(suite: Any, case: OperationCase) -> None:
    check(suite, case, *UNREACHABLE)


@pytest.mark.exhaustive
@pytest.mark.parametrize(("suite", "case"), EVERY_CASE)
def test_every_operation_times_out_on_silence(suite: Any, case: OperationCase) -> None:
    async def run() -> None:
        await asyncio.gather(*(check_apart(suite, case, fault) for fault in SILENT))

    asyncio.run(run())


def check(suite: Any, case: OperationCase, *faults: Fault) -> None:
    suite().run(lambda harness: check_faults(harness, case, faults))


async def check_apart(suite: Any, case: OperationCase, fault: Fault) -> None:
    async with Harness(suite()) as harness:
        await check_faults(harness, case, [fault])


@pytest.mark.parametrize("suite", SUITES)
async def test_good_certificate_is_accepted(suite: Any) -> None:
    async with Harness(suite()) as harness, good(harness.server) as endpoint:
        base_url = harness.account()["base_url"].replace(harness.server.url, endpoint.origin)
        client = harness.client(FakeClock(), endpoint.session, base_url=base_url)
        async with client as conference:
            await conference.check()
    assert endpoint.origin.startswith("https://")


async def test_session_is_borrowed() -> None:
    async with trusting_session() as session:
        async with Harness(SUITES[0]()) as harness:
            await harness.client(FakeClock(), session).aclose()
        assert not session.closed

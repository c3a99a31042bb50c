"""Reports of a few people, of many and of hostile names, each built once."""

from __future__ import annotations

import crowd
import pytest

from conferencing.report import AttendanceReport


@pytest.fixture(scope="session")
def three() -> AttendanceReport:
    return crowd.three()


@pytest.fixture(scope="session")
def nobody() -> AttendanceReport:
    return crowd.report_of([], attendance=[])


@pytest.fixture(scope="session")
def hostile() -> AttendanceReport:
    return crowd.hostile()


@pytest.fixture(scope="session")
def thousands() -> AttendanceReport:
    return crowd.many(3000)

"""Reports of a few people, of many and of hostile names, each built once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import crowd

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

"""The suite catches every planted bug, by the test that is meant to, and for what it is."""

from __future__ import annotations

import re

import planted_ends
import planted_failing
import planted_reading
import planted_sending
import pytest
from planting import BUGS
from sample_simulator import AcmeSimulator

from conferencing.testing import ProviderSuite, cases

MISTAKES = (planted_sending, planted_reading, planted_failing, planted_ends)


def test_there_are_forty_of_them_at_least() -> None:
    assert len(BUGS) >= 40
    assert {bug.adapter.__module__ for bug in BUGS.values()} == {one.__name__ for one in MISTAKES}


@pytest.mark.parametrize("name", BUGS)
def test_the_suite_catches(name: str) -> None:
    bug = BUGS[name]
    suite = type(name, (ProviderSuite,), {"provider": bug.adapter, "simulator": AcmeSimulator})
    told = [text for case in cases(suite, bug.test) if (text := failure(case)) is not None]
    assert told, f"{bug.test} lets {name} pass"
    assert any(re.search(bug.says, text) for text in told), told


def failure(case: object) -> str | None:
    try:
        case()
    except AssertionError as error:
        return str(error)
    return None

"""The suite catches every planted mistake, by the test that is meant to, and for what it is."""

from __future__ import annotations

import re

import planted_confused
import planted_ends
import planted_failing
import planted_listings
import planted_reading
import planted_sending
import planted_unknown
import pytest
from planting import BUGS
from sample_simulator import AcmeSimulator

from conferencing.testing import CASES, Case, ProviderSuite, cases

MODULES = (
    planted_confused, planted_ends, planted_failing, planted_listings, planted_reading, planted_sending,
    planted_unknown,
)  # fmt: skip


def test_mistakes_are_many() -> None:
    assert len(BUGS) >= 110
    assert {bug.adapter.__module__ for bug in BUGS.values()} == {each.__name__ for each in MODULES}


def test_every_listing_has_a_mistake() -> None:
    listings = {case.operation for case in CASES.values() if case.fill is not None}
    assert set(planted_listings.LISTINGS) == listings
    assert len(listings) == 9


@pytest.mark.parametrize("name", BUGS)
def test_suite_catches(name: str) -> None:
    bug = BUGS[name]
    suite = type(name, (ProviderSuite,), {"provider": bug.adapter, "simulator": AcmeSimulator})
    messages: list[str] = []
    own = set(
        vars(bug.adapter)
    )  # the mistake is most likely in a method that the adapter overrides
    for case in sorted(cases(suite, bug.test), key=lambda case: own.isdisjoint(words_of(case))):
        text = message_of(case)
        if text is not None and re.search(bug.message, text):
            return
        messages += [text] if text else []
    pytest.fail(f"{bug.test} lets {name} pass: {messages}")


def words_of(case: Case) -> set[str]:
    return set(re.findall(r"\w+", case.name))


def message_of(case: Case) -> str | None:
    try:
        case()
    except AssertionError as error:
        return str(error)
    return None

"""Run the long tests of the conformance suite on each adapter, and count what they find.

Every fault at every request of every operation, always and once; cut, changed and mutated replies;
hostile ids; a scan for secrets; cancellations.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any

from results import Result, zero_violations

from conferencing.testing import Case, ProviderSuite, cases

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "adapters"))
sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "faults"))

SHARE, QUICK = 0.02, 0.003
"""Which share of the cases is taken; `pytest -m exhaustive tests/faults` takes all of them."""

TESTS = {
    "test_fault_ends_right": "every fault at every request: the right error or result, done once,"
    " `attempts` and `sent` as the server's log says",
    "test_cut_reply_raises": "replies cut after each seventh byte: typed, and `sent` right",
    "test_wrong_value_is_refused_or_unknown": "values of a wrong type: refused or unknown",
    "test_mutated_reply_is_read_or_refused": "150 mutated bodies of each reply: no value is made up",
    "test_any_hostile_id_keeps_path": "120 hostile ids for each operation that takes one",
    "test_no_secret_shows": "secrets in logs, reprs, errors, tracebacks with locals, and pickles",
    "test_cancelled_call_leaves_nothing": "every operation cancelled: no socket, task or warning left",
}


def measure(*, quick: bool) -> Iterator[Result]:
    """Yield one result for each test, over all adapters."""
    logging.getLogger("conferencing").setLevel(logging.ERROR)
    for test, what in TESTS.items():
        started, violations, count = time.monotonic(), list[str](), 0
        for case in _cases(test, quick=quick):
            count += 1
            violations += _violation(case)
        figure = f"{count:,} cases, one in fifty, in {time.monotonic() - started:.0f} s"
        yield zero_violations(what, figure, "no violation", violations)


def _cases(test: str, *, quick: bool) -> Iterator[Case]:
    """Yield the cases of a test on all adapters, or a sample of them."""
    random = Random(1)
    for adapter in import_module("suites").SUITES:
        own = adapter if hasattr(adapter, test) else _usual(adapter)
        all_cases = list(cases(own, test))
        yield from random.sample(
            all_cases, max(1, int(len(all_cases) * (QUICK if quick else SHARE)))
        )


def _usual(adapter: Any) -> Any:
    """Return the suite of the default run for the adapter of a long one."""
    body = {"provider": adapter.provider, "dialect": adapter.dialect}
    return type(adapter.__name__, (ProviderSuite,), body)


def _violation(case: Case) -> list[str]:
    try:
        case()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a violation
        return [f"{case.name}: {str(error)[:200]}"]
    return []

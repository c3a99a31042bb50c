"""The rules of the suite itself: exceptions have reasons, every operation has a case."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sample_adapter import Acme
from sample_simulator import AcmeSimulator

from conferencing import Operation, Support
from conferencing.errors import UnsupportedOperation
from conferencing.memory import MemoryProvider
from conferencing.testing import CASES, VARIANTS, ExhaustiveSuite, ProviderSuite, cases
from conferencing.testing.expect import (
    expect,
    expect_equal,
    expect_raises,
    expect_success,
    outcome_of,
)
from conferencing.testing.states import STATES

TEST = "test_no_secret_shows"
CHECK = "test_operation_works[check]"


def test_every_operation_has_a_case() -> None:
    assert set(CASES) == set(Operation)


def test_cases_have_unique_names_and_known_states() -> None:
    everything = [*CASES.values(), *VARIANTS]
    names = [str(case) for case in everything]
    assert len(set(names)) == len(names)
    assert {state for case in everything for state in case.states} <= set(STATES)


@pytest.mark.parametrize("body", [{TEST: None}, {TEST: lambda self: None}])
def test_changed_test_without_reason_raises(body: dict) -> None:
    with pytest.raises(TypeError, match=f"{TEST} is (removed|overridden) without a reason"):
        type("TestAcme", (ProviderSuite,), {"provider": Acme, **body})


def test_removal_by_mixin_without_reason_raises() -> None:
    class Mixin:
        test_no_secret_shows = None

    with pytest.raises(TypeError, match="removed without a reason"):
        type("TestAcme", (Mixin, ProviderSuite), {"provider": Acme})


@pytest.mark.parametrize(
    ("exceptions", "message"),
    [({TEST: " "}, "empty reason"), ({"test_nothing": "why not"}, "which is not a test")],
)
def test_exception_needs_reason_and_test(exceptions: dict, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        type("TestAcme", (ProviderSuite,), {"provider": Acme, "exceptions": exceptions})


def test_test_removed_later_is_noticed() -> None:
    suite = suite_of()
    suite.test_no_secret_shows = None
    with pytest.raises(AssertionError, match="removed without a reason"):
        suite().test_exceptions_have_reasons()


def test_excepted_case_is_left_out() -> None:
    whole = [case.name for case in cases(suite_of())]
    left = [case.name for case in cases(suite_of(**{TEST: "no secrets", CHECK: "no ping"}))]
    assert set(whole) - set(left) == {TEST, CHECK}


def test_cases_cover_declared_operations() -> None:
    names = {case.name for case in cases(suite_of(), "test_result_is_a_value")}
    supports = suite_of().declared().operations
    declared = {each for each in Operation if supports[each] is not Support.ABSENT}
    assert names == {f"test_result_is_a_value[{operation}]" for operation in declared}


def test_pytest_needs_no_plugin(tmp_path: Path) -> None:
    (tmp_path / "test_memory.py").write_text(
        "from conferencing.testing import ProviderSuite\n\n\n"
        "class TestMemory(ProviderSuite):\n"
        '    provider = "memory"\n'
        f'    exceptions = {{"{TEST}": "it has none", "{CHECK}": "nothing to ask"}}\n'
    )
    some = f"operation_works or exceptions or {TEST}"  # tests/conformance has them all
    options = ["-q", "-rs", "-k", some, "-p", "no:asyncio", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, str(tmp_path)]
    run = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=120
    )
    assert run.returncode == 0, run.stdout
    assert "it has none" in run.stdout
    assert "nothing to ask" in run.stdout
    assert " passed" in run.stdout


def test_adapter_without_simulator_has_no_faults() -> None:
    class TestMemory(ProviderSuite):
        provider = MemoryProvider
        simulator = None

    assert TestMemory.simulator_class() is None
    assert not list(cases(TestMemory, "test_redirect_is_not_followed"))


def test_exhaustive_suite_is_separate() -> None:
    body = {"provider": Acme, "simulator": AcmeSimulator}
    suite = type("TestAcme", (ExhaustiveSuite,), body)
    names = {case.name.partition("[")[0] for case in cases(suite)}
    assert names == {
        "test_any_hostile_id_keeps_path",
        "test_cut_reply_raises",
        "test_exceptions_have_reasons",
        "test_fault_ends_right",
        "test_mutated_reply_is_read_or_refused",
        "test_wrong_value_is_refused_or_unknown",
    }


# -------------------------------------------------------------------------------------- expectations


def test_expectations_describe_the_failure() -> None:
    expect(True, "fine")
    expect_equal(1, 1, "a number")
    with pytest.raises(AssertionError, match=r"^message$"):
        expect((), "message")
    with pytest.raises(AssertionError, match="the name: expected 'b', got 'a'"):
        expect_equal("a", "b", "the name")


async def test_outcome_is_result_or_error() -> None:
    error = UnsupportedOperation("no")
    assert await outcome_of(give(5), "a call") == 5
    assert await outcome_of(give(error), "a call") is error
    assert await expect_raises(give(error), UnsupportedOperation, "a call") is error
    assert await expect_success(give(5), "a call") == 5
    with pytest.raises(AssertionError, match="a call: expected a ConferencingError, got KeyError"):
        await outcome_of(give(KeyError("x")), "a call")
    with pytest.raises(AssertionError, match="a call: expected UnsupportedOperation, got 5"):
        await expect_raises(give(5), UnsupportedOperation, "a call")
    with pytest.raises(AssertionError, match="a call: expected success, got UnsupportedOperation"):
        await expect_success(give(error), "a call")


async def give(value: object) -> object:
    if isinstance(value, Exception):
        raise value
    return value


def suite_of(**exceptions: str) -> type[ProviderSuite]:
    body = {"provider": Acme, "simulator": AcmeSimulator, "exceptions": exceptions}
    return type("TestAcme", (ProviderSuite,), body)

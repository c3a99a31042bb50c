"""The suite's own rules: what is left out has a reason, every operation has a play, pytest finds all."""

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
from conferencing.testing import ProviderSuite, cases
from conferencing.testing.expect import equal, expect, outcome, raised, succeeded
from conferencing.testing.plays import CASES
from conferencing.testing.replies import leaves, replaced

TEST = "test_no_secret_shows"


def test_every_operation_has_a_play() -> None:
    assert set(CASES) == set(Operation)


@pytest.mark.parametrize("body", [{TEST: None}, {TEST: lambda self: None}])
def test_what_is_removed_or_overridden_without_a_reason_is_an_error(body: dict) -> None:
    with pytest.raises(TypeError, match=f"{TEST} is (removed|overridden) without a reason"):
        type("TestAcme", (ProviderSuite,), {"provider": Acme, **body})


def test_so_it_is_from_a_class_beside_the_suite() -> None:
    class Beside:
        test_no_secret_shows = None

    with pytest.raises(TypeError, match="removed without a reason"):
        type("TestAcme", (Beside, ProviderSuite), {"provider": Acme})


@pytest.mark.parametrize(
    ("exceptions", "says"),
    [({TEST: " "}, "empty reason"), ({"test_nothing": "why not"}, "which is no test")],
)
def test_a_reason_says_something_about_a_test_there_is(exceptions: dict, says: str) -> None:
    with pytest.raises(TypeError, match=says):
        type("TestAcme", (ProviderSuite,), {"provider": Acme, "exceptions": exceptions})


def test_a_test_that_is_taken_away_later_is_missed() -> None:
    suite = suite_of()
    suite.test_no_secret_shows = None
    with pytest.raises(AssertionError, match="removed without a reason"):
        suite().test_every_exception_has_its_reason()


def test_what_has_a_reason_is_left_out() -> None:
    whole = [case.name for case in cases(suite_of())]
    left = [case.name for case in cases(suite_of(**{TEST: "no secrets", f"{CHECK}": "no ping"}))]
    assert set(whole) - set(left) == {TEST, CHECK}


CHECK = "test_every_declared_operation_works[check]"


def test_cases_are_those_of_the_declared_operations() -> None:
    named = {case.name for case in cases(suite_of(), "test_every_declared_operation_works")}
    told = suite_of().declared().operations
    assert named == {
        f"test_every_declared_operation_works[{one}]"
        for one in Operation
        if told[one] is not Support.ABSENT
    }


def test_pytest_runs_it_without_any_plug_in_and_shows_the_reasons(tmp_path: Path) -> None:
    (tmp_path / "test_memory.py").write_text(
        "from conferencing.testing import ProviderSuite\n\n\n"
        "class TestMemory(ProviderSuite):\n"
        '    provider = "memory"\n'
        f'    exceptions = {{"{TEST}": "it has none", "{CHECK}": "nothing to ask"}}\n'
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-rs",
        "-p",
        "no:asyncio",
        "-p",
        "no:cacheprovider",
    ]
    ran = subprocess.run(
        [*command, str(tmp_path)], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert ran.returncode == 0, ran.stdout
    assert "it has none" in ran.stdout
    assert "nothing to ask" in ran.stdout
    assert " passed" in ran.stdout


def test_an_adapter_without_a_simulator_is_asked_what_can_be_asked() -> None:
    class TestMemory(ProviderSuite):
        provider = MemoryProvider
        simulator = None

    assert TestMemory.simulator_class() is None
    assert not list(cases(TestMemory, "test_no_redirect_is_followed"))


# -------------------------------------------------------------------------------------- its words


def test_expectations_say_what_is_wrong() -> None:
    expect(True, "fine")
    equal(1, 1, "one")
    with pytest.raises(AssertionError, match=r"^so$"):
        expect((), "so")
    with pytest.raises(AssertionError, match="the name is 'a'; it must be 'b'"):
        equal("a", "b", "the name")


async def test_an_outcome_is_a_result_an_error_of_ours_or_a_fault() -> None:
    error = UnsupportedOperation("no")
    assert await outcome(give(5), "it") == 5
    assert await outcome(give(error), "it") is error
    assert await raised(give(error), UnsupportedOperation, "it") is error
    assert await succeeded(give(5), "it") == 5
    with pytest.raises(AssertionError, match="it raised KeyError"):
        await outcome(give(KeyError("x")), "it")
    with pytest.raises(AssertionError, match="it returned 5; it must raise UnsupportedOperation"):
        await raised(give(5), UnsupportedOperation, "it")
    with pytest.raises(AssertionError, match="it raised UnsupportedOperation"):
        await succeeded(give(error), "it")


def test_each_value_of_a_document_has_its_place() -> None:
    payload = {"a": [1, {"b": "x"}], "c": None}
    assert dict(leaves(payload)) == {("a", 0): 1, ("a", 1, "b"): "x", ("c",): None}
    assert replaced(payload, ("a", 1, "b"), 7) == {"a": [1, {"b": 7}], "c": None}
    assert payload["a"] == [1, {"b": "x"}]


async def give(value: object) -> object:
    if isinstance(value, Exception):
        raise value
    return value


def suite_of(**exceptions: str) -> type[ProviderSuite]:
    body = {"provider": Acme, "simulator": AcmeSimulator, "exceptions": exceptions}
    return type("TestAcme", (ProviderSuite,), body)

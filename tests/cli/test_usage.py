"""The command as such: its version, its help, what it does not know, and a missing extra."""

from __future__ import annotations

import asyncio
import os
import sys
from importlib.metadata import version
from typing import Any

import pytest

WITHOUT = (
    "import sys; sys.modules[sys.argv[1]] = None; del sys.argv[1];"
    " from conferencing.cli import main; main()"
)


async def test_the_version_is_that_of_the_package(run: Any) -> None:
    ran = await run("--version")
    assert (ran.code, ran.out, ran.err) == (0, f"{version('conferencing')}\n", "")


async def test_help_names_every_command_and_the_exit_codes(run: Any) -> None:
    bare, asked = await asyncio.gather(run(), run("--help"))
    assert (bare.code, bare.err, bare.out) == (0, "", asked.out)
    for word in ("demo", "doctor", "providers", "sandbox", "rooms", "people", "Exit codes"):
        assert word in bare.out
    assert "Write a report of who was there" in bare.out  # each is told with what it is for


async def test_a_group_of_commands_tells_what_each_of_them_is_for(run: Any) -> None:
    bare, asked = await asyncio.gather(run("people"), run("people", "--help"))
    assert (bare.code, bare.out) == (0, asked.out)
    assert "Register the people of a spreadsheet" in bare.out


async def test_help_of_a_command_names_its_options(run: Any) -> None:
    ran = await run("demo", "--help")
    assert ran.code == 0
    assert all(word in ran.out for word in ("--roster", "--provider", "--json"))
    assert "--no-json" not in ran.out


UNKNOWN = {
    ("dmeo",): "dmeo",
    ("demo", "--rooster", "x.csv"): "--rooster",
    ("demo", "--roster"): "roster",
    ("sandbox", "--port", "many"): "port",
    ("doctor", "one", "two"): "two",
}


async def test_what_it_does_not_know_is_named_in_one_line(run: Any) -> None:
    told = await asyncio.gather(*(run(*arguments) for arguments in UNKNOWN))
    for ran, word in zip(told, UNKNOWN.values(), strict=True):
        assert (ran.code, ran.out) == (2, "")
        assert word in ran.err
        assert ran.err.count("\n") == 1
        assert ran.err.startswith("conferencing: ")


async def test_with_json_a_wrong_usage_is_an_envelope(run: Any) -> None:
    ran = await run("demo", "--rooster", "--json")
    assert (ran.code, ran.err) == (2, "")
    error = ran.json()["error"]
    assert (error["kind"], error["exit_code"]) == ("Usage", 2)
    assert "--rooster" in error["message"]


async def test_a_missing_extra_is_named_in_one_line(run: Any) -> None:
    missing = {"cyclopts": (1, "cli"), "rich": (1, "cli")}
    program = (sys.executable, "-c", WITHOUT)
    told = await asyncio.gather(*(run(one, "demo", program=program) for one in missing))
    for ran, (code, extra) in zip(told, missing.values(), strict=True):
        assert (ran.code, ran.out) == (code, "")
        assert ran.err.count("\n") == 1
        assert f"conferencing[{extra}]" in ran.err


async def test_with_json_a_missing_extra_is_an_envelope(run: Any) -> None:
    ran = await run("rich", "demo", "--json", program=(sys.executable, "-c", WITHOUT))
    assert (ran.code, ran.err) == (1, "")
    error = ran.json()["error"]
    assert (error["kind"], error["exit_code"]) == ("MissingExtra", 1)
    assert "conferencing[cli]" in error["message"]


@pytest.mark.parametrize("arguments", [("providers",), ("providers", "--json")])
async def test_a_reader_that_went_away_is_no_crash(run: Any, arguments: tuple[str, ...]) -> None:
    """As in `conferencing providers | head -0`."""
    reader, writer = os.pipe()
    os.close(reader)
    ran = await run(*arguments, stdout=writer)
    os.close(writer)
    assert (ran.code, ran.err) == (1, "")

"""The command itself: version, help, wrong arguments, a missing extra, and broken output."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from conferencing.cli.commands import COMMANDS, EXAMPLES, GROUPS, app

WITHOUT = (
    "import sys; sys.modules[sys.argv[1]] = None; del sys.argv[1];"
    " from conferencing.cli import main; main()"
)


async def test_version_is_that_of_package(run: Any) -> None:
    result = await run("--version")
    assert (result.code, result.out, result.err) == (0, f"{version('conferencing')}\n", "")


async def test_help_names_commands_and_exit_codes(run: Any) -> None:
    bare, asked = await run(), await run("--help")
    assert (bare.code, bare.err, bare.out) == (0, "", asked.out)
    for text in (*COMMANDS, *GROUPS, "Exit codes", "Write an attendance report"):
        assert text in bare.out


async def test_help_of_group_describes_members(run: Any) -> None:
    bare, asked = await run("people"), await run("people", "--help")
    assert (bare.code, bare.out) == (0, asked.out)
    assert "Register the people of a spreadsheet" in bare.out


async def test_help_of_command_has_options_and_examples(run: Any) -> None:
    result = await run("demo", "--help")
    assert result.code == 0
    assert all(text in result.out for text in ("--roster", "--provider", "--json"))
    assert "--no-json" not in result.out
    assert "$ conferencing demo --provider clickmeeting --roster people.csv" in result.out


ALL = [*COMMANDS, *(f"{group} {name}" for group in GROUPS for name in GROUPS[group][1])]


@pytest.mark.parametrize("command", sorted({*ALL} - {"completion"}))
def test_examples_of_command_can_be_parsed(command: str) -> None:
    for example in EXAMPLES[command]:
        words = shlex.split(example.partition(" > ")[0])
        assert " ".join(words).startswith(command)
        app.parse_args(words, exit_on_error=False, print_error=False)
        assert len(f"$ conferencing {example}") <= 80


WRONG = {
    ("dmeo",): "dmeo",
    ("demo", "--rooster", "x.csv"): "--rooster",
    ("demo", "--roster"): "roster",
    ("sandbox", "--port", "many"): "port",
    ("doctor", "main", "two"): "two",
}


@pytest.mark.parametrize("words", WRONG)
async def test_wrong_argument_is_named(run: Any, words: tuple[str, ...]) -> None:
    result = await run(*words)
    assert (result.code, result.out) == (2, "")
    assert WRONG[words] in result.err
    assert result.err.count("\n") == 1
    assert result.err.startswith("conferencing: ")


async def test_wrong_argument_as_json_is_envelope(run: Any) -> None:
    result = await run("demo", "--rooster", "--json")
    assert (result.code, result.err) == (2, "")
    error = result.json()["error"]
    assert (error["kind"], error["exit_code"]) == ("UsageError", 2)
    assert "--rooster" in error["message"]


async def test_missing_extra_is_named(shell: Any) -> None:
    program = (sys.executable, "-c", WITHOUT)
    plain = await shell.run_process("cyclopts", "demo", program=program)
    assert (plain.code, plain.out, plain.err.count("\n")) == (1, "", 1)
    assert "conferencing[cli]" in plain.err
    as_json = await shell.run_process("rich", "demo", "--json", program=program)
    assert (as_json.code, as_json.err) == (1, "")
    error = as_json.json()["error"]
    assert (error["kind"], error["exit_code"]) == ("MissingExtra", 1)
    assert "conferencing[cli]" in error["message"]


# ---------------------------------------------------------------------------------- broken output


COMMANDS_WITH_OUTPUT = ["rooms list", "--help", "completion bash", "sandbox"]
PEOPLE = "email,name\n" + "".join(f"p{n}@example.com,P N{n}\n" for n in range(300))


@pytest.mark.parametrize(
    "command", ["rooms list", "providers --json", "people import", "rooms show"]
)
async def test_closed_pipe_ends_quietly(desk: Any, command: str) -> None:
    room = await desk.create_room()
    people = desk.write("people.csv", PEOPLE)
    options = {
        "people import": (people, "--room", room, "--dry-run"),
        "rooms show": ("nix", "--json"),  # the failure itself cannot be printed
    }
    reader, writer = os.pipe()
    os.close(reader)
    words = (*command.split(), *options.get(command, ()))
    result = await desk.shell.run_process(*words, stdout=writer)
    os.close(writer)
    assert (result.code, result.err) == (0, "")


@pytest.fixture
def full_disk() -> Iterator[int]:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("w") as file:
        yield file.fileno()


@pytest.mark.parametrize("command", COMMANDS_WITH_OUTPUT)
async def test_full_disk_is_one_line(desk: Any, full_disk: int, command: str) -> None:
    await desk.create_room()
    result = await desk.shell.run_process(*command.split(), stdout=full_disk)
    assert result.code == 1
    assert result.err.startswith("conferencing: cannot write to standard output: No space left")
    assert result.err.count("\n") == 1


# -------------------------------------------------------------------------------------- encodings


@pytest.mark.parametrize("encoding", ["ascii", "cp1250", "cp1252", "latin-1", "utf-8"])
async def test_json_is_valid_in_any_encoding(desk: Any, encoding: str) -> None:
    name = "Peña 🎉 Łukasz 王 \u202e\x9b\\"
    room = await desk.create_room()
    desk.world().change_room(room, name=name)
    words = ("rooms", "show", room, "--json")
    result = await desk.run(*words, encoding=encoding, PYTHONIOENCODING=encoding)
    assert result.code == 0
    assert result.data["name"] == name
    if encoding == "utf-8":
        assert "Peña 🎉 Łukasz 王 \\u202e\\u009b" in result.out
    else:
        assert result.out.isascii()


@pytest.mark.parametrize("options", [(), ("--json",)])
async def test_pipe_gets_utf8_in_any_locale(desk: Any, options: tuple[str, ...]) -> None:
    room = await desk.create_room()
    desk.world().change_room(room, name="Peña 🎉 Łukasz")
    locale = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    result = await desk.shell.run_process("rooms", "list", *options, **locale)
    assert (result.code, "Peña 🎉 Łukasz" in result.out) == (0, True)


async def test_program_escapes_what_encoding_lacks(desk: Any) -> None:
    room = await desk.create_room()
    desk.world().change_room(room, name="Łukasz 王")
    for options in ((), ("--json",)):
        words = ("rooms", "list", *options)
        result = await desk.shell.run_process(*words, PYTHONIOENCODING="ascii")
        assert result.code == 0
        assert "\\u0141ukasz" in result.out

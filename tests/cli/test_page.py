"""docs/command-line.md: its commands, run in one shell, print what the page says."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"
MARK = "\x1e"
MISSING_TOOLS = [tool for tool in ("bash", "curl", "sed") if shutil.which(tool) is None]


@frozen
class Step:
    """A command of the page, and the output that follows it there."""

    command: str
    output: tuple[str, ...]


@pytest.mark.skipif(bool(MISSING_TOOLS), reason=f"not installed: {', '.join(MISSING_TOOLS)}")
async def test_commands_of_page_print_what_it_says(shell: Any, until: Any, tmp_path: Path) -> None:
    steps = list(_steps(PAGE.read_text("utf-8")))
    sandbox, *rest = steps
    assert (
        sandbox.command == "conferencing sandbox --provider clickmeeting --write conferencing.toml"
    )
    config = tmp_path / "conferencing.toml"
    await shell.start(*sandbox.command.split()[1:])
    await until(config.exists)
    results = await _run_in_one_shell(tmp_path, rest)
    assert len(results) == len(rest)
    for place, (step, (code, out)) in enumerate(zip(rest, results, strict=True)):
        fails = place + 1 < len(rest) and rest[place + 1].command == "echo $?"
        assert (code == 0) is not fails, f"{step.command}\n{out}"
        if step.output:
            assert _normalize(out.splitlines()) == _normalize(step.output), step.command
    files = ("launch.html", "launch.csv", "launch.ics", "links.tsv", "session.pdf")
    assert [name for name in files if not (tmp_path / name).exists()] == []


def test_page_names_every_command() -> None:
    from conferencing.cli.commands import COMMANDS, GROUPS  # noqa: PLC0415 - the extra may be missing

    table = PAGE.read_text("utf-8").rpartition("## All commands")[2]
    words = set(re.findall(r"[a-z]+", " ".join(re.findall(r"`([^`]+)`", table))))
    members = {name for _, commands in GROUPS.values() for name in commands}
    assert {*COMMANDS, *GROUPS, *members} <= words


# --------------------------------------------------------------------------------------- helpers


def _steps(text: str) -> Iterator[Step]:
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = part.splitlines()
            typed = [lines[0], *(line[2:] for line in lines[1:] if line.startswith("> "))]
            output = [line for line in lines[1:] if not line.startswith("> ")]
            yield Step("\n".join(typed), tuple(output))


async def _run_in_one_shell(folder: Path, steps: list[Step]) -> list[tuple[int, str]]:
    """Run the commands one after another in one shell; return exit codes and what was printed."""
    program = folder / "bin" / "conferencing"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m conferencing "$@"\n', "utf-8")
    program.chmod(0o755)
    ends = f"\ncode=$?; printf '{MARK}%s{MARK}' $code; (exit $code)\n"
    script = "".join(step.command + ends for step in steps)
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-c",
        script,
        cwd=folder,
        env=_checkout()
        | {"PATH": f"{program.parent}:/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"},
        stdout=PIPE,
        stderr=STDOUT,
    )
    async with asyncio.timeout(280):
        out, _ = await process.communicate()
    parts = out.decode().split(MARK)
    return [(int(code), text) for text, code in zip(parts[0::2], parts[1::2], strict=False)]


def _checkout() -> dict[str, str]:
    """Return the variable that makes the program run from the checkout under test."""
    return {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}


def _normalize(lines: list[str] | tuple[str, ...]) -> list[str]:
    """Return lines with single blanks and a 0 for each number: times and ports differ."""
    return [re.sub(r"\d+", "0", " ".join(line.split())) for line in lines if line.strip()]

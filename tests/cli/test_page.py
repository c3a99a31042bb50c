"""The page for users of a shell: each of its commands, run in one shell, says what the page says."""

from __future__ import annotations

import asyncio
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
TOOLS = [tool for tool in ("bash", "curl", "sed") if shutil.which(tool) is None]


@frozen
class Step:
    """Hold one command of the page, and the lines that follow it there."""

    command: str
    told: tuple[str, ...]


@pytest.mark.skipif(bool(TOOLS), reason=f"not installed: {', '.join(TOOLS)}")
async def test_every_command_of_the_page_does_what_the_page_says(
    shell: Any, until: Any, tmp_path: Path
) -> None:
    steps = list(_steps(PAGE.read_text("utf-8")))
    sandbox, *rest = steps
    assert sandbox.command == "conferencing sandbox --provider clickmeeting > conferencing.toml"
    config = tmp_path / "conferencing.toml"
    with config.open("wb") as file:
        await shell.start("sandbox", "--provider", "clickmeeting", stdout=file.fileno())
    await until(lambda: "base_url" in config.read_text("utf-8"))
    ran = await _in_one_shell(tmp_path, rest)
    assert len(ran) == len(rest)
    for place, (step, (code, out)) in enumerate(zip(rest, ran, strict=True)):
        asked = place + 1 < len(rest) and rest[place + 1].command == "echo $?"
        assert (code == 0) is not asked, f"{step.command}\n{out}"
        if step.told:
            assert _plain(out.splitlines()) == _plain(step.told), step.command
    assert {"launch.html", "launch.csv", "launch.ics", "links.tsv", "session.pdf"} <= names(
        tmp_path
    )


def test_the_page_names_every_command() -> None:
    from conferencing.cli.app import COMMANDS, GROUPS  # noqa: PLC0415 - the extra may be missing

    table = PAGE.read_text("utf-8").rpartition("## All commands")[2]
    words = set(re.findall(r"[a-z]+", " ".join(re.findall(r"`([^`]+)`", table))))
    members = {name for _, commands in GROUPS.values() for name in commands}
    assert {*COMMANDS, *GROUPS, *members} <= words


# --------------------------------------------------------------------------------------- helpers


def _steps(text: str) -> Iterator[Step]:
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = part.splitlines()
            typed = [lines[0], *(one[2:] for one in lines[1:] if one.startswith("> "))]
            told = [one for one in lines[1:] if not one.startswith("> ")]
            yield Step("\n".join(typed), tuple(told))


async def _in_one_shell(folder: Path, steps: list[Step]) -> list[tuple[int, str]]:
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
        env={"PATH": f"{program.parent}:/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"},
        stdout=PIPE,
        stderr=STDOUT,
    )
    async with asyncio.timeout(120):
        out, _ = await process.communicate()
    parts = out.decode().split(MARK)
    return [(int(code), told) for told, code in zip(parts[0::2], parts[1::2], strict=False)]


def names(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir()}


def _plain(lines: list[str] | tuple[str, ...]) -> list[str]:
    """Return lines with one blank between words and one sign for any digit: times differ."""
    return [re.sub(r"\d", "0", " ".join(line.split())) for line in lines if line.strip()]

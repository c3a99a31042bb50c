"""What pages say to do outside of Python: tests are run by pytest, commands by a shell."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

pytest.importorskip("cyclopts", reason="the commands need the extra cli")

DOCS = Path(__file__).parents[2] / "docs"


def test_the_tests_of_the_page_on_testing_pass(tmp_path: Path) -> None:
    examples = blocks("testing.md", "python")
    # The others run in test_examples.
    tests = [example for example in examples if "asyncio.run" not in example]
    (tmp_path / "test_launch.py").write_text("\n\n".join(tests), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:asyncio", "."]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
    assert f"{''.join(tests).count('def test_')} passed" in ran.stdout


def test_the_commands_of_the_first_page_work_one_after_another(user: Path) -> None:
    served, *commands = [
        command for command in prompts("start.md") if "demo" not in command and "pip" not in command
    ]
    launch, who, blocking = blocks("start.md", "python")
    (user / "launch.py").write_text(launch, "utf-8")
    (user / "who.py").write_text(who, "utf-8")
    sandbox = subprocess.Popen(["/bin/sh", "-ec", f"exec {served}"], cwd=user, env=shell())
    try:
        wait_for(user / "conferencing.toml")
        printed = run("\n".join([*commands, 'python -c "$BLOCKING"']), user, BLOCKING=blocking)
    finally:
        sandbox.terminate()
        sandbox.wait()
    assert re.search(r"credentials\s+accepted", printed)
    assert "Ann comes in here: http://127.0.0.1:" in printed
    assert re.search(r"\d+ Launch 2027-03-01 1\d:00:00", printed)


PAGES = [*DOCS.parent.glob("*.md"), *DOCS.rglob("*.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS.parent).as_posix())
def test_page_installs_extras_that_exist(page: Path) -> None:
    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text("utf-8"))["project"]
    printed = re.findall(r'pip install (?:-e )?"(.*?)\[([a-z,]+)\]"', page.read_text("utf-8"))
    for package, extras in printed:
        assert package in {".", "fastapi"}, f"{package} is not published"
        if package == ".":
            assert set(extras.split(",")) <= project["optional-dependencies"].keys()


@pytest.fixture
def user(tmp_path: Path) -> Iterator[Path]:
    """Be in an empty folder."""
    yield tmp_path
    assert not list(tmp_path.glob("*.journal"))


def blocks(page: str, language: str) -> list[str]:
    text = (DOCS / page).read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def prompts(page: str) -> list[str]:
    return [
        line.removeprefix("$ ")
        for block in blocks(page, "console")
        for line in block.splitlines()
        if line.startswith("$ ")
    ]


def shell(**more: str) -> dict[str, str]:
    """Return the environment of a user who has nothing set up but the commands."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith("CONFERENCING")
    }
    return {**kept, "PATH": path, **more}


def run(script: str, folder: Path, **more: str) -> str:
    command = ["/bin/sh", "-ec", script]
    ran = subprocess.run(
        command, cwd=folder, env=shell(**more), capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def wait_for(file: Path) -> None:
    """Wait until the sandbox has written its account."""
    until = monotonic() + 20
    while not (file.exists() and "base_url" in file.read_text("utf-8")):
        assert monotonic() < until, "the sandbox did not start"

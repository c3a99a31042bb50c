"""The README's first program: it survives a list as people make it, and passes the type checkers."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from conferencing.testing import ServedSandbox

ROOT = Path(__file__).parents[2]
MESSY = (
    "\ufeffE-mail;First name;Last name;Company\r\n"
    "ann@example.com;Ann;Lee;ACME\r\n"
    ";;;\r\n"
    "not an address;Ben;Ray;\r\n"
    "ANN@example.com;Ann;Lee;\r\n"
    "lukasz@example.com;Łukasz;Żółć;ACME\r\n"
)


def first_program() -> str:
    return re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)[0]


def test_first_program_survives_messy_list(
    tmp_path: Path, conferencing_sandbox: ServedSandbox
) -> None:
    account = conferencing_sandbox.account("clickmeeting")
    keys = "\n".join(f'{name} = "{value}"' for name, value in account.items())
    (tmp_path / "conferencing.toml").write_text(f"[accounts.main]\n{keys}\n", "utf-8")
    (tmp_path / "people.csv").write_text(MESSY, "utf-8", newline="")
    printed = run(tmp_path, "-c", first_program())
    outcomes = re.findall(r"^(\d+) (\S+@\S+|not an address) ([a-z-]+)", printed, re.MULTILINE)
    assert outcomes == [
        ("2", "ann@example.com", "registered"),
        ("4", "not an address", "refused"),
        ("5", "ANN@example.com", "already-registered"),
        ("6", "lukasz@example.com", "registered"),
    ]


@pytest.mark.exhaustive  # the checkers take half a minute
@pytest.mark.parametrize(
    "checker", [("mypy", "--strict"), ("pyright",)], ids=lambda command: command[0]
)
def test_first_program_passes_type_checker(tmp_path: Path, checker: tuple[str, ...]) -> None:
    pytest.importorskip(checker[0], reason=f"the program is checked by {checker[0]}")
    (tmp_path / "program.py").write_text(f"# pyright: strict\n{first_program()}", "utf-8")
    command = (
        ["-m", *checker, "--cache-dir", str(tmp_path)] if checker[0] == "mypy" else ["-m", *checker]
    )
    run(ROOT, *command, str(tmp_path / "program.py"))


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=folder,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout

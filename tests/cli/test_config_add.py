"""`conferencing config add`: accounts that work, and credentials that stay off the screen."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

FILE = "conferencing.toml"
ADD = ("config", "add", "main", "--provider", "clickmeeting")


def read(folder: Path) -> Any:
    return tomllib.loads((folder / FILE).read_text("utf-8"))


def list_names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.mark.parametrize("options", [(), ("--set", "api_key=prompt")])
async def test_missing_key_is_asked_for_and_not_shown(shell: Any, options: tuple[str, ...]) -> None:
    words = (*ADD, "--set", "rate=5/s", *options)
    code, screen = await shell.run_on_terminal(*words, answer="s3cret\n")
    assert code == 0
    assert "api_key (not shown):" in screen
    assert "s3cret" not in screen
    account = {"provider": "clickmeeting", "rate": "5/s", "api_key": "s3cret"}
    assert read(shell.folder) == {"default": "main", "accounts": {"main": account}}
    assert (shell.folder / FILE).stat().st_mode & 0o777 == 0o600


async def test_account_is_added_to_existing_file(desk: Any) -> None:
    key = desk.sandbox.account("clickmeeting")
    before = desk.read(FILE)
    words = ("config", "add", "second", "--provider", "clickmeeting")
    options = ("--set", "api_key=env:KEY", "--set", f"base_url={key['base_url']}")
    more = ("--set", "retries=0", "--json")
    result = await desk.run(*words, *options, *more, KEY=key["api_key"])
    assert (result.code, result.data) == (0, {"account": "second", "path": FILE})
    assert desk.read(FILE).startswith(before.rstrip())
    assert read(desk.folder)["accounts"]["second"]["retries"] == 0
    doctor = await desk.run("doctor", "second", KEY=key["api_key"])
    assert (doctor.code, "accepted" in doctor.out) == (0, True)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--set", "api_key=s3cret"), "--set api_key takes env:NAME"),
        ((), "api_key: this key is needed; there is no terminal to ask on"),
        (("--set", "api_key=env:NIX"), "NIX"),
        (("--set", "api_key=env:KEY", "--set", "timeout=soon"), "timeout"),
        (("--set", "api_key=env:KEY", "--set", "apikey=x"), "there is no key 'apikey'"),
        (("--config", "pyproject.toml"), "no place for credentials"),
        (("--config", "nix/c.toml", "--set", "api_key=env:KEY"), "nix"),
    ],
)
async def test_wrong_account_is_not_written(
    run: Any, tmp_path: Path, words: tuple[str, ...], problem: str
) -> None:
    result = await run(*ADD, *words, KEY="k")
    assert (result.code in {1, 2}, result.out) == (True, "")
    assert problem in result.err
    assert "s3cret" not in result.err
    assert list_names(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "problem"), [("main", "exists already"), ("a b", "'a b' is not an account name")]
)
async def test_name_that_cannot_be_added_is_refused(desk: Any, name: str, problem: str) -> None:
    before = desk.read(FILE)
    result = await desk.run("config", "add", name, "--provider", "memory")
    assert (result.code, problem in result.err) == (2, True)
    assert desk.read(FILE) == before

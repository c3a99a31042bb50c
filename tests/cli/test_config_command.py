"""`conferencing config`: where the accounts are, and whether their form is right."""

from __future__ import annotations

from typing import Any

import pytest


async def test_where_shows_file_and_selected_account(desk: Any) -> None:
    result = await desk.run("config", "where", "--json", CONFERENCING_MAIN_RATE="5/s")
    assert result.data == {
        "path": str((desk.folder / "conferencing.toml").resolve()),
        "account": "main",
        "accounts": ["daring", "main", "meetrs", "memory", "vconnct"],
        "variables": ["CONFERENCING_MAIN_RATE"],
    }
    plain = await desk.run("config", "where", CONFERENCING_ACCOUNT="memory")
    assert "conferencing.toml" in plain.out
    assert "Selected account: memory" in plain.out


async def test_where_without_file_names_remedy(run: Any) -> None:
    result = await run("config", "where")
    assert result.code == 0
    assert "create conferencing.toml in this folder" in result.out


async def test_check_reports_each_account(desk: Any) -> None:
    valid = await desk.run("config", "check")
    assert (valid.code, valid.err) == (0, "")
    desk.configure(api_key="env:NIX", rate="5/s")
    result = await desk.run("config", "check", "--json")
    assert result.code == 2
    checks = {check["account"]: check for check in result.data["accounts"]}
    assert {name for name, check in checks.items() if check["valid"]} == {
        "daring", "meetrs", "memory", "vconnct",
    }  # fmt: skip
    assert "NIX" in checks["main"]["problem"]
    only = await desk.run("config", "check", "--account", "memory", "--json")
    assert (only.code, len(only.data["accounts"])) == (0, 1)
    assert not desk.count_requests()


async def test_check_calls_itself_a_check_of_form(desk: Any) -> None:
    text = " ".join((await desk.run("config", "check", "--help")).out.split())
    assert "Check the form of all accounts" in text
    assert "conferencing doctor checks whether the credentials work" in text


@pytest.mark.parametrize("words", [("config", "where"), ("config", "check"), ("doctor",)])
async def test_secrets_are_never_shown(desk: Any, words: tuple[str, ...]) -> None:
    accounts = [desk.sandbox.account(name) for name in ("meetrs", "vconnct", "clickmeeting")]
    secrets = {
        value
        for account in accounts
        for key, value in account.items()
        if "key" in key or "secret" in key
    }
    for options in ((), ("--json",)):
        result = await desk.run(*words, *options)
        assert not [secret for secret in secrets if secret in result.out + result.err]


async def test_check_without_accounts_names_remedy(run: Any) -> None:
    result = await run("config", "check")
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert "config where" in result.err


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be"]


@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_configuration_in_any_unicode_is_read(run: Any, tmp_path: Any, encoding: str) -> None:
    mark = "\ufeff" if encoding.startswith("utf-16") else ""
    text = mark + '# Zażółć\n[accounts.main]\nprovider = "memory"\n'
    (tmp_path / "conferencing.toml").write_bytes(text.encode(encoding))
    result = await run("config", "check")
    assert (result.code, result.err) == (0, "")
    assert [row["account"] for row in result.rows] == ["main"]


async def test_configuration_with_two_marks_is_read(run: Any, tmp_path: Any) -> None:
    text = '\ufeff[accounts.main]\nprovider = "memory"\n'  # as iconv converts a file with a mark
    (tmp_path / "conferencing.toml").write_text(text, "utf-16")
    result = await run("config", "check")
    assert (result.code, result.err) == (0, "")


@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_key_file_in_any_unicode_is_read(desk: Any, encoding: str) -> None:
    mark = "\ufeff" if encoding.startswith("utf-16") else ""
    key = mark + desk.sandbox.account("clickmeeting")["api_key"] + "\r\n"
    (desk.folder / "key").write_bytes(key.encode(encoding))
    desk.configure(api_key="file:key")
    result = await desk.run("doctor")
    assert (result.code, result.err) == (0, "")
    assert "accepted" in result.out


@pytest.mark.parametrize("broken", ["config", "key"])
async def test_code_page_is_named_without_content(desk: Any, broken: str) -> None:
    secret = b"s3cret \xbfle"
    desk.configure(api_key="file:key")
    (desk.folder / "key").write_bytes(secret)
    if broken == "config":
        (desk.folder / "conferencing.toml").write_bytes(b'default = "x"\nkey = "' + secret + b'"')
    result = await desk.run("doctor")
    assert result.code == 2
    line = 2 if broken == "config" else 1
    assert f"line {line} is not UTF-8; save the file as UTF-8" in result.err
    assert "s3cret" not in result.err + result.out

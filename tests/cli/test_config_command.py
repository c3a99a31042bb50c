"""`conferencing config`: where the accounts are, and whether they can be right as written."""

from __future__ import annotations

from typing import Any


async def test_where_names_the_file_the_accounts_and_the_one_that_counts(desk: Any) -> None:
    ran = await desk.run("config", "where", "--json", CONFERENCING_MAIN_RATE="5/s")
    assert ran.data == {
        "path": str((desk.folder / "conferencing.toml").resolve()),
        "account": "main",
        "accounts": ["main", "meetrs", "memory", "vconnct"],
        "variables": ["CONFERENCING_MAIN_RATE"],
    }
    plain = await desk.run("config", "where", CONFERENCING_ACCOUNT="memory")
    assert "conferencing.toml" in plain.out
    assert "Without --account it is memory." in plain.out


async def test_where_says_what_to_do_without_a_file(run: Any) -> None:
    ran = await run("config", "where")
    assert ran.code == 0
    assert "conferencing.toml" in ran.out


async def test_check_tells_of_each_account_and_sends_nothing(desk: Any) -> None:
    good = await desk.run("config", "check")
    assert (good.code, good.err) == (0, "")
    desk.configure(api_key="env:NIX", rate="5/s")
    ran = await desk.run("config", "check", "--json")
    assert ran.code == 2
    told = {one["account"]: one for one in ran.data["accounts"]}
    assert {name for name, one in told.items() if one["good"]} == {"meetrs", "memory", "vconnct"}
    assert "NIX" in told["main"]["problem"]
    one = await desk.run("config", "check", "--account", "memory", "--json")
    assert (one.code, len(one.data["accounts"])) == (0, 1)
    assert not [name for name in desk.sandbox.simulators if desk.served(name).requests]


async def test_neither_shows_a_secret(desk: Any) -> None:
    secrets = [desk.sandbox.account(name) for name in ("meetrs", "vconnct", "clickmeeting")]
    texts = {
        value for one in secrets for key, value in one.items() if "key" in key or "secret" in key
    }
    for words in (("config", "where"), ("config", "check"), ("doctor",)):
        for options in ((), ("--json",)):
            ran = await desk.run(*words, *options)
            assert not [text for text in texts if text in ran.out + ran.err]


async def test_check_without_accounts_says_where_to_look(run: Any) -> None:
    ran = await run("config", "check")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "config where" in ran.err

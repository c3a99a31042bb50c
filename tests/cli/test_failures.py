"""Failures: one line for people, one envelope for programs, and the right exit code."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from conferencing.cli.errors import strip_operation

ABSENT = {
    ("usage",): "usage",
    ("templates", "list"): "`conferencing templates list`",
    ("templates", "create", "T"): "`conferencing templates create`",
    ("templates", "delete", "7", "--yes"): "`conferencing templates delete`",
    ("sessions", "start", "7", "--host", "Zoë"): "`conferencing sessions start`",
    ("sessions", "end", "7:8", "--yes"): "`conferencing sessions end`",
    ("rooms", "list", "--status", "live"): "live",
    ("feedback", "--tenant", "acme"): "tenant",
    ("rooms", "create", "X", "--host", "Zoë"): "host",
    ("link", "7", "--role", "guest"): "guest",
    ("people", "list", "7", "--account", "vconnct"): "`conferencing people list`",
    (
        "people",
        "invite",
        "7",
        "a@b.example",
        "--account",
        "vconnct",
    ): "`conferencing people invite`",
    ("reports", "create", "7", "--account", "vconnct"): "`conferencing reports create`",
    ("recordings", "delete", "7", "-y", "--account", "vconnct"): "`conferencing recordings delete`",
    ("attendance", "7", "--account", "meetrs"): "`conferencing attendance`",
    ("recordings", "list", "7", "--account", "meetrs"): "`conferencing recordings list`",
    ("reports", "get", "7", "--account", "meetrs"): "`conferencing reports get`",
}


@pytest.mark.parametrize("words", ABSENT)
async def test_unsupported_command_sends_nothing(desk: Any, words: tuple[str, ...]) -> None:
    result = await desk.run(*words)
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert ABSENT[words] in result.err
    assert not desk.count_requests()


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
async def test_import_without_registration_is_refused(desk: Any, options: tuple[str, ...]) -> None:
    file = desk.write("people.csv", "email,name\na@example.com,Ann Lee\n")
    words = ("people", "import", file, "--room", "7", "--account", "vconnct", *options)
    result = await desk.run(*words)
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert "vconnct does not support `conferencing people import`" in result.err


WRONG = {
    ("rooms", "lst"): (2, "list"),
    ("rooms", "create", "X", "--knd", "webinar"): (2, "--kind"),
    ("rooms", "create", "X", "--kind", "party"): (2, "webinar"),
    ("rooms", "create", "Two", "words"): (2, "'words'"),
    ("rooms", "create", "X", "--duration", "90"): (2, "90m"),
    ("rooms", "create", "X", "--starts-at", "2027-03-01T17:00"): (2, "--timezone"),
    ("rooms", "create", "X", "--timezone", "Warsaw"): (2, "Europe/Warsaw"),
    ("rooms", "create", "X", "--setting", "recrding=on"): (2, "'recording'"),
    ("rooms", "create", "X", "--native", "[1]"): (2, "JSON object"),
    ("rooms", "update", "7"): (1, "nothing to change"),
    ("rooms", "list", "--account", "mian"): (2, "'main'"),
    ("rooms", "list", "--config", "nowhere.toml"): (2, "nowhere.toml"),
    ("people", "import", "nowhere.csv", "--room", "7"): (1, "nowhere.csv"),
    ("people", "import", "people.csv"): (2, "--room"),
    ("attendance",): (2, "--room"),
    ("completion", "tcsh"): (2, "bash"),
}


@pytest.mark.parametrize("words", WRONG)
async def test_failure_is_one_line_or_one_envelope(desk: Any, words: tuple[str, ...]) -> None:
    code, text = WRONG[words]
    plain = await desk.run(*words)
    assert (plain.code, plain.out, plain.err.count("\n")) == (code, "", 1)
    assert plain.err.startswith("conferencing: ")
    assert text in plain.err
    as_json = await desk.run(*words, "--json")
    assert (as_json.code, as_json.err) == (code, "")
    error = as_json.json()["error"]
    assert error["exit_code"] == code
    assert text in error["message"]


MISSING = {
    ("rooms", "show", "nix"): "there is no room 'nix'",
    ("sessions", "list", "nix"): "there is no room 'nix'",
    ("attendance", "7:8"): "there is no session '7:8'",
    ("attendance", "--room", "nix"): "there is no room 'nix'",
    ("people", "list", "nix"): "there is no room 'nix'",
    ("reports", "get", "nix"): "'nix' is not a report",
    ("link", "nix"): "there is no room 'nix'",
}


@pytest.mark.parametrize("words", MISSING)
async def test_not_found_names_what_and_id(desk: Any, words: tuple[str, ...]) -> None:
    result = await desk.run(*words)
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert MISSING[words] in result.err
    assert not re.search("(get|list|delete|end|join)_[a-z]", result.err)  # a Python method


async def test_wrong_key_has_own_exit_code(desk: Any) -> None:
    desk.configure(api_key="eu" + "deadbeef" * 5)
    words = ("rooms", "delete", "1", "2", "--yes")
    as_json = await desk.run(*words, "--json")
    assert (as_json.code, as_json.err) == (4, "")
    assert as_json.json()["error"]["kind"] == "AuthenticationFailed"
    assert "deadbeef" not in as_json.out
    assert desk.count_requests() == 1  # the other ids would be refused as well
    plain = await desk.run(*words)
    assert "`conferencing doctor` shows which key was used" in plain.err


async def test_broken_listing_ends_with_error(desk: Any) -> None:
    await desk.create_room()
    desk.served().fail("status", status=503, match="inactive", times=9)
    result = await desk.run("rooms", "list", "--json")
    assert result.code == 1
    first, last = (json.loads(line) for line in result.out.splitlines())
    assert list(first) == ["data"]
    assert last["error"]["kind"] == "ProviderUnavailable"


async def test_vendor_text_cannot_control_terminal(desk: Any) -> None:
    desk.served().fail(
        "body",
        status=422,
        body='{"code":422,"name":"x","errors":[{"name":"a","message":"\\u001b[31m\\nred"}]}',
        media_type="application/json",
    )
    result = await desk.run("rooms", "create", "X")
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert "\x1b" not in result.err


async def test_global_options_may_come_first(desk: Any) -> None:
    words = ("--config=conferencing.toml", "--account", "memory", "--json", "rooms", "list")
    result = await desk.run(*words)
    assert (result.code, result.out, result.err) == (0, "", "")
    wrong = await desk.run("--json", "--account", "nix", "rooms", "list")
    assert (wrong.code, wrong.json()["error"]["kind"]) == (2, "UnknownAccount")
    by_variable = await desk.run("usage", CONFERENCING_ACCOUNT="memory")
    assert by_variable.code == 0


async def test_memory_account_is_noted(desk: Any) -> None:
    result = await desk.run("rooms", "create", "X", "--account", "memory", "-q")
    assert (result.code, result.out) == (0, "room-1\n")
    assert result.err.startswith("note: the provider memory forgets everything")
    assert "conferencing sandbox" in result.err


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("clickmeeting register: no name", "clickmeeting: no name"),
        ("clickmeeting (main) get_room: not found", "clickmeeting (main): not found"),
        ("clickmeeting (main): register: x", "clickmeeting (main): register: x"),
        ("people.csv cannot be read: usage: x", "people.csv cannot be read: usage: x"),
    ],
)
def test_strip_operation(text: str, shown: str) -> None:
    assert strip_operation(text) == shown

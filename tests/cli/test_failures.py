"""What goes wrong at the desk: told in one line, in one envelope, with the right exit code."""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

import pytest

GAPS = {
    ("usage",): "usage",
    ("templates", "list"): "list_templates",
    ("templates", "create", "T"): "create_template",
    ("templates", "delete", "7", "--yes"): "delete_template",
    ("sessions", "start", "7", "--host", "Zoë"): "start_session",
    ("sessions", "end", "7:8"): "end_session",
    ("rooms", "list", "--status", "live"): "live",
    ("feedback", "--tenant", "acme"): "tenant",
    ("rooms", "create", "X", "--host", "Zoë"): "host",
    ("link", "7", "--role", "guest"): "guest",
}
ELSEWHERE = {
    ("people", "list", "7", "--account", "vconnct"): "list_participants",
    ("people", "invite", "7", "a@example.com", "--account", "vconnct"): "invite",
    ("reports", "create", "7", "--account", "vconnct"): "create_report",
    ("recordings", "delete", "7", "-y", "--account", "vconnct"): "delete_recording",
    ("attendance", "7", "--account", "meetrs"): "list_attendance",
    ("recordings", "list", "7", "--account", "meetrs"): "list_recordings",
    ("reports", "get", "7", "--account", "meetrs"): "get_report",
}


@pytest.mark.parametrize("words", [*GAPS, *ELSEWHERE])
async def test_what_a_provider_cannot_do_is_one_line(desk: Any, words: tuple[str, ...]) -> None:
    ran = await desk.run(*words)
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert (GAPS | ELSEWHERE)[words] in ran.err
    assert not [name for name in desk.sandbox.simulators if desk.served(name).requests]


async def test_a_missing_registration_is_told_before_a_file_is_sent(desk: Any) -> None:
    file = desk.write("people.csv", "email,name\na@example.com,Ann Lee\n")
    for options in ((), ("--dry-run",)):
        words = ("people", "import", file, "--room", "7", "--account", "vconnct", *options)
        ran = await desk.run(*words)
        assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
        assert "register" in ran.err


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
    ("rooms", "show", "7"): (1, "404"),
    ("rooms", "list", "--account", "mian"): (2, "'main'"),
    ("rooms", "list", "--config", "nowhere.toml"): (2, "nowhere.toml"),
    ("people", "import", "nowhere.csv", "--room", "7"): (1, "nowhere.csv"),
    ("people", "import", "people.csv"): (2, "--room"),
    ("attendance",): (2, "--room"),
    ("completion", "tcsh"): (2, "bash"),
}


async def test_each_failure_is_one_line_for_people_and_one_envelope_for_programs(
    desk: Any,
) -> None:
    plain = await asyncio.gather(*(desk.run(*words) for words in WRONG))
    as_json = await asyncio.gather(*(desk.run(*words, "--json") for words in WRONG))
    for one, other, (code, word) in zip(plain, as_json, WRONG.values(), strict=True):
        assert (one.code, one.out, one.err.count("\n")) == (code, "", 1), one
        assert one.err.startswith("conferencing: ")
        assert word in one.err
        assert (other.code, other.err) == (code, "")
        error = other.json()["error"]
        assert error["exit_code"] == code
        assert word in error["message"]


async def test_a_wrong_key_is_an_exit_code_of_its_own(desk: Any) -> None:
    desk.configure(api_key="eu" + "deadbeef" * 5)
    words = ("rooms", "delete", "1", "2", "--yes")
    ran = await desk.run(*words, "--json")
    assert (ran.code, ran.err) == (4, "")
    assert ran.json()["error"]["kind"] == "AuthenticationFailed"
    assert "deadbeef" not in ran.out
    assert len(desk.served().requests) == 1  # the others would be refused as well


async def test_a_listing_that_breaks_off_ends_with_the_envelope_of_the_failure(desk: Any) -> None:
    await desk.room()
    desk.served().fail("status", status=503, match="inactive", times=9)
    ran = await desk.run("rooms", "list", "--json")
    assert ran.code == 1
    first, last = (json.loads(line) for line in ran.out.splitlines())
    assert list(first) == ["data"]
    assert last["error"]["kind"] == "ProviderUnavailable"


async def test_what_a_vendor_says_cannot_command_the_terminal(desk: Any) -> None:
    desk.served().fail(
        "body",
        status=422,
        body='{"code":422,"name":"x","errors":[{"name":"a","message":"\\u001b[31m\\nred"}]}',
        media_type="application/json",
    )
    ran = await desk.run("rooms", "create", "X")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "\x1b" not in ran.err


async def test_options_for_all_commands_may_stand_in_front(desk: Any) -> None:
    desk.configure()
    ran = await desk.run(
        "--config=conferencing.toml", "--account", "memory", "--json", "rooms", "list"
    )
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    wrong = await desk.run("--json", "--account", "nix", "rooms", "list")
    assert (wrong.code, wrong.json()["error"]["kind"]) == (2, "UnknownAccount")
    by_variable = await desk.run("usage", CONFERENCING_ACCOUNT="memory")
    assert by_variable.code == 0


@pytest.mark.parametrize("options", [(), ("--json",)])
async def test_a_reader_that_went_away_is_no_crash(desk: Any, options: tuple[str, ...]) -> None:
    await desk.room()
    for words in (("rooms", "list"), ("rooms", "show", "nix")):
        reader, writer = os.pipe()
        os.close(reader)
        ran = await desk.run(*words, *options, stdout=writer)
        os.close(writer)
        assert ran.code == 1


async def test_a_name_that_the_terminal_has_no_letters_for_is_no_crash(desk: Any) -> None:
    await desk.room("--description", "Łukasz 王")
    desk.world().change_room(next(iter(desk.world().rooms)), name="Łukasz 王")
    for options in ((), ("--json",)):
        ran = await desk.run("rooms", "list", *options, PYTHONIOENCODING="ascii")
        assert ran.code == 0
        assert "\\u0141ukasz" in ran.out

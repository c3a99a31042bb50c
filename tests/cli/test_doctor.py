"""`conferencing doctor`: what is set, where it comes from, and what failed; without secrets."""

from __future__ import annotations

import signal
import socket
from pathlib import Path
from typing import Any

import pytest

from conferencing.cli.sandbox import format_configuration
from conferencing.sandbox import Sandbox


@pytest.fixture
def key(desk: Any) -> str:
    return str(desk.sandbox.account("clickmeeting")["api_key"])


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


async def test_working_account_is_shown_without_key(desk: Any, key: str) -> None:
    desk.configure(api_key="env:MY_KEY", rate="5/s")
    result = await desk.run("doctor", MY_KEY=key)
    assert (result.code, result.err) == (0, "")
    results = {row["check"]: row["result"] for row in result.rows}
    assert results["configuration"] == "conferencing.toml"
    assert (results["account"], results["provider"]) == ("main", "clickmeeting")
    assert (results["api_key"], results["credentials"]) == ("***", "accepted")
    assert key not in result.out
    assert [request.target for request in desk.served().requests] == ["/v1/ping"]


async def test_json_is_one_object(desk: Any, key: str) -> None:
    result = await desk.run("doctor", "main", "--json")
    assert (result.code, result.err) == (0, "")
    assert (result.data["account"], result.data["provider"]) == ("main", "clickmeeting")
    checks = {check["check"]: check for check in result.data["checks"]}
    assert checks["credentials"]["result"] == "accepted"
    assert checks["api_key"] == {
        "check": "api_key", "result": "***", "source": "conferencing.toml",
    }  # fmt: skip
    assert key not in result.out


@pytest.mark.parametrize("as_json", [False, True])
async def test_sources_of_keys_are_named(desk: Any, key: str, as_json: bool) -> None:
    desk.configure(api_key="env:MY_KEY", proxy=None)
    desk.write("proxy", "http://127.0.0.1:9")
    variables = {
        "MY_KEY": key,
        "CONFERENCING_MAIN_RATE": "5/s",
        "CONFERENCING_MAIN_RETRIES": "1",
        "CONFERENCING_MAIN_TIMEOUT": "file:nowhere",
    }
    result = await desk.run("doctor", *(["--json"] if as_json else []), **variables)
    assert result.code == 2  # the timeout cannot be read
    if as_json:
        checks = result.json()["error"]["checks"]
        sources = {check["check"]: check["source"] for check in checks}
    else:
        sources = {row["check"]: row["from"] for row in result.rows}
    assert sources["base_url"] == "conferencing.toml"
    assert sources["api_key"] == "environment variable MY_KEY, named in conferencing.toml"
    assert sources["rate"] == "environment variable CONFERENCING_MAIN_RATE"
    assert sources["timeout"] == (
        "file nowhere, named in environment variable CONFERENCING_MAIN_TIMEOUT"
    )


async def test_wrong_key_still_prints_table(desk: Any) -> None:
    desk.configure(api_key="env:MY_KEY")
    wrong = "eu" + "deadbeef" * 5
    plain = await desk.run("doctor", MY_KEY=wrong)
    assert (plain.code, plain.err.count("\n")) == (4, 1)
    rows = {row["check"]: row for row in plain.rows}
    assert rows["api_key"]["from"] == "environment variable MY_KEY, named in conferencing.toml"
    assert rows["credentials"]["result"].startswith("failed: ")
    as_json = await desk.run("doctor", "--json", MY_KEY=wrong)
    assert (as_json.code, as_json.err) == (4, "")
    error = as_json.json()["error"]
    assert (error["kind"], error["exit_code"], error["status"]) == ("AuthenticationFailed", 4, 401)
    assert (error["account"], error["operation"]) == ("main", "check")
    assert "api_key" in {check["check"] for check in error["checks"]}
    assert wrong not in plain.out + plain.err + as_json.out


@pytest.mark.parametrize(
    ("changes", "texts"),
    [
        ({"api_key": None, "api_kee": "env:MY_KEY"}, ["api_kee", "api_key", "main"]),
        ({"api_key": None}, ["api_key", "main"]),
        ({"api_key": "env:NO_SUCH_VARIABLE"}, ["api_key", "NO_SUCH_VARIABLE"]),
        ({"api_key": 5}, ["api_key", "text"]),
        ({"provider": "clickmeting"}, ["main", "clickmeeting"]),
        ({"provider": None}, ["provider", "main"]),
        ({"base_url": "http://api.clickmeeting.example/v1"}, ["base_url", "https"]),
    ],
)
async def test_wrong_setting_is_named(
    desk: Any, key: str, changes: dict[str, Any], texts: list[str]
) -> None:
    desk.configure(**{"api_key": "env:MY_KEY"} | changes)
    result = await desk.run("doctor", MY_KEY=key)
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert not [text for text in texts if text not in result.err], result.err
    assert key not in result.out + result.err
    assert "settings\tfailed: " in result.out


async def test_broken_toml_is_named(run: Any, tmp_path: Any) -> None:
    (tmp_path / "conferencing.toml").write_text("[accounts.main\n", "utf-8")
    result = await run("doctor")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "conferencing.toml" in result.err
    assert "configuration\tfailed: " in result.out


async def test_without_configuration_remedy_is_named(run: Any) -> None:
    result = await run("doctor")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert all(text in result.err for text in ("conferencing.toml", "CONFERENCING_CONFIG"))
    as_json = await run("doctor", "--json")
    assert as_json.json()["error"]["kind"] == "UnknownAccount"


async def test_unknown_account_is_named_with_nearest(desk: Any) -> None:
    result = await desk.run("doctor", "mian")
    assert result.code == 2
    assert "'mian'" in result.err
    assert "'main'" in result.err


async def test_environment_alone_makes_account(run: Any, desk: Any, key: str) -> None:
    (desk.folder / "conferencing.toml").unlink()
    variables = {
        "CONFERENCING_ACCOUNT": "prod",
        "CONFERENCING_PROD_PROVIDER": "clickmeeting",
        "CONFERENCING_PROD_API_KEY": key,
        "CONFERENCING_PROD_BASE_URL": desk.sandbox.account("clickmeeting")["base_url"],
    }
    result = await run("doctor", **variables)
    assert (result.code, result.err) == (0, "")
    rows = {row["check"]: row for row in result.rows}
    assert rows["configuration"]["result"] == "no file; only environment variables"
    assert rows["api_key"]["from"] == "environment variable CONFERENCING_PROD_API_KEY"
    assert key not in result.out


async def test_unreachable_host_is_named(desk: Any, key: str, free_port: int) -> None:
    desk.configure(base_url=f"http://127.0.0.1:{free_port}/v1")
    result = await desk.run("doctor")
    assert (result.code, result.err.count("\n")) == (1, 1)
    assert f"127.0.0.1:{free_port}" in result.err
    assert key not in result.out + result.err


async def test_html_reply_is_no_success(desk: Any) -> None:
    """As when base_url is the address of a web site, or a hotel's network answers first."""
    desk.served().fail("body", body="<html>Welcome</html>", media_type="text/html")
    result = await desk.run("doctor")
    assert result.code == 1
    assert "accepted" not in result.out


async def test_password_of_proxy_is_not_shown(desk: Any, key: str, free_port: int) -> None:
    desk.configure(proxy=f"http://user:pr0xyw0rd@127.0.0.1:{free_port}")
    for options in ((), ("--json",)):
        result = await desk.run("doctor", *options)
        assert result.code == 1
        assert "pr0xyw0rd" not in result.out + result.err
        assert key not in result.out + result.err


async def test_interrupt_is_one_line(desk: Any, until: Any, until_end: Any) -> None:
    desk.served().fail("hang")
    process = await desk.shell.start("doctor")
    await until(lambda: desk.served().requests)
    process.send_signal(signal.SIGINT)
    result = await until_end(process)
    assert (result.code, result.out, result.err) == (130, "", "conferencing: interrupted\n")


# ------------------------------------------------------------------------------------------ needs


async def test_needs_lists_gaps_of_each_account(desk: Any) -> None:
    result = await desk.run("doctor", "--needs", "register,attendance,capacity")
    assert (result.code, result.err) == (3, "")
    supported = {(row["account"], row["need"]): row["supported"] for row in result.rows}
    assert supported["main", "register"] == supported["memory", "attendance"] == "yes"
    assert supported["vconnct", "register"] == supported["meetrs", "attendance"] == "no"
    assert supported["main", "capacity"] == "no"
    assert not desk.count_requests()


async def test_needs_of_one_account_sets_exit_code(desk: Any) -> None:
    met = await desk.run("doctor", "main", "--needs", "register,people import", "--json")
    assert (met.code, met.data["complete"]) == (0, ["main"])
    unmet = await desk.run("doctor", "main", "--needs", "usage", "--json")
    assert (unmet.code, unmet.data["complete"]) == (1, [])
    [need] = unmet.data["needs"]
    assert (need["need"], need["supported"], need["is_met"]) == ("usage", "no", False)


async def test_unverified_is_no_unless_account_allows(desk: Any) -> None:
    words = ("doctor", "meetrs", "--needs", "delete_room")
    off = await desk.run(*words)
    assert (off.code, off.rows[0]["supported"]) == (1, "unverified")
    on = await desk.run(*words, CONFERENCING_MEETRS_UNVERIFIED="true")
    assert (on.code, on.rows[0]["supported"]) == (0, "yes")


async def test_unknown_need_is_refused(desk: Any) -> None:
    result = await desk.run("doctor", "--needs", "registr")
    assert (result.code, result.out) == (2, "")
    assert "did you mean 'register'" in result.err


async def test_permissions_of_the_tokens_are_shown(run: Any, tmp_path: Path) -> None:
    configuration = tmp_path / "conferencing.toml"
    async with Sandbox(["teams"]) as sandbox:
        simulator: Any = sandbox["teams"].simulator
        simulator.app.permissions -= {"OnlineMeetingArtifact.Read.All"}
        configuration.write_text(format_configuration(sandbox), "utf-8")
        result = await run("doctor", "teams", "--config", str(configuration))
    assert (result.code, result.err) == (0, "")
    rows = [(row["check"].strip(), row["result"]) for row in result.rows]
    place = [check for check, _ in rows].index("permissions (application)")
    assert "Calendars.ReadWrite" in rows[place][1]
    assert [check for check, _ in rows[place + 1 : place + 3]] == ["allow", "do not allow"]
    assert "create_room (events)" in rows[place + 1][1]
    assert "list_attendance (events)" in rows[place + 2][1]

"""`conferencing doctor`: whether an account works, told without its secrets."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conferencing.sandbox import Sandbox, ServedSimulator


@pytest.fixture
def key(sandbox: Sandbox) -> str:
    return sandbox.account("clickmeeting")["api_key"]


@pytest.fixture
def configured(sandbox: Sandbox, tmp_path: Path) -> Callable[..., None]:
    """Write a configuration with one account on the sandbox; keywords change its keys."""

    def write(**changes: Any) -> None:
        account = sandbox.account("clickmeeting") | {"api_key": "env:MY_KEY", "retries": 0}
        keys = {name: value for name, value in (account | changes).items() if value is not None}
        lines = [f"{name} = {value!r}" for name, value in keys.items()]
        text = "\n".join(['default = "main"', "[accounts.main]", *lines])
        (tmp_path / "conferencing.toml").write_text(text, "utf-8")

    return write


async def test_an_account_that_works_is_told_without_its_key(
    run: Any, configured: Any, key: str, served: ServedSimulator
) -> None:
    configured(rate="5/s")
    ran = await run("doctor", MY_KEY=key)
    assert (ran.code, ran.err) == (0, "")
    for word in ("conferencing.toml", "main", "clickmeeting", "they work", "***"):
        assert word in ran.out
    assert key not in ran.out
    assert [one.target for one in served.requests] == ["/v1/ping"]


async def test_with_json_it_is_one_object(run: Any, configured: Any, key: str) -> None:
    configured(proxy=None)
    ran = await run("doctor", "main", "--json", MY_KEY=key)
    assert (ran.code, ran.err) == (0, "")
    told = ran.data
    assert (told["account"], told["provider"]) == ("main", "clickmeeting")
    assert told["credentials"] == "they work"
    assert told["settings"]["api_key"] == "***"
    assert key not in ran.out


async def test_another_configuration_can_be_named(
    run: Any, configured: Any, key: str, tmp_path: Path
) -> None:
    configured()
    (tmp_path / "conferencing.toml").rename(tmp_path / "other.toml")
    ran = await run("doctor", "--config", "other.toml", MY_KEY=key)
    assert (ran.code, ran.err) == (0, "")
    assert "other.toml" in ran.out


async def test_a_wrong_key_is_an_exit_code_of_its_own(
    run: Any, configured: Any, served: ServedSimulator
) -> None:
    configured()
    wrong = "eu" + "deadbeef" * 5
    ran = await run("doctor", MY_KEY=wrong)
    assert (ran.code, ran.out, ran.err.count("\n")) == (4, "", 1)
    assert all(word in ran.err for word in ("clickmeeting", "main", "refused the credentials"))
    assert wrong not in ran.err
    as_json = await run("doctor", "--json", MY_KEY=wrong)
    assert (as_json.code, as_json.err) == (4, "")
    error = as_json.json()["error"]
    assert (error["kind"], error["exit_code"], error["status"]) == ("AuthenticationFailed", 4, 401)
    assert (error["account"], error["operation"]) == ("main", "check")
    assert wrong not in as_json.out
    assert len(served.requests) == 2


@pytest.mark.parametrize(
    ("changes", "told"),
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
async def test_a_mistake_in_the_configuration_is_named_with_its_remedy(
    run: Any, configured: Any, key: str, changes: dict[str, Any], told: list[str]
) -> None:
    configured(**changes)
    ran = await run("doctor", MY_KEY=key)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert not [word for word in told if word not in ran.err], ran.err
    assert key not in ran.err


async def test_a_file_that_is_no_toml_is_named(run: Any, tmp_path: Path) -> None:
    (tmp_path / "conferencing.toml").write_text("[accounts.main\n", "utf-8")
    ran = await run("doctor")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "conferencing.toml" in ran.err


async def test_without_a_configuration_it_says_where_one_would_be(run: Any) -> None:
    ran = await run("doctor")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert all(word in ran.err for word in ("conferencing.toml", "CONFERENCING_CONFIG"))
    as_json = await run("doctor", "--json")
    assert as_json.json()["error"]["kind"] == "UnknownAccount"


async def test_an_account_that_is_not_there_is_named_with_the_nearest(
    run: Any, configured: Any
) -> None:
    configured()
    ran = await run("doctor", "mian")
    assert (ran.code, ran.out) == (2, "")
    assert "'mian'" in ran.err
    assert "'main'" in ran.err


async def test_the_environment_alone_makes_an_account(run: Any, sandbox: Sandbox, key: str) -> None:
    base = sandbox.account("clickmeeting")["base_url"]
    given = {"PROVIDER": "clickmeeting", "API_KEY": key, "BASE_URL": base}
    ran = await run(
        "doctor",
        CONFERENCING_ACCOUNT="mine",
        **{f"CONFERENCING_MINE_{k}": v for k, v in given.items()},
    )
    assert (ran.code, ran.err) == (0, "")
    assert "the environment alone" in ran.out
    assert key not in ran.out


async def test_a_host_that_cannot_be_reached_is_a_failure(
    run: Any, configured: Any, key: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    configured(base_url=f"http://127.0.0.1:{port}/v1")
    ran = await run("doctor", MY_KEY=key)
    assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert f"127.0.0.1:{port}" in ran.err
    assert key not in ran.err


async def test_a_page_that_is_no_api_does_not_make_the_credentials_work(
    run: Any, configured: Any, key: str, served: ServedSimulator
) -> None:
    """As when base_url leads to a web site, or a hotel's network answers first."""
    configured()
    served.fail("body", body="<html>Welcome</html>", media_type="text/html")
    ran = await run("doctor", MY_KEY=key)
    assert ran.code == 1
    assert "they work" not in ran.out


async def test_a_proxy_with_a_password_is_not_told(run: Any, configured: Any, key: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    configured(proxy=f"http://user:pr0xyw0rd@127.0.0.1:{port}")
    ran = await run("doctor", "--json", MY_KEY=key)
    assert ran.code == 1
    assert "pr0xyw0rd" not in ran.out + ran.err
    assert key not in ran.out + ran.err


async def test_an_interrupt_while_the_vendor_is_silent_ends_it_with_one_line(
    shell: Any, until_end: Any, until: Any, configured: Any, served: ServedSimulator
) -> None:
    configured(api_key="not looked at")
    served.fail("hang")
    process = await shell.start("doctor")
    await until(lambda: served.requests)
    process.send_signal(signal.SIGINT)
    ran = await until_end(process)
    assert (ran.code, ran.out, ran.err) == (130, "", "conferencing: interrupted\n")

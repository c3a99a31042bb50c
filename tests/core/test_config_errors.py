"""What is wrong in an account is an error that names the account, the key and the nearest right one."""

from __future__ import annotations

import pytest

from conferencing import (
    ConferencingError,
    ConfigurationError,
    Rate,
    UnknownAccount,
    UnknownProvider,
    connect,
)
from conferencing.accounts.config import read_account

GOOD = {"provider": "clickmeeting", "api_key": "k", "name": "main"}


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("apikey", "'api_key'"),
        ("api_kee", "'api_key'"),
        ("base-url", "'base_url'"),
        ("timeuot", "'timeout'"),
        ("retry", "'retries'"),
        ("xyzzy", None),
        ("created_at", None),
        ("_api_key", "'api_key'"),
    ],
)
def test_unknown_key_suggests_the_nearest(key, nearest) -> None:
    with pytest.raises(ConfigurationError) as caught:
        connect({**GOOD, key: "value"})
    assert (caught.value.field, caught.value.account) == (key, "main")
    assert ("did you mean" in caught.value.message) is (nearest is not None)
    for part in (repr(key), nearest or "", "api_key, base_url", "provider, name, rate, "):
        assert part in caught.value.message


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("conferencing.toml", 'defualt = "main"', "did you mean 'default'"),
        ("conferencing.toml", "[acounts.main]", "did you mean 'accounts'"),
        ("conferencing.toml", "xyzzy = 1", "no key 'xyzzy'"),
        ("conferencing.toml", "default = 5", "default must be the name"),
        ("conferencing.toml", "accounts = 5", "[accounts.<name>]"),
        ("conferencing.toml", "[accounts]\nmain = 5", "[accounts.<name>]"),
        ("conferencing.toml", "[accounts.main", "cannot be read"),
        ("conferencing.toml", "default = '\xff'", "cannot be read"),
        ("pyproject.toml", '[tool.conferencing]\ndefualt = "main"', "did you mean 'default'"),
        ("pyproject.toml", "[tool.conferencing.acounts.main]", "did you mean 'accounts'"),
        ("pyproject.toml", "[tool.conferencing.accounts]\nmain = 5", "[accounts.<name>]"),
        ("pyproject.toml", "[tool.conferencing", "cannot be read"),
        ("pyproject.toml", "[tool]\nconferencing = 5", "[tool.conferencing]"),
    ],
)
def test_malformed_file_is_named(place, file, text, reason) -> None:
    (place / file).write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigurationError) as caught:
        connect("main")
    assert file in caught.value.message
    assert reason in caught.value.message


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("api_key", "", "it is empty"),
        ("api_key", "  ", "it is empty"),
        ("proxy", "", "it is empty"),
        ("api_key", 5, "text in quotes, not int"),
        ("api_key", None, "text in quotes, not NoneType"),
        ("api_key", ["k"], "text in quotes, not list"),
        ("base_url", True, "text in quotes, not bool"),
        ("rate", 5, "text in quotes, not int"),
        ("rate", "5", "'5/s'"),
        ("timeout", 0, "above 0"),
        ("timeout", -1.5, "above 0"),
        ("timeout", True, "above 0"),
        ("timeout", "5", "above 0, not text"),
        ("timeout", float("nan"), "above 0"),
        ("retries", -1, "whole number"),
        ("retries", 2.5, "whole number"),
        ("retries", True, "whole number"),
        ("retries", "3", "whole number, not text"),
        ("unverified", 1, "true or false, not 1"),
        ("unverified", "true", "true or false, not text"),
        ("provider", 5, "text in quotes, not int"),
        ("provider", dict, "dict"),
    ],
)
def test_wrong_type_is_not_coerced(key, value, reason) -> None:
    with pytest.raises(ConfigurationError) as caught:
        connect({**GOOD, key: value})
    assert key in str(caught.value)
    assert reason in caught.value.message
    assert caught.value.account == "main"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("RETRIES", "-1"),
        ("RETRIES", "2.5"),
        ("RETRIES", "٣"),
        ("RETRIES", ""),
        ("TIMEOUT", "0"),
        ("TIMEOUT", "1e3"),
        ("TIMEOUT", "inf"),
        ("UNVERIFIED", "yes"),
        ("UNVERIFIED", ""),
        ("RATE", ""),
    ],
)
def test_invalid_variable_names_key_and_account(place, monkeypatch, key, text) -> None:
    monkeypatch.setenv("CONFERENCING_MAIN_PROVIDER", "memory")
    monkeypatch.setenv(f"CONFERENCING_MAIN_{key}", text)
    with pytest.raises(ConfigurationError) as caught:
        connect("main")
    assert caught.value.account == "main"
    assert key.lower() in caught.value.message


@pytest.mark.parametrize(
    ("account", "key"),
    [
        ({"provider": "clickmeeting"}, "api_key"),
        ({"api_key": "k"}, "provider"),
        ({}, "provider"),
    ],
)
def test_missing_key_is_named(account, key) -> None:
    with pytest.raises(ConfigurationError, match=key) as caught:
        connect(account)
    assert caught.value.field == key


@pytest.mark.parametrize(
    ("account", "default", "reason"),
    [
        ("mian", "main", "'mian'"),
        ("mian", "main", "did you mean 'main'"),
        ("", "main", "''"),
        (None, "gone", "'gone'"),
        (None, None, "no account is named"),
        (None, None, "it has main, school"),
    ],
)
def test_unknown_account_is_not_replaced(place, account, default, reason) -> None:
    head = f'default = "{default}"\n' if default else ""
    accounts = [f'[accounts.{name}]\nprovider = "memory"\n' for name in ("main", "school")]
    (place / "conferencing.toml").write_text(head + "".join(accounts), "utf-8")
    with pytest.raises(UnknownAccount) as caught:
        connect(account)
    assert reason in caught.value.message
    assert "conferencing.toml" in caught.value.message


def test_unknown_account_of_variable_raises(place, monkeypatch) -> None:
    text = 'default = "main"\n[accounts.main]\nprovider = "memory"\n'
    (place / "conferencing.toml").write_text(text, "utf-8")
    monkeypatch.setenv("CONFERENCING_ACCOUNT", "elsewhere")
    with pytest.raises(UnknownAccount, match="'elsewhere'"):
        connect()


def test_missing_configuration_names_the_remedy(place) -> None:
    with pytest.raises(UnknownAccount) as caught:
        connect("main")
    assert "conferencing.toml" in caught.value.message
    assert "CONFERENCING_CONFIG" in caught.value.message


def test_empty_account_lacks_a_provider(place) -> None:
    (place / "conferencing.toml").write_text("[accounts.main]\n", "utf-8")
    with pytest.raises(ConfigurationError, match="provider") as caught:
        connect("main")
    assert (caught.value.field, caught.value.account) == ("provider", "main")


def test_unknown_provider_names_the_account() -> None:
    with pytest.raises(UnknownProvider) as caught:
        connect({**GOOD, "provider": "clickmeating"})
    assert caught.value.account == "main"
    assert "did you mean 'clickmeeting'" in caught.value.message


@pytest.mark.parametrize(
    ("text", "count", "seconds"),
    [
        ("5/s", 5, 1),
        ("100/m", 100, 60),
        ("1000/h", 1000, 3600),
        ("20000/d", 20000, 86400),
        ("10/2s", 10, 2),
        ("1/0.5s", 1, 0.5),
        (" 3 / 1.5 m ", 3, 90),
    ],
)
def test_valid_rate_is_parsed(text, count, seconds) -> None:
    rate = Rate.parse(text)
    assert (rate.count, rate.seconds) == (count, seconds)
    assert rate.interval == seconds / count


@pytest.mark.parametrize(
    "text",
    [
        *("", "5", "/s", "5/", "5/w", "5/S", "5 per s", "5/s/s"),
        *("0/s", "05/s", "-1/s", "5.5/s", "1٣/s"),
        *("5/0s", "5/0.0m", "5/.5s", "5/1e3s"),
    ],
)
def test_invalid_rate_is_refused_with_examples(text) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Rate.parse(text)
    assert "5/s" in caught.value.message


def test_adapter_settings_have_defaults() -> None:
    account = read_account(GOOD)
    assert account.settings.base_url == "https://api.clickmeeting.com/v1"
    assert issubclass(UnknownAccount, ConfigurationError)
    assert issubclass(ConfigurationError, ConferencingError)

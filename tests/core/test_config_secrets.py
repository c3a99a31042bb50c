"""A key that is planted in an account shows in no error about that account, nor in its traceback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from conferencing import (
    ConferenceProvider,
    ConferencingError,
    ConfigurationError,
    Rate,
    Secret,
    connect,
    sync,
)
from conferencing.accounts.config import read_account, read_config
from conferencing.accounts.context import Context

KEY = "sk-cAn4ry-9f31"

Told = Callable[[BaseException], str]


@attrs.frozen(kw_only=True)
class AcmeSettings:
    """Settings of every type that the core reads."""

    api_key: Secret
    base_url: str
    rooms: int = 1
    share: float = 1.0
    lobby: bool = False
    pace: Rate | None = None


class Acme(ConferenceProvider):
    """A provider that does nothing with its settings."""

    name = "acme"
    settings_class = AcmeSettings

    def __init__(self, settings: AcmeSettings, context: Context) -> None:
        self.context = context


class Failing(Acme):
    """An adapter with a fault in it."""

    def __init__(self, settings: AcmeSettings, context: Context) -> None:
        address = f"{settings.base_url}?key={settings.api_key.reveal()}"
        raise KeyError(address)


class Refusing(Acme):
    """An adapter that does not accept its settings."""

    @classmethod
    def open(cls, settings: AcmeSettings, context: Context) -> ConferenceProvider:
        try:
            return Failing(settings, context)
        except KeyError as error:
            raise ConfigurationError("this address is not accepted", field="base_url") from error


MAPPINGS: dict[str, dict[str, Any]] = {
    "unknown provider": {"provider": "clickmeating", "api_key": KEY},
    "no provider": {"api_key": KEY},
    "provider is no adapter": {"provider": dict, "api_key": KEY},
    "unknown key": {"provider": "clickmeeting", "apikey": KEY},
    "unknown key beside": {"provider": "clickmeeting", "api_key": KEY, "apikey": "x"},
    "missing key": {"provider": Acme, "api_key": KEY},
    "wrong rate": {"provider": "clickmeeting", "api_key": KEY, "rate": "fast"},
    "wrong timeout": {"provider": "clickmeeting", "api_key": KEY, "timeout": "long"},
    "wrong retries": {"provider": "clickmeeting", "api_key": KEY, "retries": -1},
    "wrong truth": {"provider": "clickmeeting", "api_key": KEY, "unverified": "no"},
    "lost reference": {"provider": "clickmeeting", "api_key": KEY, "base_url": "env:ABSENT"},
    "key in a list": {"provider": "clickmeeting", "api_key": [KEY]},
    "key in a table": {"provider": "clickmeeting", "api_key": {"value": KEY}},
    "key in bytes": {"provider": "clickmeeting", "api_key": KEY.encode()},
    **{
        f"key under {name}": {"provider": "clickmeeting", "api_key": "k", name: KEY}
        for name in ("provider", "rate", "timeout", "retries", "unverified", "rate_store_fallback")
    },
    "address with a password": {
        "provider": "clickmeeting",
        "api_key": "k",
        "base_url": f"https://user:{KEY}@api.example.com",
    },
    "adapter that fails to open": {"provider": Failing, "api_key": KEY, "base_url": KEY},
    "adapter that refuses to open": {"provider": Refusing, "api_key": KEY, "base_url": KEY},
    "key beside a wrong rate": {
        "provider": "clickmeeting",
        "api_key": "k",
        "rate": "fast",
        "rate_store": f"redis://:{KEY}@localhost",
    },
    "address without https": {
        "provider": "clickmeeting",
        "api_key": KEY,
        "base_url": "http://api.example.com",
    },
    **{
        f"wrong {name} of the adapter": {
            "provider": Acme,
            "api_key": KEY,
            "base_url": "x",
            name: wrong,
        }
        for name, wrong in {
            "base_url": 5,
            "rooms": "many",
            "share": "half",
            "lobby": "yes",
            "pace": "fast",
        }.items()
    },
}
WHOLE = f'[accounts.main]\nprovider = "clickmeeting"\napi_key = "{KEY}"\n'
FILES = {
    "unknown account": WHOLE.replace("main", "mian"),
    "unknown key": f'{WHOLE}apikey = "x"\n',
    "wrong type": f"{WHOLE}timeout = true\n",
    "unknown provider": WHOLE.replace("clickmeeting", "clickmeating"),
    "key not in quotes": WHOLE.replace('"', ""),
    "quote not closed": WHOLE.replace(f'{KEY}"', KEY),
    "key twice": f'{WHOLE}api_key = "{KEY}"\n',
    "key in a list": WHOLE.replace(f'"{KEY}"', f'["{KEY}"]'),
    "key one level too high": f'[accounts]\napi_key = "{KEY}"\n',
    "key two levels too high": f'api_key = "{KEY}"\n{WHOLE}',
    "key one level too low": f'[accounts.main.clickmeeting]\napi_key = "{KEY}"\n',
    "key as the default": f'default = ["{KEY}"]\n',
    "unknown table": f'{WHOLE}[profiles.main]\napi_key = "{KEY}"\n',
}


@pytest.mark.parametrize("account", MAPPINGS.values(), ids=MAPPINGS)
def test_error_about_mapping_hides_its_key(account: dict[str, Any], tracked: Told) -> None:
    with pytest.raises(ConferencingError) as caught:
        connect(account)
    assert_untold(caught.value, tracked)


def test_failing_adapter_is_named_with_the_line() -> None:
    account = {"provider": Failing, "api_key": KEY, "base_url": "x", "name": "main"}
    with pytest.raises(ConfigurationError) as caught:
        connect(account)
    assert caught.value.account == "main"
    for part in (
        "the adapter Failing cannot be opened",
        "KeyError",
        "test_config_secrets.py, line",
    ):
        assert part in caught.value.message


@pytest.mark.parametrize("reader", [sync.connect, read_account])
def test_no_other_source_shows_the_key(reader: Callable[..., Any], tracked: Told) -> None:
    for wrong in ("wrong timeout", "unknown provider", "unknown key", "missing key"):
        with pytest.raises(ConferencingError) as caught:
            reader(MAPPINGS[wrong])
        assert_untold(caught.value, tracked)


@pytest.mark.parametrize("address", ["https://user:{}@example.com", "https://example.com/?key={}"])
def test_url_with_password_is_refused_and_hidden(address: str) -> None:
    account = {"provider": "clickmeeting", "api_key": "k", "base_url": address.format(KEY)}
    with pytest.raises(ConferencingError, match="base_url") as caught:
        connect(account)
    assert KEY not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_error_about_file_hides_its_key(place: Path, text: str, tracked: Told) -> None:
    (place / "conferencing.toml").write_text(text, "utf-8")
    with pytest.raises(ConferencingError) as caught:
        connect("main")
    assert_untold(caught.value, tracked)


@pytest.mark.parametrize("wrong", ["unknown key", "key twice", "key one level too high"])
def test_error_about_pyproject_hides_its_key(place: Path, wrong: str, tracked: Told) -> None:
    text = FILES[wrong].replace("[accounts", "[tool.conferencing.accounts")
    (place / "pyproject.toml").write_text(text, "utf-8")
    with pytest.raises(ConferencingError) as caught:
        connect("main")
    assert_untold(caught.value, tracked)


@pytest.mark.parametrize(
    "variables",
    [
        {"PROVIDER": "clickmeating", "API_KEY": KEY},
        {"API_KEY": KEY},
        {"PROVIDER": "clickmeeting", "APIKEY": KEY},
        {"PROVIDER": "clickmeeting", "API_KEY": KEY, "RATE": "fast"},
        {"PROVIDER": "clickmeeting", "API_KEY": KEY, "RETRIES": "few"},
        {"PROVIDER": "clickmeeting", "API_KEY": KEY, "BASE_URL": "file:absent"},
    ],
    ids="-".join,
)
def test_error_about_environment_hides_its_key(
    place: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], tracked: Told
) -> None:
    for name, text in variables.items():
        monkeypatch.setenv(f"CONFERENCING_MAIN_{name}", text)
    with pytest.raises(ConferencingError) as caught:
        connect("main")
    assert_untold(caught.value, tracked)


def test_error_about_reference_hides_its_key(
    place: Path, monkeypatch: pytest.MonkeyPatch, tracked: Told
) -> None:
    monkeypatch.setenv("SHOP_KEY", KEY)
    (place / "key").write_text(KEY)
    for reference in ("env:SHOP_KEY", "file:key"):
        account = {"provider": "clickmeeting", "api_key": reference, "timeout": "long"}
        with pytest.raises(ConferencingError) as caught:
            connect(account)
        assert_untold(caught.value, tracked)


def test_configuration_repr_hides_keys(place: Path) -> None:
    (place / "conferencing.toml").write_text(WHOLE, "utf-8")
    for value in (read_config(), read_account("main"), connect("main"), connect("main").provider):
        assert KEY not in repr(value) + str(value)
        assert KEY not in repr(getattr(value, "settings", "")) + repr(
            getattr(value, "accounts", "")
        )


def assert_untold(error: ConferencingError, tracked: Told) -> None:
    assert KEY not in str(error) + repr(error) + repr(dict(error.facts))
    assert KEY not in tracked(error)

"""Accounts: where they are written, what overrides them, and what their values may refer to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conferencing import Account, ConfigurationError, Rate, Secret, connect, sync
from conferencing.accounts.config import find_config, read_account, read_config
from conferencing.accounts.context import Context
from conferencing.memory import MemoryProvider, MemorySettings
from conferencing_clickmeeting import ClickMeeting, ClickMeetingSettings

PLACES = ["argument", "environment", "folder", "pyproject", "user folder"]


@pytest.mark.parametrize("first", range(len(PLACES)), ids=PLACES)
def test_first_configuration_found_is_used(place, monkeypatch, first) -> None:
    user = Path(os.environ["XDG_CONFIG_HOME"])
    files = [place / "named.toml", place.parent / "env.toml", place / "conferencing.toml"]
    files += [place / "pyproject.toml", user / "conferencing" / "conferencing.toml"]
    for number, path in list(enumerate(files))[first:]:
        prefix = "tool.conferencing." if path.name == "pyproject.toml" else ""
        write(path, f'[{prefix}accounts.main]\nprovider = "memory"\ntimeout = {number + 1}\n')
    if first <= 1:
        monkeypatch.setenv("CONFERENCING_CONFIG", str(files[1]))
    named = files[0] if first == 0 else None
    assert Path(read_config(named).path).resolve() == files[first].resolve()
    assert read_account("main", named).context.timeout == first + 1


def test_pyproject_without_our_table_is_skipped(place) -> None:
    user = Path(os.environ["XDG_CONFIG_HOME"]) / "conferencing" / "conferencing.toml"
    write(place / "pyproject.toml", '[project]\nname = "shop"\n[tool.other]\nx = 1\n')
    write(user, '[accounts.main]\nprovider = "memory"\n')
    assert find_config() == user
    assert connect("main").account == "main"


@pytest.mark.parametrize("named", ["argument", "environment"])
def test_named_file_must_exist(place, monkeypatch, named) -> None:
    write(place / "conferencing.toml", '[accounts.main]\nprovider = "memory"\n')
    if named == "environment":
        monkeypatch.setenv("CONFERENCING_CONFIG", "absent.toml")
    with pytest.raises(ConfigurationError, match=r"absent\.toml"):
        read_config("absent.toml" if named == "argument" else None)


def test_accounts_with_same_variables_raise(place) -> None:
    accounts = [f'[accounts."{name}"]\nprovider = "memory"\n' for name in ("my-main", "my_main")]
    write(place / "conferencing.toml", "".join(accounts))
    with pytest.raises(ConfigurationError) as caught:
        connect("my-main")
    for part in ("'my-main'", "'my_main'", "CONFERENCING_MY_MAIN_", "conferencing.toml"):
        assert part in caught.value.message


@pytest.mark.skipif(os.name != "posix", reason="modes of files are those of POSIX")
@pytest.mark.parametrize(("mode", "warns"), [(0o644, False), (0o664, False), (0o646, True)])
def test_world_writable_file_warns(place, caplog, mode, warns) -> None:
    path = place / "conferencing.toml"
    write(path, '[accounts.main]\nprovider = "memory"\n')
    path.chmod(mode)
    assert connect("main").account == "main"
    assert ("chmod o-w conferencing.toml" in caplog.text) is warns


def test_missing_file_is_an_empty_configuration(place) -> None:
    assert find_config() is None
    assert (read_config().path, read_config().default) == (None, None)


@pytest.mark.parametrize(
    ("argument", "variable", "chosen"),
    [("third", "second", "third"), (None, "second", "second"), (None, None, "first")],
)
def test_account_name_has_three_sources(place, monkeypatch, argument, variable, chosen) -> None:
    accounts = [
        f'[accounts.{name}]\nprovider = "memory"\n' for name in ("first", "second", "third")
    ]
    write(place / "conferencing.toml", 'default = "first"\n' + "".join(accounts))
    if variable:
        monkeypatch.setenv("CONFERENCING_ACCOUNT", variable)
    assert connect(argument).account == chosen


def test_configuration_serves_many_accounts(place) -> None:
    write(place / "conferencing.toml", two_accounts())
    config = read_config()
    (place / "conferencing.toml").unlink()
    assert [connect(name, config=config).account for name in ("main", "main-eu")] == [
        "main",
        "main-eu",
    ]


def test_variable_overrides_a_key(place, monkeypatch) -> None:
    write(place / "conferencing.toml", '[accounts.main]\nprovider = "memory"\ntimeout = 5\n')
    for key, text in {"RETRIES": "3", "RATE": "5/s", "UNVERIFIED": "TRUE", "PROXY": "p"}.items():
        monkeypatch.setenv(f"CONFERENCING_MAIN_{key}", text)
    context = read_account("main").context
    assert (context.timeout, context.retries, context.rate) == (5.0, 3, Rate(5, 1.0))
    assert (context.unverified, context.proxy) == (True, Secret("p"))
    monkeypatch.setenv("CONFERENCING_MAIN_TIMEOUT", "2.5")
    assert read_account("main").context.timeout == 2.5


def test_variable_belongs_to_longest_account_name(place, monkeypatch) -> None:
    write(place / "conferencing.toml", two_accounts())
    monkeypatch.setenv("CONFERENCING_MAIN_EU_RETRIES", "7")
    monkeypatch.setenv("CONFERENCING_MAIN_RETRIES", "3")
    retries = [read_account(name).context.retries for name in ("main", "main-eu")]
    assert retries == [3, 7]


def test_account_may_be_in_environment_only(place, monkeypatch) -> None:
    monkeypatch.setenv("CONFERENCING_ACCOUNT", "büro 1")
    monkeypatch.setenv("CONFERENCING_B_RO_1_PROVIDER", "clickmeeting")
    monkeypatch.setenv("CONFERENCING_B_RO_1_API_KEY", "key")
    account = read_account()
    assert account.provider is ClickMeeting
    assert account.settings.api_key == Secret("key")
    assert account.context.account == "büro 1"


@pytest.mark.parametrize(
    ("written", "secret"),
    [
        ("k-1", "k-1"),
        ("with:colon", "with:colon"),
        ("env:SHOP_KEY", "from env"),
        ("file:secrets/key", "from file"),
        ("file:{absolute}", "from file"),
        ("file:~/key", "from home"),
    ],
)
def test_value_may_refer_to_variable_or_file(place, monkeypatch, written, secret) -> None:
    monkeypatch.setenv("SHOP_KEY", "from env")
    monkeypatch.setenv("HOME", str(place / "home"))
    write(place / "elsewhere" / "secrets" / "key", "from file\n")
    write(place / "home" / "key", "  from home\n")
    value = written.format(absolute=place / "elsewhere" / "secrets" / "key")
    config = place / "elsewhere" / "our.toml"
    write(config, f'[accounts.main]\nprovider = "clickmeeting"\napi_key = "{value}"\n')
    assert read_account("main", config).settings.api_key == Secret(secret)
    monkeypatch.setenv("CONFERENCING_MAIN_API_KEY", value)
    assert read_account("main", config).settings.api_key == Secret(secret)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("file:tokens.json", "file:{place}/elsewhere/tokens.json"),
        ("file:~/tokens.json", "file:{place}/home/tokens.json"),
        ("file:/tmp/tokens.json", "file:/tmp/tokens.json"),
        ("redis://host/0", "redis://host/0"),
        ("env:STORE", "redis://other/1"),
        ("memory", "memory"),
    ],
)
def test_token_store_is_a_place_beside_the_file(place, monkeypatch, written, expected) -> None:
    monkeypatch.setenv("HOME", str(place / "home"))
    monkeypatch.setenv("STORE", "redis://other/1")
    config = place / "elsewhere" / "our.toml"
    write(config, f'[accounts.main]\nprovider = "memory"\ntoken_store = "{written}"\n')
    store = read_account("main", config).context.token_store
    assert store == Secret(expected.format(place=place))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("sqlite:rooms.db", "sqlite:{place}/elsewhere/rooms.db"),
        ("sqlite:~/rooms.db", "sqlite:{place}/home/rooms.db"),
        ("memory", "memory"),
        ("redis://host/0", "redis://host/0"),
    ],
)
def test_room_store_is_a_place_beside_the_file(place, monkeypatch, written, expected) -> None:
    monkeypatch.setenv("HOME", str(place / "home"))
    config = place / "elsewhere" / "our.toml"
    write(config, f'[accounts.main]\nprovider = "memory"\nroom_store = "{written}"\n')
    store = read_account("main", config).context.room_store
    assert store == Secret(expected.format(place=place))


def test_any_text_may_be_a_reference(place, monkeypatch) -> None:
    values = {"WHO": "clickmeeting", "WHERE": "https://api.example.com", "PACE": "2/m"}
    for name, text in values.items():
        monkeypatch.setenv(name, text)
    account = read_account(
        {"provider": "env:WHO", "api_key": "k", "base_url": "env:WHERE", "rate": "env:PACE"}
    )
    assert account.provider is ClickMeeting
    assert account.settings.base_url == "https://api.example.com"
    assert account.context.rate == Rate(2, 60.0)


@pytest.mark.parametrize(
    ("key", "written", "reason"),
    [
        ("api_key", "env:SHOP_KEY", "SHOP_KEY is not set"),
        ("provider", "env:SHOP_KEY", "SHOP_KEY is not set"),
        ("api_key", "env:", "is not set"),
        ("api_key", "file:absent", "absent cannot be read: No such file"),
        ("base_url", "file:.", "cannot be read"),
        ("proxy", "file:picture", "picture cannot be read: line 1 is not UTF-8"),
    ],
)
def test_dangling_reference_names_key_and_place(place, key, written, reason) -> None:
    (place / "picture").write_bytes(b"\x89PNG\xff\xfe")
    account = {"provider": "clickmeeting", "api_key": "k", key: written, "name": "main"}
    with pytest.raises(ConfigurationError) as caught:
        read_account(account)
    assert reason in caught.value.message
    assert (caught.value.field, caught.value.account) == (key, "main")


def test_keyring_is_used_if_installed(python, tmp_path) -> None:
    program = """
from conferencing.accounts.config import read_account
for entry in ("shop/ann", "shop/absent"):
    try:
        account = read_account({"provider": "clickmeeting", "api_key": f"keyring:{entry}"})
        print(account.settings.api_key.reveal())
    except Exception as error:
        print(type(error).__name__, error)
"""
    without, with_it = tmp_path / "without", tmp_path / "with"
    write(without / "keyring.py", "raise ImportError")
    write(
        with_it / "keyring.py",
        "def get_password(service, user): return {('shop', 'ann'): 's3cret'}.get((service, user))",
    )
    first, second = python(program, with_it).splitlines()
    assert first == "s3cret"
    assert "ConfigurationError" in second
    assert "'absent'" in second
    unsupported = python(program, without).splitlines()[0]
    assert "ConfigurationError" in unsupported
    assert "python -m pip install keyring" in unsupported


def test_account_mapping_is_not_changed(place) -> None:
    mapping = {"provider": "clickmeeting", "api_key": Secret("k"), "retries": 0, "name": "shop"}
    before = dict(mapping)
    for client in (connect(mapping), sync.connect(mapping)):
        assert client.account == "shop"
        assert client.provider.name == "clickmeeting"
        assert client.provider.context.retries == 0
        assert client.provider.settings.api_key == Secret("k")
        if isinstance(client, sync.Conference):
            client.close()
    assert mapping == before


@pytest.mark.parametrize(
    ("account", "name"),
    [
        ({"provider": MemoryProvider}, "memory"),
        ({"provider": MemoryProvider, "name": "shop"}, "shop"),
        ({"provider": "memory"}, "memory"),
    ],
)
def test_mapping_may_hold_an_adapter_class(account, name) -> None:
    client = connect(account)
    assert isinstance(client.provider, MemoryProvider)
    assert client.account == name


def test_account_object_is_used_unchanged(place) -> None:
    context = Context(account="shop", retries=2)
    settings = ClickMeetingSettings(api_key=Secret("k"), base_url="https://api.example.com")
    client = connect(Account(provider=ClickMeeting, settings=settings, context=context))
    assert client.account == "shop"
    assert client.provider.settings is settings
    assert client.provider.context.retries == 2
    assert (
        connect(
            Account(provider=MemoryProvider, settings=MemorySettings(), context=context),
            app="shop/1",
        ).provider.context.app
        == "shop/1"
    )


def two_accounts() -> str:
    return "".join(f'[accounts.{name}]\nprovider = "memory"\n' for name in ("main", "main-eu"))


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")

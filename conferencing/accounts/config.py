"""Accounts: from a file, the environment, or the application, to an adapter's own settings.

    default = "main"

    [accounts.main]
    provider = "clickmeeting"
    api_key = "env:CLICKMEETING_API_KEY"    # env:, file:, keyring:, or the value itself
    rate = "5/s"

`CONFERENCING_<ACCOUNT>_<KEY>` overrides one key. There are no fallbacks: an account that does not
exist, an unknown key and a missing secret are errors.
"""

from __future__ import annotations

import logging
import os
import re
import stat
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast

from attrs import asdict, field, frozen

from conferencing.accounts.context import AccountKeys, Context
from conferencing.accounts.registry import load
from conferencing.accounts.settings import (
    CORE,
    Reader,
    SecretText,
    hide_texts,
    read_private_text,
    suggest,
)
from conferencing.errors import (
    ConferencingError,
    ConfigurationError,
    UnknownAccount,
    UnknownProvider,
    raise_without_context,
)

__all__ = [
    "Account",
    "Config",
    "describe_sources",
    "find_config",
    "read_account",
    "read_config",
    "select_account",
]

FILE: Final = "conferencing.toml"

_LOG = logging.getLogger("conferencing.accounts")


@frozen(kw_only=True)
class Account:
    """What `connect` needs: the adapter's class, its settings and the context."""

    provider: Any
    settings: Any = field(repr=False)
    context: Context


@frozen(kw_only=True)
class Config:
    """A configuration as written, with no reference resolved. `path` is None if there is no file."""

    path: Path | None = None
    default: str | None = None
    accounts: Mapping[str, Mapping[str, Any]] = field(
        factory=dict[str, Mapping[str, Any]], repr=False
    )


# ------------------------------------------------------------------------------------- the file


def find_config(path: str | os.PathLike[str] | None = None) -> Path | None:
    """Return the path of the configuration file to use, or None.

    In this order: the argument, `CONFERENCING_CONFIG`, `./conferencing.toml`, a
    `[tool.conferencing]` table in `./pyproject.toml`, and `conferencing/conferencing.toml` in the
    user's configuration folder. Raises `ConfigurationError` if a file that was named explicitly
    does not exist.
    """
    explicit = path or os.environ.get("CONFERENCING_CONFIG")
    if explicit:
        if not Path(explicit).is_file():
            raise ConfigurationError(f"there is no configuration file {os.fspath(explicit)!r}")
        return Path(explicit)
    return next((place for place in _places() if place.is_file() and _has_table(place)), None)


def read_config(path: str | os.PathLike[str] | None = None) -> Config:
    """Read the configuration file. Raises `ConfigurationError` that names file and key."""
    file = find_config(path)
    if file is None:
        return Config()
    _warn_if_writable(file)
    table = _read_table(file)
    unknown = sorted(table.keys() - {"default", "accounts"})
    if unknown:
        hint = suggest(unknown[0], ["default", "accounts"])
        raise ConfigurationError(f"{file}: there is no key {unknown[0]!r} here{hint}")
    default = table.get("default", SecretText(""))
    if not isinstance(default, SecretText):
        raise ConfigurationError(f"{file}: default must be the name of an account")
    accounts = _accounts_of(table, file)
    _check_prefixes(accounts, file)
    return Config(path=file, default=default.text or None, accounts=accounts)


def _places() -> list[Path]:
    return [Path(FILE), Path("pyproject.toml"), _user_folder() / "conferencing" / FILE]


def _user_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")


def _has_table(place: Path) -> bool:
    return place.name == FILE or bool(_read_table(place))


def _read_table(path: Path) -> dict[str, Any]:
    """Return the table of this library in the file, with all strings in it hidden."""
    import tomllib  # noqa: PLC0415 - an account may be given without a file

    try:
        table: object = hide_texts(tomllib.loads(read_private_text(path)))
    except (OSError, ValueError) as error:
        # The frames of the parser hold the whole file.
        raise_without_context(ConfigurationError(f"{path} cannot be read: {error}"))
    for name in ("tool", "conferencing") if path.name == "pyproject.toml" else ():
        if isinstance(table, dict):
            table = cast("dict[str, object]", table).get(name, {})
    if not isinstance(table, dict):
        raise ConfigurationError(f"{path}: tool.conferencing must be a table: [tool.conferencing]")
    return cast("dict[str, Any]", table)


def _accounts_of(table: dict[str, Any], path: Path) -> dict[str, Mapping[str, Any]]:
    accounts: object = table.get("accounts", {})
    tables = cast("dict[str, object]", accounts if isinstance(accounts, dict) else {"": None})
    if not all(isinstance(account, dict) for account in tables.values()):
        raise ConfigurationError(f"{path}: an account is written as [accounts.<name>]")
    return cast("dict[str, Mapping[str, Any]]", tables)


def _check_prefixes(names: Iterable[str], path: Path) -> None:
    """Raise if two accounts would be overridden by the same environment variables."""
    owners: dict[str, str] = {}
    for name in names:
        other = owners.setdefault(_prefix(name), name)
        if other != name:
            raise ConfigurationError(
                f"{path}: the accounts {other!r} and {name!r} have the same environment variables"
                f" ({_prefix(name)}…); rename one of them"
            )


def _warn_if_writable(path: Path) -> None:
    # A warning and not an error: some container mounts report all files as writable.
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & stat.S_IWOTH:
        _LOG.warning(
            "%s can be changed by every user of this machine, who could redirect its accounts;"
            " run: chmod o-w %s",
            path, path,
        )  # fmt: skip


# ------------------------------------------------------------------------------------ an account


def read_account(
    account: str | Mapping[str, Any] | Account | None = None,
    config: str | os.PathLike[str] | Config | None = None,
) -> Account:
    """Return an account ready to connect: by name, or from a mapping of the same keys.

    In a mapping, `provider` may also be an adapter's class, and `name` names the account. Raises
    `UnknownAccount`, `UnknownProvider` or `ConfigurationError`, naming account and key.
    """
    if isinstance(account, Account):
        return account
    if isinstance(account, Mapping):
        account = hide_texts(account)  # under the same name: this frame keeps no plain string
        label = account.pop("name", None)
        return _build_account(label.text if isinstance(label, SecretText) else None, account, None)
    source = config if isinstance(config, Config) else read_config(config)
    name = select_account(source) if account is None else account
    if name is None:
        raise UnknownAccount(
            f"no account is named, and there is no default {_describe_accounts(source)}"
        )
    keys = dict(source.accounts.get(name, {})) | _overrides(name, source)
    if not keys and name not in source.accounts:
        raise UnknownAccount(
            f"there is no account {name!r} {_describe_accounts(source, name)}", account=name
        )
    return _build_account(name, keys, source.path)


def select_account(config: Config) -> str | None:
    """Return the name of the account that is used if none is named, or None."""
    return os.environ.get("CONFERENCING_ACCOUNT") or config.default


def describe_sources(name: str, config: Config) -> dict[str, str]:
    """Return for each key of an account, in words, where its value comes from.

    That is the configuration file, an environment variable, a key file or a keyring; the values
    themselves are not read.
    """
    table = {key: (str(config.path), value) for key, value in config.accounts.get(name, {}).items()}
    for key, value in _overrides(name, config).items():
        table[key] = (f"environment variable {_prefix(name)}{key.upper()}", value)
    return {key: _describe_source(*source) for key, source in table.items()}


def _describe_source(place: str, value: object) -> str:
    kind, colon, rest = value.text.partition(":") if isinstance(value, SecretText) else ("", "", "")
    words = {"env": "environment variable", "file": "file", "keyring": "keyring entry"}
    return f"{words[kind]} {rest}, named in {place}" if colon and kind in words else place


def _describe_accounts(config: Config, name: str = "") -> str:
    if config.path is None:
        return (
            "(no configuration was found: create conferencing.toml in this folder, or set"
            " CONFERENCING_CONFIG to the path of a file)"
        )
    names = ", ".join(sorted(config.accounts)) or "none"
    return f"in {config.path}; it has {names}{suggest(name, config.accounts)}"


def _overrides(name: str, config: Config) -> dict[str, Any]:
    """Return the keys of this account in the environment.

    A variable that also fits an account with a longer name belongs to that account.
    """
    prefix = _prefix(name)
    longer = [_prefix(other) for other in config.accounts if len(_prefix(other)) > len(prefix)]
    return {
        variable.removeprefix(prefix).lower(): SecretText(value, environment=True)
        for variable, value in os.environ.items()
        if variable.startswith(prefix) and not any(map(variable.startswith, longer))
    }


def _prefix(name: str) -> str:
    return f"CONFERENCING_{re.sub(r'[^A-Za-z0-9]+', '_', name).upper()}_"


@lru_cache(maxsize=8)
def _reader(folder: Path) -> Reader:
    """Return the reader for a folder. It is kept, since building the code of a converter takes ms."""
    return Reader(folder)


def _build_account(name: str | None, keys: dict[str, Any], path: Path | None) -> Account:
    """Return the account; without a name, it is called after its provider."""
    reader = _reader(path.parent if path else Path())
    try:
        provider = keys.pop("provider", None)
        if provider is None:
            raise ConfigurationError("the key 'provider' is needed", field="provider")
        adapter: Any = provider if isinstance(provider, type) else load(reader.provider(provider))
        if not hasattr(adapter, "settings_class"):
            raise ConfigurationError(
                f"provider: {adapter.__name__} is not an adapter: it has no settings_class",
                field="provider",
            )
        core: dict[str, Any] = {key: keys.pop(key) for key in CORE if key in keys}
        account_keys = reader.read(reader.locate_stores(core), AccountKeys)
        settings = reader.read(keys, adapter.settings_class)
        name = name or str(getattr(adapter, "name", "unnamed"))
    except ConferencingError as error:
        error.add_context(account=name or "unnamed")
        if isinstance(error, UnknownProvider):
            raise_without_context(error)  # its frames hold what may be a misplaced credential
        raise
    context = Context(account=name, **asdict(account_keys, recurse=False))
    return Account(provider=adapter, settings=settings, context=context)

"""Accounts: from a file, the environment, or the application, to an adapter's own settings.

    default = "main"

    [accounts.main]
    provider = "clickmeeting"
    api_key = "env:CLICKMEETING_API_KEY"    # env:, file:, keyring:, or the value itself
    rate = "5/s"

`CONFERENCING_<ACCOUNT>_<KEY>` overrides one key. There is no fallback: an account that is not
named, a key that nobody knows and a secret that is not there are errors.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

from attrs import asdict, field, frozen

from conferencing.accounts.context import AccountKeys, Context
from conferencing.accounts.registry import load
from conferencing.accounts.settings import CORE, Reader, SecretText, hide_texts, suggest
from conferencing.errors import ConferencingError, ConfigurationError, UnknownAccount

__all__ = ["Account", "Config", "find_config", "read_account", "read_config"]

FILE: Final = "conferencing.toml"


@frozen(kw_only=True)
class Account:
    """Hold all that it takes to connect: the adapter's class, its settings, the core's context."""

    provider: Any
    settings: Any
    context: Context


@frozen(kw_only=True)
class Config:
    """Hold a configuration as it was read, with nothing resolved yet. `path` is None without one."""

    path: Path | None = None
    default: str | None = None
    accounts: Mapping[str, Mapping[str, Any]] = field(
        factory=dict[str, Mapping[str, Any]], repr=False
    )


# ------------------------------------------------------------------------------------- the file


def find_config(path: str | os.PathLike[str] | None = None) -> Path | None:
    """Return the configuration file in force, or None.

    The argument goes before `CONFERENCING_CONFIG`, `./conferencing.toml`, a `[tool.conferencing]`
    in `./pyproject.toml`, and the user's own `conferencing/conferencing.toml`. Raises
    `ConfigurationError` if one that was named is not there.
    """
    named = path or os.environ.get("CONFERENCING_CONFIG")
    if named:
        if not Path(named).is_file():
            raise ConfigurationError(f"there is no configuration file {os.fspath(named)!r}")
        return Path(named)
    return next((place for place in _places() if place.is_file() and _speaks(place)), None)


def read_config(path: str | os.PathLike[str] | None = None) -> Config:
    """Read the configuration in force. Raises `ConfigurationError` that names file and key."""
    found = find_config(path)
    if found is None:
        return Config()
    table = _table(found)
    unknown = sorted(table.keys() - {"default", "accounts"})
    if unknown:
        raise ConfigurationError(
            f"{found}: there is no key {unknown[0]!r} here{suggest(unknown[0], ['default', 'accounts'])}"
        )
    default = table.get("default", SecretText(""))
    if not isinstance(default, SecretText):
        raise ConfigurationError(f"{found}: default must be the name of an account")
    accounts = table.get("accounts", {})
    return Config(path=found, default=default.text or None, accounts=accounts)


def _places() -> list[Path]:
    return [Path(FILE), Path("pyproject.toml"), _user_folder() / "conferencing" / FILE]


def _user_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")


def _speaks(place: Path) -> bool:
    return place.name == FILE or bool(_written(place))


def _table(path: Path) -> dict[str, Any]:
    """Return our table of the file, with all texts in it hidden."""
    table = _written(path)
    accounts: object = table.get("accounts", {})
    tables = cast("dict[str, object]", accounts if isinstance(accounts, dict) else {"": None})
    if not all(isinstance(one, dict) for one in tables.values()):
        raise ConfigurationError(f"{path}: an account is written as [accounts.<name>]")
    return table


def _written(path: Path) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415 - an account may be given without a file

    try:
        table: object = hide_texts(tomllib.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as error:
        fault = f"{path} cannot be read: {error}"
    else:
        for name in ("tool", "conferencing") if path.name == "pyproject.toml" else ():
            if isinstance(table, dict):
                table = cast("dict[str, object]", table).get(name, {})
        if isinstance(table, dict):
            return cast("dict[str, Any]", table)
        fault = f"{path}: our part of it is a table: [tool.conferencing]"
    raise ConfigurationError(fault)


# ------------------------------------------------------------------------------------ an account


def read_account(
    account: str | Mapping[str, Any] | Account | None = None,
    config: str | os.PathLike[str] | Config | None = None,
) -> Account:
    """Return an account ready to connect: named, or given as a mapping of the same keys.

    In a mapping, `provider` may also be an adapter's class, and `name` names the account. Raises
    `UnknownAccount`, `UnknownProvider` or `ConfigurationError`, naming account and key.
    """
    if isinstance(account, Account):
        return account
    if isinstance(account, Mapping):
        account = hide_texts(account)  # under the same name: the texts are gone from this frame
        name = account.pop("name", None) or account.get("provider")
        return _account(name.text if isinstance(name, SecretText) else "unnamed", account, None)
    known = config if isinstance(config, Config) else read_config(config)
    name = account
    if name is None:
        name = os.environ.get("CONFERENCING_ACCOUNT") or known.default
    if name is None:
        raise UnknownAccount(f"no account is named, and there is no default {_where(known)}")
    given = dict(known.accounts.get(name, {})) | _overrides(name, known)
    if not given and name not in known.accounts:
        raise UnknownAccount(f"there is no account {name!r} {_where(known, name)}", account=name)
    return _account(name, given, known.path)


def _where(config: Config, name: str = "") -> str:
    if config.path is None:
        return (
            "(no configuration was found: write conferencing.toml here, or name a file in"
            " CONFERENCING_CONFIG)"
        )
    names = ", ".join(sorted(config.accounts)) or "none"
    return f"in {config.path}; it has {names}{suggest(name, config.accounts)}"


def _overrides(name: str, config: Config) -> dict[str, Any]:
    """Return this account's keys from the environment; the longest account name that fits counts."""
    mine = _prefix(name)
    others = [_prefix(one) for one in config.accounts if len(_prefix(one)) > len(mine)]
    return {
        variable.removeprefix(mine).lower(): SecretText(value, environment=True)
        for variable, value in os.environ.items()
        if variable.startswith(mine) and not any(variable.startswith(one) for one in others)
    }


def _prefix(name: str) -> str:
    return f"CONFERENCING_{re.sub(r'[^A-Za-z0-9]+', '_', name).upper()}_"


def _account(name: str, given: dict[str, Any], path: Path | None) -> Account:
    reader = Reader(path.parent if path else Path())
    try:
        provider = given.pop("provider", None)
        if provider is None:
            raise ConfigurationError("it has no provider", field="provider")
        adapter: Any = provider if isinstance(provider, type) else load(reader.provider(provider))
        if not hasattr(adapter, "settings_class"):
            raise ConfigurationError(
                f"provider: {adapter.__name__} is no adapter: it has no settings_class",
                field="provider",
            )
        core: dict[str, Any] = {key: given.pop(key) for key in CORE if key in given}
        keys = reader.read(core, AccountKeys)
        settings = reader.read(given, adapter.settings_class)
    except ConferencingError as error:
        error.add_context(account=name)
        raise
    context = Context(account=name, **asdict(keys, recurse=False))
    return Account(provider=adapter, settings=settings, context=context)

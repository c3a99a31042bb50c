"""`conferencing config add`: write an account into the configuration."""

from __future__ import annotations

import json as json_module
import re
import sys
import tomllib
from collections.abc import Mapping
from getpass import getpass
from pathlib import Path
from typing import Annotated, Any, Final

from cyclopts import Parameter

from conferencing.accounts.config import Account, Config, find_config, read_account, read_config
from conferencing.accounts.settings import hide_texts, read_private_text
from conferencing.errors import ConfigurationError
from conferencing.files import write_atomically
from conferencing.model.secret import Secret

from .options import UsageError, parse_pairs
from .output import Output, print_line

__all__ = ["add"]

FILE: Final = "conferencing.toml"
_SAFE: Final = re.compile(r"prompt|(?:env|file|keyring):.+")


def add(
    name: str,
    /,
    *,
    provider: str,
    set_: Annotated[list[str] | None, Parameter(name="--set")] = None,
    config: Path | None = None,
    json: bool = False,
) -> Output:
    """Add an account to the configuration, which is then readable only by you.

    Keys that the provider needs are asked for, without showing what is typed. Nothing is sent;
    `conferencing doctor` checks whether the credentials work.

    Parameters
    ----------
    name
        Name of the account.
    provider
        Its provider, as in `conferencing providers`.
    set_
        A key, like "rate=5/s". Credentials are env:NAME, file:PATH, keyring:SERVICE/USER, or prompt
        to be asked. Can be repeated.
    config
        Configuration file (default: the one in use, else conferencing.toml in this folder).
    json
        Print JSON.
    """
    path = config or find_config() or Path(FILE)
    if path.name == "pyproject.toml":
        raise UsageError(f"pyproject.toml is no place for credentials; use --config {FILE}")
    known = read_config(path) if path.exists() else Config(path=path)
    if name in known.accounts:
        raise UsageError(f"the account {name!r} exists already ({path})")
    if not re.fullmatch(r"[\w-]+", name, re.ASCII):
        raise UsageError(f"{name!r} is not an account name; use a-z, A-Z, 0-9, - and _ only")
    pairs = parse_pairs(set_, "--set")
    keys = {"provider": provider, **_parse_keys(pairs)}
    _refuse_plain_secrets(_complete(name, keys, path), pairs)
    content = _add_table(path, name, keys, default=not path.exists())
    write_atomically(path.resolve(), content.encode(), replace=True, mode=0o600, field="config")
    sentence = f"Added the account {name} to {path}. `conferencing doctor {name}` checks it."
    data = {"account": name, "path": str(path)}
    return Output(data, lambda console: print_line(console, sentence))


def _parse_keys(pairs: Mapping[str, str]) -> dict[str, Any]:
    return {
        key: _ask(key) if text == "prompt" else _parse_value(text) for key, text in pairs.items()
    }


def _parse_value(text: str) -> Any:
    """Return a number or a boolean as one, and any other text as it is."""
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        return text
    return value if isinstance(value, int | float | str) else text


def _complete(name: str, keys: dict[str, Any], path: Path) -> Account:
    """Ask for keys until the account is valid. Raises `ConfigurationError` for a wrong value."""
    while True:
        try:
            return read_account(name, Config(path=path, accounts={name: hide_texts(keys)}))
        except ConfigurationError as error:
            if error.field is None or error.field in keys:
                raise
            key, problem = error.field, error.message
        keys[key] = _ask(key, problem)


def _ask(key: str, problem: str | None = None) -> str:
    """Return what is typed for a key; `problem` says why it is asked for."""
    if not sys.stdin.isatty():
        reason = problem or f"--set {key}=prompt"
        raise UsageError(f"{reason}; there is no terminal to ask on, so use --set {key}=env:NAME")
    if problem:
        print(problem, file=sys.stderr)  # noqa: T201
    return getpass(f"{key} (not shown): ").strip()


def _refuse_plain_secrets(account: Account, typed: Mapping[str, str]) -> None:
    for key, text in typed.items():
        is_secret = isinstance(getattr(account.settings, key, None), Secret)
        if is_secret and not _SAFE.fullmatch(text):
            raise UsageError(
                f"--set {key} takes env:NAME, file:PATH, keyring:SERVICE/USER or prompt; a"
                " credential on the command line would stay in the shell history"
            )


def _add_table(path: Path, name: str, keys: Mapping[str, Any], *, default: bool) -> str:
    """Return the text of the configuration with one more account."""
    text = f'default = "{name}"\n' if default else read_private_text(path).rstrip() + "\n"
    lines = [
        f"{key} = {json_module.dumps(value, ensure_ascii=False)}" for key, value in keys.items()
    ]
    text += "\n".join(["", f"[accounts.{name}]", *lines, ""])
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problem = str(error)
    else:
        return text
    raise UsageError(f"{path} would not be valid TOML: {problem}; add [accounts.{name}] by hand")

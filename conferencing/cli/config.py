"""`conferencing config`: which configuration counts, and whether what it says can be right."""

from __future__ import annotations

import os
from typing import Any, Final

from attrs import asdict, frozen
from rich.console import Console

from conferencing.accounts.config import Config, read_account, read_config
from conferencing.errors import ConfigurationError, UnknownAccount

from .options import READ, CommonOptions
from .output import Output, say, table

__all__ = ["check", "where"]

USAGE: Final = 2


@frozen
class Checked:
    """Hold what is told of one account."""

    account: str
    provider: str | None
    good: bool
    problem: str | None = None


def where(*, at: CommonOptions = READ) -> Output:
    """Tell which configuration file counts, which accounts it has, and which one is meant."""
    config = read_config(at.config)
    parse_enum = at.account or os.environ.get("CONFERENCING_ACCOUNT") or config.default
    overrides = sorted(name for name in os.environ if name.startswith("CONFERENCING_"))
    data: dict[str, Any] = {
        "path": str(config.path.resolve()) if config.path else None,
        "account": parse_enum,
        "accounts": sorted(config.accounts),
        "variables": overrides,
    }

    def show(console: Console) -> None:
        say(console, data["path"] or "There is no file: write conferencing.toml here, say.")
        say(console, f"Accounts: {', '.join(data['accounts']) or 'none'}.")
        say(
            console,
            f"Without --account it is {parse_enum}." if parse_enum else "None is the default.",
        )
        if overrides:
            say(console, f"Set in the environment: {', '.join(overrides)}.")

    return Output(data, show)


def check(*, at: CommonOptions = READ) -> Output:
    """Check the accounts as they are written, or one of them; nothing is sent.

    Whether the credentials work is told by `conferencing doctor`.
    """
    config = read_config(at.config)
    names = [at.account] if at.account else sorted(config.accounts)
    if not names:
        raise UnknownAccount("there is no account to check: `conferencing config where` tells more")
    checked = [_checked(name, config) for name in names]
    data = {
        "path": str(config.path) if config.path else None,
        "accounts": list(map(asdict, checked)),
    }

    def show(console: Console) -> None:
        table(console, ("account", "provider", "good", "problem"), checked, None)

    return Output(data, show, 0 if all(one.good for one in checked) else USAGE)


def _checked(name: str, config: Config) -> Checked:
    try:
        known = read_account(name, config)
    except ConfigurationError as error:
        return Checked(name, None, good=False, problem=error.message)
    return Checked(name, known.provider.name, good=True)

"""`conferencing config`: which configuration is used, and whether it is well-formed."""

from __future__ import annotations

import os
from typing import Any, Final

from attrs import asdict, frozen
from rich.console import Console

from conferencing.accounts.config import Config, read_account, read_config
from conferencing.errors import ConfigurationError, UnknownAccount

from .errors import USAGE
from .options import COMMON, CommonOptions
from .output import Output, print_line, print_table
from .tables import Column

__all__ = ["check", "where"]

COLUMNS: Final = (
    Column("account"),
    Column("provider", drop=1),
    Column("valid"),
    Column("problem", wrap=True),
)


@frozen
class AccountCheck:
    """The result of checking the form of one account."""

    account: str
    provider: str | None
    valid: bool
    problem: str | None = None


def where(*, options: CommonOptions = COMMON) -> Output:
    """Show which configuration file is used, its accounts, and which account is selected."""
    config = read_config(options.config)
    selected = options.account or os.environ.get("CONFERENCING_ACCOUNT") or config.default
    variables = sorted(name for name in os.environ if name.startswith("CONFERENCING_"))
    data: dict[str, Any] = {
        "path": str(config.path.resolve()) if config.path else None,
        "account": selected,
        "accounts": sorted(config.accounts),
        "variables": variables,
    }

    def show(console: Console) -> None:
        nothing = "none; create conferencing.toml in this folder: conferencing config add"
        print_line(console, f"Configuration file: {data['path'] or nothing}")
        print_line(console, f"Accounts: {', '.join(data['accounts']) or 'none'}")
        print_line(console, f"Selected account: {selected or 'none; use --account'}")
        if variables:
            print_line(console, f"Environment variables: {', '.join(variables)}")

    return Output(data, show)


def check(*, options: CommonOptions = COMMON) -> Output:
    """Check the form of all accounts, or of one: names of keys, types, and references to secrets.

    Nothing is sent. `conferencing doctor` checks whether the credentials work.
    """
    config = read_config(options.config)
    names = [options.account] if options.account else sorted(config.accounts)
    if not names:
        raise UnknownAccount("there are no accounts to check; see `conferencing config where`")
    checks = [_check_account(name, config) for name in names]
    data = {
        "path": str(config.path) if config.path else None,
        "accounts": list(map(asdict, checks)),
    }

    def show(console: Console) -> None:
        print_table(console, COLUMNS, checks)

    return Output(data, show, 0 if all(check.valid for check in checks) else USAGE)


def _check_account(name: str, config: Config) -> AccountCheck:
    try:
        account = read_account(name, config)
    except ConfigurationError as error:
        return AccountCheck(name, None, valid=False, problem=error.message)
    return AccountCheck(name, account.provider.name, valid=True)

"""`conferencing doctor`: is this account set up, and do its credentials work?"""

from __future__ import annotations

import asyncio
import platform
from pathlib import Path
from typing import Any

from attrs import fields
from rich.console import Console
from rich.table import Table

import conferencing
from conferencing.accounts.config import Account, read_account, read_config
from conferencing.capabilities import Operation
from conferencing.conference import connect
from conferencing.model.secret import Secret

from .output import Output

__all__ = ["doctor"]


def doctor(account: str | None = None, *, config: Path | None = None, json: bool = False) -> Output:
    """Check an account: its configuration, and whether the provider accepts its credentials.

    The output contains no secrets, so that it can be pasted into a bug report.

    Parameters
    ----------
    account
        Name of the account (default: the default of the configuration).
    config
        Configuration file (default: see `conferencing config where`).
    json
        Print JSON.
    """
    configuration = read_config(config)
    selected = read_account(account, configuration)
    facts: dict[str, Any] = {
        "conferencing": conferencing.__version__,
        "python": platform.python_version(),
        "configuration": str(configuration.path) if configuration.path else "the environment alone",
        "account": selected.context.account,
        "provider": selected.provider.name,
        "settings": _redact(selected),
    }
    facts["credentials"] = asyncio.run(_check(selected))
    return Output(facts, lambda console: _show(console, facts))


def _redact(account: Account) -> dict[str, Any]:
    settings_class: Any = account.provider.settings_class
    own = {field.name: getattr(account.settings, field.name) for field in fields(settings_class)}
    core = {"rate": account.context.rate, "proxy": account.context.proxy}
    settings = own | {name: value for name, value in core.items() if value is not None}
    return {
        name: str(value) if isinstance(value, Secret) else value for name, value in settings.items()
    }


async def _check(account: Account) -> str:
    async with connect(account) as conference:
        if not conference.capabilities.supports(Operation.CHECK):
            return "the provider has no call to check them"
        await conference.check()
        return "accepted"


def _show(console: Console, facts: dict[str, Any]) -> None:
    table = Table(show_header=False, box=None)
    settings: dict[str, Any] = facts["settings"]
    for name, value in facts.items():
        table.add_row(name, "" if name == "settings" else str(value))
        for key in settings if name == "settings" else ():
            table.add_row(f"  {key}", str(settings[key]))
    console.print(table)

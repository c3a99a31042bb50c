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
    """Check an account: where its configuration is, and whether its credentials work.

    What it prints holds no secret, so that it can be pasted into a report.

    Parameters
    ----------
    account
        The name of an account; without it, the default one.
    config
        The configuration file; `conferencing config where` tells which one counts without it.
    json
        Print JSON.
    """
    found = read_config(config)
    known = read_account(account, found)
    facts: dict[str, Any] = {
        "conferencing": conferencing.__version__,
        "python": platform.python_version(),
        "configuration": str(found.path) if found.path else "the environment alone",
        "account": known.context.account,
        "provider": known.provider.name,
        "settings": _redacted(known),
    }
    facts["credentials"] = asyncio.run(_check(known))
    return Output(facts, lambda console: _show(console, facts))


def _redacted(account: Account) -> dict[str, Any]:
    kind: Any = account.provider.settings_class
    settings = {one.name: getattr(account.settings, one.name) for one in fields(kind)}
    core = {"rate": account.context.rate, "proxy": account.context.proxy}
    known = settings | {name: value for name, value in core.items() if value is not None}
    return {
        name: str(value) if isinstance(value, Secret) else value for name, value in known.items()
    }


async def _check(account: Account) -> str:
    async with connect(account) as conference:
        if not conference.capabilities.supports(Operation.CHECK):
            return "this provider has no call that proves them"
        await conference.check()
        return "they work"


def _show(console: Console, facts: dict[str, Any]) -> None:
    table = Table(show_header=False, box=None)
    settings: dict[str, Any] = facts["settings"]
    for name, value in facts.items():
        table.add_row(name, "" if name == "settings" else str(value))
        for key in settings if name == "settings" else ():
            table.add_row(f"  {key}", str(settings[key]))
    console.print(table)

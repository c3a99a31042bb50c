"""`conferencing doctor --needs`: which account supports which operations and fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import frozen
from rich.console import Console

from conferencing.accounts.config import Config, read_account
from conferencing.capabilities import Capabilities, Operation, Support
from conferencing.conference import connect
from conferencing.errors import ConfigurationError, InvalidRequest, UnknownAccount

from .errors import COMMANDS_BY_OPERATION, FAILED, OK, PARTLY
from .options import UsageError
from .output import Output, print_table
from .tables import Column

__all__ = ["check_needs"]

COLUMNS: Final = (
    Column("account"),
    Column("provider", drop=1),
    Column("need"),
    Column("supported", wrap=True),
)

# `link --of` and the like are words of a message, not words that somebody would write here.
NEEDS_BY_COMMAND: Final[Mapping[str, str]] = {
    **{
        command: operation
        for operation, command in COMMANDS_BY_OPERATION.items()
        if "--" not in command
    },
    "rooms": Operation.CREATE_ROOM,
    "people": Operation.LIST_PARTICIPANTS,
    "sessions": Operation.LIST_SESSIONS,
    "recordings": Operation.LIST_RECORDINGS,
    "reports": Operation.CREATE_REPORT,
    "templates": Operation.LIST_TEMPLATES,
    "report": Operation.LIST_ATTENDANCE,
}
"""Commands, and the operation that each of them needs."""


@frozen
class Need:
    """Whether an account supports one thing: yes, emulated, unverified, no, or why that is unknown."""

    account: str
    provider: str | None
    need: str
    supported: str

    @property
    def is_met(self) -> bool:
        """Whether the account can do this now."""
        return self.supported in {"yes", "emulated"}


def check_needs(texts: Sequence[str], account: str | None, config: Config) -> Output:
    """Check one account, or all accounts of the configuration, without sending anything."""
    needs = [name.strip() for text in texts for name in text.split(",") if name.strip()]
    names = [account] if account else sorted(config.accounts)
    if not names:
        raise UnknownAccount("there are no accounts to check; see `conferencing config where`")
    rows = [row for name in names for row in _check_account(name, needs, config)]
    complete = {name for name in names if all(row.is_met for row in rows if row.account == name)}
    code = OK if len(complete) == len(names) else PARTLY if complete else FAILED

    def show(console: Console) -> None:
        styles = {"yes": "green", "no": "red"}
        print_table(console, COLUMNS, rows, styles=styles)

    return Output({"complete": sorted(complete), "needs": rows}, show, code)


def _check_account(name: str, needs: Sequence[str], config: Config) -> list[Need]:
    try:
        account = read_account(name, config)
    except ConfigurationError as error:
        return [Need(name, None, need, f"unknown: {error.message}") for need in needs]
    capabilities = connect(account).capabilities
    return [
        Need(name, capabilities.provider, need, _find_support(capabilities, need)) for need in needs
    ]


def _find_support(capabilities: Capabilities, need: str) -> str:
    try:
        support = capabilities.support_of(NEEDS_BY_COMMAND.get(need, need))
    except InvalidRequest as error:
        raise UsageError(f"--needs: {error.message}") from error
    is_on = support is Support.UNVERIFIED and capabilities.unverified
    return "yes" if is_on else support.value

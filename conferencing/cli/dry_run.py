"""`--dry-run`: a stand-in for the provider that records writes instead of sending them."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from inspect import signature
from typing import Any, Final

from attrs import frozen
from rich.console import Console

from conferencing.capabilities import Operation, Support
from conferencing.conference import Conference
from conferencing.model import Room
from conferencing.provider import ConferenceProvider

from .output import Output, print_line
from .tables import print_lines
from .values import flatten, format_value, set_fields

__all__ = ["DryRun", "DryRunStop", "build_dry_run_output"]

MAX_SHOWN: Final = 10

READS: Final = frozenset(
    operation
    for operation in Operation
    if operation.startswith(("list_", "get_")) or operation in {"check", "usage", "feedback"}
) | {Operation.DEFAULT_SETTINGS, Operation.ROOM_SETTINGS}
WRITES: Final = frozenset(Operation) - READS
ROOM_WRITES: Final = frozenset({Operation.CREATE_ROOM, Operation.UPDATE_ROOM})


class DryRunStop(Exception):
    """Raised in place of a write other than that of a room, once it is recorded."""


@frozen
class PlannedCall:
    """One operation with the arguments that the provider would have got."""

    operation: str
    arguments: dict[str, Any]


class DryRun:
    """Wrap a provider: reads go through, writes are recorded in `calls`.

    All checks of the client are made before a write reaches this class.
    """

    def __init__(self, provider: ConferenceProvider) -> None:
        self._provider = provider
        self.calls: list[PlannedCall] = []

    @property
    def conference(self) -> Conference:
        """A client whose writes are recorded."""
        provider: Any = self
        return Conference(provider)

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._provider, name)
        if name not in WRITES:
            return attribute
        if self._provider.capabilities[name] is Support.UNVERIFIED and not (
            self._provider.context.unverified
        ):
            return attribute  # it raises before it sends anything
        return partial(self._record, name)

    async def _record(self, name: str, *args: Any, **kwargs: Any) -> Room:
        bound = signature(getattr(ConferenceProvider, name)).bind(None, *args, **kwargs)
        arguments = {
            key: set_fields(value)
            for key, value in bound.arguments.items()
            if key != "self" and value is not None
        }
        self.calls.append(PlannedCall(name, arguments))
        if name not in ROOM_WRITES:
            raise DryRunStop
        # The client notes on the returned room which fields it left out of the call.
        return Room(id=bound.arguments["room"].id if "room" in bound.arguments else "new")


def build_dry_run_output(dry_run: DryRun, output: Output | None = None) -> Output:
    """Return the recorded calls as an `Output`, followed by the command's own output if any."""
    provider: Any = dry_run
    place = {"provider": provider.name, "account": provider.context.account}
    calls = dry_run.calls
    data = {
        "dry_run": True,
        **place,
        "calls": [{"operation": call.operation, "arguments": call.arguments} for call in calls],
    }

    def show(console: Console) -> None:
        account = f"{place['provider']} (account {place['account']})"
        if not calls:
            print_line(console, f"Dry run: there is nothing to send to {account}.")
        else:
            print_line(
                console, f"Dry run: nothing was sent to {account}. These calls would be made:"
            )
            _print_calls(console, calls)
        if output is not None:
            output.show(console)

    if output is None:
        return Output(data, show)
    return Output(data | output.data, show, output.code)


def _print_calls(console: Console, calls: list[PlannedCall]) -> None:
    for call in calls[:MAX_SHOWN]:
        print_line(console, call.operation, "bold")
        lines = flatten(call.arguments)
        print_lines(console, [(f"  {name}", _format_argument(value)) for name, value in lines])
    if len(calls) > MAX_SHOWN:
        print_line(console, f"… and {len(calls) - MAX_SHOWN} more")


def _format_argument(value: object) -> str:
    """Return the value as text; a time keeps the offset with which it will be sent."""
    return format_value(value, value.tzinfo if isinstance(value, datetime) else None)

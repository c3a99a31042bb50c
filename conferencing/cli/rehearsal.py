"""`--dry-run`: a provider behind which nothing happens, and the telling of what would have."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from inspect import signature
from typing import Any, Final, NoReturn

from attrs import frozen
from rich.console import Console

from conferencing.capabilities import Operation, Support
from conferencing.conference import Conference
from conferencing.provider import ConferenceProvider

from .output import Output, plain, say
from .values import flat, said, text, told

__all__ = ["DryRunStop", "Rehearsal", "planned"]

SHOWN: Final = 10

READS: Final = frozenset(
    one
    for one in Operation
    if one.startswith(("list_", "get_")) or one in {"check", "usage", "feedback"}
) | {Operation.DEFAULT_SETTINGS, Operation.ROOM_SETTINGS}
WRITES: Final = frozenset(Operation) - READS


class DryRunStop(Exception):
    """Say that an operation was about to be sent."""


@frozen
class Planned:
    """Hold one operation with its arguments, as they would have gone to the provider."""

    operation: str
    arguments: dict[str, Any]


class Rehearsal:
    """Stand before a provider: what it is shines through, what it would change is written down.

    All checks of the client come before; nothing comes after. What has to be read to know what
    would be sent is read.
    """

    def __init__(self, provider: ConferenceProvider) -> None:
        self._provider = provider
        self.planned: list[Planned] = []

    @property
    def conference(self) -> Conference:
        """A client that rehearses."""
        stand_in: Any = self
        return Conference(stand_in)

    def __getattr__(self, name: str) -> Any:
        behind = getattr(self._provider, name)
        if name not in WRITES:
            return behind
        if self._provider.capabilities[name] is Support.UNVERIFIED and not (
            self._provider.context.unverified
        ):
            return behind  # it refuses before it does anything
        return partial(self._write_down, name)

    def _write_down(self, name: str, *args: Any, **kwargs: Any) -> NoReturn:
        called = signature(getattr(ConferenceProvider, name)).bind(None, *args, **kwargs)
        given = {key: one for key, one in called.arguments.items() if key != "self"}
        arguments = {key: said(one) for key, one in given.items() if one is not None}
        self.planned.append(Planned(name, arguments))
        raise DryRunStop


def planned(rehearsal: Rehearsal, beside: Output | None = None) -> Output:
    """Return what to say of a rehearsal, and what there is to say beside it."""
    where = {"provider": rehearsal.name, "account": rehearsal.context.account}
    calls = rehearsal.planned
    data = {
        "dry_run": True,
        **where,
        "calls": [{"operation": one.operation, "arguments": told(one.arguments)} for one in calls],
    }

    def show(console: Console) -> None:
        say(console, f"Nothing was sent to {where['provider']} ({where['account']}). It would be:")
        _show(console, calls)
        if beside is not None:
            beside.show(console)

    if beside is None:
        return Output(data, show)
    return Output(data | beside.data, show, beside.code)


def _show(console: Console, calls: list[Planned]) -> None:
    for one in calls[:SHOWN]:
        say(console, one.operation, "bold")
        plain(console, [(f"  {name}", _as_said(value)) for name, value in flat(one.arguments)])
    if len(calls) > SHOWN:
        say(console, f"… and {len(calls) - SHOWN} more.")
    if not calls:
        say(console, "nothing at all.")


def _as_said(value: object) -> str:
    """Return the text of a value, a time with the offset that it will be sent with."""
    return text(value, value.tzinfo if isinstance(value, datetime) else None)

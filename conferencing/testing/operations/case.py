"""What a case of an operation is: the states that it needs, the call, and the check of its result."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

from attrs import frozen

from conferencing.capabilities import Operation
from conferencing.testing.expect import expect, is_known
from conferencing.testing.scenario import Scenario

__all__ = ["OperationCase", "check_known", "check_unique", "no_check"]


async def no_check(_: Scenario, result: Any) -> None:
    """Accept any result."""


@frozen(kw_only=True)
class OperationCase:
    """One way to call an operation.

    `call` makes the call, in a scenario with these `states`. `by_id` makes it with an id alone.
    `check` compares the result with the world. `variant` distinguishes cases of one operation; a
    variant that an adapter refuses as unsupported is skipped. `exact` means that repeating the call
    gives an equal result, `once` that its effect must not happen twice, `finds` that it is about
    one object which may be missing, `own` that it calls a method that only this adapter has. For a listing, `fill` creates `count` objects to list, in
    `fill_states` if those are not its states.
    """

    operation: Operation
    call: Callable[[Scenario], Awaitable[Any]]
    states: tuple[str, ...] = ("room",)
    check: Callable[[Scenario, Any], Awaitable[None]] = no_check
    by_id: Callable[[Scenario, str], Awaitable[Any]] | None = None
    fill: Callable[[Scenario, int], Awaitable[None]] | None = None
    fill_states: tuple[str, ...] | None = None
    variant: str = ""
    exact: bool = False
    once: bool = False
    finds: bool = False
    own: bool = False

    def __str__(self) -> str:
        return f"{self.operation.value}, {self.variant}" if self.variant else self.operation.value

    async def perform(self, scenario: Scenario, object_id: str | None = None) -> Any:
        """Make the call; by id alone if one is passed and the operation takes it."""
        if object_id is not None and self.by_id is not None:
            return await self.by_id(scenario, object_id)
        return await self.call(scenario)


def check_known(value: object, real: object, subject: str) -> None:
    """Compare what a vendor reports with the world; either may be unknown.

    A duration of zero is not an unknown one: it has to be zero in the world, too.
    """
    if value == timedelta() and isinstance(value, timedelta):
        expect(real == value, f"{subject}: expected {real!r}, got a duration of zero")
    elif is_known(value) and is_known(real):
        expect(value == real, f"{subject}: expected {real!r} as in the world, got {value!r}")


def check_unique(listed: Sequence[Any], subject: str) -> None:
    """Refuse a listing with the same id twice."""
    ids = [item.id for item in listed]
    repeated = sorted({item_id for item_id in ids if ids.count(item_id) > 1})
    expect(not repeated, f"{subject}: {', '.join(map(repr, repeated))} listed more than once")

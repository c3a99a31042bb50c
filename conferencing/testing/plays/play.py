"""What a play is: what has to be there, the call, and the look behind the scenes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from attrs import frozen

from conferencing.capabilities import Operation
from conferencing.testing.expect import expect
from conferencing.testing.scenario import Scenario

__all__ = ["OperationCase", "no_repeats", "nothing", "told"]


async def nothing(_: Scenario, result: Any) -> None:
    """Ask nobody."""


@frozen(kw_only=True)
class OperationCase:
    """Describe one operation.

    `by_id` makes the same call with ids alone. `exact` says that the same call always has an equal
    result. `once` says that its effect must not happen twice. `finds` says that it is about one
    thing, which may be missing.
    """

    operation: Operation
    call: Callable[[Scenario], Awaitable[Any]]
    needs: tuple[str, ...] = ("room",)
    check: Callable[[Scenario, Any], Awaitable[None]] = nothing
    by_id: Callable[[Scenario, str], Awaitable[Any]] | None = None
    exact: bool = False
    once: bool = False
    finds: bool = False

    async def perform(self, scenario: Scenario, an_id: str | None = None) -> Any:
        """Make the call; with an id and by that alone, if the operation takes one."""
        if an_id is not None and self.by_id is not None:
            return await self.by_id(scenario, an_id)
        return await self.call(scenario)


def told(value: object, truth: object, what: str) -> None:
    """Compare what a vendor tells with the truth; what it does not tell is None or unknown."""
    if value not in {None, "unknown"} and truth not in {None, "unknown"}:
        expect(value == truth, f"{what} is {value!r}; in the vendor's world it is {truth!r}")


def no_repeats(listed: Sequence[Any], what: str) -> None:
    """Refuse a listing that has something twice."""
    ids = [one.id for one in listed]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    expect(not twice, f"{what}: {', '.join(map(repr, twice))} came more than once")

"""Tables of calls, each with the exact requests that it makes and what it changes in the world."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest
from attrs import frozen

from conferencing import OutcomeUnknown, Sent
from conferencing.http import Effect
from conferencing.sandbox import ServedSimulator

__all__ = [
    "ExactCall",
    "ExactCalls",
    "add_to_each",
    "changes",
    "check_lost_reply",
    "check_requests",
    "each_call",
    "fill_in",
    "request_lines",
]


@frozen(kw_only=True)
class ExactCall:
    """A call, its requests as lines, the effect of the first one, and what it adds to the world.

    In a request, `<name>` stands for a value that differs from run to run.
    """

    name: str
    call: Callable[[Any], Awaitable[Any]]
    requests: tuple[str, ...]
    effect: Effect
    adds: Mapping[str, int]

    def __str__(self) -> str:
        return self.name


class ExactCalls(list[ExactCall]):
    """A table of calls; the name of a call begins with that of its operation."""

    def add(
        self,
        name: str,
        call: Callable[[Any], Awaitable[Any]],
        *requests: str,
        effect: Effect = Effect.READ,
        **adds: int,
    ) -> None:
        self.append(ExactCall(name=name, call=call, requests=requests, effect=effect, adds=adds))


def add_to_each(*tables: ExactCalls) -> Callable[..., None]:
    """Return a function that adds a call to each of several tables."""

    def add(*arguments: Any, **options: Any) -> None:
        for table in tables:
            table.add(*arguments, **options)

    return add


def each_call(**tables: ExactCalls) -> pytest.MarkDecorator:
    """Run a test with each call of each table, in the scenario of the form that the table is for."""
    rows = [
        pytest.param(form, exact, id=f"{form} {exact}")
        for form, table in tables.items()
        for exact in table
    ]
    return pytest.mark.parametrize(("scenario", "exact"), rows, indirect=["scenario"])


def request_lines(served: ServedSimulator) -> list[str]:
    """Return the received requests, each as a line."""
    return [
        f"{request.method} {request.target} {request.body.decode()}".rstrip()
        for request in served.requests
    ]


def fill_in(requests: tuple[str, ...], values: Mapping[str, str]) -> list[str]:
    """Return requests with values in place of `<name>`."""
    filled = list(requests)
    for name, value in values.items():
        filled = [request.replace(f"<{name}>", value) for request in filled]
    return filled


def changes(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    """Return by how much counts of objects differ, without those that do not."""
    return {name: after[name] - count for name, count in before.items() if after[name] != count}


async def check_requests(
    scenario: Any,
    exact: ExactCall,
    values: Callable[[Any], Mapping[str, str]],
    media_type: str = "application/json",
) -> None:
    """Check that a call sends exactly its requests, and changes the world as the table says.

    `values` gives the values that differ from run to run, after the call.
    """
    before = scenario.tally()
    await exact.call(scenario)
    assert scenario.lines() == fill_in(exact.requests, values(scenario))
    assert changes(before, scenario.tally()) == exact.adds
    for request in scenario.served.requests:
        assert request.headers.get("content-type") == (media_type if request.body else None)
        assert f"({scenario.conference.provider.name})" in request.headers["user-agent"]


async def check_lost_reply(scenario: Any, exact: ExactCall, *, repeats: int = 1) -> None:
    """Check that a call acts once if the reply to its first request is lost.

    A request that may be repeated is; the outcome of any other one is unknown.
    """
    if not exact.requests:
        return
    before = scenario.tally()
    scenario.served.fail("commit-close")
    if exact.effect.repeatable:
        await exact.call(scenario)
        assert len(scenario.served.requests) == len(exact.requests) + repeats
    else:
        with pytest.raises(OutcomeUnknown) as caught:
            await exact.call(scenario)
        assert caught.value.attempts == len(scenario.served.requests) == 1
        assert (caught.value.sent, caught.value.retryable) == (Sent.MAYBE, False)
    assert changes(before, scenario.tally()) == exact.adds

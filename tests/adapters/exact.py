"""Tables of calls, each with the exact requests that it makes and what it changes in the world."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from attrs import frozen

from conferencing.http import Effect
from conferencing.sandbox import ServedSimulator

__all__ = ["ExactCall", "ExactCalls", "changes", "fill_in", "request_lines"]


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

"""How an operation ends under a fault, compared with how it goes without one."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from attrs import frozen

from conferencing.errors import (
    ConferencingError,
    MalformedResponse,
    ProviderUnavailable,
    RateLimited,
    TransportError,
)
from conferencing.sandbox.served import RecordedRequest, ServedSimulator

from .base import Harness
from .expect import equal, expect, kind_of, outcome, succeeded
from .plays import OperationCase
from .scenario import Scenario
from .state import counts

__all__ = ["Baseline", "Ending", "Replays", "baseline", "replayed"]


@frozen(kw_only=True)
class Baseline:
    """Hold how a call goes without a fault: its result, its requests, and what it adds."""

    result: Any
    requests: tuple[RecordedRequest, ...]
    added: Mapping[str, int]

    @property
    def harmless(self) -> bool:
        """Whether it changes nothing that counts."""
        return not self.added

    @property
    def paths(self) -> list[str]:
        """The paths that it asks, each once; as a simulator knows them."""
        return list(dict.fromkeys(one.path for one in self.requests))


async def baseline(harness: Harness, play: OperationCase) -> Baseline:
    """Play an operation without a fault."""
    async with harness.scenario(*play.needs) as scenario:
        before = counts(scenario.world)
        result = await succeeded(play.perform(scenario), play.operation.value)
        return Baseline(
            result=result, requests=tuple(_stand(scenario).requests), added=_added(before, scenario)
        )


@asynccontextmanager
async def replayed(
    harness: Harness, play: OperationCase, base: Baseline
) -> AsyncGenerator[Replays]:
    """Set the stage again and again for one fault after another; once is enough if it can be."""
    if not base.harmless:
        yield Replays(harness, play, base, None)
        return
    async with harness.scenario(*play.needs) as scenario:
        yield Replays(harness, play, base, scenario)


class Replays:
    """Play an operation under faults: each time with a new client, and a new world if need be."""

    def __init__(
        self, harness: Harness, play: OperationCase, base: Baseline, kept: Scenario | None
    ) -> None:
        self._house, self._play, self._base, self._kept = harness, play, base, kept

    @asynccontextmanager
    async def under(self, fault: Mapping[str, Any]) -> AsyncGenerator[Ending]:
        """Play it under a fault and give how it ended."""
        needs = () if self._kept else self._play.needs
        async with self._house.scenario(*needs, keep=self._kept is not None) as scenario:
            if self._kept is not None:
                for name in ("room", "session", "participant", "recording", "report", "template"):
                    setattr(scenario, name, getattr(self._kept, name))
                scenario.tokens = self._kept.tokens
            served, before = _stand(scenario), counts(scenario.world)
            served.faults.clear()
            served.fail(**{"kind": "body", **fault})
            what = f"{self._play.operation} under {_short(fault)}"
            came = await outcome(self._play.perform(scenario), what)
            yield Ending(
                scenario=scenario, path=str(fault.get("match", "")), what=what, came=came, requests=tuple(served.requests),
                added=_added(before, scenario), base=self._base, play=self._play,
            )  # fmt: skip
            served.faults.clear()


@frozen(kw_only=True)
class Ending:
    """Hold how a call ended under a fault at a path."""

    scenario: Scenario
    path: str
    what: str
    came: Any
    requests: tuple[RecordedRequest, ...]
    added: Mapping[str, int]
    base: Baseline
    play: OperationCase

    @property
    def error(self) -> ConferencingError | None:
        """The error it ended in, or None."""
        return self.came if isinstance(self.came, ConferencingError) else None

    @property
    def struck(self) -> bool:
        """Whether the fault came to pass at all."""
        return any(one.fault for one in self.requests)

    def tries(self) -> int:
        """Return how often the request was on the wire that the last fault struck."""
        struck = [one for one in self.requests if one.fault]
        last = (struck[-1].method, struck[-1].target) if struck else None
        return sum((one.method, one.target) == last for one in self.requests)

    def check_result(self) -> None:
        """A result has to be the right one: that of a call without a fault, done once."""
        wanted = self.base.result
        if self.play.exact:
            equal(self.came, wanted, f"the result of {self.what}")
        equal(kind_of(self.came), kind_of(wanted), f"the type of what came of {self.what}")
        equal(self.added, self.base.added, f"what {self.what} did")

    def check_count(self) -> None:
        """The error has to know how many requests there were."""
        error = self.error
        if error is not None and (error.attempts or isinstance(error, COUNTED)):
            equal(error.attempts, self.tries(), f"attempts, against requests seen of {self.what},")

    def check_not_twice(self) -> None:
        """Nothing may have happened more often than it does without a fault."""
        for name, count in self.added.items():
            most = self.base.added.get(name, 0)
            expect(abs(count) <= abs(most), f"{self.what} changed {name} by {count}, not {most}")


COUNTED: Final = (
    TransportError,
    MalformedResponse,
    ProviderUnavailable,
    RateLimited,
)


def _stand(scenario: Scenario) -> ServedSimulator:
    if scenario.served is None:
        raise AssertionError("there is no simulator to play faults")
    return scenario.served


def _added(before: Mapping[str, int], scenario: Scenario) -> dict[str, int]:
    after = counts(scenario.world)
    return {name: after[name] - count for name, count in before.items() if after[name] != count}


def _short(fault: Mapping[str, Any]) -> str:
    parts = (f"{name}={str(value)[:40]}" for name, value in fault.items() if name != "times")
    return ", ".join(parts)

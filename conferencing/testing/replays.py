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
from conferencing.sandbox.server import Seen, Stand

from .base import House
from .expect import equal, expect, kind_of, outcome, succeeded
from .plays import Play
from .stage import Stage
from .state import counts

__all__ = ["Baseline", "Ending", "Replays", "baseline", "replayed"]


@frozen(kw_only=True)
class Baseline:
    """Hold how a call goes without a fault: its result, its requests, and what it adds."""

    result: Any
    seen: tuple[Seen, ...]
    added: Mapping[str, int]

    @property
    def harmless(self) -> bool:
        """Whether it changes nothing that counts."""
        return not self.added

    @property
    def paths(self) -> list[str]:
        """The paths that it asks, each once; as a simulator knows them."""
        return list(dict.fromkeys(one.path for one in self.seen))


async def baseline(house: House, play: Play) -> Baseline:
    """Play an operation without a fault."""
    async with house.stage(*play.needs) as stage:
        before = counts(stage.world)
        result = await succeeded(play.perform(stage), play.operation.value)
        return Baseline(result=result, seen=tuple(_stand(stage).seen), added=_added(before, stage))


@asynccontextmanager
async def replayed(house: House, play: Play, base: Baseline) -> AsyncGenerator[Replays]:
    """Set the stage again and again for one fault after another; once is enough if it can be."""
    if not base.harmless:
        yield Replays(house, play, base, None)
        return
    async with house.stage(*play.needs) as stage:
        yield Replays(house, play, base, stage)


class Replays:
    """Play an operation under faults: each time with a new client, and a new world if need be."""

    def __init__(self, house: House, play: Play, base: Baseline, kept: Stage | None) -> None:
        self._house, self._play, self._base, self._kept = house, play, base, kept

    @asynccontextmanager
    async def under(self, fault: Mapping[str, Any]) -> AsyncGenerator[Ending]:
        """Play it under a fault and give how it ended."""
        needs = () if self._kept else self._play.needs
        async with self._house.stage(*needs, keep=self._kept is not None) as stage:
            if self._kept is not None:
                for name in ("room", "session", "participant", "recording", "report", "template"):
                    setattr(stage, name, getattr(self._kept, name))
                stage.tokens = self._kept.tokens
            stand, before = _stand(stage), counts(stage.world)
            stand.faults.clear()
            stand.fail(**{"kind": "body", **fault})
            what = f"{self._play.operation} under {_short(fault)}"
            came = await outcome(self._play.perform(stage), what)
            yield Ending(
                stage=stage, path=str(fault.get("match", "")), what=what, came=came, seen=tuple(stand.seen),
                added=_added(before, stage), base=self._base, play=self._play,
            )  # fmt: skip
            stand.faults.clear()


@frozen(kw_only=True)
class Ending:
    """Hold how a call ended under a fault at a path."""

    stage: Stage
    path: str
    what: str
    came: Any
    seen: tuple[Seen, ...]
    added: Mapping[str, int]
    base: Baseline
    play: Play

    @property
    def error(self) -> ConferencingError | None:
        """The error it ended in, or None."""
        return self.came if isinstance(self.came, ConferencingError) else None

    @property
    def struck(self) -> bool:
        """Whether the fault came to pass at all."""
        return any(one.fault for one in self.seen)

    def tries(self) -> int:
        """Return how often the request was on the wire that the last fault struck."""
        struck = [one for one in self.seen if one.fault]
        last = (struck[-1].method, struck[-1].target) if struck else None
        return sum((one.method, one.target) == last for one in self.seen)

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


def _stand(stage: Stage) -> Stand:
    if stage.stand is None:
        raise AssertionError("there is no simulator to play faults")
    return stage.stand


def _added(before: Mapping[str, int], stage: Stage) -> dict[str, int]:
    after = counts(stage.world)
    return {name: after[name] - count for name, count in before.items() if after[name] != count}


def _short(fault: Mapping[str, Any]) -> str:
    parts = (f"{name}={str(value)[:40]}" for name, value in fault.items() if name != "times")
    return ", ".join(parts)

"""Replies changed by chance, seeded, and read: a true value or a typed error comes of each."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from random import Random
from typing import Any

from attrs import define, evolve, field
from junk import Junk, mutated
from operations import Case
from staging import Baseline, Direct, Theatre, baselines
from truth import Known, leaves

from conferencing import ConferencingError
from conferencing.http.reply import Reply
from conferencing.http.request import Outgoing

__all__ = ["Outcome", "mutate", "side_by_side"]


@define
class Outcome:
    """What came of mutated bodies: how many were refused with which error, read as ever, or read
    as something else. `untyped` and `coerced` tell of what must not be.
    """

    bodies: int = 0
    refused: Counter[str] = field(factory=Counter[str])
    same: int = 0
    other: int = 0
    untyped: list[str] = field(factory=list[str])
    coerced: list[str] = field(factory=list[str])
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Bodies in a second."""
        return self.bodies / self.seconds

    def add(self, other: Outcome) -> None:
        """Take in what another run found; both ran side by side."""
        self.bodies += other.bodies
        self.refused += other.refused
        self.same += other.same
        self.other += other.other
        self.untyped += other.untyped
        self.coerced += other.coerced
        self.seconds = max(self.seconds, other.seconds)

    def judge(self, name: str, came: Any, known: Known, body: bytes, junk: list[Junk]) -> None:
        """Count one body by what came of it."""
        self.bodies += 1
        if isinstance(came, ConferencingError):
            self.refused[type(came).__name__] += 1
        elif isinstance(came, Exception):
            self.untyped.append(f"{name}: {came!r} for {body!r:.600}")
        elif came == known.result:
            self.same += 1
        else:
            self.other += 1
            invented = [leaf for leaf in leaves(came) if not known.explains(leaf, junk)]
            if invented:
                self.coerced.append(f"{name}: {invented[:3]} from {body!r:.600}")


async def mutate(adapter: str, count: int, seed: int) -> Outcome:
    """Let whole operations read so many mutated bodies, each in place of one of their replies."""
    theatre, random, outcome = Theatre(adapter), Random(seed), Outcome()
    found = [await _subject(theatre, *one) for one in (await baselines(adapter)).items()]
    subjects = [one for one in found if one.targets]
    begun = time.perf_counter()
    for number in range(count):
        subject = subjects[number % len(subjects)]
        at = subject.targets[int(random.random() * len(subject.targets))]
        body, junk = mutated(subject.replies[at].body, random)
        came = await subject.play(at, body)
        outcome.judge(str(subject.case), came, subject.known, body, junk)
    outcome.seconds = time.perf_counter() - begun
    return outcome


class Replay(Direct):
    """Give replies that are known beforehand, whatever the headers are."""

    async def exchange(self, outgoing: Outgoing, grant: Any, seconds: float) -> Reply:
        return self._answer(outgoing, {})


class Subject:
    """One operation, and the replies that it gets; one of them is put in place of what it was."""

    def __init__(self, theatre: Theatre, case: Case, scenario: Any, base: Baseline) -> None:
        self.case = case
        self.replies: list[Reply] = [step.reply for step in base.steps]
        self.known = Known(base.result, [reply.body for reply in self.replies])
        self.targets = [number for number, one in enumerate(self.replies) if one.body]
        self._places: dict[str, list[int]] = {}
        for number, step in enumerate(base.steps):
            self._places.setdefault(step.template, []).append(number)
        self._stage = evolve(scenario, conference=theatre.direct(self._answer, Replay))
        self._asked = self._at = 0
        self._body = b""

    async def play(self, at: int, body: bytes) -> Any:
        """Return what the operation makes of a body, or the exception that it raises."""
        self._asked, self._at, self._body = 0, at, body
        provider: Any = self._stage.conference.provider
        provider.__dict__.pop("_tokens", None)  # a token is asked for each time
        try:
            return await self.case.call(self._stage)
        except Exception as error:  # noqa: BLE001 - which one it is, is the question
            return error

    def _answer(self, outgoing: Outgoing, _: object) -> Reply:
        number = self._number(outgoing.template)
        self._asked = number + 1
        reply = self.replies[number]
        return Reply(reply.status, reply.headers, self._body) if number == self._at else reply

    def _number(self, template: str) -> int:
        """Return which of the known requests this is: the next of its kind, or the last."""
        known = self._places.get(template) or [self._at]
        for number in known:
            if number >= self._asked:
                return number
        return known[-1]


async def _subject(theatre: Theatre, case: Case, base: Baseline) -> Subject:
    return Subject(theatre, case, await theatre.staged(case), base)


# ------------------------------------------------------------------------------------- many cores


def side_by_side(adapter: str, count: int, seed: int, workers: int) -> Outcome:
    """Share the work among so many processes."""
    share, total = -(-count // workers), Outcome()
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        runs = [pool.submit(_alone, adapter, share, seed + one) for one in range(workers)]
        for run in runs:
            total.add(run.result())
    return total


def _alone(adapter: str, count: int, seed: int) -> Outcome:
    logging.disable()  # what is logged is not the question here
    gc.set_threshold(50_000)  # every error is a cycle with its frames
    return asyncio.run(mutate(adapter, count, seed))

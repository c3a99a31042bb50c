"""The fault matrix: every operation of every adapter under every kind of fault."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from random import Random

from attrs import define, field, frozen
from cells import LIMIT, Ending, Floor, strikes, verdict
from kinds import Kind, kinds
from operations import ADAPTERS, Case
from staging import Baseline, baselines

__all__ = ["Cell", "Tally", "cells", "played", "sampled"]

AT_ONCE = 6
"""How many cells that wait for a time limit are played side by side."""

SLACK = 20.0
"""Seconds after which a cell counts as hanging, however busy the machine is."""


@frozen(kw_only=True)
class Cell:
    """One operation, one fault, and the number of the request that it strikes, once or always."""

    case: Case
    kind: Kind
    base: Baseline = field(repr=False)
    at: int
    once: bool


@define
class Tally:
    """What came of many cells.

    `counted` are the errors whose attempts were compared with requests. `careful` has the requests
    of each creation and notification whose reply was lost, at most. `late`: seconds by which the latest passed the limit of its calls.
    """

    played: int = 0
    results: int = 0
    errors: Counter[str] = field(factory=Counter[str])
    faults: list[str] = field(factory=list[str])
    counted: int = 0
    careful: dict[Case, int] = field(factory=dict[Case, int])
    late: float = 0.0

    def add(self, ending: Ending) -> None:
        """Count one."""
        self.played += 1
        if ending.error is None:
            self.results += 1
        else:
            self.errors[type(ending.error).__name__] += 1
            self.counted += bool(ending.tries)
        if ending.careful:
            self.careful[ending.case] = max(ending.tries, self.careful.get(ending.case, 0))
        fault = verdict(ending)
        if fault:
            self.faults.append(fault)
        if ending.kind.slow:
            self.late = max(self.late, ending.seconds - LIMIT * max(1, ending.tries))


async def cells(parse_enum: Sequence[Kind] | None = None) -> list[Cell]:
    """Return all cells: each fault at each request of each operation, always and once."""
    found: list[Cell] = []
    for adapter in ADAPTERS:
        for case, base in (await baselines(adapter)).items():
            found += _of(case, base, parse_enum or kinds())
    return found


def _of(case: Case, base: Baseline, parse_enum: Iterable[Kind]) -> Iterator[Cell]:
    for kind in parse_enum:
        for at in strikes(base, kind):
            for once in (False, True):
                if not (once and (kind.join_target or kind.idle or kind.slow)):
                    yield Cell(case=case, kind=kind, base=base, at=at, once=once)


def sampled(every: Sequence[Cell], count: int, seed: int = 0) -> list[Cell]:
    """Return some of the cells, among them each kind for each adapter and each operation."""
    shuffled = Random(seed).sample(every, len(every))
    seen: set[tuple[str, str]] = set()
    parse_enum: list[Cell] = []
    rest: list[Cell] = []
    for cell in shuffled:
        marks = {(cell.case.adapter, str(cell.kind)), ("operation", str(cell.case))}
        (rest if marks <= seen else parse_enum).append(cell)
        seen |= marks
    return parse_enum + list(islice(rest, max(0, count - len(parse_enum))))


async def played(every: Sequence[Cell]) -> Tally:
    """Play the cells; those that wait for a time limit side by side, on floors of their own."""
    tally = Tally()
    quick = sorted((one for one in every if not one.kind.slow), key=lambda one: str(one.case))
    for adapter in ADAPTERS:
        await _worked(adapter, [one for one in quick if one.case.adapter == adapter], tally)
        slow = [one for one in every if one.kind.slow and one.case.adapter == adapter]
        shares = [slow[number::AT_ONCE] for number in range(AT_ONCE)]
        await asyncio.gather(*(_worked(adapter, share, tally) for share in shares if share))
    return tally


async def _worked(adapter: str, share: Iterable[Cell], tally: Tally) -> None:
    async with Floor(adapter) as floor:
        for cell in share:
            try:
                async with asyncio.timeout(SLACK):
                    ending = await floor.play(
                        cell.case, cell.base, cell.kind, cell.at, once=cell.once
                    )
            except TimeoutError:
                tally.faults.append(f"{cell} hangs")
            else:
                tally.add(ending)

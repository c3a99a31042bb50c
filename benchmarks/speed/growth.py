"""From 1,000 people in a room to 100,000: what each step takes for one, in time and in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from results import Goal, Result, alone
from sides import Side

FEW, MANY = 1_000, 100_000
STEPS = {
    "decode": "decoding",
    "match": "matching with the registrations",
    "merge": "merging the rows of one person",
    "report": "the facts of a report",
    "roster": "reading a roster",
    "journal": "the journal of a registration",
}
KEPT = ["decode", "report"]

Costs = Mapping[str, Mapping[int, float]]


def measure(scale: float) -> Iterator[Result]:
    """Measure; `scale` is of the people."""
    sizes = (int(FEW * scale), int(MANY * scale))
    yield _told(
        "Time for a person, with few in a room and with many",
        "µs CPU",
        _costs("time", sizes, [*STEPS]),
        "The collector is on, and each size has a process of its own.",
    )
    yield _told(
        "Memory for a person, with few in a room and with many",
        "bytes",
        _costs("memory", sizes, KEPT),
        "What is kept in the end, as tracemalloc counts it.",
    )


def _costs(what: str, sizes: Sequence[int], steps: Sequence[str]) -> Costs:
    """Return what each step took at each size; the sides have warmed up by themselves.

    Each is done once: so many people are enough to even things out.
    """
    sides = {size: Side("peers/grow_ours.py", what, str(size), *steps) for size in sizes}
    costs = {step: {size: side() for size, side in sides.items()} for step in steps}
    for side in sides.values():
        side.close()
    return costs


def _told(title: str, unit: str, costs: Costs, note: str) -> Result:
    rows = {
        f"{STEPS[step]}, {size:,} in a room": [cost]
        for step, taken in costs.items()
        for size, cost in taken.items()
    }
    few, many = (
        sum(column) for column in zip(*(one.values() for one in costs.values()), strict=True)
    )
    return Result(
        title=title,
        unit=unit,
        note=note,
        costs=rows,
        goals=[Goal("all steps for one of many, beside one of few", many / few, 1.1)],
    )


if __name__ == "__main__":
    alone(measure)

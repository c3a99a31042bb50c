"""From 1,000 people to 100,000: what each step takes for one of them, in time and in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from results import Goal, Result, alone
from sides import Side

FULL, ROOMS = 100_000, 100
STEPS = {
    "decode": "decoding",
    "match": "matching with the registrations",
    "merge": "merging the rows of one person",
    "report": "the facts of a report",
    "roster": "reading a roster",
    "journal": "the journal of a registration",
}
KEPT = ["decode", "report"]

Shape = tuple[int, int]
"""How many rooms, and how many people in each."""

Costs = dict[Shape, dict[str, float]]


def measure(scale: float) -> Iterator[Result]:
    """Measure; `scale` is of the people."""
    people = int(FULL * scale) // ROOMS
    few, rooms, many = (1, people), (ROOMS, people), (1, ROOMS * people)
    with ThreadPoolExecutor(1) as beside:
        kept = beside.submit(_costs, "memory", [few, many], KEPT)
        time = _costs("time", [few, rooms, many], [*STEPS])
    yield Result(
        title="Time for a person, with few in a room and with many",
        unit="µs CPU",
        note="With the same people in many rooms and in one, the processor's caches and Python's"
        " collector have the same to go through; where few people are all that there is in the"
        " process, they have next to nothing to do.",
        costs=_rows(time),
        goals=[
            Goal(f"beside {_named(other)}", _total(time[many]) / _total(time[other]), 1.1)
            for other in (few, rooms)
        ],
    )
    memory = kept.result()
    yield Result(
        title="Memory for a person, with few in a room and with many",
        unit="bytes",
        note="What is kept in the end, as tracemalloc counts it.",
        costs=_rows(memory),
        goals=[Goal(f"beside {_named(few)}", _total(memory[many]) / _total(memory[few]), 1.1)],
    )


def _costs(what: str, shapes: Sequence[Shape], steps: Sequence[str]) -> Costs:
    """Return what each step took at each size; the sides have warmed up by themselves.

    Each is done once: a hundred thousand people are enough to even things out.
    """
    sides = {shape: Side("peers/grow_ours.py", what, *map(str, shape), *steps) for shape in shapes}
    costs: Costs = {shape: {} for shape in shapes}
    for step in steps:
        for shape, side in sides.items():
            costs[shape][step] = side()
    for side in sides.values():
        side.close()
    return costs


def _rows(costs: Costs) -> dict[str, list[float]]:
    rows = {
        f"{STEPS[step]}, {_named(shape)}": [costs[shape][step]]
        for step in next(iter(costs.values()))
        for shape in costs
    }
    return rows | {f"all together, {_named(shape)}": [_total(costs[shape])] for shape in costs}


def _total(steps: Mapping[str, float]) -> float:
    return sum(steps.values())


def _named(shape: Shape) -> str:
    rooms, people = shape
    return f"{people:,} in one room" if rooms == 1 else f"{people:,} in each of {rooms} rooms"


if __name__ == "__main__":
    alone(measure)

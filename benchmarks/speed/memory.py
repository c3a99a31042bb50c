"""Keep 100,000 attendees in memory: how many bytes each of them takes, with and without `native`."""

from __future__ import annotations

from collections.abc import Iterator

from attendees import page
from results import Goal, Result, alone, ratio
from sides import Side, environment, taken

PAGES = 334
OURS = "conferencing"
EACH = "the same records, a mapping each"
PLAIN = "mappings of orjson"
PYDANTIC = "pydantic, without the mapping"
STRUCTS = "msgspec Structs, without the mapping"


def measure(scale: float) -> Iterator[Result]:
    """Measure; `scale` is of the records."""
    costs = kept("resident", max(34, int(PAGES * scale)), rounds=2)
    yield Result(
        title="A kept attendee, as the process grows",
        unit="bytes a record",
        note=f"{len(page(300, 10_000)) / 300:.0f} bytes each on the wire, in pages of 300. How much"
        " the process grows is what counts: it has what allocators round up, and what lies between.",
        costs=costs,
        goals=[Goal("beside a mapping each", ratio(costs, OURS, EACH), 0.45)],
    )
    costs = kept("traced", max(17, int(PAGES * scale / 10)), rounds=1)
    yield Result(
        title="A kept attendee, as tracemalloc counts it",
        unit="bytes a record",
        costs=costs,
        goals=[Goal("beside a mapping each", ratio(costs, OURS, EACH), 0.45)],
    )


def kept(how: str, pages: int, rounds: int) -> dict[str, list[float]]:
    peers, last = environment("decoding", "pydantic", "msgspec"), (how, str(pages))
    sides = {
        OURS: Side("peers/keep_ours.py", "ours", *last),
        EACH: Side("peers/keep_ours.py", "mapping_each", *last),
        PLAIN: Side("peers/keep_ours.py", "orjson", *last),
        PYDANTIC: Side("peers/keep_others.py", "pydantic", *last, python=peers),
        STRUCTS: Side("peers/keep_others.py", "msgspec", *last, python=peers),
    }
    return taken(sides, rounds)


if __name__ == "__main__":
    alone(measure)

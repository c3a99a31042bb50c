"""Read a page of 300 attendees: from bytes to typed frozen values with `native` within reach."""

from __future__ import annotations

from collections.abc import Iterator

from results import Goal, Result, alone, ratio
from sides import Side, environment, taken

ROUNDS = 25
OURS = "conferencing"
LOADS = "orjson.loads, to mappings"
DEFAULT = "json, cattrs' default Converter"
STYLE = "json, dataclasses and strptime by hand"
PYDANTIC = "pydantic, without the mapping"
STRUCTS = "msgspec Structs, without the mapping"


def measure(scale: float) -> Iterator[Result]:
    """Measure; `scale` is of the rounds."""
    peers = environment("decoding", "pydantic", "msgspec")
    sides = {
        OURS: Side("peers/decode_ours.py", "ours"),
        LOADS: Side("peers/decode_ours.py", "orjson"),
        DEFAULT: Side("peers/decode_ours.py", "converter"),
        STYLE: Side("peers/decode_ours.py", "by_hand"),
        PYDANTIC: Side("peers/decode_others.py", "pydantic", python=peers),
        STRUCTS: Side("peers/decode_others.py", "msgspec", python=peers),
    }
    costs = taken(sides, max(3, int(ROUNDS * scale)))
    yield Result(
        title="A page of 300 attendees",
        unit="µs a record",
        note="Rows of ClickMeeting with every field of its reference. Ours are strict, have aware"
        " times, and the vendor's own mapping behind them.",
        costs=costs,
        goals=[
            Goal("beside orjson.loads of the same bytes", ratio(costs, OURS, LOADS), 1.8),
            Goal("beside the default Converter", ratio(costs, OURS, DEFAULT), 0.5),
            Goal("beside the style written by hand", ratio(costs, OURS, STYLE), 0.2),
        ],
    )


if __name__ == "__main__":
    alone(measure)

"""Send a bomb of gzip, a body without end, and JSON that is very deep."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "faults"))

from bombs import BURDENS, bombed
from figures import Figure, alone
from operations import ADAPTERS

NAMES = {
    "gzip": "a bomb of 512 MiB",
    "endless": "a body that never ends",
    "deep": "JSON 200,000 deep",
}
MIB, SECONDS = 32, 1.0


def measure(scale: float) -> Iterator[Figure]:
    """Measure each with each adapter; `scale` makes no difference."""
    for burden in BURDENS:
        costs = [asyncio.run(bombed(adapter, burden)) for adapter in ADAPTERS]
        most, latest = max(one.mebibytes for one in costs), max(one.seconds for one in costs)
        typed = all(one.error == "MalformedResponse" for one in costs)
        yield Figure(
            what=NAMES[burden],
            found=f"`MalformedResponse` within {latest:.2f} s, {most:.0f} MiB more memory",
            goal=f"typed within {SECONDS:.0f} s, at most {MIB} MiB more",
            met=typed and most <= MIB and latest <= SECONDS,
            faults=[] if typed else map(str, costs),
        )


if __name__ == "__main__":
    alone(measure)

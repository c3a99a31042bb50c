"""Both clocks at once, for work that waits: what it takes on the wall, and of the processor."""

import time

__all__ = ["CALLS", "now", "since"]

CALLS = 300
"""How many calls a side of `facade.py` makes in its turn."""


def now() -> tuple[float, float]:
    """Return the time on the wall and that of this process."""
    return time.perf_counter(), time.process_time()


def since(begun: tuple[float, float]) -> str:
    """Return what one call took of each, in µs, for a side to tell."""
    pairs = zip(begun, now(), strict=True)
    return " ".join(str((end - start) / CALLS * 1e6) for start, end in pairs)

"""By how much memory a process grows when it keeps something: what the system says, and Python."""

from __future__ import annotations

import gc
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path

__all__ = ["in_a_child", "resident", "traced"]

_PAGE = os.sysconf("SC_PAGE_SIZE")


def in_a_child(measure: Callable[[], float]) -> float:
    """Measure in a copy of this process, so that no round leaves a heap with holes to the next."""
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        status = 1
        try:
            os.write(theirs, str(measure()).encode())
            status = 0
        finally:
            os._exit(status)
    os.close(theirs)
    with open(ours) as told:  # noqa: PTH123 - a descriptor
        found = told.read()
    _, status = os.waitpid(child, 0)
    assert not status, "the child failed; what it said stands above"
    return float(found)


def resident(keep: Callable[[], object]) -> float:
    """Return how many bytes the process has more of the machine's memory with what `keep` gives."""
    before = _resident()
    kept = keep()
    gc.collect()
    found = _resident() - before
    del kept
    return float(found)


def traced(keep: Callable[[], object]) -> float:
    """Return how many bytes Python's allocators gave for what `keep` gives."""
    tracemalloc.start()
    kept = keep()
    gc.collect()
    found, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return float(found)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE

"""Read a page of attendees from bytes: typed frozen records compared with the dicts of orjson."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Any

import orjson
import vendor
from internals import decode_attendees
from results import Result, ratio
from sides import compare

REPEATS = 60


def measure(*, quick: bool) -> Iterator[Result]:
    """Compare the CPU time for a record."""
    costs = compare({"conferencing": (typed,), "orjson.loads": (dicts,)}, 5 if quick else 25)
    yield ratio(f"a page of {vendor.PAGE} attendees", costs, "µs a record", at_most=1.5)


async def typed() -> AsyncGenerator[float]:
    """Decode as the library does."""
    while True:
        yield _cost(decode_attendees)


async def dicts() -> AsyncGenerator[float]:
    """Decode the same bytes to dicts."""
    while True:
        yield _cost(orjson.loads)


def _cost(decode: Callable[[bytes], Any]) -> float:
    body = vendor.page()
    started = time.process_time()
    for _ in range(REPEATS):
        decode(body)
    return (time.process_time() - started) / REPEATS / vendor.PAGE * 1e6

"""Keep the attendees of many sessions: by how much the process grows for each of them.

Each turn is a new process, so that no round leaves a heap with holes to the next.
"""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import vendor
from attrs import evolve
from results import Result, ratio
from server import Canned, server_process
from sides import Side, SideFunction, in_turns

from conferencing import connect

WARM = 2
"""Sessions fetched before the first measurement, so that lazy imports do not count."""


def measure(*, quick: bool) -> Iterator[Result]:
    """Compare records as the library keeps them with the same records and one dict for each."""
    sessions = 60 if quick else 334

    def side(function: SideFunction) -> float:
        with closing(Side(function, url, str(sessions))) as process:
            return process()

    with server_process(Canned(vendor.bodies(sessions + WARM))) as url:
        sides = {"conferencing": lambda: side(records), "one dict for each": lambda: side(dicts)}
        costs = in_turns(sides, 1 if quick else 5)
    yield ratio("a kept attendee", costs, "bytes", at_most=0.42)


async def records(url: str, sessions: str) -> AsyncGenerator[float]:
    """Keep records as they are returned."""
    yield await _grown(url, int(sessions), with_dicts=False)


async def dicts(url: str, sessions: str) -> AsyncGenerator[float]:
    """Keep the same records, each with the vendor's row as a dict."""
    yield await _grown(url, int(sessions), with_dicts=True)


async def _grown(url: str, sessions: int, *, with_dicts: bool) -> float:
    kept: list[Any] = []
    before = 0
    async with connect({**vendor.ACCOUNT, "base_url": url}) as conference:
        for number in range(sessions + WARM):
            if number == WARM:
                kept.clear()
                before = _resident()
            page: Sequence[Any] = await conference.attendance(vendor.session_id(number)).collect()
            if with_dicts:
                rows = orjson.loads(vendor.page(number))
                page = [evolve(record, native=row) for record, row in zip(page, rows, strict=True)]
            kept += page
    grown = (_resident() - before) / len(kept)
    last = vendor.attendee((sessions + WARM) * vendor.PAGE - 1)
    if dict(kept[-1].native) != last or kept[-1].email != last["email"]:
        raise AssertionError("the last record is not the last attendee")
    return grown


def _resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

"""Fetch and keep 10,000 attendees of 34 sessions: the client's CPU time."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from typing import Any

import requests
import vendor
from results import Result, ratio
from server import Canned, server_process
from sides import compare

from conferencing import connect

SESSIONS = 34


def measure(*, quick: bool) -> Iterator[Result]:
    """Compare typed records with the dicts of a client like zoomus."""
    with server_process(Canned(vendor.bodies(SESSIONS))) as url:
        sides = {"conferencing": (typed, url), "requests with dicts, like zoomus": (dicts, url)}
        costs = compare(sides, 5 if quick else 25)
    what = f"{SESSIONS * vendor.PAGE:,} attendees of {SESSIONS} sessions"
    yield ratio(what, costs, "ms of CPU", at_most=0.55)


async def typed(url: str) -> AsyncGenerator[float]:
    """Fetch typed records, session after session."""
    async with connect({**vendor.ACCOUNT, "base_url": url}) as conference:
        while True:
            yield await _cost(lambda id_: conference.attendance(id_).collect())


async def dicts(url: str) -> AsyncGenerator[float]:
    """Fetch dicts as zoomus does: `requests.get` for each call, and `json.loads`."""

    async def fetch(id_: str) -> list[dict[str, Any]]:
        path = vendor.page_path(int(id_.partition(":")[2]))
        response = requests.get(url + path, headers=vendor.HEADERS, timeout=15)  # noqa: ASYNC210 - it is the peer
        return json.loads(response.content)

    while True:
        yield await _cost(fetch)


async def _cost(fetch: Callable[[str], Awaitable[list[Any]]]) -> float:
    kept: list[Any] = []
    started = time.process_time()
    for number in range(SESSIONS):
        kept += await fetch(vendor.session_id(number))
    return (time.process_time() - started) * 1000

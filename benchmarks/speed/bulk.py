"""Register people with a journal and a rate limit, at a vendor that allows 100 calls a second."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import vendor
from registrations import Registrations, people
from results import Result
from server import server

from conferencing import connect

RATE = 100
LIMIT = 1.05


def measure(*, quick: bool) -> Iterator[Result]:
    """Compare the time with the least that the rate allows."""
    for store in ("memory", "sqlite"):
        asyncio.run(_measure(store, 3))  # imports what is loaded at first use
        yield asyncio.run(_measure(store, 200 if quick else 1000))


async def _measure(store: str, count: int) -> Result:
    registrations = Registrations(rate=RATE)
    with tempfile.TemporaryDirectory() as folder:
        async with server(registrations) as url:
            account = {**vendor.ACCOUNT, "base_url": url, "rate": f"{RATE}/s"}
            if store == "sqlite":
                account["rate_store"] = f"sqlite:{folder}/rate.db"
            async with connect(account) as conference:
                started = time.perf_counter()
                journal = Path(folder, "journal")
                await conference.register_many("7", people(count), journal=journal)
                seconds = time.perf_counter() - started
    share = seconds / (count / RATE)
    return Result(
        what=f"{count:,} registrations at {RATE} a second, the rate limit kept in {store}",
        figure=f"{share:.2f} × the least time; {registrations.refused} calls refused,"
        f" {len(registrations.missing(count))} missing, {len(registrations.doubled())} doubled",
        goal=f"at most {LIMIT} ×, none refused, missing or doubled",
        met=share <= LIMIT
        and not (registrations.refused or registrations.missing(count) or registrations.doubled()),
    )

"""Start a process that makes one call, and one that only imports: the CPU time of all of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import vendor
from results import Result, ratio
from server import Canned, server_process
from sides import cpu_milliseconds, in_turns

TYPED = f"""
import asyncio, conferencing, sys
async def main():
    async with conferencing.connect({vendor.ACCOUNT} | {{"base_url": sys.argv[1]}}) as conference:
        assert (await conference.get_room({vendor.ROOM_ID!r})).name == "Launch"
asyncio.run(main())
"""
BARE = f"""
import aiohttp, asyncio, sys
async def main():
    async with aiohttp.ClientSession(headers={vendor.HEADERS}) as session:
        async with session.get(sys.argv[1] + {vendor.ROOM_PATH!r}) as response:
            response.raise_for_status()
            assert (await response.json())["conference"]["name"] == "Launch"
asyncio.run(main())
"""


def measure(*, quick: bool) -> Iterator[Result]:
    """Compare whole processes with ones that use bare aiohttp."""
    with server_process(Canned(vendor.bodies())) as url:
        for what, subject, peer, limit in (
            ("a process that makes one call", TYPED, BARE, 1.3),
            ("a process that imports the package", "import conferencing", "import aiohttp", 0.1),
        ):
            sides = {
                "conferencing": partial(cpu_milliseconds, "-c", subject, url),
                "aiohttp": partial(cpu_milliseconds, "-c", peer, url),
            }
            yield ratio(what, in_turns(sides, 5 if quick else 21), "ms", at_most=limit)

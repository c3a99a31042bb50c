"""One process of `imports.py`: a call with bare aiohttp, as anybody would write it."""

import asyncio
import sys

import aiohttp


async def main() -> None:
    async with (
        aiohttp.ClientSession(headers={"X-Api-Key": "key"}) as session,
        session.get(sys.argv[1]) as reply,
    ):
        reply.raise_for_status()
        room = (await reply.json())["conference"]
    assert room["name"] == "Launch"


asyncio.run(main())

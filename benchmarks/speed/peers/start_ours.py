"""One process of `imports.py`: the same call through `Conference`."""

import asyncio
import sys

import conferencing


async def main(operation: str, url: str) -> None:
    account = {"provider": "clickmeeting", "api_key": "key", "base_url": url}
    async with conferencing.connect(account) as conference:
        if operation == "check":
            await conference.check()
        else:
            room = await conference.get_room("7823001")
            assert room.name == "Launch"


asyncio.run(main(*sys.argv[1:]))

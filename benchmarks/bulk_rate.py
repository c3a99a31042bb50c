"""Register 2,000 people where the server keeps a limit of 100 a second: refusals, and the time.

    python benchmarks/bulk_rate.py [--people N]

The server is ClickMeeting's simulator in a process of its own. It takes at most 100 calls in any
second (a sliding window) and answers 429 to all others. Beside `register_many` under `rate =
"100/s"` runs a loop as it is often written: everything at once, and again after a 429.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import sys
import time
from collections import deque
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "bulk"))

from vendor import Repeating, open_room, people

from conferencing import Room, connect
from conferencing.sandbox import Answer, Call, Sandbox, Stand

RATE = 100
GOAL = 1.06


class Limited(Repeating):
    """Take so many calls a second."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: deque[float] = deque()
        self.calls = self.refused = 0

    def handle(self, call: Call) -> Answer:
        now = time.monotonic()
        while self.taken and self.taken[0] <= now - 1:
            self.taken.popleft()
        self.calls += 1
        if len(self.taken) >= RATE:
            self.refused += 1
            return Answer(status=429, body=b"{}", headers={"Retry-After": "1"})
        self.taken.append(now)
        return super().handle(call)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=2_000)
    count = parser.parse_args().people
    ideal = count / RATE
    print(f"{count} people at {RATE}/s: {ideal:.1f} s at best, the goal is {ideal * GOAL:.1f} s")
    for way in (ours, naive):
        measure(way, count, ideal)


def measure(way: Any, count: int, ideal: float) -> None:
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(there,), daemon=True)
    server.start()
    account, room = here.recv()
    begun = time.monotonic()
    asyncio.run(way(account, room, people(count)))
    seconds = time.monotonic() - begun
    here.send(None)
    calls, refused, registered, double = here.recv()
    server.join()
    print(
        f"{way.__name__:<6} {seconds:6.2f} s = {seconds / ideal:.3f} x N/rate, {calls} calls,"
        f" {refused} refused with 429, {registered} registered, {double} double"
    )


async def ours(account: dict[str, Any], room: str, rows: list[dict[str, str]]) -> None:
    async with connect({**account, "rate": f"{RATE}/s"}) as conference:
        result = await conference.register_many(room, rows)
    assert result.complete


async def naive(account: dict[str, Any], room: str, rows: list[dict[str, str]]) -> None:
    url = f"{account['base_url']}/conferences/{room}/registration"
    async with aiohttp.ClientSession(headers={"X-Api-Key": account["api_key"]}) as session:

        async def register(row: dict[str, str]) -> None:
            form = {
                "registration[1]": row["first_name"],
                "registration[2]": row["last_name"],
                "registration[3]": row["email"],
            }
            while True:
                async with session.post(url, data=form) as reply:
                    if reply.status != 429:
                        reply.raise_for_status()
                        return
                    wait = float(reply.headers["Retry-After"])
                await asyncio.sleep(wait)

        await asyncio.gather(*map(register, rows))


def serve(pipe: Connection) -> None:
    asyncio.run(_serve(pipe))


async def _serve(pipe: Connection) -> None:
    async with Sandbox(["clickmeeting"]) as sandbox:
        simulator = Limited()
        simulator.origin = sandbox.origin
        sandbox.stands["clickmeeting"] = Stand(simulator)
        account = sandbox.account("clickmeeting")
        async with connect(account) as conference:
            room: Room = await open_room(conference)
        simulator.calls = 0
        pipe.send((account, room.id))
        await asyncio.to_thread(pipe.recv)
        there = [one.email for one in simulator.world.participants[room.id]]
        double = len(there) - len(set(there))
        pipe.send((simulator.calls, simulator.refused, len(set(there)), double))


if __name__ == "__main__":
    main()

"""What the library costs beside bare aiohttp and bare JSON: ratios, taken side by side in one run.

    python benchmarks/basics.py

Each pair is measured in turns (A B A B …), and medians are compared. The server is a raw asyncio
one in a process of its own, so that it is not the bottleneck.
"""

from __future__ import annotations

import asyncio
import gc
import json
import multiprocessing
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Awaitable, Callable

import aiohttp

from conferencing import connect
from conferencing.http.reply import read_json
from conferencing_clickmeeting import wire

ATTENDEES = 10_000
ROUNDS = 9
CALLS = 400
AT_ONCE = 16


def main() -> None:
    imports()
    decoding()
    memory()
    asyncio.run(calls())


def told(what: str, ours: float, other: str, theirs: float, unit: str) -> None:
    print(
        f"{what:<34} {ours:9.2f} {unit:<8} {other:<26} {theirs:9.2f} {unit:<8} x {ours / theirs:.2f}"
    )


def in_turns(ours: Callable[[], float], theirs: Callable[[], float]) -> tuple[float, float]:
    pairs = [(ours(), theirs()) for _ in range(ROUNDS)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)


def imports() -> None:
    bare = statistics.median(started("pass") for _ in range(ROUNDS))

    def cost(code: str) -> Callable[[], float]:
        return lambda: (started(code) - bare) * 1000

    for code in (
        "import conferencing",
        "from conferencing import Room",
        "import conferencing.client",
    ):
        ours, theirs = in_turns(cost(code), cost("import aiohttp"))
        told(code, ours, "import aiohttp", theirs, "ms")


def started(code: str) -> float:
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - begin


# --------------------------------------------------------------------------------------- decoding


def attendee(number: int) -> dict[str, object]:
    return {
        "uid": str(7823001 + number),
        "role": "listener",
        "nickname": f"Ann Lee {number}",
        "email": f"ann{number}@example.com",
        "device": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
        "rating": "5",
        "rating_comment": None,
        "start_date": "2026-10-01T10:05:00+02:00",
        "end_date": "2026-10-01T11:20:00+02:00",
        "user_ip": "198.51.100.7",
        "polls": [],
    }


PAGE = json.dumps([attendee(number) for number in range(ATTENDEES)]).encode()


def ours_decoded() -> object:
    return wire.attendance(wire.attendees(read_json(PAGE), "1:2"), {})


def timed(work: Callable[[], object]) -> Callable[[], float]:
    def run() -> float:
        gc.collect()
        begin = time.perf_counter()
        work()
        return (time.perf_counter() - begin) / ATTENDEES * 1e6

    return run


def decoding() -> None:
    ours, theirs = in_turns(timed(ours_decoded), timed(lambda: read_json(PAGE)))
    told("an attendee, bytes to model", ours, "JSON to dicts alone", theirs, "us")


def memory() -> None:
    told("a kept attendee", kept(ours_decoded), "its dict", kept(lambda: read_json(PAGE)), "bytes")


def kept(work: Callable[[], object]) -> float:
    work()
    gc.collect()
    tracemalloc.start()
    result = work()
    gc.collect()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del result
    return size / ATTENDEES


# ------------------------------------------------------------------------------------------ calls


REPLY = b'{"ping":"pong"}'
RAW = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
    + str(len(REPLY)).encode()
    + b"\r\n\r\n"
    + REPLY
)


def serve(port: multiprocessing.Queue[int]) -> None:
    asyncio.run(_serve(port))


async def _serve(port: multiprocessing.Queue[int]) -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    port.put(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(RAW)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def calls() -> None:
    port: multiprocessing.Queue[int] = multiprocessing.Queue()
    server = multiprocessing.Process(target=serve, args=(port,), daemon=True)
    server.start()
    base = f"http://127.0.0.1:{port.get()}"
    account = {"provider": "clickmeeting", "api_key": "eu" + "0" * 40, "base_url": base}
    async with connect(account) as conference, aiohttp.ClientSession() as session:

        async def bare() -> None:
            async with session.get(f"{base}/ping", headers={"X-Api-Key": "k"}) as response:
                await response.json()

        await rate(conference.check)
        await rate(bare)
        pairs = [(await rate(conference.check), await rate(bare)) for _ in range(ROUNDS)]
    server.terminate()
    ours = statistics.median(a for a, _ in pairs)
    theirs = statistics.median(b for _, b in pairs)
    told(f"a call, {AT_ONCE} at once", ours, "bare aiohttp", theirs, "calls/s")


async def rate(call: Callable[[], Awaitable[None]]) -> float:
    async def worker() -> None:
        for _ in range(CALLS // AT_ONCE):
            await call()

    begin = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return CALLS / (time.perf_counter() - begin)


if __name__ == "__main__":
    main()

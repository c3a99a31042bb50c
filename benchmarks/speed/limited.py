"""A raw asyncio server that registers people, 100 calls a second, and answers 429 to all others.

It speaks ClickMeeting's two calls for that. Three ways to keep a limit: `sliding` (no second of any
kind sees more), `fixed` (no second of the server's clock does), and `bucket` (ten calls at once,
and a new one each hundredth of a second). `/told` tells what came, and begins anew.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext
from urllib.parse import parse_qs
from urllib.request import urlopen

from attrs import frozen
from sides import server_core

__all__ = ["RATE", "Told", "limiting", "told"]

RATE = 100
BURST = 10


@frozen
class Told:
    """What came to the server: how many calls it refused, and whom it registered, how often."""

    refused: int
    registered: int
    people: int


def told(url: str) -> Told:
    """Return what came since the last time."""
    with urlopen(f"{url}/told") as reply:
        return Told(**json.load(reply))


@contextmanager
def limiting(how: str) -> Iterator[str]:
    """Serve under one kind of limit, and give the base URL."""
    context: SpawnContext = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, how), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


def _serve(pipe: Connection, how: str) -> None:
    server_core()
    asyncio.run(_served(pipe, how))


async def _served(pipe: Connection, how: str) -> None:
    join_target = JoinTarget(_LIMITS[how])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Answering(join_target), "127.0.0.1", 0)
    pipe.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


class JoinTarget:
    """Let calls in as the limit has it, and remember who was registered."""

    def __init__(self, limit: Callable[[], Callable[[float], bool]]) -> None:
        self._limit = limit
        self._begin()

    def _begin(self) -> None:
        self._free = self._limit()
        self._refused = 0
        self._emails: list[str] = []

    def answer(self, target: bytes, body: bytes) -> tuple[bytes, bytes]:
        if target.endswith(b"/told"):
            known = Told(self._refused, len(self._emails), len({*self._emails}))
            self._begin()
            return b"200 OK", json.dumps(
                {"refused": known.refused, "registered": known.registered, "people": known.people}
            ).encode()
        if not self._free(time.monotonic()):
            self._refused += 1
            return b"429 Too Many Requests", b"{}"
        if not target.endswith(b"/registration"):
            return b"200 OK", b"[]"  # nobody is registered before
        self._emails.append(parse_qs(body.decode())["registration[3]"][0])
        url = f"https://example.com/room/{len(self._emails)}"
        return b"200 OK", json.dumps({"status": "OK", "exist": 0, "url": url}).encode()


def _sliding() -> Callable[[float], bool]:
    taken: deque[float] = deque()

    def free(now: float) -> bool:
        while taken and taken[0] <= now - 1:
            taken.popleft()
        if len(taken) >= RATE:
            return False
        taken.append(now)
        return True

    return free


def _fixed() -> Callable[[float], bool]:
    second = taken = 0

    def free(now: float) -> bool:
        nonlocal second, taken
        if int(now) != second:
            second, taken = int(now), 0
        taken += 1
        return taken <= RATE

    return free


def _bucket() -> Callable[[float], bool]:
    held, last = float(BURST), 0.0

    def free(now: float) -> bool:
        nonlocal held, last
        held, last = min(BURST, held + (now - last) * RATE), now
        if held < 1:
            return False
        held -= 1
        return True

    return free


_LIMITS = {"sliding": _sliding, "fixed": _fixed, "bucket": _bucket}


class _Answering(asyncio.Protocol):
    def __init__(self, join_target: JoinTarget) -> None:
        self._door = join_target
        self._came = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert self._transport
        self._came += data
        while b"\r\n\r\n" in self._came:
            head, _, rest = self._came.partition(b"\r\n\r\n")
            length = _length(head)
            if len(rest) < length:
                break
            body, self._came = rest[:length], rest[length:]
            status, answer = self._door.answer(head.split(b" ", 2)[1], body)
            self._transport.write(_HEAD % (status, len(answer)) + answer)


def _length(head: bytes) -> int:
    _, _, after = head.lower().partition(b"content-length:")
    return int(after.split(b"\r", 1)[0] or 0)


_HEAD = (
    b"HTTP/1.1 %b\r\nServer: benchmark\r\nDate: Thu, 01 Oct 2026 08:00:00 GMT\r\n"
    b"Content-Type: application/json\r\nRetry-After: 1\r\nContent-Length: %d\r\n\r\n"
)

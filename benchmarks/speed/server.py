"""A raw asyncio server in a process of its own, on another core: never the bottleneck.

It knows whole replies by their path, written out beforehand, and sends the one that is asked for;
`delay` seconds later if there is a delay.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext

from sides import server_core

__all__ = ["serving"]


@contextmanager
def serving(bodies: Mapping[str, bytes], delay: float = 0.0) -> Iterator[str]:
    """Serve JSON bodies by path and query, and give the base URL. What is not known is a 404."""
    context: SpawnContext = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, dict(bodies), delay), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}"
    finally:
        process.terminate()
        process.join()


def _serve(told: Connection, bodies: Mapping[str, bytes], delay: float) -> None:
    server_core()
    asyncio.run(
        _served(told, {path.encode(): _reply(body) for path, body in bodies.items()}, delay)
    )


async def _served(told: Connection, replies: Mapping[bytes, bytes], delay: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Answering(replies, delay), "127.0.0.1", 0)
    told.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


class _Answering(asyncio.Protocol):
    def __init__(self, replies: Mapping[bytes, bytes], delay: float) -> None:
        self._replies = replies
        self._delay = delay
        self._came = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._came += data
        while b"\r\n\r\n" in self._came:
            head, _, self._came = self._came.partition(b"\r\n\r\n")
            self._answer(self._replies.get(head.split(b" ", 2)[1], _NONE))

    def _answer(self, reply: bytes) -> None:
        assert self._transport
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._transport.write, reply)
        else:
            self._transport.write(reply)


def _reply(body: bytes, status: bytes = b"200 OK") -> bytes:
    return (
        b"HTTP/1.1 %b\r\nServer: benchmark\r\nDate: Thu, 01 Oct 2026 08:00:00 GMT\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\nConnection: keep-alive\r\n\r\n%b"
        % (status, len(body), body)
    )


_NONE = _reply(b"{}", b"404 Not Found")

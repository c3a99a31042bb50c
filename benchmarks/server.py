"""A raw HTTP server on loopback that sends exact bytes; fast enough to never be the bottleneck."""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from attrs import frozen
from sides import pin

__all__ = ["Canned", "Received", "Reply", "reply", "server", "server_process"]


@frozen
class Received:
    """A request as it arrived; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@frozen
class Reply:
    """Bytes to send. Without `close` the connection stays open; an empty reply then hangs."""

    data: bytes
    close: bool = False


Answer = Callable[[Received], Reply]


def reply(body: bytes, status: int = 200, **headers: str) -> Reply:
    """Return a complete reply; `content_encoding="gzip"` becomes `content-encoding: gzip`."""
    fields = {
        "content-type": "application/json",
        "content-length": str(len(body)),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in fields.items())]
    return Reply("\r\n".join([*lines, "", ""]).encode() + body)


class Canned:
    """Answer each target with a body that is known beforehand, and all others with 404."""

    def __init__(self, bodies: Mapping[str, bytes]) -> None:
        self._replies = {target: reply(body) for target, body in bodies.items()}

    def __call__(self, request: Received) -> Reply:
        return self._replies.get(request.target) or reply(b"{}", 404)


class _Connection(asyncio.Protocol):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._buffer = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, rest = self._buffer.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            pairs = (line.split(":", 1) for line in lines)
            headers = {name.lower(): value.strip() for name, value in pairs}
            length = int(headers.get("content-length", 0))
            if len(rest) < length:
                return
            body, self._buffer = rest[:length], rest[length:]
            method, target, _ = first.split(" ")
            answered = self._answer(Received(method, target, headers, body))
            self._transport.write(answered.data)
            if answered.close:
                self._transport.close()


@asynccontextmanager
async def server(answer: Answer) -> AsyncGenerator[str]:
    """Serve in this event loop; give the origin."""
    listener = _listener()
    running = await _start(listener, answer)
    yield _origin(listener)
    running.close()


@contextmanager
def server_process(answer: Answer) -> Iterator[str]:
    """Serve in a process of its own, on another core; give the origin."""
    listener = _listener()
    process = multiprocessing.get_context("fork").Process(
        target=_run, args=(listener, answer), daemon=True
    )
    process.start()
    try:
        yield _origin(listener)
    finally:
        process.terminate()
        process.join()
        listener.close()


def _listener() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0), backlog=128)


def _origin(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


async def _start(listener: socket.socket, answer: Answer) -> asyncio.Server:
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: _Connection(answer), sock=listener)


def _run(listener: socket.socket, answer: Answer) -> None:
    pin(-1)

    async def serve() -> None:
        await (await _start(listener, answer)).serve_forever()

    asyncio.run(serve())

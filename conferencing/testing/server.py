"""A server on loopback that does exactly what it is told, connection by connection.

    async with FaultServer([read, send(reply({"id": 1}))], [read, reset]) as server:
        ...  # connect to server.url
    assert len(server.seen) == 2

A script is a list of steps for one connection; the last script holds for all that follow. When a
script is over, the connection is closed.
"""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from attrs import define, field, frozen

__all__ = [
    "Connection",
    "FaultServer",
    "Received",
    "Step",
    "bad_certificate",
    "closed_port",
    "cut",
    "endless",
    "hang",
    "read",
    "repeat",
    "reply",
    "reset",
    "send",
    "send_slowly",
    "wait",
]

CERTIFICATE: Final = Path(__file__).with_name("wrong_host.pem")


@frozen(kw_only=True)
class Received:
    """A request as it was on the wire. Header names are in lower case, each header by itself."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    connection: int

    def header(self, name: str) -> list[str]:
        """Return the values of a header: none, one, or several."""
        return [value for key, value in self.headers if key == name.lower()]


@define(eq=False)
class Connection:
    """One connection, with what a step needs. `number` counts from 1."""

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    requests: list[Received]


Step = Callable[[Connection], Awaitable[None]]


class FaultServer:
    """Play scripts to whoever connects; `requests` are the requests that were read.

    `tls` makes it speak HTTPS: `bad_certificate()` for one that no client should trust.
    """

    def __init__(self, *scripts: Sequence[Step], tls: ssl.SSLContext | None = None) -> None:
        self._scripts = [list(script) for script in scripts] or [[]]
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.requests: list[Received] = []
        self.connections = 0
        self.port = 0

    @property
    def url(self) -> str:
        """The address to connect to."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        connection = Connection(self.connections, reader, writer, self.requests)
        task = asyncio.create_task(_played(script, connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _played(script: Sequence[Step], connection: Connection) -> None:
    try:
        for step in script:
            await step(connection)
    except (OSError, asyncio.IncompleteReadError):
        pass  # the other side is gone
    finally:
        connection.writer.close()


# ------------------------------------------------------------------------------------------ steps


async def read(connection: Connection) -> None:
    """Read one whole request."""
    head = (await connection.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    pairs = (line.partition(":") for line in lines)
    headers = tuple((name.lower(), value.strip()) for name, _, value in pairs)
    known = dict(headers)
    body = await connection.reader.readexactly(int(known.get("content-length", 0)))
    if known.get("transfer-encoding") == "chunked":
        body = await connection.reader.readuntil(b"0\r\n\r\n")
    connection.requests.append(
        Received(
            method=method, target=target, headers=headers, body=body, connection=connection.number
        )
    )


def send(data: bytes) -> Step:
    """Send bytes, as they are."""

    async def step(connection: Connection) -> None:
        connection.writer.write(data)
        await connection.writer.drain()

    return step


def send_slowly(data: bytes, gap: float, *, size: int = 1) -> Step:
    """Send `size` bytes every `gap` seconds."""

    async def step(connection: Connection) -> None:
        for place in range(0, len(data), size):
            await send(data[place : place + size])(connection)
            await asyncio.sleep(gap)

    return step


def endless(piece: bytes = b" " * 65536) -> Step:
    """Send the same again and again, until the other side is gone."""

    async def step(connection: Connection) -> None:
        while not connection.writer.is_closing():
            await send(piece)(connection)

    return step


def wait(seconds: float) -> Step:
    """Do nothing for so long."""

    async def step(_: Connection) -> None:
        await asyncio.sleep(seconds)

    return step


def repeat(*steps: Step) -> Step:
    """Play steps over and over, on the same connection."""

    async def step(connection: Connection) -> None:
        while not connection.writer.is_closing():
            for one in steps:
                await one(connection)

    return step


async def cut(connection: Connection) -> None:
    """Close the connection, in order."""
    connection.writer.close()


async def reset(connection: Connection) -> None:
    """Reset the connection: what was not read yet is lost."""
    abort(connection.writer)


async def hang(_: Connection) -> None:
    """Do nothing any more, and keep the connection."""
    await asyncio.Event().wait()


def reply(
    body: object = None, status: int = 200, headers: Mapping[str, str] | None = None
) -> bytes:
    """Return the bytes of a whole reply: JSON of the body, or the body if it is bytes.

    `headers` go over those that it has anyway, `Content-Length` among them.
    """
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"Content-Type": "application/json", "Content-Length": str(len(payload))}
    lines = [f"{name}: {value}" for name, value in (named | dict(headers or {})).items()]
    return "\r\n".join([f"HTTP/1.1 {status} X", *lines, "", ""]).encode() + payload


# ------------------------------------------------------------------------------------------ beside


def abort(writer: asyncio.StreamWriter) -> None:
    """Reset a connection: without lingering, closing sends RST."""
    sock: Any = writer.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def bad_certificate() -> ssl.SSLContext:
    """Return a context for a server whose certificate is its own, and of another host."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def closed_port() -> int:
    """Return a port of this machine that refuses connections."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])

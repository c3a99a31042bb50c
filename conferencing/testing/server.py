"""A scripted server on loopback: it plays a list of steps to each connection.

    async with FaultServer([read, send(reply({"id": 1}))], [read, reset]) as server:
        ...  # connect to server.url
    assert len(server.requests) == 2

A script is a list of steps for one connection; the last script is used for all further connections.
A connection is closed at the end of its script.
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
    """A request as it was on the wire: lower-case header names, repeated headers kept apart."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    connection: int

    def header(self, name: str) -> list[str]:
        """Return the values of a header: none, one, or several."""
        return [value for key, value in self.headers if key == name.lower()]

    @property
    def path(self) -> str:
        """The raw target without its query."""
        return self.target.partition("?")[0]


@define(eq=False)
class Connection:
    """One connection, as a step sees it. `number` counts from 1."""

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    requests: list[Received]


Step = Callable[[Connection], Awaitable[None]]


class FaultServer:
    """Play scripts to clients; `requests` lists the requests that were read.

    `tls` makes it speak HTTPS; with `bad_certificate()` no client should trust it.
    """

    def __init__(self, *scripts: Sequence[Step], tls: ssl.SSLContext | None = None) -> None:
        self._scripts = [list(script) for script in scripts] or [[]]
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._failures: list[Exception] = []
        self.requests: list[Received] = []
        self.connections = 0
        self.port = 0

    @property
    def url(self) -> str:
        """The address to connect to."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._serve,
            "127.0.0.1",
            self.port,
            ssl=self._tls,  # the same port if served again
        )
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
        if self._failures:
            raise self._failures[0]  # a step is wrong, and so is whatever the client made of it

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        connection = Connection(self.connections, reader, writer, self.requests)
        task = asyncio.create_task(self._play(script, connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _play(self, script: Sequence[Step], connection: Connection) -> None:
        try:
            for step in script:
                await step(connection)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client closed the connection
        except Exception as error:  # noqa: BLE001 - raised again when the server is closed
            self._failures.append(error)
        finally:
            connection.writer.close()


# ------------------------------------------------------------------------------------------ steps


async def read(connection: Connection) -> None:
    """Read one request with its body."""
    head = (await connection.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    pairs = (line.partition(":") for line in lines)
    headers = tuple((name.lower(), value.strip()) for name, _, value in pairs)
    fields = dict(headers)
    body = await connection.reader.readexactly(int(fields.get("content-length", 0)))
    if fields.get("transfer-encoding") == "chunked":
        body = await connection.reader.readuntil(b"0\r\n\r\n")
    connection.requests.append(
        Received(
            method=method, target=target, headers=headers, body=body, connection=connection.number
        )
    )


def send(data: bytes) -> Step:
    """Send bytes unchanged."""

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
    """Send the same bytes until the client closes the connection."""

    async def step(connection: Connection) -> None:
        while not connection.writer.is_closing():
            await send(piece)(connection)

    return step


def wait(seconds: float) -> Step:
    """Pause for `seconds`."""

    async def step(_: Connection) -> None:
        await asyncio.sleep(seconds)

    return step


def repeat(*steps: Step) -> Step:
    """Repeat steps on the same connection until it is closed."""

    async def step(connection: Connection) -> None:
        while not connection.writer.is_closing():
            for each in steps:
                await each(connection)

    return step


async def cut(connection: Connection) -> None:
    """Close the connection in order."""
    connection.writer.close()


async def reset(connection: Connection) -> None:
    """Reset the connection: bytes that the client has not read yet are lost."""
    abort(connection.writer)


async def hang(_: Connection) -> None:
    """Stay silent and keep the connection open."""
    await asyncio.Event().wait()


def reply(
    body: object = None, status: int = 200, headers: Mapping[str, str] | None = None
) -> bytes:
    """Return the bytes of a complete reply with a JSON body, or with `body` itself if it is bytes.

    `headers` replace those that are set by default, `Content-Length` among them.
    """
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"Content-Type": "application/json", "Content-Length": str(len(payload))}
    lines = [f"{name}: {value}" for name, value in (named | dict(headers or {})).items()]
    return "\r\n".join([f"HTTP/1.1 {status} X", *lines, "", ""]).encode() + payload


# ---------------------------------------------------------------------------------------- helpers


def abort(writer: asyncio.StreamWriter) -> None:
    """Reset a connection: closing it without lingering sends RST."""
    sock: Any = writer.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def bad_certificate() -> ssl.SSLContext:
    """Return a TLS context with a self-signed certificate for another host."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def closed_port() -> int:
    """Return a port on loopback that refuses connections."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])

"""A server that sends scripted bytes and records every request."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from ssl import SSLContext
from typing import Any, Self

from attrs import field, frozen

Step = Callable[[asyncio.StreamWriter], Awaitable[None]]


@frozen(kw_only=True)
class RecordedRequest:
    """A request as it was on the wire; header names are in lower case."""

    method: str
    target: str
    headers: list[tuple[str, str]] = field(repr=False)
    body: bytes = field(repr=False)
    connection: int

    def header(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name.lower()]


class Scripted:
    """Answer each request by the next step of the script; the last step holds for all that follow."""

    def __init__(self, *script: Step, tls: SSLContext | None = None) -> None:
        self.script = list(script)
        self.requests: list[RecordedRequest] = []
        self.connections = 0
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.url = f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._answer(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        try:
            while not writer.is_closing():
                self.requests.append(await _request(reader, number))
                step = self.script.pop(0) if len(self.script) > 1 else self.script[0]
                await step(writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader, number: int) -> RecordedRequest:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    pairs = (line.partition(":") for line in lines)
    headers = [(name.lower(), value.strip()) for name, _, value in pairs]
    named = dict(headers)
    body = await reader.readexactly(int(named.get("content-length", 0)))
    if named.get("transfer-encoding") == "chunked":
        body = await reader.readuntil(b"0\r\n\r\n")
    return RecordedRequest(
        method=method, target=target, headers=headers, body=body, connection=number
    )


# ------------------------------------------------------------------------------------------ steps


def reply(body: object = None, status: int = 200, **headers: str) -> Step:
    """Send a whole reply: JSON of the body, or bytes as they are."""
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return send(head(status, {"Content-Length": str(len(payload)), **named}) + payload)


def head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def send(data: bytes) -> Step:
    async def step(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return step


def drip(data: bytes, gap: float) -> Step:
    """Send a byte every `gap` seconds."""

    async def step(writer: asyncio.StreamWriter) -> None:
        for place in range(len(data)):
            await send(data[place : place + 1])(writer)
            await asyncio.sleep(gap)

    return step


def endless(piece: bytes = b" " * 65536) -> Step:
    async def step(writer: asyncio.StreamWriter) -> None:
        writer.write(head(200, {"Connection": "close"}))
        while not writer.is_closing():
            await send(piece)(writer)

    return step


async def fin(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def rst(writer: asyncio.StreamWriter) -> None:
    sock: Any = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def hang(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


def then(*steps: Step) -> Step:
    async def step(writer: asyncio.StreamWriter) -> None:
        for step in steps:
            await step(writer)

    return step


def closed_port() -> int:
    """Return a port of this machine that refuses connections."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])

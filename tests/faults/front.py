"""A simulator behind a server that can say any bytes instead of its reply, and counts requests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from ssl import SSLContext
from typing import Self

from attrs import field, frozen
from canaries import note_traffic
from staging import called

from conferencing.sandbox.simulator import Answer, Call, Simulator
from conferencing.testing.server import abort

__all__ = ["Exchange", "Front", "OperationCase", "RecordedRequest", "rendered"]


@frozen(kw_only=True)
class RecordedRequest:
    """A request as it was on the wire; header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    struck: bool

    @property
    def path(self) -> str:
        """The raw target without its query."""
        return self.target.partition("?")[0]

    @property
    def place(self) -> tuple[str, str]:
        """What the same request has again when it is repeated."""
        return self.method, self.target


class Exchange:
    """One request, and the connection on which to reply to it."""

    def __init__(self, call: Call, target: str, front: Front, writer: asyncio.StreamWriter) -> None:
        self.call = call
        self.target = target
        self.writer = writer
        self.elsewhere = front.elsewhere
        self._simulator = front.simulator

    def happen(self) -> Answer:
        """Let the call take effect and return what its answer would be."""
        answer = self._simulator.handle(self.call)
        note_traffic(dict(self.call.headers), self.call.body, answer.body)
        return answer

    async def send(self, data: bytes) -> None:
        """Send bytes."""
        self.writer.write(data)
        await self.writer.drain()

    def close(self) -> None:
        """Close the connection in order."""
        self.writer.close()

    def reset(self) -> None:
        """Reset the connection."""
        abort(self.writer)


OperationCase = Callable[[Exchange], Awaitable[None]]


class Front:
    """Serve a simulator on loopback. `strike` says which request goes wrong, and how.

    All others are answered in the `usual` way, which may be a bad one too.
    """

    def __init__(
        self, simulator: Simulator, *, tls: SSLContext | None = None, elsewhere: str = ""
    ) -> None:
        self.simulator = simulator
        self.elsewhere = elsewhere
        self.requests: list[RecordedRequest] = []
        self.connections = 0
        self.broken: list[Exception] = []
        self.usual: OperationCase = _answered
        self._tls = tls
        self._play: OperationCase | None = None
        self._at, self._times, self._place = 0, 0, ("", "")
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.origin = f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.broken:
            raise self.broken[0]  # the server itself is at fault, and no cell counts

    def strike(self, play: OperationCase | None, at: int = 0, times: int = 2**31) -> None:
        """Forget what was seen, and let the request of this number go wrong, and its repeats."""
        self.requests.clear()
        self._play, self._at, self._times, self._place = play, at, times, ("", "")

    @property
    def tries(self) -> int:
        """How often the request came that went wrong, from then on."""
        return sum(one.place == self._place for one in self.requests[self._at :])

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self.connections += 1
        try:
            while not writer.is_closing():
                await self._answer(await self._read(reader), writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        except Exception as error:
            self.broken.append(error)
            raise
        finally:
            writer.close()

    async def _answer(self, seen: RecordedRequest, writer: asyncio.StreamWriter) -> None:
        self.requests.append(seen)
        target = seen.target.removeprefix(f"/{self.simulator.name}")
        call = called(seen.method, target, seen.headers, seen.body)
        exchange = Exchange(call, seen.target, self, writer)
        if seen.struck and self._play is not None:
            self._times -= 1
            await self._play(exchange)
        else:
            await self.usual(exchange)

    async def _read(self, reader: asyncio.StreamReader) -> RecordedRequest:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head[:-4].split("\r\n")
        method, target, _ = first.split(" ")
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if len(self.requests) == self._at:
            self._place = method, target
        return RecordedRequest(
            method=method,
            target=target,
            headers=headers,
            body=body,
            struck=self._times > 0 and (method, target) == self._place,
        )


async def _answered(exchange: Exchange) -> None:
    await exchange.send(rendered(exchange.happen()))


def rendered(answer: Answer, **headers: str) -> bytes:
    """Return an answer as the bytes of a reply; headers given here take the place of others."""
    named = {
        "Content-Type": answer.media_type,
        "Content-Length": str(len(answer.body)),
        **answer.headers,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = [f"HTTP/1.1 {answer.status} X", *(f"{k}: {v}" for k, v in named.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + answer.body

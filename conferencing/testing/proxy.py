"""A bad line: a proxy that stands before any server on loopback and spoils what passes, seeded."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from random import Random
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

from attrs import field, frozen
from attrs.validators import ge, in_, optional

from .server import abort

__all__ = ["FaultProxy", "Weather"]

CHUNK = 65536


@frozen(kw_only=True)
class Weather:
    """Say what becomes of one connection.

    Each piece waits up to `latency` seconds, and is passed on in random slices of at most `slices`
    bytes. After `requests` bytes to the server, or `replies` bytes back, the connection is cut, or
    reset with `reset`. With `black_hole`, bytes to the server ("requests") or from it ("replies")
    vanish, and the connection stays.
    """

    latency: float = field(default=0.0, validator=ge(0))
    slices: int | None = field(default=None, validator=optional(ge(1)))
    requests: int | None = field(default=None, validator=optional(ge(0)))
    replies: int | None = field(default=None, validator=optional(ge(0)))
    reset: bool = False
    black_hole: str | None = field(default=None, validator=in_({None, "requests", "replies"}))


class FaultProxy:
    """Pass on what comes for a server at `target`, an address on loopback.

    Each connection has one of the `weathers`, in their order; the last one holds for all that
    follow. `connections` counts them, `to_server` and `to_client` the bytes that were passed on.
    """

    def __init__(self, target: str, *weathers: Weather, seed: int = 0) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.weathers = list(weathers) or [Weather()]
        self._random = Random(seed)  # noqa: S311 - a bad line that repeats itself
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.connections = self.to_server = self.to_client = 0
        self.port = 0

    def url(self, target: str) -> str:
        """Return an address of the server as it is through this proxy."""
        return urlunsplit(urlsplit(target)._replace(netloc=f"127.0.0.1:{self.port}"))

    def account(self, account: Mapping[str, Any]) -> dict[str, Any]:
        """Return an account whose calls go through this proxy."""
        return {**account, "base_url": self.url(account["base_url"])}

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
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

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        weather = self.weathers.pop(0) if len(self.weathers) > 1 else self.weathers[0]
        task = asyncio.create_task(self._joined(reader, writer, weather))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _joined(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, weather: Weather
    ) -> None:
        """Join the two sides until either way is over."""
        try:
            back, forth = await asyncio.open_connection(*self._target)
        except OSError:
            abort(writer)
            return
        entry_options = [
            asyncio.create_task(self._passed(reader, forth, weather, "requests")),
            asyncio.create_task(self._passed(back, writer, weather, "replies")),
        ]
        try:
            await asyncio.wait(entry_options, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in entry_options:
                way.cancel()
            await asyncio.gather(*entry_options, return_exceptions=True)
            for end in (writer, forth):
                if weather.reset:
                    abort(end)
                else:
                    end.close()

    async def _passed(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, weather: Weather, way: str
    ) -> None:
        left: int | None = getattr(weather, way)
        while left is None or left > 0:
            piece = (await source.read(CHUNK))[:left]
            if not piece:
                return
            left = None if left is None else left - len(piece)
            if weather.black_hole != way:
                await self._sliced(piece, sink, weather, way)

    async def _sliced(
        self, piece: bytes, sink: asyncio.StreamWriter, weather: Weather, way: str
    ) -> None:
        while piece:
            size = self._random.randint(1, weather.slices) if weather.slices else len(piece)
            if weather.latency:
                await asyncio.sleep(self._random.uniform(0, weather.latency))
            sink.write(piece[:size])
            await sink.drain()
            self._count(len(piece[:size]), way)
            piece = piece[size:]

    def _count(self, size: int, way: str) -> None:
        if way == "requests":
            self.to_server += size
        else:
            self.to_client += size

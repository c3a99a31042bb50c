"""Fault injection: a simulator on loopback whose replies can be replaced by anything."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from ssl import SSLContext
from types import TracebackType
from typing import Final, Self

from conferencing.sandbox.simulator import Answer, Call, Simulator

from .server import Connection, FaultServer, Received, abort, read, repeat

__all__ = ["ALWAYS", "Action", "Exchange", "FaultInjector", "encode_answer"]

ALWAYS: Final = 2**31

NO_BODY: Final = frozenset({204, 304})


class Exchange:
    """One request and the connection on which to reply; `elsewhere` is another server's address."""

    def __init__(self, injector: FaultInjector, connection: Connection, request: Received) -> None:
        self.request = request
        self.elsewhere = injector.elsewhere.url
        self._injector = injector
        self._writer = connection.writer

    def perform(self) -> Answer:
        """Let the request take effect, and return the reply that belongs to it."""
        return self._injector.perform(self.request)

    async def send(self, data: bytes) -> None:
        """Send bytes unchanged."""
        self._writer.write(data)
        await self._writer.drain()

    def close(self) -> None:
        """Close the connection in order."""
        self._writer.close()

    def reset(self) -> None:
        """Reset the connection."""
        abort(self._writer)

    @property
    def is_closing(self) -> bool:
        """Whether the connection is closed or about to be."""
        return self._writer.is_closing()


Action = Callable[[Exchange], Awaitable[None]]


class FaultInjector(FaultServer):
    """Serve a simulator; `inject` says which request fails, and what happens instead.

    `requests` and `answers` are those since the last `clear`, `failed` the requests that failed.
    `answer` is called for each request that does not fail. `simulator.handle` is called through
    `handle`, which a test may replace to record calls.
    """

    def __init__(self, simulator: Simulator, *, tls: SSLContext | None = None) -> None:
        super().__init__([repeat(read, self._reply)], tls=tls)
        self.simulator = simulator
        self.handle: Callable[[Call], Answer] = simulator.handle
        self.answer: Action = send_answer
        self.elsewhere = FaultServer([])
        self.failed: list[Received] = []
        self.answers: list[Answer] = []
        self._action: Action | None = None
        self._at, self._left = 0, 0
        self._target = ("", "")

    async def __aenter__(self) -> Self:
        await self.elsewhere.__aenter__()
        await super().__aenter__()
        self.simulator.origin = self.url
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.elsewhere.__aexit__(kind, error, traceback)
        await super().__aexit__(kind, error, traceback)

    def inject(self, action: Action, *, at: int = 0, times: int = ALWAYS) -> None:
        """Forget the requests so far; let the request at index `at`, and its repeats, fail.

        A repeat has the same method and target. At most `times` requests fail.
        """
        self.clear()
        self._action, self._at, self._left = action, at, times

    def clear(self) -> None:
        """Forget the recorded requests and the injected fault."""
        self.requests.clear()
        self.failed.clear()
        self.answers.clear()
        self._action, self._left, self._target = None, 0, ("", "")

    def reset(self) -> None:
        """Start over with an empty world."""
        self.simulator.reset()
        self.clear()

    @property
    def attempts(self) -> int:
        """How often the request that failed was sent, from its first failure on."""
        return sum(_target(request) == self._target for request in self.requests[self._at :])

    def perform(self, request: Received) -> Answer:
        """Let the simulator handle a request."""
        self.answers.append(self.handle(self._to_call(request)))
        return self.answers[-1]

    def _to_call(self, request: Received) -> Call:
        path, _, query = request.target.removeprefix(f"/{self.simulator.name}").partition("?")
        return Call(
            method=request.method, path=path, query=query, headers=dict(request.headers),
            body=request.body,
        )  # fmt: skip

    async def _reply(self, connection: Connection) -> None:
        request = connection.requests[-1]
        if self._action is not None and len(self.requests) - 1 == self._at:
            self._target = _target(request)
        action = self.answer
        if self._action is not None and self._left > 0 and _target(request) == self._target:
            self._left -= 1
            self.failed.append(request)
            action = self._action
        await self.simulator.prepare(self._to_call(request))
        await action(Exchange(self, connection, request))


def _target(request: Received) -> tuple[str, str]:
    return request.method, request.target


async def send_answer(exchange: Exchange) -> None:
    """Reply as the simulator does."""
    await exchange.send(encode_answer(exchange.perform()))


def encode_answer(answer: Answer, **headers: str) -> bytes:
    """Return the bytes of a reply; keywords replace headers (`Content_Length="5"`)."""
    fields = {
        "Content-Type": answer.media_type,
        "Content-Length": str(len(answer.body)),
        **answer.headers,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    lines = [f"{name}: {value}" for name, value in fields.items()]
    # A fault may put a body into a reply that has none by its status.
    status = 200 if answer.body and answer.status in NO_BODY else answer.status
    return "\r\n".join([f"HTTP/1.1 {status} X", *lines, "", ""]).encode() + answer.body

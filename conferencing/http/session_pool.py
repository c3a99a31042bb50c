"""The aiohttp sessions of one account, one for each event loop, and when a connection is reused."""

from __future__ import annotations

import asyncio
import select
from collections.abc import AsyncGenerator
from typing import Any, Final, cast
from weakref import WeakSet

import aiohttp
from msgspec import Struct

from conferencing.errors import ClientClosed

__all__ = ["SessionPool"]

_SELECTABLE: Final = 1024 if hasattr(select, "poll") else 2**31
"""`select.select` takes descriptors below this; `poll`, where it exists, takes any."""


class SessionPool:
    """Keep one aiohttp session for each event loop, closed when its loop ends.

    Of a borrowed session it uses the connections and nothing else: its cookies, which are another
    account's, and its default headers never go with our credentials.
    """

    def __init__(self, borrowed: aiohttp.ClientSession | None) -> None:
        self._borrowed = borrowed
        self._sessions: dict[asyncio.AbstractEventLoop, LoopSession] = {}
        self.closed = False

    def get_or_none(self) -> aiohttp.ClientSession | None:
        """Return the running loop's session, None before `open()`. Raises `ClientClosed`."""
        loop = asyncio.get_running_loop()
        if self.closed:
            raise ClientClosed("this client is closed; connect again")
        if self._borrowed is not None:
            _check_usable(self._borrowed, loop)
        entry = self._sessions.get(loop)
        return entry.session if entry else None

    async def open(self) -> aiohttp.ClientSession:
        """Open the running loop's session."""
        closer = _open_session(self._borrowed)
        session = await anext(closer)
        self._sessions = {
            loop: entry for loop, entry in self._sessions.items() if not loop.is_closed()
        }
        self._sessions[asyncio.get_running_loop()] = LoopSession(session, closer)
        return session

    async def aclose(self) -> None:
        """Close all sessions; the session of another running loop is closed in that loop."""
        self.closed = True
        here = asyncio.get_running_loop()
        for loop, entry in self._sessions.items():
            if loop is here:
                await entry.closer.aclose()
            elif not loop.is_closed():
                asyncio.run_coroutine_threadsafe(entry.closer.aclose(), loop)
        self._sessions.clear()


class LoopSession(Struct, frozen=True):
    """The session of one event loop, and the generator that closes it."""

    session: aiohttp.ClientSession
    closer: AsyncGenerator[aiohttp.ClientSession]


async def _open_session(
    borrowed: aiohttp.ClientSession | None,
) -> AsyncGenerator[aiohttp.ClientSession]:
    """Open a session, and close it when this generator is closed.

    An event loop that shuts down closes its asynchronous generators first, so that the session of
    a program that forgot to close its client is closed in time.
    """
    async with aiohttp.ClientSession(
        connector=cast("Any", FreshConnector(_connector_of(borrowed))),
        connector_owner=borrowed is None,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=borrowed.trust_env if borrowed else False,  # its netrc would cost a thread a call
        trace_configs=borrowed.trace_configs if borrowed else None,
    ) as session:
        yield session


def _connector_of(borrowed: aiohttp.ClientSession | None) -> aiohttp.BaseConnector:
    connector = borrowed.connector if borrowed else None
    return aiohttp.TCPConnector() if connector is None else connector


def _check_usable(session: aiohttp.ClientSession, loop: asyncio.AbstractEventLoop) -> None:
    if session.closed:
        raise ClientClosed("the borrowed aiohttp session is closed")
    if session._loop is not loop:  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        raise ClientClosed("the borrowed aiohttp session belongs to another event loop")


class FreshConnector:
    """Reuse a pooled connection only if the server sent nothing on it since its last reply.

    Otherwise the server has closed it, or the bytes are a reply that nobody asked for, which aiohttp
    would take for the reply to the next request
    (https://github.com/aio-libs/aiohttp/issues/13656). It wraps a connector, which may be borrowed:
    connections that only its owner has used are not checked.
    """

    def __init__(self, connector: aiohttp.BaseConnector) -> None:
        self._connector = connector
        self._used: WeakSet[Any] = WeakSet()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connector, name)

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Any],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - the signature is aiohttp's
    ) -> Any:
        """Return a connection that is fit for this request."""
        while True:
            connection: Any = await self._connector.connect(req, traces, timeout)
            protocol = connection.protocol
            # A new connection may have bytes of the TLS handshake waiting: they are not a reply.
            if protocol not in self._used:
                self._used.add(protocol)
                return connection
            if not _is_stale(protocol, connection.transport):
                return connection
            connection.close()


def _is_stale(protocol: Any, transport: asyncio.BaseTransport | None) -> bool:
    """Return whether bytes, or the end of the stream, wait on a connection."""
    if protocol is None or transport is None or transport.is_closing():
        return True
    return bool(protocol.should_close) or _is_readable(transport)


def _is_readable(transport: asyncio.BaseTransport) -> bool:
    socket = transport.get_extra_info("socket")
    if socket is None:
        return False
    descriptor = socket.fileno()
    if descriptor < _SELECTABLE:
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()  # select() takes small descriptors only
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))

"""Faults of the way to a server: before a request could be read at all."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp.abc import AbstractResolver
from attrs import frozen
from front import Front

__all__ = ["JoinTarget", "plain"]

CERTIFICATES: Final = Path(__file__).parent / "certificates"


@frozen(kw_only=True)
class JoinTarget:
    """Where a client goes, and with which session if not with its own."""

    origin: str
    session: aiohttp.ClientSession | None = None


@asynccontextmanager
async def plain(front: Front) -> AsyncIterator[JoinTarget]:
    """Go straight to the server."""
    yield JoinTarget(origin=front.origin)


@asynccontextmanager
async def refused(front: Front) -> AsyncIterator[JoinTarget]:
    """Go where nobody listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield JoinTarget(origin=f"http://127.0.0.1:{sock.getsockname()[1]}")


class Nowhere(AbstractResolver):
    """Know no host at all."""

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[Any]:
        raise OSError(socket.EAI_NONAME, "Name or service not known")

    async def close(self) -> None:
        pass


@asynccontextmanager
async def unknown_host(front: Front) -> AsyncIterator[JoinTarget]:
    """Go to a name that has no address."""
    connector = aiohttp.TCPConnector(resolver=Nowhere())
    async with aiohttp.ClientSession(connector=connector) as session:
        yield JoinTarget(origin="https://api.nowhere.invalid", session=session)


# -------------------------------------------------------------------------------------------- TLS


def serving(name: str) -> ssl.SSLContext:
    """Return what a server proves itself with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{name}.pem")
    return context


@asynccontextmanager
async def tls(
    front: Front, name: str, *, trusted: bool, scheme: str = "https"
) -> AsyncIterator[JoinTarget]:
    """Go to a server with a certificate, as one who trusts its authority or does not."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(Front(front.simulator, tls=serving(name)))
        session = await stack.enter_async_context(_trusting()) if trusted else None
        yield JoinTarget(origin=f"{scheme}://127.0.0.1:{server.port}", session=session)


def _trusting() -> aiohttp.ClientSession:
    context = ssl.create_default_context(cafile=CERTIFICATES / "authority.pem")
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))


def unknown_authority(front: Front) -> Any:
    """Meet a certificate that is right in all but who signed it."""
    return tls(front, "good", trusted=False)


def other_host(front: Front) -> Any:
    """Meet the certificate of somebody else."""
    return tls(front, "other_host", trusted=True)


def expired(front: Front) -> Any:
    """Meet a certificate whose time has passed."""
    return tls(front, "expired", trusted=True)


def good(front: Front) -> Any:
    """Meet a certificate as it should be."""
    return tls(front, "good", trusted=True)


def unexpected_tls(front: Front) -> Any:
    """Speak plain HTTP to a server that speaks TLS."""
    return tls(front, "good", trusted=False, scheme="http")


@asynccontextmanager
async def no_tls(front: Front) -> AsyncIterator[JoinTarget]:
    """Speak TLS to a server that speaks plain HTTP and says so."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        yield JoinTarget(origin=f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")


@asynccontextmanager
async def mute_tls(front: Front) -> AsyncIterator[JoinTarget]:
    """Speak TLS to a server that waits for the end of a head."""
    yield JoinTarget(origin=f"https://127.0.0.1:{front.port}")


# ------------------------------------------------------------------------------------------- slow


@asynccontextmanager
async def half_open(front: Front) -> AsyncIterator[JoinTarget]:
    """Connect to a server that never looks at what it is sent."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(16)
        yield JoinTarget(origin=f"http://127.0.0.1:{sock.getsockname()[1]}")


@asynccontextmanager
async def never_accepted(front: Front) -> AsyncIterator[JoinTarget]:
    """Knock at a server whose queue is full."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(0)
        waiting = [await _knock(sock.getsockname()) for _ in range(3)]
        try:
            yield JoinTarget(origin=f"http://127.0.0.1:{sock.getsockname()[1]}")
        finally:
            for one in waiting:
                one.close()


async def _knock(address: Any) -> socket.socket:
    one = socket.socket()
    one.setblocking(False)
    one.connect_ex(address)
    await asyncio.sleep(0)
    return one

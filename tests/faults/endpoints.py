"""Servers that a client cannot reach: names, ports, certificates, and silence at the other end."""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp.abc import AbstractResolver

from conferencing import Sent, TimedOut, TransportError
from conferencing.testing import FaultServer, closed_port, read, send
from conferencing.testing.faults import Endpoint, Family, Fault
from conferencing.testing.injector import FaultInjector

CERTIFICATES: Final = Path(__file__).parent / "certificates"


@asynccontextmanager
async def refused(_: FaultInjector) -> AsyncIterator[Endpoint]:
    """A port on which nobody listens."""
    yield Endpoint(origin=f"http://127.0.0.1:{closed_port()}")


class NoNames(AbstractResolver):
    """Resolve no host at all."""

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[Any]:
        raise OSError(socket.EAI_NONAME, "Name or service not known")

    async def close(self) -> None:
        pass


@asynccontextmanager
async def unknown_host(_: FaultInjector) -> AsyncIterator[Endpoint]:
    """A name without an address."""
    connector = aiohttp.TCPConnector(resolver=NoNames())
    async with aiohttp.ClientSession(connector=connector) as session:
        yield Endpoint(origin="https://api.nowhere.invalid", session=session)


# -------------------------------------------------------------------------------------------- TLS


@asynccontextmanager
async def tls(
    injector: FaultInjector, name: str, *, trusted: bool, scheme: str = "https"
) -> AsyncIterator[Endpoint]:
    """A server with a certificate; the client trusts its authority or does not."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{name}.pem")
    origin = injector.simulator.origin
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(FaultInjector(injector.simulator, tls=context))
        injector.simulator.origin = origin
        session = await stack.enter_async_context(trusting_session()) if trusted else None
        yield Endpoint(origin=f"{scheme}://127.0.0.1:{server.port}", session=session)


def trusting_session() -> aiohttp.ClientSession:
    """Return a session that trusts the authority of the certificates."""
    context = ssl.create_default_context(cafile=CERTIFICATES / "authority.pem")
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))


def unknown_authority(injector: FaultInjector) -> Any:
    """A certificate that is right except for who signed it."""
    return tls(injector, "good", trusted=False)


def other_host(injector: FaultInjector) -> Any:
    """The certificate of another host."""
    return tls(injector, "other_host", trusted=True)


def expired(injector: FaultInjector) -> Any:
    """A certificate that is no longer valid."""
    return tls(injector, "expired", trusted=True)


def good(injector: FaultInjector) -> Any:
    """A certificate without fault."""
    return tls(injector, "good", trusted=True)


def unexpected_tls(injector: FaultInjector) -> Any:
    """A server that speaks TLS to a client that speaks plain HTTP."""
    return tls(injector, "good", trusted=False, scheme="http")


@asynccontextmanager
async def plain_http(_: FaultInjector) -> AsyncIterator[Endpoint]:
    """A server that answers a TLS handshake with plain HTTP."""

    async def read_byte(connection: Any) -> None:
        await connection.reader.read(1)

    answer = send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    async with FaultServer([read_byte, answer]) as server:
        yield Endpoint(origin=f"https://127.0.0.1:{server.port}")


@asynccontextmanager
async def silent_tls(_: FaultInjector) -> AsyncIterator[Endpoint]:
    """A server that never answers a TLS handshake."""
    async with FaultServer([read]) as server:
        yield Endpoint(origin=f"https://127.0.0.1:{server.port}")


# ------------------------------------------------------------------------------------------- slow


@asynccontextmanager
async def half_open(_: FaultInjector) -> AsyncIterator[Endpoint]:
    """A server that accepts connections and never reads from them."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(16)
        yield Endpoint(origin=f"http://127.0.0.1:{sock.getsockname()[1]}")


@asynccontextmanager
async def full_queue(_: FaultInjector) -> AsyncIterator[Endpoint]:
    """A server whose queue of connections is full."""
    with socket.socket() as sock, ExitStack() as stack:
        sock.bind(("127.0.0.1", 0))
        sock.listen(0)
        for _number in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(sock.getsockname())
        yield Endpoint(origin=f"http://127.0.0.1:{sock.getsockname()[1]}")


def _unreachable(name: str, endpoint: Any, **more: Any) -> Fault:
    options = {"error": TransportError, "sent": Sent.NO, **more}
    return Fault(name=name, family=Family.CONNECTION, endpoint=endpoint, **options)


def _silent(name: str, endpoint: Any) -> Fault:
    options = {"error": TimedOut, "sent": Sent.MAYBE, "lost": True, "slow": True}
    return _unreachable(name, endpoint, **options)


UNREACHABLE: Final = (
    _unreachable("refused connection", refused),
    _unreachable("unknown host", unknown_host),
    _unreachable("certificate of an unknown authority", unknown_authority),
    _unreachable("certificate of another host", other_host),
    _unreachable("expired certificate", expired),
    _unreachable("plain HTTP where TLS is expected", plain_http),
    _unreachable("TLS where plain HTTP is expected", unexpected_tls, sent=Sent.MAYBE, lost=True),
)
SILENT: Final = (
    _silent("full queue of connections", full_queue),
    _silent("half-open connection", half_open),
    _silent("silent TLS server", silent_tls),
)

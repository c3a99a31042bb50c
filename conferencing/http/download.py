"""Reading a file that a vendor points to: no credentials, https, and public addresses only.

A link in a reply is not to be trusted: it may point into the network of whoever runs this. Names
are resolved once, checked, and the connection goes to the address that was checked.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from conferencing.errors import (
    ConferencingError,
    InvalidRequest,
    NotFound,
    ProviderUnavailable,
    Sent,
    TimedOut,
    TransportError,
)

if TYPE_CHECKING:
    from conferencing.secret import Secret

    from .retry import Policy

__all__ = ["PublicResolver", "stream"]

HOPS: Final = 3
PIECE: Final = 2**16


class PublicResolver(AbstractResolver):
    """Resolve names to public addresses only, or also to this machine's own."""

    def __init__(self, *, allow_loopback: bool, resolver: AbstractResolver | None = None) -> None:
        self._allow_loopback = allow_loopback
        self._resolver = resolver or aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a host. Raises `OSError` if one of them is not public."""
        found = await self._resolver.resolve(host, port, family)
        if not all(_permitted(one["host"], allow_loopback=self._allow_loopback) for one in found):
            raise OSError(f"{host} is not a public address")
        return found

    async def close(self) -> None:
        """Close the resolver behind this one."""
        await self._resolver.close()


async def stream(
    url: str, policy: Policy, *, allow_loopback: bool = False, proxy: Secret | None = None
) -> AsyncIterator[bytes]:
    """Give the file's bytes piece by piece.

    Follows at most three redirects, each checked like the first address. Raises `NotFound` where
    the link has expired, `InvalidRequest` for an address that must not be read, and the errors of
    transport.
    """
    resolver = PublicResolver(allow_loopback=allow_loopback)
    timeout = aiohttp.ClientTimeout(sock_connect=policy.connect, sock_read=policy.read)
    fault: ConferencingError | None = None
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=resolver, force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=timeout,
        auto_decompress=False,
    ) as session:
        try:
            async with await _opened(
                session, url, proxy, allow_loopback=allow_loopback
            ) as response:
                _check_status(response.status)
                async for piece in response.content.iter_chunked(PIECE):
                    yield piece
        except (aiohttp.ClientError, OSError) as error:
            fault = _fault(error, url)
    if fault is not None:
        raise fault


async def _opened(
    session: aiohttp.ClientSession, url: str, proxy: Secret | None, *, allow_loopback: bool
) -> aiohttp.ClientResponse:
    for _ in range(HOPS + 1):
        check_address(url, allow_loopback=allow_loopback)
        response = await session.get(
            URL(url), allow_redirects=False, proxy=proxy.reveal() if proxy else None
        )
        if response.status not in {301, 302, 303, 307, 308}:
            return response
        response.release()
        url = urljoin(url, response.headers.get("Location", ""))
    raise InvalidRequest(f"the file's address redirects more than {HOPS} times", sent=Sent.YES)


def check_address(url: str, *, allow_loopback: bool) -> None:
    """Raise `InvalidRequest` if this address must not be read."""
    try:
        parts = urlsplit(url)
        fault = _address_fault(parts, parts.port, allow_loopback=allow_loopback)
    except ValueError:
        fault = "it is no web address"
    if fault:
        raise InvalidRequest(f"the vendor points to a file that is not read: {fault}", field="url")


def _address_fault(parts: SplitResult, port: int | None, *, allow_loopback: bool) -> str | None:
    host = parts.hostname
    if parts.scheme not in {"http", "https"} or not host:
        return "it is no web address"
    if parts.username or parts.password:
        return "its address has a user in it"
    if allow_loopback and (host == "localhost" or _is_loopback(host)):
        return None
    if parts.scheme != "https" or port not in {None, 443}:
        return "its address is not plain https"
    if _is_address(host) and not _permitted(host, allow_loopback=False):
        return f"{host} is not a public address"
    return None


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return _is_address(host) and ip_address(host).is_loopback


def _permitted(address: str, *, allow_loopback: bool) -> bool:
    ip = ip_address(address.partition("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None) or ip
    public = mapped.is_global and not mapped.is_multicast
    return public or (allow_loopback and mapped.is_loopback)


def _check_status(status: int) -> None:
    if status in {401, 403, 404, 410}:
        raise NotFound(
            f"the link leads to nothing any more (HTTP {status}); fetch a fresh one", status=status
        )
    if status != 200:  # noqa: PLR2004
        raise ProviderUnavailable(
            f"the file is not given out (HTTP {status})", status=status, retryable=True
        )


def _fault(error: Exception, url: str) -> ConferencingError:
    host = urlsplit(url).hostname
    if isinstance(error, TimeoutError):
        return TimedOut(f"{host} fell silent", sent=Sent.MAYBE, retryable=True)
    if isinstance(error, aiohttp.ClientConnectorError):
        return TransportError(
            f"cannot connect to {host} for the file ({error.os_error.strerror or error.os_error})",
            retryable=True,
        )
    return TransportError(f"the download from {host} broke off", sent=Sent.YES, retryable=True)

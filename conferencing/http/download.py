"""Reading a file that a vendor points to: no credentials, https, and public addresses only.

A link in a reply is not to be trusted: it may point into the network of whoever runs this. Names
are resolved once, checked, and the connection goes to the address that was checked.
"""

from __future__ import annotations

import re
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from attrs import define
from yarl import URL

from conferencing.accounts.context import Context
from conferencing.errors import (
    ConferencingError,
    InvalidRequest,
    NotFound,
    ProviderUnavailable,
    Sent,
    TimedOut,
    TransportError,
)
from conferencing.model.secret import Secret

if TYPE_CHECKING:
    from .retry import Policy

__all__ = ["PublicResolver", "stream"]

HOPS: Final = 3
PIECE: Final = 2**16

_NAT64: Final = IPv6Network("64:ff9b::/96")
_COMPATIBLE: Final = IPv6Network("::/96")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_NUMERIC: Final = re.compile(r"(.*\.)?(\d+|0[xX][0-9a-fA-F]*)\.?")


class NotPublic(OSError):
    """Say that a name leads to an address that must not be read."""


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
            raise NotPublic(f"{host} is not a public address")
        return found

    async def close(self) -> None:
        """Close the resolver behind this one."""
        await self._resolver.close()


@define
class Mark:
    """Say how far a file has come, and by what the server knows that it is still the same file."""

    came: int = 0
    size: int | None = None
    validator: str | None = None

    def headers(self) -> dict[str, str]:
        """Return the headers that ask for the rest, as long as the file has not changed."""
        if not self.came or self.validator is None:
            return {}
        return {"Range": f"bytes={self.came}-", "If-Range": self.validator}

    def begin(self, response: aiohttp.ClientResponse) -> None:
        """Take down what the first reply tells of the file."""
        tag = response.headers.get("ETag", "")
        self.size = response.content_length
        self.validator = tag if tag.startswith('"') else response.headers.get("Last-Modified")

    def fits(self, response: aiohttp.ClientResponse) -> bool:
        """Return whether a reply is the rest of this file."""
        told = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
        if response.status != 206 or told is None or int(told[1]) != self.came:  # noqa: PLR2004
            return False
        return self.size is None or told[2] in {"*", str(self.size)}


async def stream(
    url: str,
    policy: Policy,
    *,
    allow_loopback: bool = False,
    proxy: Secret | None = None,
    context: Context | None = None,
) -> AsyncIterator[bytes]:
    """Give the file's bytes piece by piece.

    A connection that breaks in the middle is taken up again where the server allows it and the file
    is still the same. Follows at most three redirects, each checked like the first address. Raises
    `NotFound` where the link has expired, `InvalidRequest` for an address that must not be read,
    and the errors of transport.
    """
    address = Secret(url)  # it is often signed, and a traceback shows locals
    del url
    context = context or Context()
    mark, failures, before = Mark(), 0, 0
    while True:
        try:
            async with aclosing(
                _pieces(address, policy, mark, allow_loopback=allow_loopback, proxy=proxy)
            ) as pieces:
                async for piece in pieces:
                    mark.came += len(piece)
                    yield piece
        except ConferencingError as error:
            fault = error.with_traceback(None)
        except Lost as lost:
            fault = _fault(lost.reason, URL(address.reveal()).host)
        except (aiohttp.ClientError, OSError) as error:
            fault = _fault(error, URL(address.reveal()).host)
        else:
            return
        failures = 1 if mark.came > before else failures + 1
        before = mark.came
        if not fault.retryable or failures >= policy.attempts or not mark.headers():
            raise fault
        await context.clock.sleep(policy.wait(fault, failures, context.random))


async def _pieces(
    address: Secret, policy: Policy, mark: Mark, *, allow_loopback: bool, proxy: Secret | None
) -> AsyncGenerator[bytes]:
    async with (
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=PublicResolver(allow_loopback=allow_loopback), force_close=True
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(sock_connect=policy.connect, sock_read=policy.read),
            auto_decompress=False,
            middlewares=(_once,),
            # else the file would be saved packed
            headers={"Accept-Encoding": "identity", **mark.headers()},
        ) as session,
        await _opened(session, address, proxy, allow_loopback=allow_loopback) as response,
    ):
        if not mark.came:
            _check_status(response.status)
            mark.begin(response)
        elif not mark.fits(response):
            raise TransportError(
                "the download broke off, and the server does not give the rest alone",
                sent=Sent.YES,
                status=response.status,
                retryable=False,
            )
        async for piece in response.content.iter_chunked(PIECE):
            yield piece


class Lost(Exception):
    """Carry an error past aiohttp, which would send a GET again after one of its own."""

    def __init__(self, reason: Exception) -> None:
        super().__init__()
        self.reason = reason


async def _once(
    request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    try:
        return await handler(request)
    except (aiohttp.ClientError, OSError) as error:
        reason = error
    raise Lost(reason)


async def _opened(
    session: aiohttp.ClientSession, address: Secret, proxy: Secret | None, *, allow_loopback: bool
) -> aiohttp.ClientResponse:
    url = address.reveal()
    for _ in range(HOPS + 1):
        link = checked(url, allow_loopback=allow_loopback)
        response = await session.get(
            link, allow_redirects=False, proxy=proxy.reveal() if proxy else None
        )
        if response.status not in {301, 302, 303, 307, 308}:
            return response
        response.release()
        url = _joined(url, response.headers.get("Location", ""))
    raise InvalidRequest(f"the file's address redirects more than {HOPS} times", sent=Sent.YES)


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


def checked(url: str, *, allow_loopback: bool) -> URL:
    """Return the address as it will be asked for, or raise `InvalidRequest`.

    What is checked is what is connected to: two parsers could see two hosts in one text.
    """
    try:
        # one that is encoded already is kept to the byte: its signature may be made over them
        link = URL(url, encoded=re.fullmatch(r"[!-~]+", url) is not None)
        fault = _address_fault(link, allow_loopback=allow_loopback)
    except ValueError:
        fault = "it is no web address"
    else:
        if fault is None:
            return link
    raise InvalidRequest(f"the vendor points to a file that is not read: {fault}", field="url")


def _address_fault(link: URL, *, allow_loopback: bool) -> str | None:
    host = link.raw_host
    if link.scheme not in {"http", "https"} or not host:
        return "it is no web address"
    if link.raw_user is not None or link.raw_password is not None:
        return "its address has a user in it"
    if allow_loopback and (host == "localhost" or _is_loopback(host)):
        return None
    if link.scheme != "https" or link.port != 443:  # noqa: PLR2004
        return "its address is not plain https"
    return None if _reachable(host) else f"{host} is no public name or address"


def _reachable(host: str) -> bool:
    """Return whether this is a public address, or a name that is still to be resolved."""
    if _ip(host) is not None:
        return _permitted(host, allow_loopback=False)
    return bool(_NAME.fullmatch(host)) and not _NUMERIC.fullmatch(host)


def _is_loopback(host: str) -> bool:
    ip = _ip(host)
    return ip is not None and ip.is_loopback


def _ip(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _permitted(address: str, *, allow_loopback: bool) -> bool:
    ip = _inner(ip_address(address.partition("%")[0]))
    local = getattr(ip, "is_site_local", False) or ip.is_multicast
    return (ip.is_global and not local) or (allow_loopback and ip.is_loopback)


def _inner(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 one leads to, if it does."""
    if isinstance(ip, IPv4Address) or ip.is_loopback or ip.is_unspecified:
        return ip
    if ip in _NAT64 or ip in _COMPATIBLE:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def _check_status(status: int) -> None:
    if status in {401, 403, 404, 410}:
        raise NotFound(
            f"the link leads to nothing any more (HTTP {status}); fetch a fresh one", status=status
        )
    if status != 200:  # noqa: PLR2004
        raise ProviderUnavailable(
            f"the file is not given out (HTTP {status})", status=status, retryable=True
        )


def _fault(error: Exception, host: str | None) -> ConferencingError:
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return TimedOut(f"connecting to {host} took too long", sent=Sent.NO, retryable=True)
    if isinstance(error, TimeoutError):
        return TimedOut(f"{host} fell silent", sent=Sent.MAYBE, retryable=True)
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, NotPublic):
        return InvalidRequest(
            f"the vendor points to a file that is not read: {error.os_error}", field="url"
        )
    if isinstance(error, aiohttp.ClientConnectorError):
        return TransportError(
            f"cannot connect to {host} for the file ({error.os_error.strerror or error.os_error})",
            retryable=True,
        )
    return TransportError(f"the download from {host} broke off", sent=Sent.YES, retryable=True)

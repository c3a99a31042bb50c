"""Read a file that a vendor links to: whole or not at all, over https, from public addresses only.

Names are resolved once, checked, and the connection goes to the address that was checked.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

import aiohttp
from msgspec import Struct
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

from .addresses import PublicResolver, check_link
from .proxy import find_proxy
from .sender import NoResend, NotPublic, forbid_resending

if TYPE_CHECKING:
    from .retry import Policy

__all__ = ["stream"]

MAX_REDIRECTS: Final = 3
MAX_BYTES: Final = 64 * 2**30
"""How large a file may be: a server that never ends would fill the disk."""
MAX_SECONDS: Final = 24 * 3600.0
"""How long a download may take: one byte a second would keep it open for ever."""
PIECE: Final = 2**16
_PAGE: Final = "text/html"

Authorize = Callable[[URL], Awaitable[Mapping[str, str]]]
"""The headers that authenticate a download at an address; none at a host that is not the vendor's."""


class Download(Struct):
    """How much of a file has arrived, and how the server identifies this version of it.

    `validator` is a strong ETag, or the Last-Modified date where there is none.
    """

    address: Secret
    received: int = 0
    size: int | None = None
    validator: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether all bytes have arrived, as far as the size is known."""
        return self.size is None or self.received == self.size

    def range_headers(self) -> dict[str, str]:
        """Return the headers that request the rest, provided that the file has not changed."""
        if not self.received or self.validator is None:
            return {}
        return {"Range": f"bytes={self.received}-", "If-Range": self.validator}

    def start(self, response: aiohttp.ClientResponse) -> None:
        """Note size and version from the first reply. Raises `InvalidRequest` if it is too large."""
        self.size = response.content_length
        self.validator = _validator(response)
        if (self.size or 0) > MAX_BYTES:
            raise InvalidRequest(
                f"the file is larger than {MAX_BYTES >> 30} GiB", field="url", sent=Sent.YES
            )

    def check_rest(self, response: aiohttp.ClientResponse) -> None:
        """Raise `TransportError` unless a reply continues this version of the file here."""
        match = re.fullmatch(
            r"bytes (\d+)-(\d+)/(\d+|\*)", response.headers.get("Content-Range", "")
        )
        if (
            response.status == HTTPStatus.PARTIAL_CONTENT
            and match is not None
            and int(match[1]) == self.received <= int(match[2])
            and self._is_size(match[3])
            # A 206 should repeat the validator of the 200 (RFC 9110, 15.3.7); another one means
            # another version of the file, whatever If-Range said.
            and _validator(response) in {None, self.validator}
        ):
            self.size = self.size or int(match[3])  # the 200 may have been chunked
            return
        raise TransportError(
            "the download broke off, and the server does not continue the same file",
            sent=Sent.YES,
            status=response.status,
            retryable=False,
        )

    def _is_size(self, total: str) -> bool:
        """Return whether the total of a 206 can be this file's size, which a chunked 200 lacks."""
        return total in {"*", str(self.size)} if self.size else total.isdigit()

    def add(self, count: int) -> None:
        """Count bytes. Raises `TransportError` for more than the file has."""
        self.received += count
        if self.received > (MAX_BYTES if self.size is None else self.size):
            raise TransportError(
                "the server sent more than the file's size", sent=Sent.YES, retryable=False
            )


def _validator(response: aiohttp.ClientResponse) -> str | None:
    tag = response.headers.get("ETag", "")
    return tag if tag.startswith('"') else response.headers.get("Last-Modified")


class Route(Struct, frozen=True, kw_only=True):
    """How files are reached: within which limits, by which proxy, and with which credentials."""

    policy: Policy
    allow_loopback: bool
    proxy: Secret | None
    authorize: Authorize | None
    media_type: str | None


async def stream(
    url: str,
    policy: Policy,
    *,
    allow_loopback: bool = False,
    authorize: Authorize | None = None,
    context: Context | None = None,
    media_type: str | None = None,
) -> AsyncIterator[bytes]:
    """Return the file's bytes piece by piece.

    A connection that breaks is resumed where the server allows it and the file is still the same.
    Follows at most three redirects, each checked like the first address. Raises `NotFound` where the
    link has expired, `InvalidRequest` for an address that must not be read, and `TransportError`.
    Where `media_type` is known, a web page in place of the file is `NotFound`: some vendors answer a
    refused download with their sign-in page and status 200.
    """
    address = Secret(url)  # it is often signed, and a traceback may show local variables
    del url
    context = context or Context()
    route = Route(
        policy=policy,
        allow_loopback=allow_loopback,
        proxy=context.proxy,
        authorize=authorize,
        media_type=media_type,
    )
    download, failures, before = Download(address), 0, 0
    deadline = context.clock.monotonic() + MAX_SECONDS
    while True:
        fault: ConferencingError | None = None
        try:
            async with aclosing(_read_pieces(download, route)) as pieces:
                async for piece in pieces:
                    download.add(len(piece))
                    _check_deadline(context, deadline)
                    yield piece
        except asyncio.CancelledError as error:
            raise error.with_traceback(None)  # noqa: B904 - aiohttp's frames hold the address
        except Exception as error:  # noqa: BLE001 - no exception of aiohttp leaves this module
            fault = _explain(error)
        if fault is None and download.is_complete:
            return
        # A reply that ended early, or a 206 with a part of the rest: the next request continues.
        fault = fault or TransportError("the download broke off", sent=Sent.YES)
        # Failures count in a row without progress: a large file may break off many times.
        failures = 1 if download.received > before else failures + 1
        before = download.received
        resumable = fault.retryable and bool(download.range_headers())
        _check_deadline(context, deadline)
        if not resumable or failures >= policy.attempts:
            raise fault
        await context.clock.sleep(policy.wait(fault, failures, context.random))


def _check_deadline(context: Context, deadline: float) -> None:
    if context.clock.monotonic() > deadline:
        raise TimedOut("the download took more than 24 hours", sent=Sent.YES, retryable=False)


def _explain(error: Exception) -> ConferencingError:
    """Return the error of a download that was not completed."""
    match error:
        case ConferencingError():
            return error.with_traceback(None)
        case NoResend():  # before the reply
            return error.failure.error()
        case TimeoutError():
            return TimedOut("the server stopped sending the file", sent=Sent.YES)
        case _:
            return TransportError("the download broke off", sent=Sent.YES)


async def _read_pieces(download: Download, route: Route) -> AsyncGenerator[bytes]:
    async with (
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                # A proxy resolves the names of files, and may have a private name itself.
                resolver=None if route.proxy else _resolver(route),
                force_close=True,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=route.policy.connect, sock_read=route.policy.read
            ),
            auto_decompress=False,
            middlewares=(forbid_resending,),
            # Compressed, the file would be saved compressed.
            headers={"Accept-Encoding": "identity", **download.range_headers()},
        ) as session,
        await _open(session, download, route) as response,
    ):
        if download.received:
            download.check_rest(response)
        else:
            _check_status(response.status)
            _check_type(response.content_type, route.media_type)
            download.start(response)
        async for piece in response.content.iter_chunked(PIECE):
            yield piece


def _resolver(route: Route) -> PublicResolver:
    return PublicResolver(allow_loopback=route.allow_loopback)


async def _open(
    session: aiohttp.ClientSession, download: Download, route: Route
) -> aiohttp.ClientResponse:
    """Return the reply that holds the file, after at most `MAX_REDIRECTS` redirects."""
    url = download.address.reveal()
    origin: URL | None = None
    for _ in range(MAX_REDIRECTS + 1):
        link = check_link(url, allow_loopback=route.allow_loopback)
        origin = origin or link.origin()
        proxy = find_proxy(url, route.proxy)
        if proxy:
            await _check_name(link, route)
        response = await session.get(
            link,
            allow_redirects=False,
            proxy=proxy.reveal() if proxy else None,
            # A redirect to another host leads to a signed link, which takes no credentials.
            headers=(
                await route.authorize(link) if route.authorize and link.origin() == origin else None
            ),
        )
        if response.status not in {301, 302, 303, 307, 308}:
            return response
        response.release()
        url = _join(url, response.headers.get("Location", ""))
    raise InvalidRequest(
        f"the vendor's link to a file redirects more than {MAX_REDIRECTS} times", sent=Sent.YES
    )


async def _check_name(link: URL, route: Route) -> None:
    """Refuse a name that is private here, although the proxy would resolve it.

    A name that this machine cannot resolve is left to the proxy, as is usual behind one.
    """
    try:
        with suppress(asyncio.TimeoutError):
            async with asyncio.timeout(route.policy.connect):
                await _resolver(route).resolve(link.host or "", link.port or 0)
    except NotPublic as error:
        problem = str(error)
    except OSError:
        return
    else:
        return
    raise InvalidRequest(f"the vendor's link to a file is not followed: {problem}", field="url")


def _join(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


def _check_type(actual: str, expected: str | None) -> None:
    if actual == _PAGE and expected not in {None, _PAGE}:
        raise NotFound(
            "the server sent a web page in place of the file: the link has expired, or these"
            " credentials may not download it",
            status=HTTPStatus.OK,
        )


def _check_status(status: int) -> None:
    if status in {401, 403, 404, 410}:
        raise NotFound(
            f"the link has expired or is not valid (HTTP {status}); fetch a fresh one",
            status=status,
        )
    if status != HTTPStatus.OK:
        raise ProviderUnavailable(
            f"the server does not return the file (HTTP {status})", status=status, retryable=True
        )

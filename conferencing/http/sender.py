"""Send one request once over aiohttp, and return its reply or how it failed.

Failures are values (`FailedAttempt`), not exceptions: no traceback keeps the frames of aiohttp alive,
whose locals hold headers, bodies and addresses in clear.
"""

from __future__ import annotations

import asyncio
import re
from codecs import BOM_UTF8
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

import aiohttp
import attrs
from aiohttp.http_exceptions import ContentEncodingError
from msgspec import Struct
from yarl import URL

from conferencing.errors import (
    ConferencingError,
    InvalidRequest,
    MalformedResponse,
    Sent,
    TimedOut,
    TransportError,
)
from conferencing.model.secret import Secret
from conferencing.version import __version__

from .proxy import find_proxy
from .reply import Reply
from .request import flatten
from .session_pool import SessionPool
from .tls import explain_tls

if TYPE_CHECKING:
    from conferencing.accounts.context import Context

    from .auth import Grant
    from .request import Outgoing
    from .retry import Policy

__all__ = ["MAX_BODY", "FailedAttempt", "NotPublic", "Sender", "explain_error", "forbid_resending"]

MAX_BODY: Final = 8 * 2**20
"""How many bytes a reply may have, unpacked."""

ACCEPT: Final = "application/json, */*;q=0.5"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

_PROXY_SETTING: Final = "check the account's key 'proxy', or HTTPS_PROXY"

Handler = Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]]


class FailedAttempt(Struct, frozen=True):
    """A request that got no complete reply: why, and whether it may have reached the vendor."""

    message: str
    sent: Sent
    kind: type[ConferencingError] = TransportError
    retryable: bool = True

    def error(self) -> ConferencingError:
        """Return the exception that this failure means."""
        return self.kind(self.message, sent=self.sent, retryable=self.retryable)


_TOO_LARGE: Final = FailedAttempt(
    "the reply has more than 8 MiB", Sent.YES, MalformedResponse, retryable=False
)
_BAD_ENCODING: Final = FailedAttempt(
    "the reply is not compressed as its headers say", Sent.YES, MalformedResponse, retryable=False
)
_INCOMPLETE: Final = FailedAttempt("the reply did not end in time", Sent.YES, TimedOut)
_CUT: Final = FailedAttempt("the connection broke in the middle of the reply", Sent.YES)
_NO_REPLY: Final = FailedAttempt("no reply came in time", Sent.MAYBE, TimedOut)
_BAD_HEADER: Final = FailedAttempt(
    "the request cannot be sent: a header holds a line break or another control character",
    Sent.NO,
    InvalidRequest,
    retryable=False,
)


class Sender:
    """Send the requests of one account, each exactly once.

    A retry is a decision of `Transport`. All timeouts are aiohttp's: for connecting, for silence, and
    for the attempt as a whole.
    """

    def __init__(
        self, name: str, base_url: str, headers: Mapping[str, str], policy: Policy, context: Context
    ) -> None:
        self._base = base_url.rstrip("/")
        self._headers = {"User-Agent": _user_agent(name, context.app), "Accept": ACCEPT, **headers}
        self._sendable = not any(map(_CONTROL.search, self._headers.values()))
        self._timeout = aiohttp.ClientTimeout(
            total=policy.attempt,
            # Waiting for a free connection ends before `read` does: nothing was sent by then.
            connect=policy.read * 0.9,
            sock_connect=policy.connect,
            sock_read=policy.read,
        )
        self._proxy = find_proxy(base_url, context.proxy)
        self._pool = SessionPool(context.session)

    @property
    def closed(self) -> bool:
        """Whether it sends no more requests."""
        return self._pool.closed

    async def aclose(self) -> None:
        """Close the connections that are its own."""
        await self._pool.aclose()

    def check(self) -> None:
        """Raise `ClientClosed` if it sends no more requests here."""
        self._pool.get_or_none()

    async def send_once(
        self, outgoing: Outgoing, grant: Grant, seconds: float
    ) -> Reply | FailedAttempt:
        """Send a request and return its reply, or how it failed within that many seconds."""
        session = self._pool.get_or_none() or await self._pool.open()
        headers = self._headers_of(outgoing)
        if headers is None:
            return _BAD_HEADER
        response: aiohttp.ClientResponse | None = None
        try:
            async with session.request(
                outgoing.method,
                URL(self._base_of(outgoing, grant) + _target_of(outgoing, grant), encoded=True),
                data=_body_of(outgoing),
                headers=headers,
                # A request without a body has no type of it; aiohttp would make one up for POST.
                skip_auto_headers=None if _has_body(outgoing) else ("Content-Type",),
                timeout=self._timeout_within(seconds),
                allow_redirects=False,
                raise_for_status=False,
                auto_decompress=True,
                proxy=self._proxy.reveal() if self._proxy else None,
                middlewares=(_sign(grant, outgoing),),
            ) as response:
                return await _read_reply(response, partial(_secrets_of, outgoing, grant))
        except NoResend as stopped:
            return stopped.failure
        except TimeoutError:  # with a response, its head had arrived
            return _INCOMPLETE if response else _NO_REPLY
        except asyncio.CancelledError as error:
            # aiohttp's frames hold the body and the credentials, and the response the signed
            # address: none of them goes along with the cancellation.
            response = None
            raise error.with_traceback(None)  # noqa: B904 - it is the same exception
        except Exception as error:  # noqa: BLE001 - no exception of aiohttp leaves this module
            # Whatever aiohttp raises before it calls the middleware, nothing was written by then.
            return explain_error(error, written=response is not None)

    def _base_of(self, outgoing: Outgoing, grant: Grant) -> str:
        """Return the base URL of a request: the request's, the token's, the account's."""
        own = outgoing.request.base_url or getattr(grant, "base_url", None)
        return own.rstrip("/") if own else self._base

    def _timeout_within(self, seconds: float) -> aiohttp.ClientTimeout:
        """Return the timeouts of an attempt that has this many seconds left of its call's deadline."""
        timeout = self._timeout
        if timeout.total is None or seconds >= timeout.total:
            return timeout
        # At its end nothing may have been sent only if connecting has ended before.
        return attrs.evolve(
            timeout, total=seconds, connect=min(timeout.connect or 0, seconds * 0.9)
        )

    def _headers_of(self, outgoing: Outgoing) -> Mapping[str, str] | None:
        """Return the headers of a request, or None if one of them cannot be sent."""
        own = outgoing.request.headers
        # A line break would end the header, and what follows it would be another one.
        if not self._sendable or any(map(_CONTROL.search, own.values())):
            return None
        if not own and not outgoing.media_type:
            return self._headers
        headers = {**self._headers, **own}
        if outgoing.media_type:
            headers["Content-Type"] = outgoing.media_type
        return headers


def _user_agent(name: str, app: str | None) -> str:
    own = f"conferencing/{__version__} ({name}) aiohttp/{aiohttp.__version__}"
    return f"{app} {own}" if app else own


class NotPublic(OSError):
    """A name leads to an address that must not be read."""


# --------------------------------------------------------------------------------- middlewares


class NoResend(Exception):
    """Carry a failure through aiohttp, which sends again after some errors of its own."""

    def __init__(self, failure: FailedAttempt) -> None:
        super().__init__()
        self.failure = failure


async def forbid_resending(
    request: aiohttp.ClientRequest, handler: Handler
) -> aiohttp.ClientResponse:
    """Replace aiohttp's exceptions by one that it does not know. A middleware.

    aiohttp sends a GET, PUT or DELETE again after certain errors of its own
    (https://github.com/aio-libs/aiohttp/issues/10790); it does not after any other exception.
    """
    try:
        return await handler(request)
    except Exception as error:  # noqa: BLE001 - as above
        failure = explain_error(error, written=True)
    raise NoResend(failure)


def _sign(grant: Grant, outgoing: Outgoing) -> Any:
    """Return a middleware that adds the credentials: no frame outside of aiohttp holds them."""

    def send(request: aiohttp.ClientRequest, handler: Handler) -> Any:
        request.headers.update(grant.headers(outgoing))
        return forbid_resending(request, handler)

    return send


# -------------------------------------------------------------------------------------- errors


def explain_error(  # noqa: C901, PLR0911 - a table of kinds, the order matters
    error: Exception, *, written: bool
) -> FailedAttempt:
    """Return what an exception of aiohttp means, and whether the request may have been sent.

    `written` says whether aiohttp had begun to send; it decides for an exception of any other kind.
    """
    match error:
        case aiohttp.ConnectionTimeoutError():
            return FailedAttempt("connecting took too long", Sent.NO, TimedOut)
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            connector: Any = error  # the two classes keep the reason under different names
            reason = getattr(connector, "certificate_error", None) or connector.os_error
            return FailedAttempt(explain_tls(reason), Sent.NO, retryable=False)
        case aiohttp.ClientHttpProxyError():
            return FailedAttempt(
                f"the proxy refused the connection (HTTP {error.status}); {_PROXY_SETTING}", Sent.NO
            )
        case aiohttp.ClientProxyConnectionError():
            return FailedAttempt(f"the proxy cannot be reached; {_PROXY_SETTING}", Sent.NO)
        case aiohttp.ClientConnectorDNSError() if isinstance(error.os_error, NotPublic):
            return FailedAttempt(
                f"the vendor's link to a file is not followed: {error.os_error}",
                Sent.NO,
                InvalidRequest,
                retryable=False,
            )
        case aiohttp.ClientConnectorDNSError():
            return FailedAttempt(f"there is no host {error.host}", Sent.NO)
        case aiohttp.ClientConnectorError():
            reason = error.os_error.strerror or "no connection"
            return FailedAttempt(f"cannot connect to {error.host}:{error.port} ({reason})", Sent.NO)
        case TimeoutError():
            return _NO_REPLY
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return FailedAttempt("the connection broke before the reply", Sent.MAYBE)
        case aiohttp.ClientResponseError():
            return FailedAttempt("the reply is not HTTP", Sent.MAYBE)
        case ValueError() if not written:  # an address that aiohttp refuses
            return FailedAttempt(
                f"the request cannot be sent ({type(error).__name__})",
                Sent.NO,
                InvalidRequest,
                retryable=False,
            )
        case _:
            return FailedAttempt(f"the request failed ({type(error).__name__})", Sent.MAYBE)


# --------------------------------------------------------------------------------- the payload


async def _read_reply(
    response: aiohttp.ClientResponse, secrets: Callable[[], Iterable[Secret]]
) -> Reply | FailedAttempt:
    """Read the body, at most `MAX_BODY` unpacked bytes of it."""
    try:
        if _fits(response):
            body: bytes | None = await response.content.read()
        else:
            body = await _read_at_most(response)
    except TimeoutError:
        return _INCOMPLETE
    except Exception as error:  # noqa: BLE001 - the head has come, so it was sent, whatever this is
        return _BAD_ENCODING if isinstance(error.__cause__, ContentEncodingError) else _CUT
    if body is None:
        return _TOO_LARGE
    # RFC 8259 (8.1) lets a reader ignore the mark, which some servers put before JSON.
    return Reply(response.status, response.headers, body.removeprefix(BOM_UTF8), secrets)


def _fits(response: aiohttp.ClientResponse) -> bool:
    """Return whether the headers promise a body that is not too large."""
    length = response.content_length
    # The length of a compressed body says nothing about its size when unpacked.
    return length is not None and length <= MAX_BODY and "Content-Encoding" not in response.headers


async def _read_at_most(response: aiohttp.ClientResponse) -> bytes | None:
    """Return the whole body, or None if it is too large."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY:
            response.close()
            return None
    return bytes(body)


def _has_body(outgoing: Outgoing) -> bool:
    return bool(outgoing.request.files) or outgoing.body is not None


def _body_of(outgoing: Outgoing) -> Any:
    """Return the body for aiohttp; no local variable may hold it where a cancellation passes."""
    files = outgoing.request.files
    if not files:
        return outgoing.body
    form = aiohttp.FormData(quote_fields=False)
    for name, text in flatten(outgoing.request.form or {}):
        form.add_field(name, text)
    for name, part in files.items():
        form.add_field(name, part.content, filename=part.filename, content_type=part.media_type)
    return form


def _parameters_of(outgoing: Outgoing, grant: Grant) -> Mapping[str, str]:
    """Return the parameters by which a credential authenticates a request, if it does so."""
    parameters = getattr(grant, "parameters", None)
    return {} if parameters is None else parameters(outgoing)


def _target_of(outgoing: Outgoing, grant: Grant) -> str:
    """Return path and query; the parameters of a credential come last, behind what they sign."""
    parameters = _parameters_of(outgoing, grant)
    if not parameters:
        return outgoing.target
    joint = "&" if "?" in outgoing.target else "?"
    return f"{outgoing.target}{joint}{urlencode(parameters, quote_via=quote, safe='')}"


def _secrets_of(outgoing: Outgoing, grant: Grant) -> Iterable[Secret]:
    """Return what to mask if the vendor repeats it: a signature is valid for this request."""
    yield from outgoing.request.secrets
    yield from grant.secrets
    yield from map(Secret, grant.headers(outgoing).values())
    yield from map(Secret, _parameters_of(outgoing, grant).values())

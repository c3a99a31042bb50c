"""One request on the wire: what aiohttp is given, what comes back, and what its errors mean.

No exception of aiohttp leaves here, nor rides along as a cause: what went wrong is a value, so that
no frame with headers hangs on it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError
from attrs import frozen

from conferencing.errors import (
    ConferencingError,
    InvalidRequest,
    MalformedResponse,
    Sent,
    TimedOut,
    TransportError,
)
from conferencing.model.fast import fast_constructor
from conferencing.model.secret import Secret

from .reply import Reply
from .request import pairs

if TYPE_CHECKING:
    from .auth import Grant
    from .request import Outgoing

__all__ = [
    "MAX_BODY",
    "UNENDED",
    "Broken",
    "Lost",
    "body_of",
    "broken",
    "read",
    "secrets_of",
    "signed",
]

MAX_BODY: Final = 8 * 2**20
"""How many bytes a reply may have, unpacked."""

Handler = Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]]
Secrets = Callable[[], Iterable[Secret]]


@frozen
class Broken:
    """An exchange that ended without a complete reply: a value, so that no traceback hangs on it."""

    message: str
    sent: Sent
    kind: type[ConferencingError] = TransportError
    retryable: bool = True

    def error(self) -> ConferencingError:
        return self.kind(self.message, sent=self.sent, retryable=self.retryable)


_TOO_LARGE: Final = Broken(
    "the reply has more than 8 MiB", Sent.YES, MalformedResponse, retryable=False
)
_BADLY_PACKED: Final = Broken(
    "the reply is not packed as it says", Sent.YES, MalformedResponse, retryable=False
)
UNENDED: Final = Broken("the reply did not end in time", Sent.YES, TimedOut)
_CUT: Final = Broken("the connection broke in the middle of the reply", Sent.YES)


class Lost(Exception):
    """Carry a `Broken` through aiohttp, which would send again after an error of its own."""

    def __init__(self, broken: Broken) -> None:
        super().__init__()
        self.broken = broken


def signed(grant: Grant, outgoing: Outgoing) -> Any:
    """Return the innermost middleware: it adds the credentials and takes aiohttp's errors away.

    aiohttp sends a GET, PUT or DELETE a second time after certain errors of its own
    (aio-libs/aiohttp issue 10790); it does not after an exception that it does not know.
    """

    async def send(request: aiohttp.ClientRequest, handler: Handler) -> aiohttp.ClientResponse:
        request.headers.update(grant.headers(outgoing))
        try:
            return await handler(request)
        except (aiohttp.ClientError, OSError) as error:
            fault = broken(error)
        raise Lost(fault)

    return send


async def read(response: aiohttp.ClientResponse, secrets: Secrets) -> Reply | Broken:
    """Read the body, at most `MAX_BODY` unpacked bytes of it."""
    try:
        if _is_short(response):
            body: bytes | None = await response.content.read()  # so many bytes and no more
        else:
            body = await _long_body(response)
    except TimeoutError:
        return UNENDED
    except (aiohttp.ClientError, OSError) as error:
        badly_packed = isinstance(error.__cause__, ContentEncodingError)
        return _BADLY_PACKED if badly_packed else _CUT
    if body is None:
        return _TOO_LARGE
    headers = {name.lower(): value for name, value in response.headers.items()}
    return _reply(response.status, headers, body, secrets)


_reply = fast_constructor(Reply)


def _is_short(response: aiohttp.ClientResponse) -> bool:
    """Return whether it says beforehand that it is not too large."""
    length = response.content_length
    return length is not None and length <= MAX_BODY and "Content-Encoding" not in response.headers


async def _long_body(response: aiohttp.ClientResponse) -> bytes | None:
    """Return the whole body, or None if it is too large."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY:
            response.close()
            return None
    return bytes(body)


def broken(error: Exception) -> Broken:  # noqa: PLR0911 - a table of kinds, the order matters
    """Say in our words what an exception of aiohttp means, and whether the request had left."""
    match error:
        case aiohttp.ConnectionTimeoutError():
            return Broken("connecting took too long", Sent.NO, TimedOut)
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return Broken("the server could not prove who it is (TLS)", Sent.NO, retryable=False)
        case aiohttp.ClientHttpProxyError() | aiohttp.ClientProxyConnectionError():
            return Broken("the proxy could not be passed", Sent.NO)
        case aiohttp.ClientConnectorDNSError():
            return Broken(f"there is no host {error.host}", Sent.NO)
        case aiohttp.ClientConnectorError():
            reason = error.os_error.strerror or "no connection"
            return Broken(f"cannot connect to {error.host}:{error.port} ({reason})", Sent.NO)
        case ValueError():  # raised before a byte is written: a header with a line break, a bad proxy
            return Broken(
                f"the request cannot be sent ({type(error).__name__})",
                Sent.NO,
                InvalidRequest,
                retryable=False,
            )
        case TimeoutError():
            return Broken("no reply came in time", Sent.MAYBE, TimedOut)
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return Broken("the connection broke before the reply", Sent.MAYBE)
        case aiohttp.ClientResponseError():
            return Broken("what came back is not HTTP", Sent.MAYBE)
        case _:
            return Broken(f"the request failed ({type(error).__name__})", Sent.MAYBE)


def secrets_of(outgoing: Outgoing, grant: Grant) -> Iterable[Secret]:
    """Give what a vendor may repeat and nobody shall see: a signature is good for this request."""
    yield from outgoing.request.secrets
    yield from grant.secrets
    yield from map(Secret, grant.headers(outgoing).values())


def body_of(outgoing: Outgoing) -> Any:
    files = outgoing.request.files
    if not files:
        return outgoing.body
    form = aiohttp.FormData(quote_fields=False)
    for name, text in pairs(outgoing.request.form or {}):
        form.add_field(name, text)
    for name, part in files.items():
        form.add_field(name, part.content, filename=part.filename, content_type=part.media_type)
    return form

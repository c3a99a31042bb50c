"""The one place that talks to the network: it signs, paces, sends once, reads and repeats.

Exactly one request is on the wire per attempt. No exception of aiohttp leaves, nor rides along as
a cause: ours are raised outside of any `except` block, so that no frame with headers hangs on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, TypeVar

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError
from attrs import evolve, frozen
from yarl import URL

from conferencing.errors import (
    AuthenticationFailed,
    ClientClosed,
    ConferencingError,
    InvalidRequest,
    MalformedResponse,
    RateLimited,
    Sent,
    TimedOut,
    TransportError,
)
from conferencing.secret import Secret

from .limits import Limiter, open_store
from .reply import Reply
from .request import pairs
from .retry import Quota, final, worth_repeating

if TYPE_CHECKING:
    from conferencing.context import Context

    from .auth import Auth, Grant
    from .failures import ErrorMap
    from .request import Outgoing, Request
    from .retry import Policy

__all__ = ["MAX_BODY", "Transport"]

T = TypeVar("T")

MAX_BODY: Final = 8 * 2**20
"""How many bytes a reply may have, unpacked."""

ACCEPT: Final = "application/json, */*;q=0.5"

logger = logging.getLogger("conferencing.http")

Handler = Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]]


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
_CUT: Final = Broken("the connection broke in the middle of the reply", Sent.YES)


class Lost(Exception):
    """Carry a `Broken` through aiohttp, which would send again after an error of its own."""

    def __init__(self, broken: Broken) -> None:
        super().__init__()
        self.broken = broken


class Sessions:
    """Lend a session: the borrowed one, or our own, made once in each event loop that asks."""

    def __init__(self, borrowed: aiohttp.ClientSession | None) -> None:
        self._borrowed = borrowed
        self._own: dict[asyncio.AbstractEventLoop, Lent] = {}
        self.closed = False

    async def get(self) -> aiohttp.ClientSession:
        """Return the session of the running loop. Raises `ClientClosed`."""
        loop = asyncio.get_running_loop()
        if self.closed:
            raise ClientClosed("this client is closed; connect again")
        if self._borrowed is not None:
            return _usable(self._borrowed, loop)
        lent = self._own.get(loop)
        if lent is None:
            keeper = _kept()
            lent = Lent(await anext(keeper), keeper)
            self._own = {one: its for one, its in self._own.items() if not one.is_closed()}
            self._own[loop] = lent
        return lent.session

    async def aclose(self) -> None:
        """Close what is our own; what another running loop has is closed there."""
        self.closed = True
        here = asyncio.get_running_loop()
        for loop, lent in self._own.items():
            if loop is here:
                await lent.keeper.aclose()
            elif not loop.is_closed():
                asyncio.run_coroutine_threadsafe(lent.keeper.aclose(), loop)
        self._own.clear()


@frozen
class Lent:
    """A session of our own, and the generator that closes it when its loop ends."""

    session: aiohttp.ClientSession
    keeper: AsyncGenerator[aiohttp.ClientSession]


async def _kept() -> AsyncGenerator[aiohttp.ClientSession]:
    """Give a session and close it in the end: a loop that shuts down ends its generators first."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


def _usable(
    session: aiohttp.ClientSession, loop: asyncio.AbstractEventLoop
) -> aiohttp.ClientSession:
    if session.closed:
        raise ClientClosed("the borrowed aiohttp session is closed")
    if session._loop is not loop:  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        raise ClientClosed("the borrowed aiohttp session belongs to another event loop")
    return session


class Transport:
    """Carry the calls of one account."""

    def __init__(
        self, *, name: str, base_url: str, auth: Auth, errors: ErrorMap, policy: Policy,
        context: Context, headers: Mapping[str, str],
    ) -> None:  # fmt: skip
        self._base = base_url.rstrip("/")
        self._auth = auth
        self._errors = errors
        self._policy = policy
        self._clock = context.clock
        self._random = context.random
        self._proxy = context.proxy
        self._quota = Quota()
        self._sessions = Sessions(context.session)
        self._store = open_store(context.rate_store, context.clock)
        self._limiter = Limiter(
            f"{name}:{context.account}", context.rate, self._store, context.clock
        )
        self._timeout = self._bounded(policy.attempt)
        self._least = min(1.0, policy.total / 10)  # what begins with less would end in doubt
        self._headers = {"User-Agent": _user_agent(name, context.app), "Accept": ACCEPT, **headers}

    async def aclose(self) -> None:
        """Close what is our own; calling it again does nothing."""
        if not self._sessions.closed:
            await self._sessions.aclose()
            await self._store.aclose()

    async def send(self, request: Request, auth: Auth | None = None) -> Reply:
        """Return the vendor's successful reply to this request.

        Repeats what may be repeated, as often and as late as the policy allows. Raises one of our
        errors otherwise, which knows whether the request had left. `auth` takes the place of the
        account's own credentials.
        """
        auth = auth or self._auth
        outgoing = request.encoded()
        deadline = self._clock.monotonic() + self._policy.total
        attempts = paid = 0
        renewed = False
        failed: ConferencingError | None = None
        while True:
            session = await self._sessions.get()
            # Before its turn: a credential that has to be fetched takes a turn of its own.
            grant = auth.at_hand()
            if grant is None:
                grant = await self._before(deadline, auth.grant())
            put_off = await self._turn(deadline)
            if put_off:
                raise final(failed or put_off, request.effect)
            attempts += 1
            outcome = await self._attempt(session, outgoing, grant, deadline)
            if isinstance(outcome, Reply):
                self._quota.give(paid)
                return outcome if attempts == 1 else evolve(outcome, attempts=attempts)
            failed = _after(failed, outcome)
            failed.attempts = attempts
            if isinstance(failed, AuthenticationFailed) and not renewed:
                renewed = await self._before(deadline, auth.renewed(grant))
                if renewed:
                    continue
            wait = await self._wait(failed, request, attempts, deadline)
            price = 0 if wait is None else self._quota.take(failed)
            if wait is None or not price:
                raise final(failed, request.effect)
            paid += price
            await self._clock.sleep(wait)

    async def _before(self, deadline: float, work: Awaitable[T]) -> T:
        """Wait for a credential, but no longer than the call may take."""
        try:
            async with asyncio.timeout(max(deadline - self._clock.monotonic(), 0.0)):
                return await work
        except TimeoutError:
            pass
        raise TimedOut("no credential came in time; nothing was sent", sent=Sent.NO)

    async def _turn(self, deadline: float) -> ConferencingError | None:
        wait = await self._limiter.turn(deadline - self._clock.monotonic())
        if not wait:
            left = deadline - self._clock.monotonic()
            return None if left >= self._least else _out_of_time()
        return RateLimited(
            f"the account's own pace is booked for {wait:.0f} s ahead; nothing was sent",
            sent=Sent.NO,
            retry_after=wait,
            retryable=True,
        )

    async def _wait(
        self, error: ConferencingError, request: Request, attempts: int, deadline: float
    ) -> float | None:
        """Return the seconds to wait before the next attempt, or None if this one was the last."""
        wait = self._policy.wait(error, attempts, self._random)
        if isinstance(error, RateLimited):
            await self._limiter.pause(min(wait, self._policy.longest_wait))
        if attempts >= self._policy.attempts or not worth_repeating(error, request.effect):
            return None
        too_long = (error.retry_after or 0) > self._policy.longest_wait
        late = self._clock.monotonic() + wait > deadline - self._least
        return None if too_long or late else wait

    async def _attempt(
        self, session: aiohttp.ClientSession, outgoing: Outgoing, grant: Grant, deadline: float
    ) -> Reply | ConferencingError:
        started = self._clock.monotonic()
        left = max(deadline - started, 0.01)  # 0 would mean for ever
        timeout = self._timeout if left >= self._policy.attempt else self._bounded(left)
        outcome = await self._exchange(session, outgoing, grant, timeout)
        spent = self._clock.monotonic() - started
        if isinstance(outcome, Broken):
            _log(outgoing, outcome.message, spent)
            return outcome.error()
        _log(outgoing, outcome.status, spent)
        return self._errors.error(outcome, self._clock.now()) or outcome

    async def _exchange(
        self,
        session: aiohttp.ClientSession,
        outgoing: Outgoing,
        grant: Grant,
        limits: aiohttp.ClientTimeout,
    ) -> Reply | Broken:
        try:
            async with session.request(
                outgoing.method,
                URL(self._base + outgoing.target, encoded=True),
                data=_body(outgoing),
                headers=self._headers_of(outgoing),
                timeout=limits,
                allow_redirects=False,
                raise_for_status=False,
                auto_decompress=True,
                proxy=self._proxy.reveal() if self._proxy else None,
                middlewares=(_signed(grant, outgoing),),
            ) as response:
                return await _read(response, lambda: _secrets(outgoing, grant))
        except Lost as lost:
            return lost.broken
        except (aiohttp.ClientError, OSError, ValueError, RuntimeError) as error:
            return _broken(error)

    def _headers_of(self, outgoing: Outgoing) -> dict[str, str]:
        headers = self._headers | dict(outgoing.request.headers)
        if outgoing.media_type:
            headers["Content-Type"] = outgoing.media_type
        return headers

    def _bounded(self, total: float) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(
            total=total, sock_connect=self._policy.connect, sock_read=self._policy.read
        )


def _out_of_time() -> TimedOut:
    return TimedOut(
        "the time for this call ran out before its turn; nothing was sent", sent=Sent.NO
    )


def _log(outgoing: Outgoing, outcome: object, seconds: float) -> None:
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug("%s %s: %s (%.3f s)", outgoing.method, outgoing.template, outcome, seconds)


def _after(earlier: ConferencingError | None, error: ConferencingError) -> ConferencingError:
    """Return the error, knowing of the attempt before: what it may have done stays possible."""
    if earlier is None or isinstance(earlier, RateLimited) or earlier.sent is Sent.NO:
        return error
    if error.sent is Sent.NO:
        error.sent = Sent.MAYBE
    return error


def _secrets(outgoing: Outgoing, grant: Grant) -> Iterable[Secret]:
    """Give what a vendor may repeat and nobody shall see: a signature is good for this request."""
    yield from outgoing.request.secrets
    yield from grant.secrets
    yield from map(Secret, grant.headers(outgoing).values())


def _body(outgoing: Outgoing) -> Any:
    files = outgoing.request.files
    if not files:
        return outgoing.body
    form = aiohttp.FormData(quote_fields=False)
    for name, text in pairs(outgoing.request.form or {}):
        form.add_field(name, text)
    for name, part in files.items():
        form.add_field(name, part.content, filename=part.filename, content_type=part.media_type)
    return form


def _signed(grant: Grant, outgoing: Outgoing) -> Any:
    """Return the innermost middleware: it adds the credentials and takes aiohttp's errors away.

    aiohttp sends a GET, PUT or DELETE a second time after certain errors of its own
    (aio-libs/aiohttp issue 10790); it does not after an exception that it does not know.
    """

    async def send(request: aiohttp.ClientRequest, handler: Handler) -> aiohttp.ClientResponse:
        request.headers.update(grant.headers(outgoing))
        try:
            return await handler(request)
        except (aiohttp.ClientError, OSError) as error:
            broken = _broken(error)
        raise Lost(broken)

    return send


async def _read(
    response: aiohttp.ClientResponse, secrets: Callable[[], Iterable[Secret]]
) -> Reply | Broken:
    """Read the body, at most `MAX_BODY` unpacked bytes of it."""
    body = bytearray()
    try:
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > MAX_BODY:
                response.close()
                return _TOO_LARGE
    except TimeoutError:
        return Broken("the reply did not end in time", Sent.YES, TimedOut)
    except (aiohttp.ClientError, OSError) as error:
        badly_packed = isinstance(error.__cause__, ContentEncodingError)
        return _BADLY_PACKED if badly_packed else _CUT
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status, headers, bytes(body), secrets)


def _broken(error: Exception) -> Broken:  # noqa: PLR0911 - a table of kinds, the order matters
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


def _user_agent(name: str, app: str | None) -> str:
    own = f"conferencing/{version('conferencing')} ({name}) aiohttp/{aiohttp.__version__}"
    return f"{app} {own}" if app else own

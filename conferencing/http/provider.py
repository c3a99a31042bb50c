"""The base of adapters that speak HTTP: settings, credentials and a table in, typed values out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    Final,
    Generic,
    NoReturn,
    Protocol,
    TypeVar,
    overload,
)
from urllib.parse import urlsplit

from attrs import evolve

from conferencing.accounts.context import Context
from conferencing.errors import (
    ClientClosed,
    ConferencingError,
    ConfigurationError,
    MalformedResponse,
    NotFound,
    Sent,
)
from conferencing.lazy import import_quickly
from conferencing.model import File
from conferencing.model.native import loosened
from conferencing.provider import ConferenceProvider, Pages, refuse_repeat

from .ahead import Ahead
from .auth import Auth, NoAuth
from .failures import ErrorMap
from .paging import Paging, SinglePage
from .reply import Reply, read_json
from .request import Request, raw
from .retry import Policy

if TYPE_CHECKING:
    from .line import Line
    from .transport import Transport

__all__ = ["HTTPProvider", "HTTPSettings", "is_loopback"]

T = TypeVar("T")
S = TypeVar("S", bound="HTTPSettings")

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class HTTPSettings(Protocol):
    """What the settings of every adapter that speaks HTTP have."""

    @property
    def base_url(self) -> str:
        """The address that all paths are below."""
        ...


class HTTPProvider(ConferenceProvider, Generic[S]):
    """Carry an adapter's requests with its credentials, limits, repeats and error table.

    A subclass names its `settings_class`, `errors`, `policy` and `pages`, returns its credentials
    from `auth()`, and writes each operation as one `call` or `paginate`.
    """

    errors: ClassVar[ErrorMap] = ErrorMap()
    policy: ClassVar[Policy] = Policy()
    pages: ClassVar[Paging] = SinglePage()

    settings: S
    _closed = False

    def __init__(self, settings: S, context: Context) -> None:
        self.settings = settings
        self.context = context
        _check_base_url(settings.base_url, self.name)

    def auth(self) -> Auth:
        """Return the credentials; none unless overridden."""
        return NoAuth()

    def headers(self) -> Mapping[str, str]:
        """Return headers that go with every call; none unless overridden."""
        return {}

    @overload
    async def call(self, request: Request) -> None: ...
    @overload
    async def call(self, request: Request, decode: Callable[[Any], T]) -> T: ...
    async def call(self, request: Request, decode: Callable[[Any], T] | None = None) -> T | None:
        """Make the call and return its decoded reply; without `decode`, success is enough."""
        reply = await self._transport.send(request)
        return None if decode is None else _decoded(reply, decode)

    async def send(
        self, request: Request, decode: Callable[[Reply], T], *, auth: Auth | None = None
    ) -> T:
        """Make the call and decode the whole reply, where JSON alone does not tell everything.

        `auth` takes the place of the account's credentials: `NoAuth()` where they are fetched.
        """
        return _read(await self._transport.send(request, auth), decode)

    async def delete(self, request: Request, decode: Callable[[Any], None] | None = None) -> None:
        """Make a call that deletes: what is gone already is deleted."""
        try:
            await (self.call(request) if decode is None else self.call(request, decode))
        except NotFound as error:
            if error.sent is Sent.NO:  # a token that could not be had: nothing was deleted
                raise

    async def paginate(
        self,
        request: Request,
        decode: Callable[[Any], Sequence[T]],
        pages: Paging | None = None,
    ) -> Pages[T]:
        """Give page after page as the vendor's paging goes; `decode` reads the rows of one."""
        paging = pages or self.pages
        following: Request | None = paging.first(request)
        seen: set[int] = set()
        ahead = Ahead(self._transport.send, paging, self.context.pages_ahead)
        try:
            while following is not None:
                reply = await ahead.reply(following)
                rows, after = _page(reply, decode, partial(paging.next, following))
                refuse_repeat(rows, seen)  # here too, before an adapter sifts them
                yield rows
                following = _read(reply, after)
        finally:
            await ahead.aclose()

    async def request(self, method: str, path: str, **options: Any) -> Reply:
        """Make a call that the model does not cover, with this account's credentials and limits.

        `options` are `query`, `form`, `json`, `files`, `headers` and `effect`.
        """
        return await self._transport.send(raw(method, path, **options))

    def read_file(self, file: File) -> AsyncIterator[bytes]:
        """Read a file piece by piece, without credentials and from public addresses only."""
        from .download import stream  # noqa: PLC0415 - most programs download nothing

        local = is_loopback(self.settings.base_url)
        return stream(
            file.url,
            self._policy,
            allow_loopback=local,
            proxy=self.context.proxy,
            context=self.context,
        )

    async def aclose(self) -> None:
        """Close the connections."""
        self._closed = True
        if "_transport" in self.__dict__:
            await self._transport.aclose()

    @cached_property
    def _policy(self) -> Policy:
        policy, context = self.policy, self.context
        if context.timeout is not None:
            policy = evolve(policy, total=context.timeout)
        if context.retries is not None:
            policy = evolve(policy, attempts=context.retries + 1)
        return policy

    @cached_property
    def _transport(self) -> Transport:
        import_quickly("conferencing.http.transport")  # and aiohttp with it, by the first call
        from .transport import Transport  # noqa: PLC0415

        if self._closed:
            raise ClientClosed("this client is closed; connect again")
        return Transport(
            name=self.name,
            line=self._line(),
            auth=self.auth(),
            errors=self.errors,
            policy=self._policy,
            context=self.context,
        )

    def _line(self) -> Line:
        from .line import Line  # noqa: PLC0415 - as above

        base_url, headers = self.settings.base_url, self.headers()
        return Line(self.name, base_url, headers, self._policy, self.context)


def _decoded(reply: Reply, decode: Callable[[Any], T]) -> T:
    def read(it: Reply) -> T:
        payload = it.json()
        return loosened(decode(payload), payload, it.body, read_json)

    return _quietly(reply, read)


def _page(
    reply: Reply,
    decode: Callable[[Any], Sequence[T]],
    following: Callable[[Any, int], Request | None],
) -> tuple[Sequence[T], Callable[[Reply], Request | None]]:
    """Return the rows of a page, and what gives the request for the next one, or raises.

    The payload ends here: it is large, and the collector would walk through all of it.
    """

    def read(it: Reply) -> tuple[Sequence[T], Callable[[Reply], Request | None]]:
        payload = it.json()
        rows = decode(payload)
        after = _settled(lambda: following(payload, len(rows)))
        return loosened(rows, payload, it.body, read_json), after

    return _quietly(reply, read)


def _settled(work: Callable[[], T]) -> Callable[[Any], T]:
    """Do it now, and return what gives its result, or raises what it raised, when asked."""
    try:
        result = work()
    except Exception as error:  # noqa: BLE001 - the rows of its page go first
        return partial(_raise, error.with_traceback(None))
    return lambda _: result


def _raise(error: Exception, _: Any) -> NoReturn:
    raise error


LONG: Final = 32 * 2**10
"""From how many bytes on a reply is read without pauses for garbage collection."""


def _quietly(reply: Reply, decode: Callable[[Reply], T]) -> T:
    return _read(reply, decode)


def _read(reply: Reply, decode: Callable[[Reply], T]) -> T:
    try:
        return decode(reply)
    except ConferencingError as error:
        fault = error.with_traceback(None)  # its frames hold what the vendor sent
    except Exception as error:  # noqa: BLE001 - whatever a vendor sends, one class of error leaves
        fault = MalformedResponse(f"the reply cannot be read ({type(error).__name__})", path="$")
    fault.add_context(body=reply.start())
    fault.attempts = reply.attempts
    if fault.status is None:
        fault.status = reply.status
    raise fault


def is_loopback(url: str) -> bool:
    """Return whether the address is on this machine, as a sandbox is."""
    return urlsplit(url).hostname in LOOPBACK


def _check_base_url(url: str, provider: str) -> None:
    try:
        fault = _base_url_fault(url)
    except ValueError:
        fault = "is no web address"
    if fault:
        raise ConfigurationError(f"base_url {fault}", field="base_url", provider=provider)


def _base_url_fault(url: str) -> str | None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not _plain(url):
        return "is no web address"
    if "@" in parts.netloc or parts.query or parts.fragment:
        return "must have no user, query or fragment"
    if parts.scheme == "http" and not is_loopback(url):
        return "must begin with https: credentials would travel in clear"
    _ = parts.port  # raises for one that is none
    return None


def _plain(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url

"""The base of adapters that speak HTTP: settings, credentials and a table in, typed values out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar, overload
from urllib.parse import urlsplit

from attrs import evolve

from conferencing.context import Context
from conferencing.errors import ConferencingError, ConfigurationError, MalformedResponse, NotFound
from conferencing.model import File
from conferencing.provider import ConferenceProvider, Pages

from .auth import Auth, NoAuth
from .failures import ErrorMap
from .paging import Paging, SinglePage
from .reply import Reply
from .request import Request, raw
from .retry import Policy

if TYPE_CHECKING:
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

    def __init__(self, settings: S, context: Context) -> None:
        self.settings = settings
        self.context = context
        _check_base_url(settings.base_url, self.name)

    def auth(self) -> Auth:
        """Return the credentials; none unless overridden."""
        return NoAuth()

    @overload
    async def call(self, request: Request) -> None: ...
    @overload
    async def call(self, request: Request, decode: Callable[[Any], T]) -> T: ...
    async def call(self, request: Request, decode: Callable[[Any], T] | None = None) -> T | None:
        """Make the call and return its decoded reply; without `decode`, success is enough."""
        reply = await self._transport.send(request)
        return None if decode is None else _decoded(reply, decode)

    async def delete(self, request: Request) -> None:
        """Make a call that deletes: what is gone already is deleted."""
        try:
            await self.call(request)
        except NotFound:
            return

    async def paginate(
        self,
        request: Request,
        decode: Callable[[Any], Sequence[T]],
        pages: Paging | None = None,
    ) -> Pages[T]:
        """Give page after page as the vendor's paging goes; `decode` reads the rows of one."""
        paging = pages or self.pages
        following: Request | None = paging.first(request)
        while following is not None:
            reply = await self._transport.send(following)
            rows = _decoded(reply, decode)
            yield rows
            following = paging.next(following, reply.json(), len(rows))

    async def request(self, method: str, path: str, **options: Any) -> Reply:
        """Make a call that the model does not cover, with this account's credentials and limits.

        `options` are `query`, `form`, `json`, `files`, `headers` and `effect`.
        """
        return await self._transport.send(raw(method, path, **options))

    def read_file(self, file: File) -> AsyncIterator[bytes]:
        """Read a file piece by piece, without credentials and from public addresses only."""
        from .download import stream  # noqa: PLC0415 - most programs download nothing

        local = is_loopback(self.settings.base_url)
        return stream(file.url, self._policy, allow_loopback=local, proxy=self.context.proxy)

    async def aclose(self) -> None:
        """Close the connections."""
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
        from .transport import Transport  # noqa: PLC0415 - aiohttp is loaded by the first call

        return Transport(
            name=self.name,
            base_url=self.settings.base_url,
            auth=self.auth(),
            errors=self.errors,
            policy=self._policy,
            context=self.context,
        )


def _decoded(reply: Reply, decode: Callable[[Any], T]) -> T:
    payload = reply.json()
    try:
        return decode(payload)
    except ConferencingError as error:
        error.located(body=reply.start())
        if error.status is None:
            error.status = reply.status
        raise
    except Exception as error:  # noqa: BLE001 - whatever a vendor sends, one class of error leaves
        reason = type(error).__name__
    raise MalformedResponse(
        f"the reply cannot be read ({reason})", path="$", status=reply.status, body=reply.start()
    )


def is_loopback(url: str) -> bool:
    """Return whether the address is on this machine, as a sandbox is."""
    return urlsplit(url).hostname in LOOPBACK


def _check_base_url(url: str, provider: str) -> None:
    parts = urlsplit(url)
    fault = None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        fault = "is no web address"
    elif parts.username or parts.query or parts.fragment:
        fault = "must have no user, query or fragment"
    elif parts.scheme == "http" and not is_loopback(url):
        fault = "must begin with https: credentials would travel in clear"
    if fault:
        raise ConfigurationError(f"base_url {fault}: {url!r}", field="base_url", provider=provider)

"""The base of adapters that speak HTTP: settings, credentials and an error table in, values out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Protocol, TypeVar, cast, overload
from urllib.parse import urlsplit

from attrs import evolve
from msgspec.structs import replace

from conferencing.accounts.context import Context, Rate
from conferencing.errors import (
    ClientClosed,
    ConferencingError,
    ConfigurationError,
    Conflict,
    InvalidRequest,
    MalformedResponse,
    RateLimited,
    TransportError,
)
from conferencing.lazy import import_quickly
from conferencing.model import File, JoinLink, Participant, Room, Secret
from conferencing.provider import ConferenceProvider, Page, Pages, RepeatGuard

from .auth import Auth, NoAuth
from .failures import ErrorMap, suppress_missing
from .paging import Paging, SinglePage
from .proxy import find_proxy, is_loopback
from .reply import Reply
from .request import GET, Request, build_raw
from .retry import Policy

if TYPE_CHECKING:
    from yarl import URL

    from .refresh_tokens import Exchange, RefreshTokens
    from .transport import Transport

__all__ = ["HTTPProvider", "HTTPSettings"]

GUARDED_TRIES: Final = 3
"""How often a call is sent that the adapter guards with a look before each try."""

T = TypeVar("T")
S = TypeVar("S", bound="HTTPSettings")


class HTTPSettings(Protocol):
    """What the settings of every adapter that speaks HTTP must have."""

    @property
    def base_url(self) -> str:
        """The URL that all paths are below."""
        ...


class HTTPProvider(ConferenceProvider, Generic[S]):
    """Send an adapter's requests with its credentials, limits, retries and error table.

    A subclass names its `settings_class`, `errors`, `policy` and `pages`, returns its credentials
    from `auth()`, and writes each operation as one `call` or `paginate`. `rate` is the limit that
    the vendor documents for every account; the account's own takes its place.
    """

    errors: ClassVar[ErrorMap] = ErrorMap()
    policy: ClassVar[Policy] = Policy()
    pages: ClassVar[Paging] = SinglePage()
    rate: ClassVar[Rate | None] = None

    settings: S
    _closed = False

    def __init__(self, settings: S, context: Context) -> None:
        self.settings = settings
        self.context = context if context.rate else evolve(context, rate=self.rate)
        self._refresh_tokens: RefreshTokens | None = None
        _check_base_url(settings.base_url, self.name)
        find_proxy(settings.base_url, context.proxy)  # raises now rather than at the first call

    @property
    def now(self) -> datetime:
        """The present time."""
        return self.context.clock.now()

    def auth(self) -> Auth:
        """Return the credentials; none unless overridden."""
        return NoAuth()

    def auth_for(self, request: Request) -> Auth | None:
        """Return the credentials for one request, or None for those of the account.

        An adapter whose vendor takes different credentials for different calls overrides it. It may
        raise for a call for which the account has none.
        """
        return None

    def headers(self) -> Mapping[str, str]:
        """Return headers that go with every call; none unless overridden."""
        return {}

    @overload
    async def call(
        self, request: Request, *, auth: Auth | None = None, errors: ErrorMap | None = None
    ) -> None: ...
    @overload
    async def call(
        self,
        request: Request,
        read: Callable[[Reply], T],
        *,
        auth: Auth | None = None,
        errors: ErrorMap | None = None,
    ) -> T: ...
    async def call(
        self,
        request: Request,
        read: Callable[[Reply], T] | None = None,
        *,
        auth: Auth | None = None,
        errors: ErrorMap | None = None,
    ) -> T | None:
        """Send the request and return what `read` makes of the reply.

        Without `read`, the status decides, but a web page, `null` and `false` are refused.

        `auth` replaces the account's credentials: `NoAuth()` where they are fetched. `errors`
        replaces the adapter's table, for a vendor whose codes mean another thing in this call.
        """
        reply = await self._send(request, auth, errors)
        return read_reply(reply, confirm if read is None else read)

    async def call_guarded(
        self,
        request: Request,
        applies: Callable[[], Awaitable[bool]],
        read: Callable[[Reply], object] | None = None,
        *,
        auth: Auth | None = None,
    ) -> None:
        """Send a call that could affect a later object than intended; check before each try.

        For requests with `Effect.NEVER_RETRY`, such as one that ends whatever runs in a room. The
        caller has looked before the first try. After a lost reply, `applies` says whether there is
        still something to do: if not, an earlier try did it. A refusal is not tried again.
        """
        tries = 0
        while True:
            try:
                await self.call(request, confirm if read is None else read, auth=auth)
            except (TransportError, RateLimited, InvalidRequest) as error:
                failed = error
            else:
                return
            tries += 1
            failed.attempts = tries
            refused = isinstance(failed, InvalidRequest)
            if refused and tries == 1:  # no earlier try may have done it
                raise failed
            if isinstance(failed, RateLimited):
                await self._wait_after(failed, tries)
            try:
                still_applies = await applies()
            except ConferencingError:
                raise failed from None  # unknown: the failed call is the error to raise
            if not still_applies:
                return
            # No earlier try did it, so a refusal stands.
            if refused or tries == GUARDED_TRIES:
                raise failed

    async def _wait_after(self, error: RateLimited, tries: int) -> None:
        """Wait as long as the vendor asks for; raise the error if that is too long."""
        wait = self._policy.wait(error, tries, self.context.random)
        if not error.retryable or wait > self._policy.longest_wait or tries == GUARDED_TRIES:
            raise error
        await self.context.clock.sleep(wait)

    async def delete(
        self,
        request: Request,
        read: Callable[[Reply], object] | None = None,
        *,
        auth: Auth | None = None,
    ) -> None:
        """Send a delete; treat "not found" as success."""
        with suppress_missing():
            await self.call(request, confirm if read is None else read, auth=auth)

    async def paginate(
        self,
        request: Request,
        read: Callable[[Reply], Sequence[T]],
        pages: Paging | None = None,
        *,
        auth: Auth | None = None,
        errors: ErrorMap | None = None,
    ) -> Pages[T]:
        """Return page after page by the vendor's style of paging; `read` returns the rows of one.

        `auth` and `errors` are those of `call`.
        """
        paging = pages or self.pages
        following: Request | None = paging.first(request)
        guard = RepeatGuard()
        while following is not None:
            reply = await self._send(following, auth, errors)
            rows = read_reply(reply, read)
            guard.check(rows)  # here as well, before an adapter filters them
            yield rows
            # Rows that could not be read count too: without them a full page would be the last one.
            count = len(rows) + len(reply.problems)
            following = read_reply(reply, partial(paging.next, following, count=count))

    async def find_link(self, room: Room, participant: Participant) -> JoinLink:
        """Return the link of a registration, which is fetched if its link is not known.

        Raises `Conflict` for one without a link, such as one that waits for approval.
        """
        if participant.join_link is None:
            email = None if participant.id else participant.email
            participant = await self.get_participant(
                room, participant_id=participant.id, email=email
            )
        if participant.join_link is None:
            raise Conflict(f"the registration is {participant.status}, so it has no join link")
        return participant.join_link

    async def request(self, method: str, path: str, **options: Any) -> Reply:
        """Send a request that the model does not cover, with this account's credentials and limits.

        `options` are `query`, `form`, `json`, `files`, `headers` and `effect`.
        """
        return await self._send(build_raw(method, path, **options))

    def read_file(self, file: File) -> AsyncIterator[bytes]:
        """Read a file piece by piece, from public addresses only.

        The credentials go to hosts for which `authenticates` is true, and to no other one. After
        a redirect to another host, none are sent.
        """
        from .download import stream  # noqa: PLC0415 - most programs download nothing

        return stream(
            file.url,
            self._policy,
            allow_loopback=is_loopback(self.settings.base_url),
            authorize=self._authorize_download,
            context=self.context,
            media_type=file.media_type,
        )

    def authenticates(self, url: str) -> bool:
        """Return whether downloads from an address need the account's credentials.

        An adapter whose vendor asks for them overrides it, and returns True for the vendor's own
        hosts alone.
        """
        return False

    def auth_for_file(self, url: str) -> Auth:
        """Return the credentials for a download; those of `auth_for` its path unless overridden."""
        return self.auth_for(GET(urlsplit(url).path)) or self._transport.auth

    async def _authorize_download(self, url: URL) -> Mapping[str, str]:
        if not self.authenticates(str(url)):
            return {}
        request = GET(url.raw_path)
        grant = await self.auth_for_file(str(url)).acquire()
        return grant.headers(request.encode())

    async def _send(
        self, request: Request, auth: Auth | None = None, errors: ErrorMap | None = None
    ) -> Reply:
        return await self._transport.send(request, auth or self.auth_for(request), errors)

    def open_refresh_tokens(
        self, refresh_token: Secret, exchange: Exchange, *, owner: str, needs_store: bool = True
    ) -> RefreshTokens:
        """Return the source of access tokens that a refresh token is exchanged for.

        What replaces the refresh token is kept in the account's `token_store`, under the name of the
        `owner`, such as the client's id. Without `needs_store`, the vendor replaces none, and this
        process's memory will do. The source is closed with the provider.
        """
        from .refresh_tokens import RefreshTokens  # noqa: PLC0415 - most accounts have a key
        from .token_stores import open_token_store  # noqa: PLC0415

        address, clock = self.context.token_store, self.context.clock
        store = open_token_store(address or (None if needs_store else Secret("memory")), clock)
        name = f"{self.name}:{owner}"
        self._refresh_tokens = RefreshTokens(store, refresh_token, exchange, clock, name=name)
        return self._refresh_tokens

    async def aclose(self) -> None:
        """Close the connections, and the store of a refresh token."""
        self._closed = True
        if "_transport" in self.__dict__:
            await self._transport.aclose()
        if self._refresh_tokens is not None:
            await self._refresh_tokens.aclose()

    @cached_property
    def _policy(self) -> Policy:
        policy, context = self.policy, self.context
        if context.timeout is not None:
            policy = replace(policy, total=context.timeout)
        if context.retries is not None:
            policy = replace(policy, attempts=context.retries + 1)
        return policy

    @cached_property
    def _transport(self) -> Transport:
        import_quickly("conferencing.http.transport")  # and with it aiohttp, at the first call
        from .sender import Sender  # noqa: PLC0415
        from .transport import Transport  # noqa: PLC0415

        if self._closed:
            raise ClientClosed("this client is closed; connect again")
        base_url, headers = self.settings.base_url, self.headers()
        return Transport(
            name=self.name,
            sender=Sender(self.name, base_url, headers, self._policy, self.context),
            auth=self.auth(),
            errors=self.errors,
            policy=self._policy,
            context=self.context,
            identity=_identify(self.settings),
        )


def _identify(settings: object) -> str:
    """Return a text that is the same for equal settings; settings that cannot be hashed are unique."""
    try:
        return f"{hash(settings):x}"
    except TypeError:
        return f"{id(settings):x}"


def confirm(reply: Reply) -> None:
    """Check the reply to a call without a result: any body except a web page, `null` or `false`."""
    body = reply.body.strip()
    if body.startswith(b"<") or body in {b"null", b"false"}:
        raise MalformedResponse("the reply does not confirm the call", path="$")


def read_reply(reply: Reply, read: Callable[[Reply], T]) -> T:
    """Return what `read` returns for a reply; whatever it raises becomes `MalformedResponse`."""
    try:
        result = read(reply)
    except ConferencingError as error:
        fault = error.with_traceback(None)  # its frames hold what the vendor sent
    except Exception as error:  # noqa: BLE001 - whatever a vendor sends, one class of error is raised
        fault = MalformedResponse(f"the reply cannot be read ({type(error).__name__})", path="$")
    else:
        if reply.problems and isinstance(result, list):
            return cast("T", Page(cast("list[Any]", result), reply.problems))
        return result
    fault.add_context(body=reply.start())
    fault.attempts = reply.attempts
    if fault.status is None:
        fault.status = reply.status
    raise fault


def _check_base_url(url: str, provider: str) -> None:
    try:
        fault = _base_url_fault(url)
    except ValueError:
        fault = "is not a web address"
    if fault:
        raise ConfigurationError(f"base_url {fault}", field="base_url", provider=provider)


def _base_url_fault(url: str) -> str | None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not _is_plain(url):
        return "is not a web address"
    if "@" in parts.netloc or parts.query or parts.fragment:
        return "must have no user, query or fragment"
    if parts.scheme == "http" and not is_loopback(url):
        return "must begin with https: the credentials would be sent unencrypted"
    _ = parts.port  # raises ValueError for a malformed port
    return None


def _is_plain(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url

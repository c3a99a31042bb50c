"""How calls reach Google: each to its host, with the token of the user for whom it is made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, ClassVar, Final, TypeVar
from urllib.parse import unquote, urlsplit

from msgspec.structs import replace

from conferencing.accounts.context import Context, Rate
from conferencing.errors import AuthenticationFailed, PermissionDenied
from conferencing.http import (
    POST,
    Auth,
    Effect,
    ErrorMap,
    HTTPProvider,
    NoAuth,
    Policy,
    Reply,
    Request,
    Token,
    TokenAuth,
)
from conferencing.http.oauth import read_refreshed, read_token
from conferencing.http.refresh_tokens import Refreshed
from conferencing.model import Secret
from conferencing.provider import Page, Pages

from .settings import GOOGLE, GoogleMeetSettings
from .wire import base, tokens

__all__ = ["RECORD", "SPACE", "WAITS", "GoogleCalls", "collect_pages"]

T = TypeVar("T")

SPACE: Final = "/v2/spaces/{space}"
RECORD: Final = "/v2/conferenceRecords/{record}"
WAITS: Final = (1.0, 2.0, 4.0)
"""After how many seconds a conference or a subscription is looked for that Google has not made yet."""

# These codes come from the token endpoint alone (docs/vendors/googlemeet.md#oauth).
_TOKEN_ERRORS: Final = base.ERRORS.with_codes(
    dict.fromkeys(
        ["invalid_client", "invalid_grant", "invalid_scope", "unauthorized_client"],
        AuthenticationFailed,
    )
    | {"admin_policy_enforced": PermissionDenied}
)


class GoogleCalls(HTTPProvider[GoogleMeetSettings]):
    """Calls for users, with what a user or an administrator has granted."""

    settings_class = GoogleMeetSettings
    errors = base.ERRORS
    pages = base.PAGES
    # The deadline is longer than the longest wait: what was half done can be undone after it.
    policy = Policy(throttled_base=4.0, throttled_cap=64.0, total=90.0)
    # Google counts for each user (docs/vendors/googlemeet.md#limits).
    rate: ClassVar[Rate | None] = Rate(600, 60.0)

    def __init__(self, settings: GoogleMeetSettings, context: Context) -> None:
        super().__init__(settings, context)
        self._auths: dict[str, TokenAuth] = {}

    # -- credentials

    def auth(self) -> TokenAuth:
        """Authenticate as the user of the account."""
        return self.auth_of(self.settings.owner)

    def auth_of(self, owner: str) -> TokenAuth:
        """Return the credentials for a user; a user who consented is the only one."""
        settings, clock = self.settings, self.context.clock
        if settings.service_account is None or owner == "me":
            owner = settings.owner
        if owner not in self._auths:
            self._auths[owner] = TokenAuth(self._source_of(owner), clock)
        return self._auths[owner]

    def _source_of(self, owner: str) -> Callable[[], Awaitable[Token]]:
        settings = self.settings
        if settings.refresh_token is None:
            return partial(self._fetch_token, owner)
        # Google does not replace the token at each use (docs/vendors/googlemeet.md#oauth).
        return self.open_refresh_tokens(
            settings.refresh_token,
            self._exchange,
            owner=settings.client_id or "",
            needs_store=False,
        ).fetch

    async def _fetch_token(self, owner: str) -> Token:
        form = tokens.write_grant(self.settings, owner, self.now)
        return await self._call_auth(form, read_token)

    async def _exchange(self, refresh: Secret) -> Refreshed:
        settings = self.settings
        form = {
            "grant_type": "refresh_token",
            "client_id": settings.client_id,
            "client_secret": settings.client_secret,
            "refresh_token": refresh,
        }
        return await self._call_auth(form, read_refreshed)

    async def _call_auth(self, form: dict[str, Any], read: Callable[[Reply], T]) -> T:
        # Nothing is used up, so that a lost reply may be asked for again.
        request = self.place(POST("/token", form=form, effect=Effect.READ))
        return await self.call(request, read, auth=NoAuth(), errors=_TOKEN_ERRORS)

    def authenticates(self, url: str) -> bool:
        """Return whether a download is from Drive's API, to which alone the token goes.

        docs/vendors/googlemeet.md#oddity-14
        """
        return url.startswith(f"{self.drive}/drive/v3/files/")

    def auth_for_file(self, url: str) -> Auth:
        """Return the credentials of the user whom the fragment of a file's URL names."""
        return self.auth_of(unquote(urlsplit(url).fragment) or self.settings.owner)

    # -- calls

    @property
    def drive(self) -> str:
        """The URL of Drive's host."""
        return self.settings.origin_of("/drive/")

    def place(self, request: Request) -> Request:
        """Return a request to the host that has its path."""
        if self.settings.base_url != GOOGLE:
            return request
        return replace(request, base_url=self.settings.origin_of(request.path))

    async def call_for(
        self,
        owner: str,
        request: Request,
        read: Callable[[Reply], T],
        *,
        errors: ErrorMap | None = None,
    ) -> T:
        """Make a call for a user."""
        return await self.call(self.place(request), read, auth=self.auth_of(owner), errors=errors)

    def pages_for(
        self, owner: str, request: Request, read: Callable[[Reply], Sequence[T]]
    ) -> Pages[T]:
        """List for a user."""
        return self.paginate(
            self.place(request), read, auth=self.auth_of(owner), errors=base.READ_ERRORS
        )

    async def request(self, method: str, path: str, **options: Any) -> Reply:
        """Send a request that the model does not cover, to the one of Google's hosts that has its path."""
        if self.settings.base_url == GOOGLE:
            options["base_url"] = self.settings.origin_of(path)
        return await super().request(method, path, **options)


async def collect_pages(pages: Pages[T]) -> Page[T]:
    """Return all rows of a listing, with the problems of its pages."""
    rows, problems = list[T](), list[str]()
    async for page in pages:
        rows += page
        problems += page.problems if isinstance(page, Page) else ()
    return Page(rows, problems)

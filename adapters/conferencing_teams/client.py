"""The calls to Microsoft Graph: in whose name they are made, and what all of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, TypeVar

from attrs import frozen
from msgspec.structs import replace

from conferencing.errors import NotAvailable, Sent
from conferencing.http import (
    GET,
    POST,
    Auth,
    Effect,
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
from conferencing.provider import Pages

from .settings import PLAIN, TeamsSettings
from .wire import base, tokens
from .wire.base import Form, NextLinks, RoomKey, is_object_id
from .wire.tokens import Caller

__all__ = ["GraphProvider", "MeetingPath", "join_paths"]

T = TypeVar("T")

SCOPE: Final = "https://graph.microsoft.com/.default"


@frozen
class MeetingPath:
    """Where the reports and recordings of a meeting are. A webinar has them below a `session`."""

    base: Request
    session: str = ""

    def add(self, rest: Request) -> Request:
        """Return a request for what is below."""
        return join_paths(self.base, rest)


def join_paths(base: Request, rest: Request) -> Request:
    """Return a request whose path is below that of another one."""
    return replace(rest, template=base.template + rest.template, path=base.path + rest.path)


class GraphProvider(HTTPProvider[TeamsSettings]):
    """Authenticate as the app or as the organizer, and follow pages."""

    name = "teams"
    settings_class = TeamsSettings
    errors = base.ERRORS
    policy = Policy(throttled_base=2.0)

    # -- credentials

    def auth(self) -> TokenAuth:
        """Authenticate as the app; with `delegated`, as the organizer."""
        organizer = self.organizer_auth if self.settings.delegated else None
        return organizer or self.app_auth

    def auth_for(self, request: Request) -> Auth | None:
        """Return in whose name a call is made, where the account's own token may not make it.

        Raises `NotAvailable` for a call that only a signed-in organizer may make, without one.
        """
        match tokens.find_caller(request.method, request.path):
            case Caller.ANY:
                return None
            case Caller.APP:
                return self.app_auth
            case Caller.ORGANIZER_IF_KNOWN:
                return self.organizer_auth or self.app_auth
            case Caller.ORGANIZER if self.organizer_auth:
                return self.organizer_auth
            case Caller.ORGANIZER:
                raise NotAvailable(
                    "only a signed-in organizer may create, change or publish webinars: put a"
                    " refresh_token of the organizer, with VirtualEvent.ReadWrite, into the account",
                    field="refresh_token",
                    sent=Sent.NO,
                )

    @cached_property
    def app_auth(self) -> TokenAuth:
        """The token of the app on its own."""
        return TokenAuth(self._fetch_token, self.context.clock)

    @cached_property
    def organizer_auth(self) -> TokenAuth | None:
        """The token of the organizer, or None without a refresh token."""
        settings = self.settings
        if settings.refresh_token is None:
            return None
        owner = f"{settings.tenant}:{settings.client_id}"
        source = self.open_refresh_tokens(settings.refresh_token, self._exchange, owner=owner)
        return TokenAuth(source.fetch, self.context.clock)

    async def _fetch_token(self) -> Token:
        form = {"grant_type": "client_credentials"}
        return await self._call_auth(form, Effect.READ, read_token)

    async def _exchange(self, refresh: Secret) -> Refreshed:
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        return await self._call_auth(form, Effect.EXCHANGE, read_refreshed)

    async def _call_auth(
        self, form: Mapping[str, Any], effect: Effect, read: Callable[[Reply], T]
    ) -> T:
        settings = self.settings
        app = {"client_id": settings.client_id, "client_secret": settings.client_secret}
        request = POST(
            "/{tenant}/oauth2/v2.0/token",
            tenant=settings.tenant,
            form={**app, **form, "scope": SCOPE},
            base_url=settings.auth_url,
            effect=effect,
        )
        # The credentials are in the form (docs/vendors/teams.md#tokens).
        return await self.call(request, read, auth=NoAuth(), errors=base.TOKEN_ERRORS)

    def authenticates(self, url: str) -> bool:
        """Return whether a download is Graph's own, which asks for the token."""
        return url.startswith(f"{self.settings.base_url.rstrip('/')}/")

    # -- what the forms of rooms share

    def list_pages(self, request: Request, read: Callable[[Reply], Sequence[T]]) -> Pages[T]:
        """Return page after page, by Graph's links."""
        return self.paginate(request, read, NextLinks(self.settings.base_url))

    def split_id(self, room_id: str) -> RoomKey:
        """Return the parts of a room's id; an id of Graph's alone is one of the host's meetings."""
        form = Form.MEETING if self.settings.meetings == PLAIN else Form.EVENT
        return base.split_room_id(room_id, RoomKey(form, self.settings.host, ""))

    async def find_owner(self, user: str | None = None) -> str:
        """Return the object id of a user, by default of the host: meetings are found by no other.

        docs/vendors/teams.md#ids
        """
        name = user or self.settings.host
        if is_object_id(name):
            return name
        if name not in self._owners:
            request = GET("/users/{user}", user=name, query={"$select": "id"})
            self._owners[name] = await self.call(request, base.read_user)
        return self._owners[name]

    @cached_property
    def _owners(self) -> dict[str, str]:
        """The object ids of users that were looked up; they do not change."""
        return {}

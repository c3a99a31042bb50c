"""The base of adapters whose accounts have an OAuth client and a refresh token (RFC 6749, section 6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import ClassVar, Final, Protocol, TypeVar

from attrs import define

from conferencing.errors import AuthenticationFailed
from conferencing.model.secret import Secret

from .auth import BasicAuth
from .decoding import Decoder, LaxInt, to_int
from .failures import ErrorMap
from .provider import HTTPProvider, HTTPSettings
from .refresh_tokens import Refreshed, RefreshTokens
from .reply import Reply
from .request import POST, Effect
from .tokens import Token, TokenAuth, server_time

__all__ = ["RefreshingProvider", "RefreshingSettings", "read_refreshed", "read_token"]

S = TypeVar("S", bound="RefreshingSettings")

_WIRE: Final = Decoder(secret=frozenset({"access_token", "refresh_token"}))
_REFUSED: Final = ("invalid_client", "invalid_grant", "invalid_request", "unauthorized_client")


class RefreshingSettings(HTTPSettings, Protocol):
    """What the settings of such an account have; `token_url` is the whole address of the endpoint."""

    @property
    def client_id(self) -> str: ...
    @property
    def client_secret(self) -> Secret: ...
    @property
    def refresh_token(self) -> Secret: ...
    @property
    def token_url(self) -> str: ...


@define
class TokenRow:
    """A successful reply of the token endpoint (section 5.1); the lifetime is in seconds."""

    access_token: str
    expires_in: LaxInt | None = None
    refresh_token: str | None = None


def read_token(reply: Reply) -> Token:
    """Return an access token."""
    return _to_token(_WIRE.read(reply, TokenRow), reply)


def read_refreshed(reply: Reply) -> Refreshed:
    """Return an access token, and the refresh token that takes the place of the one sent, if any."""
    row = _WIRE.read(reply, TokenRow)
    refresh = Secret(row.refresh_token) if row.refresh_token else None
    return Refreshed(token=_to_token(row, reply), refresh=refresh)


def _to_token(row: TokenRow, reply: Reply) -> Token:
    issued_at = server_time(reply) or datetime.now(UTC)
    seconds = to_int(row.expires_in)
    return Token(
        value=Secret(row.access_token),
        issued_at=issued_at,
        expires_at=None if seconds is None else issued_at + timedelta(seconds=seconds),
    )


class RefreshingProvider(HTTPProvider[S]):
    """Authenticate by access tokens, which a refresh token is exchanged for.

    The client authenticates by HTTP Basic. `token_effect` says what a repeated exchange does: where
    each refresh token is valid once, a lost reply must not be asked for again. The account needs a
    `token_store` for what replaces its refresh token.
    """

    token_effect: ClassVar[Effect] = Effect.EXCHANGE

    def auth(self) -> TokenAuth:
        """Authenticate by a token, the same for all calls."""
        return self.tokens

    @cached_property
    def tokens(self) -> TokenAuth:
        """The access token of all calls."""
        return TokenAuth(self.fetch_token, self.context.clock)

    async def fetch_token(self) -> Token:
        """Fetch an access token. An adapter that has to learn something with it overrides this."""
        return await self._source.fetch()

    def read_refreshed(self, reply: Reply) -> Refreshed:
        """Read the reply to an exchange; an adapter whose vendor adds to it overrides this."""
        return read_refreshed(reply)

    @cached_property
    def _source(self) -> RefreshTokens:
        settings = self.settings
        return self.open_refresh_tokens(
            settings.refresh_token, self._exchange, owner=settings.client_id
        )

    async def _exchange(self, refresh: Secret) -> Refreshed:
        settings = self.settings
        request = POST(
            "",
            form={"grant_type": "refresh_token", "refresh_token": refresh},
            base_url=settings.token_url,
            effect=self.token_effect,
        )
        client = BasicAuth(settings.client_id, settings.client_secret)
        errors: ErrorMap = self.errors.with_codes(dict.fromkeys(_REFUSED, AuthenticationFailed))
        return await self.call(request, self.read_refreshed, auth=client, errors=errors)

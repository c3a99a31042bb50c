"""Access tokens by a refresh token that the vendor replaces at each use.

However many processes share the account, each refresh token is sent once: by the holder of the
store's lock. A token whose use has an unknown outcome is tried once more by the next process, since
it may not have arrived; if the vendor then refuses it, somebody has to sign in again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from conferencing.accounts.context import Clock
from conferencing.errors import (
    AuthenticationFailed,
    ConferencingError,
    InvalidRequest,
    Sent,
)
from conferencing.handles import finish
from conferencing.model.secret import Secret

from .token_stores import StoredTokens, TokenStore
from .tokens import AHEAD, Token

__all__ = ["Exchange", "RefreshTokens", "Refreshed"]

_SIGN_IN: Final = "sign in at the vendor again, and put the new refresh_token into the account"


class Refreshed(Struct, frozen=True, kw_only=True):
    """A vendor's reply: an access token, and the refresh token that replaces the one sent.

    Without `refresh`, the vendor goes on accepting the one that was sent.
    """

    token: Token
    refresh: Secret | None = None


Exchange = Callable[[Secret], Awaitable[Refreshed]]
"""Send a refresh token to the vendor, once: with `Effect.EXCHANGE`."""


class RefreshTokens:
    """Fetch access tokens for one account; `fetch` is what `TokenAuth` takes.

    `initial` is the refresh token of the configuration. A new one there begins a new record in the
    store. Raises `AuthenticationFailed` with what to do if the vendor refuses the refresh token.
    """

    def __init__(
        self, store: TokenStore, initial: Secret, exchange: Exchange, clock: Clock, *, name: str
    ) -> None:
        self._store = store
        self._initial = initial
        self._exchange = exchange
        self._clock = clock
        self._key = sha256(f"{name}\0{initial.reveal()}".encode()).hexdigest()
        self._last: Secret | None = None

    async def fetch(self) -> Token:
        """Return an access token that another process has stored, or exchange the refresh token."""
        async with self._store.lock(self._key):
            stored = await self._store.load(self._key) or StoredTokens(refresh=self._initial)
            token = self._usable(stored)
            if token is None:
                # Cancelled now, the reply would be lost, and with it the only valid refresh token.
                token = await finish(self._refresh(stored))
        self._last = token.value
        return token

    async def aclose(self) -> None:
        """Close the store."""
        await self._store.aclose()

    def _usable(self, stored: StoredTokens) -> Token | None:
        """Return the stored access token, unless it is the one that this process wants to replace."""
        soon = self._clock.now() + timedelta(seconds=AHEAD)
        if stored.access is None or stored.access == self._last:
            return None
        if stored.expires_at is not None and stored.expires_at <= soon:
            return None
        return Token(value=stored.access, expires_at=stored.expires_at)

    async def _refresh(self, stored: StoredTokens) -> Token:
        # Written before the request: if this process is killed, the next one can explain a refusal.
        await self._store.save(self._key, replace(stored, pending=True))
        try:
            refreshed = await self._exchange(stored.refresh)
        except ConferencingError as error:
            failure = error
        else:
            return await self._keep(refreshed, stored)
        refused = isinstance(failure, AuthenticationFailed | InvalidRequest)
        if refused or failure.sent is Sent.NO:
            await self._store.save(self._key, stored)  # the vendor has not used the token up
        # Otherwise it stays pending: the reply was lost, and the vendor may have replaced the token.
        raise _explain(failure, stored) if refused else failure

    async def _keep(self, refreshed: Refreshed, stored: StoredTokens) -> Token:
        token = refreshed.token
        await self._store.save(
            self._key,
            StoredTokens(
                refresh=refreshed.refresh or stored.refresh,
                access=token.value,
                expires_at=_expiry(token, self._clock),
            ),
        )
        return token


def _explain(refused: ConferencingError, stored: StoredTokens) -> AuthenticationFailed:
    if stored.pending:
        problem = (
            "a process ended, or lost the vendor's reply, while it used the refresh token, and the"
            f" vendor no longer accepts it; {_SIGN_IN}"
        )
    else:
        problem = f"the vendor refused the refresh token: it was used or revoked; {_SIGN_IN}"
    return AuthenticationFailed(
        problem,
        field="refresh_token",
        sent=Sent.NO,  # the call that needs the token was not sent
        status=refused.status,
        code=refused.code,
        problems=refused.problems,
    )


def _expiry(token: Token, clock: Clock) -> datetime | None:
    """Return when the token expires by this machine's clock, which may differ from the vendor's."""
    if token.expires_at is None:
        return None
    return token.expires_at - ((token.issued_at or clock.now()) - clock.now())

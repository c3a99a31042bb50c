"""Access tokens: fetched once for all waiting calls, before they expire, and again after a refusal.

How a token is requested is up to the adapter.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import inf
from typing import Final

from msgspec import Struct

from conferencing.accounts.context import Clock
from conferencing.errors import ConferencingError, MalformedResponse, Sent
from conferencing.model.secret import Secret

from .auth import Grant, fits_header
from .reply import Reply
from .request import Outgoing

__all__ = ["Token", "TokenAuth", "TokenGrant", "epoch", "server_time"]

AHEAD: Final = 60.0
"""How many seconds before its expiry a token is replaced, but at most a fifth of its lifetime."""

BACK_OFF: Final = 5.0
"""For how many seconds an old token is used before the next try, if no new one could be fetched."""

_MILLISECONDS: Final = 10**11
"""From here on a number is milliseconds: as seconds it would be in the year 5138."""


class Token(Struct, frozen=True, kw_only=True):
    """A vendor's reply to a request for a token.

    `expires_at` is by the vendor's clock, and `issued_at` the time of that clock in the reply.
    Without an expiry, or with one that has passed, the token is used until it is refused. `base_url`
    is where it is valid, if that is another place than the account's.
    """

    value: Secret
    expires_at: datetime | None = None
    issued_at: datetime | None = None
    base_url: str | None = None

    def __post_init__(self) -> None:
        if not fits_header(self.value):
            raise MalformedResponse(
                "the token is empty or has characters that a header cannot carry", path="$"
            )


class TokenGrant(Struct, frozen=True, kw_only=True):
    """A token in the `Authorization` header.

    `fetched_at` and `expires_at` are in seconds of the client's monotonic clock.
    """

    token: Secret
    fetched_at: float
    expires_at: float
    scheme: str
    base_url: str | None = None

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The token."""
        return (self.token,)

    def headers(self, outgoing: Outgoing) -> Mapping[str, str]:
        """Return the one header."""
        return {"Authorization": f"{self.scheme} {self.token.reveal()}"}


class InFlight(Struct):
    """A request for a token that is under way, and how many calls wait for it."""

    task: asyncio.Task[TokenGrant | ConferencingError]
    waiting: int = 0


class TokenAuth:
    """Authenticate by a token from `fetch`, which all calls use until shortly before it expires.

    However many calls need one at once, one request is made in each event loop. It goes on as long
    as a call waits for it; if it fails, each gets an error of its own. `skew` is how far the vendor's
    clock is ahead of the client's, as the last reply to `fetch` showed.
    """

    def __init__(
        self, fetch: Callable[[], Awaitable[Token]], clock: Clock, *, scheme: str = "Bearer"
    ) -> None:
        self.skew = timedelta()
        self._fetch_token = fetch
        self._clock = clock
        self._scheme = scheme
        self._current: TokenGrant | None = None
        self._refresh_at = 0.0
        self._in_flight: dict[asyncio.AbstractEventLoop, InFlight] = {}

    def cached(self) -> TokenGrant | None:
        """Return the current token, or None if there is none or it is about to expire."""
        fresh = self._current is not None and self._clock.monotonic() < self._refresh_at
        return self._current if fresh else None

    async def acquire(self) -> TokenGrant:
        """Return the current token, or fetch one if there is none or it is about to expire.

        If fetching fails for now, a token that has not expired yet is used for a few seconds more.
        """
        fresh = self.cached()
        if fresh is not None:
            return fresh
        current = self._current
        try:
            return await self.fetch()
        except ConferencingError as error:
            if not (current and self._is_valid(current) and error.retryable):
                error.sent = Sent.NO  # the call that needs the token was not sent
                raise
        # The old token is still valid: the token endpoint may be back before it expires.
        self._refresh_at = self._clock.monotonic() + BACK_OFF
        return current

    async def refresh(self, refused: Grant, *, older_than: float = 0.0) -> bool:
        """Replace a token that the vendor refused, unless that has happened; return True.

        A token that was fetched within the last `older_than` seconds is kept, and False returned.
        """
        current = self._current
        if current is not None and current is refused:
            age = self._clock.monotonic() - current.fetched_at
            if age < older_than:
                return False
        # Of several calls that are refused at once, the first drops the token; the others find a
        # new one, or join the request for it.
        if self._current is refused:
            self._current = None
        await self.acquire()
        return True

    async def fetch(self) -> TokenGrant:
        """Fetch a token now; calls that come meanwhile share the request."""
        loop = asyncio.get_running_loop()
        request = self._in_flight.get(loop)
        if request is None or request.task.done():
            # Tasks belong to one event loop, and so do the calls that wait for them.
            request = self._in_flight[loop] = InFlight(loop.create_task(self._fetch_and_keep()))
        request.waiting += 1
        try:
            await asyncio.wait(
                [request.task]
            )  # unlike `await task`, a cancellation leaves it running
        finally:
            request.waiting -= 1
            if not request.waiting:
                self._release(request)
        outcome = request.task.result()
        if isinstance(outcome, TokenGrant):
            return outcome
        raise copy(outcome)  # a copy for each call: an error is labelled where it is raised

    def _release(self, request: InFlight) -> None:
        """Forget a request that no call waits for, and cancel it if it is still under way."""
        loop = request.task.get_loop()
        if self._in_flight.get(loop) is request:
            del self._in_flight[loop]
        request.task.cancel()

    async def _fetch_and_keep(self) -> TokenGrant | ConferencingError:
        """Fetch a token and make it the current one; return the error where that fails."""
        requested_at = self._clock.monotonic()
        try:
            token = await self._fetch_token()
        except ConferencingError as error:  # returned, since a task nobody waits for must not warn
            return error.with_traceback(None)
        if token.issued_at is not None:
            self.skew = token.issued_at - self._clock.now()
        # Counted from before the request: the vendor issued the token at some moment after it.
        lifetime = self._lifetime(token)
        self._refresh_at = requested_at + lifetime - min(AHEAD, lifetime / 5)
        self._current = TokenGrant(
            token=token.value,
            fetched_at=requested_at,
            expires_at=requested_at + lifetime,
            scheme=self._scheme,
            base_url=token.base_url,
        )
        return self._current

    def _lifetime(self, token: Token) -> float:
        """Return for how many seconds a token is valid; infinite if its expiry makes no sense."""
        if token.expires_at is None:
            return inf
        issued_at = token.issued_at or self._clock.now()
        lifetime = (token.expires_at - issued_at).total_seconds()
        return lifetime if lifetime > 0 else inf

    def _is_valid(self, grant: TokenGrant) -> bool:
        return self._current is grant and self._clock.monotonic() < grant.expires_at


def epoch(number: float) -> datetime | None:
    """Return the time of a number of seconds since 1970, or of milliseconds if it is far too large.

    None for a number that is not a time in either unit.
    """
    seconds = number / 1000 if abs(number) >= _MILLISECONDS else number
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def server_time(reply: Reply) -> datetime | None:
    """Return the time in the reply's `Date` header, or None without one."""
    try:
        moment = parsedate_to_datetime(reply.headers.get("date", ""))
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

"""Tokens that an account fetches for itself: once for all who wait, ahead of their end, and anew
after a refusal. How one is asked for is the adapter's business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import count
from math import inf
from typing import Final

from attrs import define, field, frozen

from conferencing.accounts.context import Clock
from conferencing.errors import ConferencingError, MalformedResponse, Sent
from conferencing.model.secret import Secret

from .auth import Grant, fits_header
from .reply import Reply
from .request import Outgoing

__all__ = ["Token", "TokenAuth", "TokenGrant", "epoch", "server_time"]

AHEAD: Final = 60.0
"""How many seconds before its end a token is replaced, if that is no more than a fifth of its life."""

BACK_OFF: Final = 5.0
"""How many seconds an old token is used before another try, if a new one could not be had."""

_MILLISECONDS: Final = 10**11
"""From here on, a number of seconds would be in the year 5138."""


def _sendable(_: object, __: object, value: Secret) -> None:
    if not fits_header(value):
        raise MalformedResponse(
            "the token is empty or has characters that no header can carry", path="$"
        )


@frozen(kw_only=True)
class Token:
    """Hold what a vendor answers to a request for a token.

    `expires_at` goes by the vendor's clock; `told_at` is what that clock showed in the reply.
    Without an end, or with one that had passed already, it counts as good until it is refused.
    """

    value: Secret = field(validator=_sendable)
    expires_at: datetime | None = None
    told_at: datetime | None = None


@frozen(kw_only=True)
class TokenGrant:
    """A token in the `Authorization` header. Each one that was fetched is a new `generation`.

    `ends_at` is in seconds of the client's own clock that never goes back.
    """

    token: Secret
    generation: int
    ends_at: float
    scheme: str

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The token."""
        return (self.token,)

    def headers(self, outgoing: Outgoing) -> Mapping[str, str]:
        """Return the one header."""
        return {"Authorization": f"{self.scheme} {self.token.reveal()}"}


@define
class Flight:
    """A request for a token that is under way, and how many wait for it."""

    task: asyncio.Task[TokenGrant | ConferencingError]
    waiting: int = 0


class TokenAuth:
    """Prove who asks by a token that `fetch` gets, the same for all calls until it nears its end.

    However many ask at once, one request is made in each event loop. It goes on as long as one of
    them waits; if it fails, each gets an error of its own. `skew` is how far the vendor's clock is
    ahead of ours, as its last reply to `fetch` showed.
    """

    def __init__(
        self, fetch: Callable[[], Awaitable[Token]], clock: Clock, *, scheme: str = "Bearer"
    ) -> None:
        self.skew = timedelta()
        self._fetch = fetch
        self._clock = clock
        self._scheme = scheme
        self._held: TokenGrant | None = None
        self._renew_at = 0.0
        self._generations = count(1)
        self._flights: dict[asyncio.AbstractEventLoop, Flight] = {}

    def cached(self) -> TokenGrant | None:
        """Return the token that was fetched, if it does not near its end."""
        fresh = self._held is not None and self._clock.monotonic() < self._renew_at
        return self._held if fresh else None

    async def acquire(self) -> TokenGrant:
        """Return the token at hand, or fetch one if there is none or it nears its end.

        If that fails for now, a token that has not ended yet will do.
        """
        fresh = self.cached()
        if fresh is not None:
            return fresh
        held = self._held
        try:
            return await self.fetch()
        except ConferencingError as error:
            if not (held and self._still_good(held) and error.retryable):
                error.sent = Sent.NO  # of the call that wants the token, nothing was sent
                raise
        self._renew_at = self._clock.monotonic() + BACK_OFF
        return held

    async def refresh(self, refused: Grant) -> bool:
        """Return True: there is a token of another generation by now. Raises if none can be had."""
        if self._held is refused:
            self._held = None
        await self.acquire()
        return True

    async def fetch(self) -> TokenGrant:
        """Return a token that is fetched now, whatever is at hand; who comes meanwhile shares it."""
        outcome = await self._outcome()
        if isinstance(outcome, TokenGrant):
            return outcome
        raise copy(outcome)  # one for each who waits: errors learn where they were raised

    async def _outcome(self) -> TokenGrant | ConferencingError:
        flight = self._flight(asyncio.get_running_loop())
        flight.waiting += 1
        try:
            await asyncio.wait([flight.task])
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                self._land(flight)
        return flight.task.result()

    def _flight(self, loop: asyncio.AbstractEventLoop) -> Flight:
        """Return the flight of this loop; tasks belong to one, and so do those who wait for them."""
        flight = self._flights.get(loop)
        if flight is None or flight.task.done():
            flight = self._flights[loop] = Flight(loop.create_task(self._fly()))
        return flight

    def _land(self, flight: Flight) -> None:
        """Forget a flight that nobody waits for any more, and end it if it is still under way."""
        loop = flight.task.get_loop()
        if self._flights.get(loop) is flight:
            del self._flights[loop]
        flight.task.cancel()

    async def _fly(self) -> TokenGrant | ConferencingError:
        """Fetch a token and keep it. A failure is a value, so that many can be told of it."""
        asked_at = self._clock.monotonic()
        try:
            return self._kept(await self._fetch(), asked_at)
        except ConferencingError as error:
            return error.with_traceback(None)

    def _kept(self, token: Token, asked_at: float) -> TokenGrant:
        if token.told_at is not None:
            self.skew = token.told_at - self._clock.now()
        life = self._life(token)
        self._renew_at = asked_at + life - min(AHEAD, life / 5)
        self._held = TokenGrant(
            token=token.value,
            generation=next(self._generations),
            ends_at=asked_at + life,
            scheme=self._scheme,
        )
        return self._held

    def _life(self, token: Token) -> float:
        """Return the seconds that a token has, for ever if its end makes no sense."""
        if token.expires_at is None:
            return inf
        told_at = token.told_at or self._clock.now()
        life = (token.expires_at - told_at).total_seconds()
        return life if life > 0 else inf

    def _still_good(self, held: TokenGrant) -> bool:
        return self._held is held and self._clock.monotonic() < held.ends_at


def epoch(number: float) -> datetime | None:
    """Read an instant in seconds since 1970, or in milliseconds if it is far too large for that.

    Returns None for what is no instant in either.
    """
    seconds = number / 1000 if abs(number) >= _MILLISECONDS else number
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def server_time(reply: Reply) -> datetime | None:
    """Return what the vendor's clock showed when it replied, or None if it does not tell."""
    try:
        moment = parsedate_to_datetime(reply.headers.get("date", ""))
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

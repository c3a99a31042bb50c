"""The one place that calls a vendor: it signs, paces, sends once, and repeats.

Errors are raised outside of any `except` block, so that no frame with headers hangs on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import TYPE_CHECKING, TypeVar

from attrs import evolve

from conferencing.errors import (
    AuthenticationFailed,
    ConferencingError,
    RateLimited,
    Sent,
    TimedOut,
)

from .exchange import Broken
from .limits import Limiter
from .reply import Reply
from .retry import RetryBudget, final, worth_repeating
from .stores import open_store

if TYPE_CHECKING:
    from conferencing.accounts.context import Context

    from .auth import Auth
    from .failures import ErrorMap
    from .line import Line
    from .request import Outgoing, Request
    from .retry import Policy

__all__ = ["Transport"]

T = TypeVar("T")

logger = logging.getLogger("conferencing.http")


class Transport:
    """Carry the calls of one account over a line, each as often as its effect allows."""

    def __init__(
        self, *, name: str, line: Line, auth: Auth, errors: ErrorMap, policy: Policy,
        context: Context,
    ) -> None:  # fmt: skip
        self._line = line
        self._auth = auth
        self._errors = errors
        self._policy = policy
        self._clock = context.clock
        self._random = context.random
        self._quota = RetryBudget()
        self._store = open_store(context.rate_store, context.clock)
        self._limiter = Limiter(
            f"{name}:{context.account}", context.rate, self._store, context.clock
        )
        self._least = min(1.0, policy.total / 10)  # what begins with less would end in doubt

    async def aclose(self) -> None:
        """Close what is our own; calling it again does nothing."""
        if not self._line.closed:
            await self._line.aclose()
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
        refresh = False
        failed: ConferencingError | None = None
        while True:
            self._line.check()
            # Before its turn: a credential that has to be fetched takes a turn of its own.
            grant = auth.cached()
            if grant is None:
                grant = await self._before(deadline, auth.acquire())
            put_off = self._late(deadline) if self._limiter.idle else await self._turn(deadline)
            if put_off:
                raise final(failed or put_off, request.effect)
            attempts += 1
            started = self._clock.monotonic()
            came = await self._line.exchange(outgoing, grant, deadline - started)
            if logger.isEnabledFor(logging.DEBUG):
                self._log(outgoing, came, started)
            fault: ConferencingError | None
            if isinstance(came, Broken):
                fault = came.error()
            else:
                fault = self._errors.error(came, self._clock.now())
                if fault is None:
                    self._quota.give(paid)
                    return came if attempts == 1 else evolve(came, attempts=attempts)
            failed = _after(failed, fault)
            failed.attempts = attempts
            if isinstance(failed, AuthenticationFailed) and not refresh:
                refresh = await self._before(deadline, auth.refresh(grant))
                if refresh:
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
            return self._late(deadline)
        return RateLimited(
            f"the account's own pace is booked for {wait:.0f} s ahead; nothing was sent",
            sent=Sent.NO,
            retry_after=wait,
            retryable=True,
        )

    def _late(self, deadline: float) -> TimedOut | None:
        if deadline - self._clock.monotonic() >= self._least:
            return None
        return TimedOut(
            "the time for this call ran out before its turn; nothing was sent", sent=Sent.NO
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

    def _log(self, outgoing: Outgoing, came: Reply | Broken, started: float) -> None:
        outcome = came.message if isinstance(came, Broken) else came.status
        spent = self._clock.monotonic() - started
        logger.debug("%s %s: %s (%.3f s)", outgoing.method, outgoing.template, outcome, spent)


def _after(earlier: ConferencingError | None, error: ConferencingError) -> ConferencingError:
    """Return the error, knowing of the attempt before: what it may have done stays possible."""
    if earlier is None or isinstance(earlier, RateLimited) or earlier.sent is Sent.NO:
        return error
    if error.sent is Sent.NO:
        error.sent = Sent.MAYBE
    return error

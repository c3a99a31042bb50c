"""The one place that calls a vendor: authenticate, keep to the rate, send once, perhaps retry."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from conferencing.errors import (
    AuthenticationFailed,
    ConferencingError,
    RateLimited,
    Sent,
    StoreUnavailable,
    TimedOut,
)
from conferencing.sending import current_check
from conferencing.telemetry import CALLS

from .limits import Limiter
from .reply import Reply
from .request import Effect
from .retry import RetryBudget, final_error, may_retry, strongest
from .sender import FailedAttempt, Sender
from .stores import MemoryStore, open_store

if TYPE_CHECKING:
    from conferencing.accounts.context import Context

    from .auth import Auth, Grant
    from .failures import ErrorMap
    from .request import Outgoing, Request
    from .retry import Policy

__all__ = ["Transport"]

T = TypeVar("T")

logger = logging.getLogger("conferencing.http")

NEW: Final = 5.0
"""For how many seconds a token counts as new: a refusal that may be about the token is not."""
STORE_PATIENCE: Final = 5.0
"""How long a call waits for a rate store that is unavailable, in seconds."""

STORE_DELAY: Final = 0.5
"""How long it waits between two tries, in seconds."""


class Call(Struct):
    """One call and what is known of its attempts so far.

    `sent` is the strongest knowledge of all attempts: one that may have reached the vendor is not
    made undone by a later one that did not.
    """

    outgoing: Outgoing
    auth: Auth
    errors: ErrorMap
    deadline: float
    attempts: int = 0
    spent: int = 0
    refreshed: bool = False
    sent: Sent = Sent.NO
    error: ConferencingError | None = None

    @property
    def request(self) -> Request:
        """What the adapter asked for."""
        return self.outgoing.request

    def fail(self, error: ConferencingError) -> ConferencingError:
        """Take note of a failed attempt, and add the state of all attempts to its error."""
        before = self.sent
        self.error = self.complete(error)
        # A 429 or a 401 refuses the request without looking at it: this attempt did nothing.
        refused = isinstance(error, RateLimited | AuthenticationFailed) or self.is_in_doubt(error)
        self.sent = before if refused else error.sent
        return error

    def is_in_doubt(self, error: ConferencingError) -> bool:
        """Return whether a refusal may be about the token, or may not."""
        return not isinstance(error, AuthenticationFailed) and error.status in self.errors.renews

    def complete(self, error: ConferencingError) -> ConferencingError:
        """Add the number of attempts, and whether any may have been received, to an error."""
        error.attempts = max(error.attempts, self.attempts)
        error.sent = strongest(error.sent, self.sent)
        return error

    def final(self, error: ConferencingError) -> ConferencingError:
        """Return the error by which this call ends."""
        return final_error(self.complete(error), self.request.effect)


class Transport:
    """Carry out the calls of one account, retrying as far as each request's effect allows."""

    def __init__(
        self, *, name: str, sender: Sender, auth: Auth, errors: ErrorMap, policy: Policy,
        context: Context, identity: str = "",
    ) -> None:  # fmt: skip
        """`identity` keeps accounts of one name apart where only this process tracks the rate."""
        self._sender = sender
        self.auth = auth
        self._errors = errors
        self._policy = policy
        self._clock = context.clock
        self._random = context.random
        self._budget = RetryBudget()
        self._store = open_store(context.rate_store, context.clock, context.rate_store_fallback)
        key = f"{name}:{context.account}"
        if isinstance(self._store, MemoryStore):
            key += f":{identity}"
        self._limiter = Limiter(key, context.rate, self._store, context.clock)
        # An attempt that begins with less time than this would end in doubt.
        self._shortest = min(1.0, policy.total / 10)

    async def aclose(self) -> None:
        """Close the connections and the rate store; calling it again does nothing."""
        if not self._sender.closed:
            await self._sender.aclose()
            await self._store.aclose()

    async def send(
        self, request: Request, auth: Auth | None = None, errors: ErrorMap | None = None
    ) -> Reply:
        """Return the vendor's successful reply to this request.

        Retries as often and as long as the request's effect and the policy allow. Raises a
        `ConferencingError` otherwise; its `sent` says whether any attempt may have reached the
        vendor. `auth` replaces the account's own credentials, and `errors` the adapter's table.
        """
        deadline = self._clock.monotonic() + self._policy.total
        call = Call(request.encode(), auth or self.auth, errors or self._errors, deadline)
        while True:
            try:
                reply = await self._attempt(call)
                if reply is not None:
                    return reply
                delay = await self._delay(call)
            except ConferencingError as error:
                # Raised before an attempt was sent (no token, no turn, a closed client) or given up:
                # an earlier attempt may have reached the vendor all the same.
                failure = call.final(error.with_traceback(None))
            else:
                await self._clock.sleep(delay)
                continue
            raise failure

    async def _attempt(self, call: Call) -> Reply | None:
        """Send the request once; return the reply, or None after a failure noted in `call`."""
        self._sender.check()
        # The credential comes before the turn: fetching a token takes a turn of its own.
        grant = call.auth.cached()
        if grant is None:
            grant = await self._with_deadline(call, call.auth.acquire(), "no credential came")
        if not self._limiter.idle:  # the usual case, without a rate, makes no coroutine
            await self._wait_for_turn(call)
        check = current_check()
        if check is not None and call.request.effect is not Effect.READ:
            await self._with_deadline(call, check(), "the check before sending did not end")
        self._check_deadline(call)  # the turn may have come late
        call.attempts += 1
        if (calls := CALLS.get()) is not None:
            calls.add_attempt(call.attempts)
        started = self._clock.monotonic()
        outcome = await self._sender.send_once(call.outgoing, grant, call.deadline - started)
        if logger.isEnabledFor(logging.DEBUG):
            self._log(call.outgoing, outcome, self._clock.monotonic() - started)
        error = (
            outcome.error()
            if isinstance(outcome, FailedAttempt)
            else call.errors.error(outcome, self._clock.now())
        )
        if error is None and isinstance(outcome, Reply):
            self._budget.earn(call.spent)
            return outcome if call.attempts == 1 else replace(outcome, attempts=call.attempts)
        assert error is not None  # noqa: S101 - a failed attempt always has one
        call.fail(error)
        if await self._renew_credential(call, grant, error):
            return await self._attempt(call)
        return None

    async def _renew_credential(self, call: Call, grant: Grant, error: ConferencingError) -> bool:
        """Fetch a fresh token, once, after a refusal that is about the token or may be."""
        in_doubt = call.is_in_doubt(error)
        if call.refreshed or not (in_doubt or isinstance(error, AuthenticationFailed)):
            return False
        # A token may have been revoked before its time. A new one that is refused like an old one
        # is good: these credentials may not do it, and a newer token would change nothing.
        refresh = call.auth.refresh(grant, older_than=NEW) if in_doubt else call.auth.refresh(grant)
        call.refreshed = await self._with_deadline(call, refresh, "no fresh credential came")
        return call.refreshed

    async def _delay(self, call: Call) -> float:
        """Return the seconds to wait before the next attempt; raise the error if there is none."""
        error = call.error
        assert error is not None  # noqa: S101 - `_attempt` returned None after a failure
        delay = self._policy.wait(error, call.attempts, self._random)
        if isinstance(error, RateLimited):
            # The limit is the account's: its other calls wait as well, this one retried or not.
            await self._with_deadline(
                call,
                self._limiter.pause(min(delay, self._policy.longest_wait)),
                "the rate store did not answer",
            )
        # A retry that would begin too late to end in time is not worth the wait: fail now.
        late = self._clock.monotonic() + delay > call.deadline - self._shortest
        too_long = (error.retry_after or 0) > self._policy.longest_wait
        exhausted = call.attempts >= self._policy.attempts
        if exhausted or late or too_long or not may_retry(error, call.request.effect):
            raise error
        price = self._budget.spend(error)
        if not price:  # the vendor is down: retries of all calls together would keep it down
            raise error
        call.spent += price
        return delay

    async def _wait_for_turn(self, call: Call) -> None:
        """Wait until the account's rate allows a call. Raises `RateLimited` or `TimedOut`."""
        began = self._clock.monotonic()
        wait = await self._with_deadline(
            call, self._acquire_turn(call), "the rate store did not answer"
        )
        if (calls := CALLS.get()) is not None:
            calls.waited += self._clock.monotonic() - began
        if wait:  # the error of an earlier attempt says more than that of our own rate
            raise call.error or RateLimited(
                f"the account's rate limit is used up for the next {wait:.0f} s;"
                " nothing was sent, try later",
                sent=Sent.NO,
                retry_after=wait,
                retryable=True,
            )

    async def _acquire_turn(self, call: Call) -> float:
        """Reserve a turn; an unavailable store, such as one that restarts, is asked again."""
        ends = min(call.deadline, self._clock.monotonic() + STORE_PATIENCE)
        while True:
            try:
                # A turn in the last moments would be of no use, and would be lost to other calls.
                latest = call.deadline - self._shortest
                return await self._limiter.acquire(latest - self._clock.monotonic())
            except StoreUnavailable:
                if self._clock.monotonic() + STORE_DELAY > ends:
                    raise
            await self._clock.sleep(STORE_DELAY)

    def _check_deadline(self, call: Call) -> None:
        """Raise the last error, or `TimedOut`, if an attempt would begin too late to end in time."""
        if call.deadline - self._clock.monotonic() < self._shortest:
            raise call.error or TimedOut(
                "the deadline of this call passed before its turn; nothing was sent", sent=Sent.NO
            )

    async def _with_deadline(self, call: Call, work: Awaitable[T], problem: str) -> T:
        """Wait for a credential or a store, but no longer than the call may take."""
        # The error is raised outside of `except`, so that no frame with a credential hangs on it.
        try:
            async with asyncio.timeout(max(call.deadline - self._clock.monotonic(), 0.0)):
                return await work
        except TimeoutError:
            pass
        raise TimedOut(f"{problem} in time; nothing was sent", sent=Sent.NO)

    def _log(self, outgoing: Outgoing, outcome: Reply | FailedAttempt, seconds: float) -> None:
        result = outcome.message if isinstance(outcome, FailedAttempt) else outcome.status
        logger.debug("%s %s: %s (%.3f s)", outgoing.method, outgoing.template, result, seconds)

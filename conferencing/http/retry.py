"""Whether a call is retried, and after how long. Pure: clock and randomness are passed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from msgspec import Struct

from conferencing.errors import (
    ConferencingError,
    OutcomeUnknown,
    ProviderUnavailable,
    RateLimited,
    Sent,
    TimedOut,
    TransportError,
)

from .request import Effect

__all__ = ["Policy", "RetryBudget", "final_error", "may_retry", "retry_after", "strongest"]

REPLY_LOST: Final = frozenset({502, 504, 520, 521, 522, 523, 524, 598, 599})
"""Statuses by which a gateway or proxy says that it lost the vendor's reply, or never got one."""


class Policy(Struct, frozen=True, kw_only=True):
    """How patiently a provider's calls are made; all times in seconds.

    Before a retry a call waits a random time up to `base` doubled with each failure, at most `cap`
    (full jitter); `throttled_*` do the same after a 429. A `Retry-After` is respected up to
    `longest_wait`; if the vendor asks for more, the call fails at once. `total` is the deadline of a
    call with all its waits, `attempt` that of one request, `connect` and `read` its idle timeouts.
    """

    attempts: int = 4
    base: float = 0.5
    cap: float = 8.0
    throttled_base: float = 1.0
    throttled_cap: float = 20.0
    floor: float = 0.05
    longest_wait: float = 60.0
    total: float = 60.0
    connect: float = 5.0
    read: float = 15.0
    attempt: float = 30.0

    def wait(self, error: ConferencingError, failures: int, random: Callable[[], float]) -> float:
        """Return the seconds to wait after `failures` failures: at least what the vendor asks for."""
        throttled = isinstance(error, RateLimited)
        base, cap = (
            (self.throttled_base, self.throttled_cap) if throttled else (self.base, self.cap)
        )
        jitter = random()
        if error.retry_after is not None:
            # Never earlier than asked for, and not all waiting calls at the same moment.
            return max(self.floor, error.retry_after * (1 + jitter / 10))
        return max(self.floor, jitter * min(cap, base * 2.0 ** (failures - 1)))


class RetryBudget:
    """Keep retries from amplifying an outage: they spend tokens, and successes earn them.

    Full, it pays for 20 retries in a row; it sustains random failures of up to a third.
    """

    FULL: Final = 100
    RETRY: Final = 5
    RETRY_AFTER_TIMEOUT: Final = 10

    def __init__(self) -> None:
        self.left = self.FULL

    def spend(self, error: ConferencingError) -> int:
        """Pay for a retry after this error; return the price, or 0 if too little is left."""
        price = self.RETRY_AFTER_TIMEOUT if isinstance(error, TimedOut) else self.RETRY
        if price > self.left:
            return 0
        self.left -= price
        return price

    def earn(self, spent: int) -> None:
        """Return what the retries of a call that succeeded had cost, or 1 if there were none."""
        if self.left < self.FULL:
            self.left = min(self.FULL, self.left + (spent or 1))


def may_retry(error: ConferencingError, effect: Effect) -> bool:
    """Return whether the call may be sent again after this error.

    What must not happen twice is sent again only if it surely did not happen: the request never
    left, or the vendor refused it with a 429.
    """
    if not error.retryable or effect in {Effect.NEVER_RETRY, Effect.EXCHANGE}:
        return False
    if isinstance(error, RateLimited) or error.sent is Sent.NO:
        return True
    return effect.repeatable and isinstance(error, TransportError | ProviderUnavailable)


def strongest(earlier: Sent, later: Sent) -> Sent:
    """Return the stronger of two: an attempt that arrived is not undone by one that did not."""
    return max(earlier, later, key=(Sent.NO, Sent.MAYBE, Sent.YES).index)


def final_error(error: ConferencingError, effect: Effect) -> ConferencingError:
    """Return the error to raise for a call that is given up.

    A lost reply to what must not happen twice is `OutcomeUnknown`, also where a key made repeating
    safe: the caller's next call would have another key. No such call is `retryable` once
    it may have reached the vendor, except after a 429, by which the vendor says that it did nothing.
    """
    if error.sent is Sent.NO or isinstance(error, RateLimited):
        return error
    if effect is Effect.EXCHANGE or (effect.repeatable and effect is not Effect.KEYED):
        return error
    if not isinstance(error, TransportError) and error.status not in REPLY_LOST:
        error.retryable = False
        return error
    if isinstance(error, OutcomeUnknown):
        return error
    facts = {name: value for name, value in vars(error).items() if name != "retryable"}
    unknown = OutcomeUnknown(
        f"{error.message}; it is unknown whether it happened, so look before you repeat it"
    )
    vars(unknown).update(facts, sent=error.sent)
    return unknown


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that the vendor asks to wait; None if it asks for none.

    Reads `Retry-After` as a number, an HTTP date or ISO 8601, and in its place `X-RateLimit-Reset`
    as seconds since 1970. Times are compared with the server's own `Date` if it sent one, so that
    clocks may differ.
    """
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        return float(text)
    until = _parse_date(text) or _parse_reset(headers.get("x-ratelimit-reset", "").strip())
    if until is None:
        return None
    return max(0.0, (until - (_parse_date(headers.get("date", "")) or now)).total_seconds())


def _parse_reset(text: str) -> datetime | None:
    """Return a time that was written as seconds since 1970; small numbers are not such a time."""
    return datetime.fromtimestamp(int(text), UTC) if re.fullmatch("[0-9]{10}", text) else None


def _parse_date(text: str) -> datetime | None:
    if text.isdigit():
        return None
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None

"""When a call is made again, and after how long. Pure: no clock and no chance of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from attrs import frozen

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

__all__ = ["Policy", "RetryBudget", "final", "retry_after", "worth_repeating"]

GATEWAY: Final = frozenset({502, 504})
"""Statuses by which a gateway says that it lost the vendor's reply."""


@frozen(kw_only=True)
class Policy:
    """Say how patient a provider's calls are; all times in seconds.

    A repeated call waits a random time up to `base` doubled with each failure, at most `cap`;
    `throttled_*` do the same after a 429. A `Retry-After` counts up to `longest_wait`; if the
    vendor asks for more, the call fails at once. `total` bounds a call with all it waits for,
    `attempt` one request, `connect` and `read` its silent phases.
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
        """Return the seconds to wait after so many failures: at least what the vendor asks for."""
        throttled = isinstance(error, RateLimited)
        base, cap = (
            (self.throttled_base, self.throttled_cap) if throttled else (self.base, self.cap)
        )
        jitter = random()
        if error.retry_after is not None:
            return max(self.floor, error.retry_after * (1 + jitter / 10))
        return max(self.floor, jitter * min(cap, base * 2.0 ** (failures - 1)))


class RetryBudget:
    """Keep an outage from being amplified: repeats cost, and only successes earn.

    Full, it pays for 20 repeats in a row; random failures of up to a third it sustains.
    """

    FULL: Final = 100
    REPEAT: Final = 5
    AFTER_TIMEOUT: Final = 10

    def __init__(self) -> None:
        self.left = self.FULL

    def take(self, error: ConferencingError) -> int:
        """Pay for repeating after this error and return the price, or 0 if there is not enough."""
        price = self.AFTER_TIMEOUT if isinstance(error, TimedOut) else self.REPEAT
        if price > self.left:
            return 0
        self.left -= price
        return price

    def give(self, paid: int) -> None:
        """Return what the repeats of a call that succeeded had cost, or 1 if there were none."""
        if self.left < self.FULL:
            self.left = min(self.FULL, self.left + (paid or 1))


def worth_repeating(error: ConferencingError, effect: Effect) -> bool:
    """Return whether the call may be made again after this error.

    What must not happen twice is repeated only if it surely did not happen: the request never
    left, or the vendor put it off with a 429. What is guarded is not repeated here at all.
    """
    if not error.retryable or effect is Effect.GUARDED:
        return False
    if isinstance(error, RateLimited) or error.sent is Sent.NO:
        return True
    return effect.repeatable and isinstance(error, TransportError | ProviderUnavailable)


def final(error: ConferencingError, effect: Effect) -> ConferencingError:
    """Return the error to raise: a lost reply to what must not happen twice is `OutcomeUnknown`."""
    lost = isinstance(error, TransportError) and error.sent is not Sent.NO
    if effect.repeatable or not (lost or error.status in GATEWAY):
        return error
    facts = {name: value for name, value in vars(error).items() if name != "retryable"}
    unknown = OutcomeUnknown(
        f"{error.message}; nobody knows whether it happened, so look before you repeat it"
    )
    vars(unknown).update(facts, sent=error.sent)
    return unknown


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Read `Retry-After` as seconds, as an HTTP date or as ISO 8601; None if it says nothing.

    Dates are compared with the server's own `Date` if it sent one, so that clocks may differ.
    """
    text = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        return float(text)
    until = _date(text)
    if until is None:
        return None
    return max(0.0, (until - (_date(headers.get("date", "")) or now)).total_seconds())


def _date(text: str) -> datetime | None:
    if text.isdigit():
        return None
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None

"""Rate limits and their headers: docs/vendors/zoom.md#limits

The limits of a day are enforced by the quirk `daily_limits`, those of a second by `rate_limits`. A
world's clock stands still unless it is advanced, so the latter is off by default.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from attrs import field, frozen

from conferencing.sandbox.kit import Problem, Refusal

from .formats import instant
from .state import ZoomState

__all__ = [
    "LimitReached",
    "check_day",
    "count_room_write",
    "count_second",
    "rate_headers",
    "tomorrow",
]

A_DAY: Final = 100
REGISTRATIONS: Final = 3
STATUSES: Final = 10
A_SECOND: Final = {
    "free": {"Light": 4, "Medium": 2, "Heavy": 1},
    "pro": {"Light": 30, "Medium": 20, "Heavy": 10},
    "business": {"Light": 80, "Medium": 60, "Heavy": 40},
}
HEAVY_A_DAY: Final = {"free": 1000, "pro": 30_000, "business": 60_000}
RESUME: Final = "at GMT 00:00:00."


class LimitReached(Refusal):
    """A 429 with its headers."""

    def __init__(self, message: str, headers: Mapping[str, str], code: int = 429) -> None:
        super().__init__(429, Problem(message, code=str(code)))
        self.headers = headers


@frozen(kw_only=True)
class Usage:
    """How much of a bucket is left after a call."""

    category: str
    kind: str
    limit: int
    remaining: int
    extra: Mapping[str, str] = field(factory=dict[str, str])

    def headers(self) -> dict[str, str]:
        """Return the headers; docs/vendors/zoom.md#limits"""
        return {
            "X-RateLimit-Category": self.category,
            "X-RateLimit-Type": self.kind,
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            **self.extra,
        }


def tomorrow(now: datetime) -> datetime:
    """Return the next midnight of UTC, when the limits of a day start anew."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def rate_headers(simulator: ZoomState, label: str) -> dict[str, str]:
    """Return the headers of a reply that was not refused."""
    limit = A_SECOND[simulator.plan][label]
    used = simulator.counts[_second(simulator, label)]
    remaining = max(limit - used, 0)
    return Usage(category=label, kind="QPS", limit=limit, remaining=remaining).headers()


def count_second(simulator: ZoomState, label: str) -> None:
    """Count a call in the bucket of its label. Raises `LimitReached`."""
    key = _second(simulator, label)
    simulator.counts[key] += 1
    limit = A_SECOND[simulator.plan][label]
    if not simulator.quirks["rate_limits"]:
        return
    if simulator.counts[key] > limit:
        reset = int(simulator.world.now.timestamp()) + 1
        extra = {"X-RateLimit-Reset": str(reset)}
        usage = Usage(category=label, kind="QPS", limit=limit, remaining=0, extra=extra)
        message = (
            "You have reached the maximum per-second rate limit for this API. Try again later."
        )
        raise LimitReached(message, usage.headers())
    if label == "Heavy":
        text = "You have reached the maximum daily rate limit for this API."
        _count_day(simulator, label, ("heavy",), text, HEAVY_A_DAY[simulator.plan])


def count_room_write(simulator: ZoomState, host_id: str) -> None:
    """Count the creation or update of a room of a host: 100 a day, both kinds together."""
    text = (
        f"You have exceeded the daily rate limit ({A_DAY}) of Meeting Create/Update API requests"
        f" permitted for this particular user. You may resume these requests {RESUME}"
    )
    _count_day(simulator, "Light", ("write", host_id), text, A_DAY)


def check_day(simulator: ZoomState, what: str, number: str, email: str) -> None:
    """Count an addition (3 a day) or a change of status (10) of a registrant of a room."""
    limit = REGISTRATIONS if what.startswith("Add") else STATUSES
    text = (
        f"You have exceeded the daily rate limit of ({limit}) for {what} API requests for the"
        f" registrant ({email}). You can resume these API requests {RESUME}"
    )
    _count_day(simulator, "Light", (what, number, email.lower()), text, limit)


def _count_day(
    simulator: ZoomState, label: str, key: tuple[str, ...], message: str, limit: int
) -> None:
    now = simulator.world.now
    counted = (*key, f"{now:%Y-%m-%d}")
    simulator.counts[counted] += 1
    if not simulator.quirks["daily_limits"] or simulator.counts[counted] <= limit:
        return
    if simulator.quirks["bare_429"]:
        # Seen in 2020: the bucket of the account, no type, no time: docs/vendors/zoom.md#limits
        bucket = {"X-RateLimit-Category": label, "X-RateLimit-Limit": "80"}
        raise LimitReached(message, bucket)
    extra = {"Retry-After": instant(tomorrow(now))}
    usage = Usage(category=label, kind="Daily-limit", limit=limit, remaining=0, extra=extra)
    raise LimitReached(message, usage.headers())


def _second(simulator: ZoomState, label: str) -> tuple[str, ...]:
    return (label, str(int(simulator.world.now.timestamp())))

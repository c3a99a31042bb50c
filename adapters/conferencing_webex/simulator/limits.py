"""Limits of creations: 100 in 24 hours, failed ones included: docs/vendors/webex.md#limits"""

from __future__ import annotations

from typing import Final

from conferencing.sandbox.kit import Refusal
from conferencing.sandbox.simulator import Answer
from conferencing.world import User

from .state import WebexState

__all__ = ["LimitReached", "count_creation", "write_limit"]

CREATIONS: Final = 100
WAIT: Final = "3600"


class LimitReached(Refusal):
    """A limit of calls that is reached."""

    def __init__(self) -> None:
        super().__init__(429, "Too many requests have been sent in a given amount of time.")

    headers: Final = {"Retry-After": WAIT}


def count_creation(simulator: WebexState, host: User) -> None:
    """Count the creation of a meeting; by the date in UTC instead of 24 hours, which is a guess."""
    key = (host.id, f"{simulator.world.now:%Y-%m-%d}")
    simulator.counts[key] += 1
    if simulator.quirks["daily_limits"] and simulator.counts[key] > CREATIONS:
        raise LimitReached


def write_limit(*, as_html: bool) -> Answer:
    """Return the body of a 429 as the official sample has it."""
    text = "<html><head><title>429 Too Many Requests</title></head></html>"
    return Answer.html(text, 429) if as_html else Answer.json({"message": "Too Many Requests"}, 429)

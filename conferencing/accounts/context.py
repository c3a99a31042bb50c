"""What the core hands every provider beside its own settings: the account, its limits, the clock."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from random import SystemRandom
from typing import TYPE_CHECKING, Final, Protocol

from attrs import field, frozen

from conferencing.errors import ConfigurationError
from conferencing.model.secret import Secret

if TYPE_CHECKING:
    import aiohttp

__all__ = ["Clock", "Context", "Rate", "SystemClock"]

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Clock(Protocol):
    """Tell and pass the time. Tests bring one that waits for nothing."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        ...

    def now(self) -> datetime:
        """Return the present instant, aware."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""
        ...


class SystemClock:
    """Be the clock of this machine."""

    monotonic = staticmethod(time.monotonic)

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""
        await asyncio.sleep(seconds)


@frozen
class Rate:
    """Allow `count` calls in `seconds`, evenly paced."""

    count: int
    seconds: float = 1.0

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Read `5/s`, `100/m`, `10/2s`, `1000/h` or `20000/d`."""
        found = re.fullmatch(
            r"\s*([1-9]\d{0,8})\s*/\s*(\d{1,9}(?:\.\d{1,9})?)?\s*([smhd])\s*", text, re.ASCII
        )
        seconds = float(found[2] or 1) * _SECONDS[found[3]] if found else 0
        if not found or not seconds:
            raise ConfigurationError(f"rate is {text!r}; it must be like '5/s', '100/m' or '10/2s'")
        return cls(int(found[1]), seconds)

    @property
    def interval(self) -> float:
        """The seconds between two calls."""
        return self.seconds / self.count


@frozen(kw_only=True)
class AccountKeys:
    """Hold the keys of an account that are the core's own, whatever the provider.

    `timeout` bounds one call with all its retries and waits, in seconds; `retries` is how often
    a call may be repeated at most. None: the adapter's own policy holds. `rate_store` says where
    the pace is kept when several processes share it: `sqlite:<file>` or a `redis://` address.
    `rate_store_fallback = "local"` goes on with this process's own pace while that store cannot be
    used. `unverified` allows operations that no document of the vendor describes.
    """

    rate: Rate | None = None
    rate_store: Secret | None = None
    rate_store_fallback: str | None = None
    timeout: float | None = None
    retries: int | None = None
    proxy: Secret | None = None
    unverified: bool = False


@frozen(kw_only=True)
class Context(AccountKeys):
    """Hold what the core hands every provider: the account's own keys, and what was injected.

    `session` is borrowed: it is used and never closed. `app` goes in front of the User-Agent.
    """

    account: str = "unnamed"
    session: aiohttp.ClientSession | None = field(default=None, repr=False)
    clock: Clock = field(factory=SystemClock, repr=False)
    random: Callable[[], float] = field(factory=lambda: SystemRandom().random, repr=False)
    app: str | None = None

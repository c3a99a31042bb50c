"""What every provider gets besides its own settings: the account, its limits, the clock."""

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
    """The source of time. Tests pass a clock that does not wait."""

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        ...

    def now(self) -> datetime:
        """Return the present time as an aware datetime."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Sleep for `seconds`."""
        ...


class SystemClock:
    """The system clock."""

    monotonic = staticmethod(time.monotonic)

    def now(self) -> datetime:
        """Return the present time in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Sleep for `seconds`."""
        await asyncio.sleep(seconds)


@frozen
class Rate:
    """A limit of `count` calls in `seconds`, evenly spaced."""

    count: int
    seconds: float = 1.0

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Parse `5/s`, `100/m`, `10/2s`, `1000/h` or `20000/d`. Raises `ConfigurationError`."""
        match = re.fullmatch(
            r"\s*([1-9]\d{0,8})\s*/\s*(\d{1,9}(?:\.\d{1,9})?)?\s*([smhd])\s*", text, re.ASCII
        )
        seconds = float(match[2] or 1) * _SECONDS[match[3]] if match else 0
        if not match or not seconds:
            # The text is not repeated: it may be a credential under the wrong key.
            raise ConfigurationError("rate must be like '5/s', '100/m' or '10/2s'", field="rate")
        return cls(int(match[1]), seconds)

    @property
    def interval(self) -> float:
        """The seconds between two calls."""
        return self.seconds / self.count


def _check_fallback(value: str | None) -> str | None:
    if value in {None, "local"}:
        return value
    # The text is not repeated: it may be a credential under the wrong key.
    raise ConfigurationError("rate_store_fallback may only be 'local'", field="rate_store_fallback")


@frozen(kw_only=True)
class AccountKeys:
    """The keys that an account of any provider can have.

    `timeout` bounds one call with all its retries and waits, in seconds; `retries` is how often
    a call may be repeated at most. None: the adapter's own policy holds. `rate_store` says where
    the rate is tracked when several processes share it: `sqlite:<file>`, a `redis://` or a
    `postgresql://` address. `rate_store_fallback = "local"` goes on with this process's own rate
    while that store cannot be used. `token_store` says where a refresh token is kept that the
    vendor replaces at each use: `file:<path>`, a `redis://` address, or `memory`. `room_store` says
    where rooms are kept whose vendor keeps none: `sqlite:<file>`, a `redis://` address, or
    `memory`. `unverified` allows operations that no document of the vendor describes.
    """

    rate: Rate | None = None
    rate_store: Secret | None = None
    rate_store_fallback: str | None = field(default=None, converter=_check_fallback)
    token_store: Secret | None = None
    room_store: Secret | None = None
    timeout: float | None = None
    retries: int | None = None
    proxy: Secret | None = None
    unverified: bool = False


@frozen(kw_only=True)
class Context(AccountKeys):
    """What every provider gets besides its own settings: the account's keys and injected objects.

    `session` is borrowed: it is used and never closed. `app` goes in front of the User-Agent.
    """

    account: str = "unnamed"
    session: aiohttp.ClientSession | None = field(default=None, repr=False)
    clock: Clock = field(factory=SystemClock, repr=False)
    random: Callable[[], float] = field(factory=lambda: SystemRandom().random, repr=False)
    app: str | None = None

"""A check of the caller's that is made right before each request that changes something.

A call may wait for long between the caller and the wire: for a token, for the account's rate,
before a retry. Whoever may send only as long as something holds, such as a lease, checks it here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["check_before_sending", "current_check"]

_CHECK: ContextVar[Callable[[], Awaitable[None]] | None] = ContextVar("check", default=None)


@contextmanager
def check_before_sending(check: Callable[[], Awaitable[None]]) -> Generator[None]:
    """Have `check` called before each request of the calls made inside, other than reads.

    It is called when the request's turn has come. What it raises, a `ConferencingError`, ends the
    call, and the request is not sent.
    """
    token = _CHECK.set(check)
    try:
        yield
    finally:
        _CHECK.reset(token)


def current_check() -> Callable[[], Awaitable[None]] | None:
    """Return the check that the caller has set, if any."""
    return _CHECK.get()

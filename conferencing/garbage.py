"""Work on many values without pauses for garbage collection."""

from __future__ import annotations

import gc

TYPE_CHECKING = False  # importing `typing` would cost more than all the rest
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    P = ParamSpec("P")
    T = TypeVar("T")

__all__ = ["uncollected"]


def uncollected(work: Callable[P, T]) -> Callable[P, T]:
    """Return the function, with the collector at rest while it works.

    It is for work that makes many values of which none is garbage before the end, such as a long
    page or a module. They are enough to make the collector walk through the whole program several
    times, which costs more than the work, and the more so the more there are.
    """

    def working(*given: P.args, **named: P.kwargs) -> T:
        if not gc.isenabled():
            return work(*given, **named)
        gc.disable()
        try:
            return work(*given, **named)
        finally:
            gc.enable()

    working.__doc__, working.__name__ = work.__doc__, work.__name__
    working.__module__, working.__qualname__ = work.__module__, work.__qualname__
    working.__annotations__ = work.__annotations__
    working.__dict__["__wrapped__"] = work  # so that its signature is told
    return working

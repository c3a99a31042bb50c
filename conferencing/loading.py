"""Making much that stays, without pauses for garbage collection."""

from __future__ import annotations

import gc
from importlib import import_module

TYPE_CHECKING = False  # importing `typing` would cost more than all the rest
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import TypeVar

    T = TypeVar("T")

__all__ = ["loaded", "uncollected"]


def uncollected(work: Callable[[], T]) -> T:
    """Return what a function makes, with the collector off meanwhile.

    What a long page or a module consists of is no garbage, but it is enough to make the collector
    walk through the whole program time and again: a tenth of all it takes to start, and more than
    all it takes to read a page.
    """
    if not gc.isenabled():
        return work()
    gc.disable()
    try:
        return work()
    finally:
        gc.enable()


def loaded(module: str) -> ModuleType:
    """Import a module and return it."""
    return uncollected(lambda: import_module(module))

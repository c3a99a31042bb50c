"""Packages whose names are loaded at first use (PEP 562)."""

from __future__ import annotations

import gc
from importlib import import_module

TYPE_CHECKING = False  # importing `typing` would take longer than all the rest
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType
    from typing import Any

__all__ = ["import_quickly", "lazy_names"]


def lazy_names(
    package: str, *modules: str, submodules: tuple[str, ...] = ()
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` for a package whose names come from its modules.

    Each name comes from the first module that exports it.

    `modules` are names below the package, or absolute ones. A module exports the names in its
    `__all__`, so that each public name is listed once, in the module that defines it. The
    package's own `__all__` consists of these, and of its public `submodules`.
    """

    def find_name(name: str) -> Any:
        if name == "__all__":
            names = [name for home in map(load, modules) for name in home.__all__]
            return sorted([*names, *submodules])
        if name in submodules:
            return load(name)
        if not name.startswith("__") or name == "__version__":
            for home in map(load, modules):
                if name in home.__all__:
                    value = getattr(home, name)
                    setattr(import_module(package), name, value)
                    return value
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    def load(module: str) -> ModuleType:
        return import_quickly(
            module if module.startswith("conferencing.") else f"{package}.{module}"
        )

    def list_names() -> list[str]:
        own = vars(import_module(package))
        return sorted({*find_name("__all__"), *(name for name in own if name.startswith("__"))})

    return find_name, list_names


def import_quickly(module: str) -> ModuleType:
    """Import a module with the garbage collector paused, which saves about 10 % of start-up.

    An import creates many objects and no garbage, and each collection traverses all of them.
    """
    paused = gc.isenabled()
    gc.disable()
    try:
        return import_module(module)
    finally:
        if paused:
            gc.enable()

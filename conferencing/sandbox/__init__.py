"""Local stand-ins of the vendors: for the first minute, for our tests, and for yours.

    async with Sandbox(["clickmeeting"]) as sandbox:
        async with conferencing.connect(sandbox.account("clickmeeting")) as conference: ...

Nothing is loaded until a name is touched.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .faults import Fault, FaultKind
    from .server import Sandbox, Seen, Stand
    from .simulator import Answer, Call, Door, Router, Simulator, Way
    from .world import Mail, Visit, World

__all__ = [
    "Answer",
    "Call",
    "Door",
    "Fault",
    "FaultKind",
    "Mail",
    "Router",
    "Sandbox",
    "Seen",
    "Simulator",
    "Stand",
    "Visit",
    "Way",
    "World",
]

_HOME = {
    "faults": "Fault FaultKind",
    "server": "Sandbox Seen Stand",
    "simulator": "Answer Call Door Router Simulator Way",
    "world": "Mail Visit World",
}
_MODULE = {name: module for module, names in _HOME.items() for name in names.split()}


if not TYPE_CHECKING:  # a checker that saw it would take any name for right

    def __getattr__(name: str) -> Any:
        if name not in _MODULE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)

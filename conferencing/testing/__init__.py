"""What proves an adapter right, and what plays a bad network; ships in the wheel.

    from conferencing.testing import ProviderSuite

    class TestAcme(ProviderSuite):
        provider = "acme"

That is a third party's whole test file: see `ProviderSuite`. Nothing is loaded until a name is
touched, and pytest only by what runs in it.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .clock import StillClock
    from .proxy import FaultProxy, Weather
    from .served import ServedSandbox
    from .server import FaultServer
    from .suite import Case, ProviderSuite, cases

__all__ = [
    "Case",
    "FaultProxy",
    "FaultServer",
    "ProviderSuite",
    "ServedSandbox",
    "StillClock",
    "Weather",
    "cases",
]

_HOME = {
    "clock": "StillClock",
    "proxy": "FaultProxy Weather",
    "served": "ServedSandbox",
    "server": "FaultServer",
    "suite": "Case ProviderSuite cases",
}
_MODULE = {name: module for module, names in _HOME.items() for name in names.split()}


if not TYPE_CHECKING:  # a checker that saw it would take any name for right

    def __getattr__(name: str) -> Any:
        if name not in _MODULE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)

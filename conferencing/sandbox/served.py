"""A simulator while it is served: the requests that it received, and the faults to come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve, field, frozen

from .faults import Fault
from .simulator import Simulator

__all__ = ["RecordedRequest", "ServedSimulator"]


@frozen(kw_only=True)
class RecordedRequest:
    """A request that reached a simulator, byte by byte. `fault` is what was done to it."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    fault: str | None = None

    @property
    def path(self) -> str:
        """The path without the query."""
        return self.target.partition("?")[0]


class ServedSimulator:
    """A served simulator with its recorded requests and its queue of faults."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.requests: list[RecordedRequest] = []
        self.faults: list[Fault] = []

    def reset(self) -> None:
        """Reset the simulator, and clear the requests and the faults."""
        self.simulator.reset()
        self.requests.clear()
        self.faults.clear()

    def fail(self, kind: str, **details: Any) -> None:
        """Queue a fault for the next calls; see `Fault` for the details."""
        self.faults.append(Fault.read({"kind": kind, **details}))

    def next_fault(self, path: str) -> Fault | None:
        """Return the fault for a call to this path, and count it; None if there is none."""
        for place, fault in enumerate(self.faults):
            if fault.match in path:
                left = fault.times - 1
                self.faults[place : place + 1] = [evolve(fault, times=left)] if left > 0 else []
                return fault
        return None

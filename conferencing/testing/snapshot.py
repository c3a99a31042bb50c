"""A copy of what a simulator keeps, so that a world is set up once for many calls."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from conferencing.sandbox.simulator import Simulator

__all__ = ["Snapshot"]


class Snapshot:
    """What a simulator keeps now. The simulator must be `copyable`."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._attributes = self._copy(vars(simulator))

    def restore(self) -> None:
        """Bring the simulator back to the state in which the snapshot was made."""
        attributes = vars(self._simulator)
        attributes.clear()
        attributes.update(self._copy(self._attributes))

    def _copy(self, attributes: dict[str, Any]) -> dict[str, Any]:
        # What refers to the simulator, such as a method of it, refers to the same one afterwards.
        return deepcopy(attributes, {id(self._simulator): self._simulator})

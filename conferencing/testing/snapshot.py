"""A copy of what a simulator keeps, so that a world is set up once for many calls."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta, tzinfo
from random import Random
from typing import Any, Final

from conferencing.sandbox.simulator import Simulator

__all__ = ["Snapshot"]

IMMUTABLE: Final = (date, timedelta, tzinfo)
"""Values of these types need no copy, and `deepcopy` would take its time to make one."""


class Snapshot:
    """What a simulator keeps now. The simulator must be `copyable`."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        # What refers to the simulator, such as a method of it, refers to the same one afterwards.
        memo: dict[int, Any] = {id(simulator): simulator}
        self._attributes = deepcopy(vars(simulator), memo)
        copies = list(memo.values())
        self._immutable = [value for value in copies if isinstance(value, IMMUTABLE)]
        self._randoms = [value for value in copies if isinstance(value, Random)]

    def restore(self) -> None:
        """Bring the simulator back to the state in which the snapshot was made."""
        memo: dict[int, Any] = {id(value): value for value in (self._simulator, *self._immutable)}
        memo |= {id(random): _copy_random(random) for random in self._randoms}
        attributes = vars(self._simulator)
        attributes.clear()
        attributes.update(deepcopy(self._attributes, memo))


def _copy_random(random: Random) -> Random:
    """Return a generator with the same state; `deepcopy` copies each of its 625 numbers."""
    copy = Random()  # noqa: S311 - the worlds of simulators are repeatable
    copy.setstate(random.getstate())
    return copy

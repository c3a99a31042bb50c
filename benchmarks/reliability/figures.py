"""What a script here gives back: figures with their goals, and how they are told."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from attrs import field, frozen

__all__ = ["Figure", "alone", "plural"]


@frozen(kw_only=True)
class Figure:
    """One figure: what was measured, how much came of it, and whether the goal is met.

    `faults` are the first of what is wrong, in words.
    """

    what: str
    found: str
    goal: str
    met: bool
    faults: Sequence[str] = field(default=(), converter=tuple[str, ...])

    def __str__(self) -> str:
        shown = "".join(f"\n    {fault}" for fault in self.faults[:10])
        return f"{self.what}: {self.found} ({'' if self.met else 'NOT MET: '}{self.goal}){shown}"


Measure = Callable[[float], Iterable[Figure]]


def alone(measure: Measure) -> None:
    """Run one script by itself: tell its figures, and end with 1 if a goal is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=1.0, help="0.1: a tenth of everything")
    missed = False
    for figure in measure(parser.parse_args().scale):
        print(figure, flush=True)
        missed |= not figure.met
    sys.exit(missed)


def plural(count: int, one: str, many: str = "") -> str:
    """Return a number with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


FAULTS = Path(__file__).parents[2] / "tests" / "faults"
"""Where the parts are that the tests use as well."""

"""What a script here gives back: what each side cost, and ratios with their goals."""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence

from attrs import field, frozen

__all__ = ["Goal", "Result", "alone", "ratio"]


def ratio(costs: Mapping[str, Sequence[float]], ours: str, theirs: str) -> float:
    """Return what one side costs beside another: the median of the rounds' ratios."""
    return statistics.median(a / b for a, b in zip(costs[ours], costs[theirs], strict=True))


@frozen
class Goal:
    """A figure and what it should be at most, or with `at_least`, at least."""

    what: str
    found: float
    limit: float
    unit: str = "×"
    at_least: bool = field(default=False, kw_only=True)

    @property
    def met(self) -> bool:
        return self.found >= self.limit if self.at_least else self.found <= self.limit

    def __str__(self) -> str:
        wanted = f"{'at least' if self.at_least else 'at most'} {self.limit:g} {self.unit}"
        return (
            f"{self.what}: {self.found:.3g} {self.unit} ({wanted}{'' if self.met else ', not met'})"
        )


@frozen(kw_only=True)
class Result:
    """One table: the cost of each side in each round, and the goals that are read from it."""

    title: str
    unit: str
    costs: Mapping[str, Sequence[float]]
    goals: Sequence[Goal] = ()
    note: str = ""

    @property
    def medians(self) -> dict[str, float]:
        return {name: statistics.median(rounds) for name, rounds in self.costs.items()}

    def __str__(self) -> str:
        wide = max(map(len, self.costs), default=0)
        lines = [
            f"  {name:<{wide}}  {cost:12,.2f} {self.unit}" for name, cost in self.medians.items()
        ]
        return "\n".join([self.title, *lines, *(f"  {goal}" for goal in self.goals)])


Measure = Callable[[float], Iterable[Result]]


def alone(measure: Measure) -> None:
    """Run one script by itself: print its tables, and end with 1 if a goal is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=1.0, help="0.1: a tenth of the rounds")
    missed = False
    for result in measure(parser.parse_args().scale):
        print(result, flush=True)
        missed |= not all(goal.met for goal in result.goals)
    sys.exit(missed)

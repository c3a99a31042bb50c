"""One figure of a benchmark with its goal: a line on the terminal and a row of the page."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from attrs import field, frozen

__all__ = ["Result", "ratio", "zero_violations"]


@frozen(kw_only=True)
class Result:
    """What was measured, the figure, the goal, and whether the figure meets it.

    `violations` are described in words; the terminal shows the first ten.
    """

    what: str
    figure: str
    goal: str
    met: bool
    violations: Sequence[str] = field(default=(), converter=tuple[str, ...])

    def __str__(self) -> str:
        shown = "".join(f"\n    {violation}" for violation in self.violations[:10])
        return f"{self.what}: {self.figure} ({'' if self.met else 'NOT MET: '}{self.goal}){shown}"


def ratio(what: str, costs: Mapping[str, Sequence[float]], unit: str, *, at_most: float) -> Result:
    """Compare the first side with the second by the median of the rounds' ratios."""
    subject, peer = costs
    pairs = zip(costs[subject], costs[peer], strict=True)
    measured = statistics.median(cost / other for cost, other in pairs)
    medians = [statistics.median(costs[side]) for side in (subject, peer)]
    return Result(
        what=f"{what}: {subject} compared with {peer}",
        figure=f"{measured:.2f} × ({medians[0]:,.1f} {unit}, compared with {medians[1]:,.1f})",
        goal=f"at most {at_most:g} ×",
        met=measured <= at_most,
    )


def zero_violations(what: str, figure: str, goal: str, violations: Sequence[str]) -> Result:
    """Return a result that is met if nothing was violated."""
    counted = f"{figure}; {len(violations):,} violations"
    return Result(what=what, figure=counted, goal=goal, met=not violations, violations=violations)

"""Refusing a request: one exception for every vendor, however its error body looks."""

from __future__ import annotations

from attrs import frozen

__all__ = ["Problem", "Refusal"]


@frozen
class Problem:
    """One thing that is wrong with a request.

    `field` is the path of the parameter (`settings.skin`, `people[2].role`), empty if it is about
    the request as a whole. `code` names the kind of fault: `required`, `unknown`, `invalid`, or one
    of the vendor's own.
    """

    message: str = ""
    field: str = ""
    code: str = "invalid"

    def __str__(self) -> str:
        return f"{self.field} {self.message}".strip()


class Refusal(Exception):
    """Refuse a request with an HTTP status; `Simulator.refuse` writes it as the vendor does."""

    def __init__(self, status: int, *problems: Problem | str) -> None:
        super().__init__(status, *problems)
        self.status = status
        self.problems = tuple(
            Problem(problem) if isinstance(problem, str) else problem for problem in problems
        )

    def __str__(self) -> str:
        return f"refused with {self.status}: {self.message}"

    @property
    def message(self) -> str:
        """All problems in one line, for vendors whose error body has a single text."""
        return "; ".join(map(str, self.problems))

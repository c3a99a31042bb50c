"""A problem as the person in the browser reads it."""

from __future__ import annotations

__all__ = ["Problem"]


class Problem(Exception):
    """Show a text to the person with an HTTP status. `field` names the input that is wrong."""

    def __init__(self, status: int, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.field = field

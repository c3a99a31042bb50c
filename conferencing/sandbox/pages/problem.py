"""What did not work, said to a person."""

from __future__ import annotations

__all__ = ["Problem"]


class Problem(Exception):
    """Say to a person what did not work; `field` is the input that is at fault."""

    def __init__(self, status: int, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.field = field

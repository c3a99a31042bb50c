"""Lists of people as people and services write them, and what is to be read of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

__all__ = ["ANN", "BO", "BOTH", "ZOE", "PersonRow", "RealList", "lines"]

PersonRow = tuple[str, str | None, str | None]
"""Address, first name and last name."""

ANN: PersonRow = ("ann@example.com", "Ann", "Lee")
BO: PersonRow = ("bo@example.com", "Bo", "Li")
ZOE: PersonRow = ("zoe@example.com", "Zoë", "Łoś")
BOTH = (ANN, BO)


@frozen(kw_only=True)
class RealList:
    """A list with what is expected of it: people and bad rows, or the refusal of the whole file.

    `content` is the text, the bytes, or a function that writes the file. `bad` has a pattern of the
    problem for each line. `refused` is a pattern of the message.
    """

    content: str | bytes | Callable[[Path], None]
    name: str = "people.csv"
    options: Mapping[str, Any] = field(factory=dict[str, Any])
    people: tuple[PersonRow, ...] = ()
    bad: Mapping[int, str] = field(factory=dict[int, str])
    ignored: tuple[str, ...] | None = None
    sheet: str | None = None
    refused: str | None = None

    def write(self, folder: Path) -> Path:
        """Write the list into a folder and return its path."""
        path = folder / self.name
        if callable(self.content):
            self.content(path)
        else:
            content = self.content
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path


def lines(*texts: str, end: str = "\r\n") -> str:
    """Return lines of a file."""
    return "".join(f"{text}{end}" for text in texts)

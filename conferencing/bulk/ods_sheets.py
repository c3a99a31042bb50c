"""The hidden rows of a sheet in an OpenDocument workbook (.ods), which calamine does not report."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Final
from xml.etree import ElementTree as ET
from zipfile import ZipFile

from .sheets import DAMAGES, Marks

__all__ = ["read_ods_marks"]

_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_HIDDEN: Final = frozenset({"collapse", "filter"})


def read_ods_marks(path: Path, sheet: str) -> Marks:
    """Return the marks of a sheet: its hidden rows only. Raises `ValueError` for a damaged file."""
    try:
        with ZipFile(path) as archive, archive.open("content.xml") as file:
            return Marks(hidden=frozenset(_find_hidden(file, sheet)))
    except DAMAGES as error:
        raise ValueError(f"it is damaged: {error}") from error


def _find_hidden(file: IO[bytes], sheet: str) -> set[int]:
    hidden: set[int] = set()
    name, line = None, 0
    for event, element in ET.iterparse(file, ("start", "end")):  # noqa: S314 - expat limits expansion
        if event == "start" and element.tag == f"{_TABLE}table":
            name, line = element.get(f"{_TABLE}name"), 0
        elif event == "end" and element.tag == f"{_TABLE}table-row":
            count = int(element.get(f"{_TABLE}number-rows-repeated", 1))
            # The empty rows below a filtered list are one element that counts a million of them.
            if name == sheet and _is_hidden(element) and any(element.itertext()):
                hidden.update(range(line + 1, line + count + 1))
            line += count
            element.clear()
    return hidden


def _is_hidden(row: ET.Element) -> bool:
    return row.get(f"{_TABLE}visibility") in _HIDDEN

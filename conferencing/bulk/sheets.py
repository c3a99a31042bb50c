"""What calamine does not report about the sheets of a workbook (.xlsx, .xlsm), from their XML.

Rows that are hidden, cells whose formula has no saved value or an error, and the extent of a sheet:
calamine reserves memory for all cells up to the last one, and ends the process if there is none.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from posixpath import join, normpath
from typing import IO, Final
from xml.etree import ElementTree as ET
from zipfile import BadZipFile, ZipFile

from attrs import define, field, frozen

__all__ = ["DAMAGES", "Marks", "read_marks"]

_ID: Final = re.compile(r"\{.*/relationships\}id")
DAMAGES: Final = (
    BadZipFile, EOFError, ET.ParseError, LookupError, NotImplementedError, OSError, RuntimeError,
    ValueError, struct.error, zlib.error,
)  # fmt: skip
_CELL: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")


@frozen(kw_only=True)
class Marks:
    """What is special in a sheet. Rows count from 1, columns from 0."""

    hidden: frozenset[int] = frozenset()
    faults: Mapping[int, Mapping[int, str]] = field(factory=dict[int, Mapping[int, str]])
    cells: int = 0
    """How many cells the rectangle has that holds all of them."""


def read_marks(path: Path, sheet: str) -> Marks:
    """Return the marks of a sheet. Raises `ValueError` for a damaged workbook.

    A workbook that this cannot read must not be given to calamine, whatever it might read of it.
    """
    try:
        with ZipFile(path) as archive, archive.open(_find_part(archive, sheet)) as file:
            return _read(file)
    except DAMAGES as error:
        raise ValueError(f"it is damaged: {error}") from error


def _find_part(archive: ZipFile, sheet: str) -> str:
    """Return the archive's member that holds a sheet. Raises `LookupError`."""
    book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - expat limits expansion
    names = {
        element.get("name"): next(
            (value for key, value in element.attrib.items() if _ID.fullmatch(key)), None
        )
        for element in book.iter()
        if _local_name(element) == "sheet"
    }
    relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {element.get("Id"): element.get("Target") for element in relations.iter()}
    target = targets[names[sheet]]
    if target is None:
        raise LookupError(sheet)
    return normpath(join("/xl", target)).lstrip("/")


def _read(file: IO[bytes]) -> Marks:
    hidden: set[int] = set()
    faults: dict[int, dict[int, str]] = {}
    area = _Area()
    line, column = 0, -1
    for event, element in ET.iterparse(file, ("start", "end")):  # noqa: S314 - expat limits expansion
        name = _local_name(element)
        if name == "row" and event == "start":
            line, column = int(element.get("r", line + 1)), -1
            if element.get("hidden") in {"1", "true"}:
                hidden.add(line)
        elif name == "row":
            element.clear()
        elif name == "c" and event == "end":
            place = element.get("r")
            line, column = (line, column + 1) if place is None else _parse_place(place)
            if len(element):  # not a cell that only has a format
                area.add(line, column)
            fault = _find_fault(element)
            if fault:
                faults.setdefault(line, {})[column] = fault
    return Marks(hidden=frozenset(hidden), faults=faults, cells=area.size)


def _local_name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


@define
class _Area:
    """The smallest rectangle that holds all cells."""

    top: int = 2**31
    bottom: int = 0
    left: int = 2**31
    right: int = -1

    def add(self, line: int, column: int) -> None:
        self.top, self.bottom = min(self.top, line), max(self.bottom, line)
        self.left, self.right = min(self.left, column), max(self.right, column)

    @property
    def size(self) -> int:
        return max(0, self.bottom - self.top + 1) * max(0, self.right - self.left + 1)


def _find_fault(cell: ET.Element) -> str | None:
    """Return what is wrong with a cell: an error as its value, or a formula without any."""
    children = {_local_name(child): child.text for child in cell}
    value = children.get("v")
    if cell.get("t") == "e":
        return f"it holds the error {value}"
    if "f" in children and not value and cell.get("t") != "str":
        return "its formula has no saved value: open the list in a spreadsheet and save it"
    return None


def _parse_place(place: str) -> tuple[int, int]:
    """Return line and column of a place such as "AB12". Raises `ValueError`."""
    match = _CELL.fullmatch(place)
    if match is None:
        raise ValueError(f"there is no cell {place!r}")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]), column - 1

"""What calamine does not report about the sheets of a workbook (.xlsx, .xlsm), from their XML.

Rows that are hidden, cells whose formula has no saved value or an error, and the extent of a sheet:
calamine reserves memory for all cells up to the last one, and ends the process if there is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from posixpath import join, normpath
from typing import IO, Final
from xml.etree import ElementTree as ET
from zipfile import BadZipFile, ZipFile

from attrs import field, frozen

__all__ = ["Marks", "read_marks"]

_SHEETS: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_STRICT: Final = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_ID: Final = re.compile(r"\{.*/relationships\}id")
_CELL: Final = re.compile(r"([A-Z]{1,3})(\d{1,7})")


@frozen(kw_only=True)
class Marks:
    """What is special in a sheet. Rows count from 1, columns from 0."""

    hidden: frozenset[int] = frozenset()
    faults: Mapping[int, Mapping[int, str]] = field(factory=dict[int, Mapping[int, str]])
    cells: int = 0
    """How many cells the rectangle has that holds all of them."""


def read_marks(path: Path, sheet: str) -> Marks:
    """Return the marks of a sheet; none for a workbook of another kind, or a damaged one."""
    try:
        with ZipFile(path) as archive:
            part = _find_part(archive, sheet)
            if part is None:
                return Marks()
            with archive.open(part) as file:
                return _read(file)
    except (BadZipFile, ET.ParseError, KeyError, OSError, ValueError, NotImplementedError):
        return Marks()


def _find_part(archive: ZipFile, sheet: str) -> str | None:
    """Return the archive's member that holds a sheet."""
    if "xl/workbook.xml" not in archive.namelist():
        return None
    book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - expat limits expansion
    names = {
        element.get("name"): next(
            (value for key, value in element.attrib.items() if _ID.fullmatch(key)), None
        )
        for element in book.iter()
        if element.tag in {f"{_SHEETS}sheet", f"{_STRICT}sheet"}
    }
    relations = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314
    targets = {element.get("Id"): element.get("Target") for element in relations.iter()}
    target = targets.get(names.get(sheet))
    return None if target is None else normpath(join("/xl", target)).lstrip("/")


def _read(file: IO[bytes]) -> Marks:
    hidden: set[int] = set()
    faults: dict[int, dict[int, str]] = {}
    rows: list[int] = []
    columns: list[int] = []
    for row in _iterate_rows(file):
        if row.get("hidden") in {"1", "true"}:
            hidden.add(int(row.get("r", "0")))
        for cell in row:
            place = _CELL.fullmatch(cell.get("r", ""))
            fault = _find_fault(cell)
            if place is None or not (fault or len(cell)):
                continue
            line, column = int(place[2]), _column(place[1])
            rows.append(line)
            columns.append(column)
            if fault:
                faults.setdefault(line, {})[column] = fault
        rows, columns = _ends(rows), _ends(columns)
        row.clear()
    area = (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1) if rows else 0
    return Marks(hidden=frozenset(hidden), faults=faults, cells=area)


def _iterate_rows(file: IO[bytes]) -> Iterator[ET.Element]:
    for _, element in ET.iterparse(file):  # noqa: S314 - expat limits expansion
        if element.tag in {f"{_SHEETS}row", f"{_STRICT}row"}:
            yield element


def _find_fault(cell: ET.Element) -> str | None:
    """Return what is wrong with a cell: an error as its value, or a formula without any."""
    children = {child.tag.rpartition("}")[2]: child.text for child in cell}
    value = children.get("v")
    if cell.get("t") == "e":
        return f"it holds the error {value}"
    if "f" in children and not value and cell.get("t") != "str":
        return "its formula has no saved value: open the list in a spreadsheet and save it"
    return None


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _ends(numbers: list[int]) -> list[int]:
    return [min(numbers), max(numbers)] if numbers else []

"""Read a sheet of a workbook."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from attrs import evolve

from conferencing.errors import InvalidRequest
from conferencing.extras import import_extra

from .disguises import describe_book
from .headers import FindFields, find_table
from .ods_sheets import read_ods_marks
from .rows import Row, Table
from .sheets import Marks, read_marks

__all__ = ["BOOKS", "read_book"]

READERS_OF_MARKS: Final[Mapping[str, Callable[[Path, str], Marks]]] = {
    ".xlsx": read_marks,
    ".xlsm": read_marks,
    ".ods": read_ods_marks,
}
BOOKS: Final = frozenset({*READERS_OF_MARKS, ".xls", ".xlsb"})

MAX_CELLS: Final = 20_000_000
"""The largest sheet that is read; each cell takes 24 bytes before anything is known of it."""

_HIDDEN_ROW: Final = (
    "the row is hidden in the workbook, for example by a filter; unhide or delete it"
)


def read_book(
    path: Path, find_fields: FindFields, header_line: int | None, sheet: str | None
) -> Table:
    """Return the table of the sheet that is named, or of the first visible one with addresses."""
    calamine: Any = import_extra("python_calamine", extra="excel", purpose=f"read {path}")
    try:
        book: Any = calamine.load_workbook(str(path))
    except (OSError, calamine.CalamineError, ValueError) as error:
        raise InvalidRequest(
            f"{path} cannot be read: {_describe(path, error)}", field="people"
        ) from error
    names: list[str] = book.sheet_names
    if sheet is not None:
        if sheet not in names:
            raise InvalidRequest(
                f"{path} has no sheet {sheet!r}; it has {_list(names)}", field="sheet"
            )
        return _read_table(calamine, book, path, sheet, find_fields, header_line)
    visible = [
        entry.name
        for entry in book.sheets_metadata
        if entry.visible == calamine.SheetVisibleEnum.Visible
        and entry.typ == calamine.SheetTypeEnum.WorkSheet
    ]
    return _find_sheet(calamine, book, path, visible or names, find_fields, header_line)


def _find_sheet(  # noqa: PLR0917
    calamine: Any,
    book: Any,
    path: Path,
    names: Sequence[str],
    find_fields: FindFields,
    header_line: int | None,
) -> Table:
    """Return the first table with addresses: the first sheet may hold instructions."""
    tables: list[Table] = []
    problems: list[InvalidRequest] = []
    for name in names:
        try:
            table = _read_table(calamine, book, path, name, find_fields, header_line)
        except InvalidRequest as error:
            problems.append(error)
            continue
        if "email" in find_fields(table.header):
            tables.append(table)
    # A sheet whose header seems to be further down may be the one that is meant.
    unclear = [problem for problem in problems if problem.field != "people"]
    if unclear and header_line is None:
        raise unclear[0]
    if not tables:
        raise (problems or [_without_addresses(path, names)])[0]
    others = tuple(table.sheet for table in tables[1:] if table.sheet is not None)
    return evolve(tables[0], other_sheets=others)


def _read_table(  # noqa: PLR0917
    calamine: Any,
    book: Any,
    path: Path,
    sheet: str,
    find_fields: FindFields,
    header_line: int | None,
) -> Table:
    name = f"{path}, sheet {sheet!r}"
    try:
        reader = READERS_OF_MARKS.get(path.suffix.lower())
        marks = reader(path, sheet) if reader else Marks()
        if marks.cells > MAX_CELLS:
            raise InvalidRequest(
                f"{name} extends over {marks.cells:,} cells; delete cells far from the list",
                field="people",
            )
        rows = [*_read_rows(book.get_sheet_by_name(sheet), marks)]
    except (OSError, calamine.CalamineError, ValueError) as error:
        raise InvalidRequest(f"{name} cannot be read: {error}", field="people") from error
    table = find_table(rows, name, find_fields, header_line)
    return evolve(table, sheet=sheet, hidden_rows_known=reader is not None)


def _read_rows(sheet: Any, marks: Marks) -> Iterator[Row]:
    rows: Sequence[Sequence[Any]] = sheet.to_python()  # from the first row that is not empty
    line, column = sheet.start or (0, 0)
    for number, cells in enumerate(rows, line + 1):
        faults = marks.faults.get(number, {})
        yield Row(
            line=number,
            cells=[_to_text(cell) for cell in cells],
            problem=_HIDDEN_ROW if number in marks.hidden else None,
            faults={place - column: fault for place, fault in faults.items()},
        )


def _to_text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return str(value)


def _describe(path: Path, error: Exception) -> str:
    try:
        content = path.read_bytes()
    except OSError as failure:
        return failure.strerror or str(failure)
    return describe_book(content) or str(error)


def _without_addresses(path: Path, names: Sequence[str]) -> InvalidRequest:
    return InvalidRequest(
        f"{path} has no sheet with a column of e-mail addresses; it has {_list(names)}. Name the"
        " column in columns=, and the sheet in sheet=",
        field="people",
    )


def _list(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names))

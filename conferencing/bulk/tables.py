"""Read tables that people made: CSV files and workbooks, strictly, with the line of each fault."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any, Final

from attrs import evolve, frozen

from conferencing.bulk.columns import normalize_name
from conferencing.errors import InvalidRequest
from conferencing.extras import import_extra
from conferencing.text import read_text

__all__ = ["Table", "read_table"]

BOOKS: Final = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})
DELIMITERS: Final = ",;\t"
PREAMBLE: Final = 60
"""In how many lines a header is looked for."""

CELL_LIMIT: Final = 2**27
"""A cell may be longer than the csv module's default: it may stand in a column that is not used."""


@frozen
class Row:
    """One row of a table: its line in the file, counted from 1, and its cells."""

    line: int
    cells: list[str]

    @property
    def is_blank(self) -> bool:
        """Whether all cells are empty."""
        return not any(cell.strip() for cell in self.cells)


@frozen(kw_only=True)
class Table:
    """A header and the rows below it. `sheet` is the workbook's sheet that was read."""

    header: list[str]
    rows: tuple[Row, ...]
    header_line: int
    sheet: str | None = None


def read_table(
    path: Path,
    *,
    is_known: Callable[[str], bool],
    header_line: int | None = None,
    sheet: str | None = None,
    encoding: str | None = None,
) -> Table:
    """Return the table of a CSV file or a workbook.

    `is_known` says whether a column's name is one that the caller looks for: it decides between
    delimiters, and finds the header. The header is the first line that is not blank, except in the
    exports of services, whose preamble is recognized. Raises `InvalidRequest` with the line for a
    malformed file, and with the line where a header seems to be if it is not the first.
    """
    if path.suffix.lower() in BOOKS:
        return _read_book(path, is_known, header_line, sheet)
    if sheet is not None:
        raise InvalidRequest(f"{path} is not a workbook and has no sheets", field="sheet")
    text = read_text(path, encoding)
    _refuse_disguise(text, path)
    return _read_csv(text, path, is_known, header_line)


# ----------------------------------------------------------------------------------------- CSV


def _read_csv(
    text: str, name: object, is_known: Callable[[str], bool], header_line: int | None
) -> Table:
    """Parse with each delimiter, and take the one by which most columns are known."""
    first, _, rest = text.partition("\n")
    declared = first.strip().lower()
    skipped = 0
    delimiters = DELIMITERS
    if declared.startswith("sep=") and len(declared) == len("sep=") + 1:  # written by Excel
        delimiters, text, skipped = declared[-1], rest, 1
    candidates: list[Table] = []
    problem: InvalidRequest | None = None
    for delimiter in delimiters:
        try:
            rows = [*_parse(text, delimiter, name, skipped)]
            candidates.append(_find_header(rows, name, is_known, header_line))
        except InvalidRequest as error:
            problem = problem or error
    best = max(candidates, key=lambda table: _rank(table, is_known), default=None)
    # A table in which nothing is known is what a wrong delimiter makes of a malformed file.
    if best is None or (problem is not None and not _rank(best, is_known)[0]):
        raise problem or InvalidRequest(f"{name} is empty", field="people")
    return best


def _rank(table: Table, is_known: Callable[[str], bool]) -> tuple[int, int]:
    return sum(map(is_known, table.header)), len(table.header)


def _parse(text: str, delimiter: str, name: object, skipped: int) -> Iterator[Row]:
    csv.field_size_limit(CELL_LIMIT)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            problem = _explain_csv(str(error))
            raise InvalidRequest(
                f"{name}: line {line + skipped}: {problem}", field="people"
            ) from error
        if cells is None:
            return
        yield Row(line + skipped, cells)
        line = reader.line_num + 1


def _explain_csv(problem: str) -> str:
    if "unexpected end of data" in problem:
        return "a quote is opened here and never closed"
    if "expected after" in problem:
        return "text follows a closing quote; a quote inside a cell is written twice"
    return problem


# ------------------------------------------------------------------------------------ workbooks


def _read_book(
    path: Path, is_known: Callable[[str], bool], header_line: int | None, sheet: str | None
) -> Table:
    calamine: Any = import_extra("python_calamine", extra="excel", purpose=f"read {path}")
    try:
        book: Any = calamine.load_workbook(str(path))
    except (OSError, calamine.CalamineError, ValueError) as error:
        raise InvalidRequest(
            f"{path} cannot be read: {_describe(path) or error}", field="people"
        ) from error
    names: list[str] = book.sheet_names
    if sheet is not None and sheet not in names:
        raise InvalidRequest(
            f"{path} has no sheet {sheet!r}; it has {', '.join(map(repr, names))}", field="sheet"
        )
    problem: InvalidRequest | None = None
    # Without a name, the first sheet with a header: the first one may hold instructions.
    for title in [sheet] if sheet is not None else names:
        rows = [*_read_sheet(book.get_sheet_by_name(title))]
        try:
            table = _find_header(rows, f"{path}, sheet {title!r}", is_known, header_line)
        except InvalidRequest as error:
            problem = problem or error
            continue
        if any(map(is_known, table.header)):
            return evolve(table, sheet=title)
    raise problem or InvalidRequest(
        f"{path} has no sheet with a column of e-mail addresses; it has"
        f" {', '.join(map(repr, names))}",
        field="people",
    )


def _read_sheet(sheet: Any) -> Iterator[Row]:
    rows: Sequence[Sequence[Any]] = sheet.to_python()  # from the first row that is not empty
    first = (sheet.start or (0, 0))[0] + 1
    for line, cells in enumerate(rows, first):
        yield Row(line, [_to_text(cell) for cell in cells])


def _to_text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return str(value)


def _refuse_disguise(text: str, path: Path) -> None:
    """Refuse a file that is not the table that its name promises."""
    start = text[:200].lstrip().lower()
    if start.startswith(("<html", "<!doctype", "<?xml", "<table")):
        raise InvalidRequest(
            f"{path} is an HTML or XML page, not a table; open it in a spreadsheet and save it as"
            " CSV UTF-8 or .xlsx",
            field="people",
        )
    if "\x00" in text[:2000]:
        raise InvalidRequest(f"{path} is not text; save it as CSV UTF-8 or .xlsx", field="people")


def _describe(path: Path) -> str | None:
    """Return what a file really is that could not be read as a workbook."""
    try:
        file = path.open("rb")
    except OSError as error:
        return error.strerror
    with file:
        start = file.read(512).lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith((b"<html", b"<!doctype", b"<?xml", b"<table")):
        return "it is an HTML page with the name of a workbook; save it as .xlsx"
    if start.startswith(b"pk"):
        return "it is damaged, or another kind of file in a ZIP archive"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return "it is damaged, or protected by a password"
    printable = sum(byte >= 0x20 or byte in b"\r\n\t" for byte in start)  # noqa: PLR2004
    if start and printable == len(start):
        return "it is a text file with the name of a workbook; give it the ending .csv"
    return None


# --------------------------------------------------------------------------------------- header

# The first cell of exports that put a preamble before the header; compared normalized.
_EXPORTS: Final[Mapping[str, str]] = {
    "registrationreport": "Zoom",
    "attendeereport": "Zoom or GoTo",
    "meetingregistrationreport": "Zoom",
    "webinarregistrationreport": "Zoom",
    "1summary": "Teams",
    "meetingsummary": "Teams",
    "generated": "GoTo",
    "webinarname": "GoTo",
    "registrantreport": "GoTo",
}


def _find_header(
    rows: Sequence[Row], name: object, is_known: Callable[[str], bool], header_line: int | None
) -> Table:
    filled = [row for row in rows if not row.is_blank]
    if not filled:
        raise InvalidRequest(f"{name} is empty", field="people")
    if header_line is not None:
        header = next((row for row in filled if row.line == header_line), None)
        if header is None:
            raise InvalidRequest(f"{name}: line {header_line} is empty", field="header_line")
        return _table(header, filled)
    first = filled[0]
    if any(map(is_known, first.cells)):
        return _table(first, filled)
    likely = next(
        (row for row in filled[:PREAMBLE] if sum(map(is_known, row.cells)) and len(row.cells) > 1),
        None,
    )
    if likely is None:
        return _table(first, filled)
    if normalize_name(first.cells[0]) in _EXPORTS:
        return _table(likely, filled)
    raise InvalidRequest(
        f"{name}: the header seems to be in line {likely.line}"
        f" ({', '.join(map(repr, filter(None, likely.cells)))[:200]}), not in line {first.line};"
        f" if so, name it: header_line={likely.line}",
        field="header_line",
    )


def _table(header: Row, rows: Sequence[Row]) -> Table:
    """Return the table below a header, up to the next section of an export."""
    body: list[Row] = []
    for row in rows:
        if row.line <= header.line:
            continue
        # A report has several sections: "2. Participants", "3. In-Meeting Activities".
        alone = len([cell for cell in row.cells if cell.strip()]) == 1
        if alone and row.cells[0][:2].strip(".").isdigit() and row.cells[0][1:2] == ".":
            break
        body.append(row)
    return Table(header=header.cells, rows=tuple(body), header_line=header.line)

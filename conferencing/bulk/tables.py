"""Read the tables that people and services make: CSV files and workbooks."""

from __future__ import annotations

from pathlib import Path

from conferencing.errors import InvalidRequest
from conferencing.text import decode

from .csv_files import read_csv
from .disguises import describe_text
from .headers import FindFields
from .rows import Table
from .workbooks import BOOKS, read_book

__all__ = ["read_table"]


def read_table(
    path: Path,
    *,
    find_fields: FindFields,
    header_line: int | None = None,
    sheet: str | None = None,
    encoding: str | None = None,
) -> Table:
    """Return the table of a CSV file or a workbook.

    `find_fields` decides between delimiters and finds the header. Raises `InvalidRequest` with the
    line for a malformed file, and with the line where a header seems to be if it is not the first.
    """
    if path.suffix.lower() in BOOKS:
        if encoding is not None:
            raise InvalidRequest(f"{path} is a workbook and has no encoding", field="encoding")
        return read_book(path, find_fields, header_line, sheet)
    if sheet is not None:
        raise InvalidRequest(f"{path} is not a workbook and has no sheets", field="sheet")
    return read_csv(_read_text(path, encoding), path, find_fields, header_line)


def _read_text(path: Path, encoding: str | None) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise InvalidRequest(f"{path} cannot be read: {reason}", field="people") from error
    problem = None if encoding is not None else describe_text(content)
    if problem is not None:
        raise InvalidRequest(f"{path} cannot be read: {problem}", field="people")
    return decode(content, path, encoding)

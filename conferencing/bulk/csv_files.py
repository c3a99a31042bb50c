"""Read CSV files strictly, with the line of each fault, whatever their delimiter."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import StringIO
from typing import Final

from conferencing.errors import InvalidRequest

from .headers import FindFields, find_table
from .rows import Row, Table

__all__ = ["read_csv"]

DELIMITERS: Final = ",;\t"

CELL_LIMIT: Final = 2**27
"""A cell may be longer than the csv module's default: it may stand in a column that is not used."""

_DECLARED: Final = re.compile(r'"?sep=([^\r\n"])"?[,;\t]*(?:\r\n|\r|\n)', re.IGNORECASE)
"""The first line in which Excel declares the delimiter."""


def read_csv(text: str, name: object, find_fields: FindFields, header_line: int | None) -> Table:
    """Parse with each delimiter, and return the table by which most columns are known."""
    delimiters, skipped = DELIMITERS, 0
    declared = _DECLARED.match(text)
    if declared:
        delimiters, skipped, text = declared[1], 1, text[declared.end() :]
    tables: list[Table] = []
    problems: list[InvalidRequest] = []
    for delimiter in delimiters:
        try:
            rows = [*_parse(text, delimiter, name, skipped)]
            tables.append(find_table(rows, name, find_fields, header_line))
        except InvalidRequest as error:
            problems.append(error)
    best = max(tables, key=lambda table: _rank(table, find_fields), default=None)
    # A table without addresses is what a wrong delimiter makes of a malformed file.
    if best is None or (problems and "email" not in find_fields(best.header)):
        raise min(problems, key=lambda problem: problem.field != "header_line")
    return best


def _rank(table: Table, find_fields: FindFields) -> tuple[bool, int, int]:
    fields = find_fields(table.header)
    return "email" in fields, len(fields), len(table.header)


def _parse(text: str, delimiter: str, name: object, skipped: int) -> Iterator[Row]:
    csv.field_size_limit(CELL_LIMIT)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1 + skipped
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            problem = _explain(str(error))
            raise InvalidRequest(f"{name}: line {line}: {problem}", field="people") from error
        if cells is None:
            return
        yield Row(line=line, cells=cells)
        line = reader.line_num + 1 + skipped


def _explain(problem: str) -> str:
    if "unexpected end of data" in problem:
        return (
            "a quote is opened here and never closed; close it, or double it if it is part of the"
            " text"
        )
    if "expected after" in problem:
        return "text follows a closing quote; double a quote that is part of the text"
    return problem

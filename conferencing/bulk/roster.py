"""Read people from CSV, Excel or the application's own rows: a bad row stops no other."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from importlib.resources import files
from typing import Any, cast

from attrs import field, frozen

from conferencing.client.base import (
    check_count,
    check_iterable,
    check_mapping,
    check_path,
    check_string,
)
from conferencing.errors import InvalidRequest
from conferencing.model import Person

from .columns import Columns, find_fields, normalize_name, recognize
from .entries import Entry, check_person, mark_repeats, read_entry
from .rows import Row, Table
from .tables import read_table

__all__ = ["Columns", "Entry", "Roster", "Source", "read_roster", "sample_roster"]

Source = str | os.PathLike[str] | Iterable[Person | Mapping[str, Any]]
"""Where people come from: a file's path, or persons and mappings of their fields."""


@frozen(kw_only=True)
class Roster:
    """The rows of a list in their order, and what became of its columns.

    `sheet` is the sheet of a workbook that was read; `other_sheets` have people too, and were not.
    `hidden_rows_known` is False for a workbook (.xls, .xlsb) whose hidden rows cannot
    be distinguished from others: they are read like all rows.
    """

    entries: tuple[Entry, ...]
    columns: Columns = field(factory=Columns)
    header_line: int | None = None
    sheet: str | None = None
    other_sheets: tuple[str, ...] = ()
    hidden_rows_known: bool = True

    @property
    def ignored(self) -> tuple[str, ...]:
        """The columns that are not used."""
        return self.columns.ignored

    @property
    def people(self) -> tuple[Person, ...]:
        """The people of the good rows."""
        return tuple(entry.person for entry in self.entries if entry.person is not None)

    @property
    def bad(self) -> tuple[Entry, ...]:
        """The rows with a problem."""
        return tuple(entry for entry in self.entries if entry.problem is not None)


def read_roster(
    source: Source,
    fields: Mapping[str, str] | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    header_line: int | None = None,
    sheet: str | None = None,
    encoding: str | None = None,
) -> Roster:
    """Read people: an address, and first and last name or a name, in columns of any order.

    A CSV file has commas, semicolons or tabs, and is in UTF-8 or UTF-16; `encoding` names any other
    one. Of a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods) the first sheet with a header is read, or
    the `sheet` that is named. Column names are recognized in eleven languages; `columns` maps
    others to `email`, `first_name`, `last_name` or `name`, and `fields` maps columns to keys of the
    registration form. `header_line` says where the header is, if it is not the first line.

    Raises `InvalidRequest` with file and line for a malformed table, and `ConfigurationError` if a
    library for it is not installed. A bad row becomes an `Entry` with a `problem`.
    """
    columns, fields = check_mapping("columns", columns), check_mapping("fields", fields)
    options = {
        "header_line": None if header_line is None else check_count("header_line", header_line),
        "sheet": check_string("sheet", sheet),
        "encoding": check_string("encoding", encoding),
    }
    if not isinstance(source, str | os.PathLike):
        _refuse_options(options, "rows")
        return _read_given([*check_iterable("people", source)], columns, fields)
    path = check_path("people", source)
    named = dict(columns) | dict.fromkeys(fields, "answer")
    table = read_table(
        path, find_fields=partial(find_fields, columns=named), **cast("Any", options)
    )
    return _read_rows(table, recognize(table.header, columns=columns, answers=fields, name=path))


def read_source(
    source: Source | Roster, fields: Mapping[str, str] | None = None, **options: Any
) -> Roster:
    """Return a roster as it is, and read any other source by `read_roster`."""
    if not isinstance(source, Roster):
        return read_roster(source, fields, **options)
    _refuse_options(options | {"fields": fields}, "a roster")
    return source


def _refuse_options(options: Mapping[str, object], source: str) -> None:
    for name, value in options.items():
        if value:
            raise InvalidRequest(f"{name} does not apply to {source}; leave it out", field=name)


def sample_roster() -> Roster:
    """Return the small roster that comes with the package, for demonstrations."""
    content = (files("conferencing.bulk") / "roster.csv").read_text("utf-8")
    header, *people = [line.split(",") for line in content.splitlines()]
    rows = tuple(Row(line=number, cells=cells) for number, cells in enumerate(people, 2))
    table = Table(header=header, rows=rows, header_line=1)
    return _read_rows(table, recognize(header, name="the roster"))


# ----------------------------------------------------------------------------- rows of a file


def _read_rows(table: Table, columns: Columns) -> Roster:
    entries = (_read_row(row, columns) for row in table.rows)
    return Roster(
        entries=tuple(mark_repeats(filter(None, entries), unit="line")),
        columns=columns,
        header_line=table.header_line,
        sheet=table.sheet,
        other_sheets=table.other_sheets,
        hidden_rows_known=table.hidden_rows_known,
    )


def _read_row(row: Row, columns: Columns) -> Entry | None:
    """Return the entry of a row, or None if no used column has anything in it."""
    person, answers = columns.values(row.cells)
    problem = row.problem or _find_problem(row, columns)
    if problem is not None:
        return Entry(number=row.line, email=person.get("email"), problem=problem)
    if not person and not answers:
        return None
    return read_entry(row.line, person, answers, surname_first=columns.surname_first)


def _find_problem(row: Row, columns: Columns) -> str | None:
    for place, fault in row.faults.items():
        if 0 <= place < len(columns.targets) and columns.targets[place] is not None:
            return f"column {place + 1}: {fault}"
    width = len(columns.targets)
    surplus = [cell.strip() for cell in row.cells[width:] if cell.strip()]
    if surplus:
        return (
            f"it has more cells than the header, which has {width}: {', '.join(surplus)[:100]!r} is"
            " too much; put a cell that holds the delimiter in quotes"
        )
    return None


# ------------------------------------------------------------------------- rows of an application


def _read_given(
    source: Sequence[Person | Mapping[str, Any]],
    columns: Mapping[str, str],
    answers: Mapping[str, str],
) -> Roster:
    """Read rows of the application, whose keys may differ from row to row."""
    titles = [title for row in source if isinstance(row, Mapping) for title in map(str, row)]
    header = dict.fromkeys(titles)
    _refuse_missing(header, columns, "columns")
    _refuse_missing(header, answers, "fields")
    seen: dict[tuple[str, ...], Columns] = {}
    read = partial(_read_given_row, columns=columns, answers=answers, seen=seen)
    entries = [read(number, row) for number, row in enumerate(source, 1)]
    return Roster(
        entries=tuple(mark_repeats(filter(None, entries), unit="row")),
        columns=_unite(header, seen.values()),
    )


def _refuse_missing(header: Iterable[str], names: Mapping[str, str], argument: str) -> None:
    keys = {normalize_name(title) for title in header}
    for name in names:
        if keys and normalize_name(name) not in keys:
            raise InvalidRequest(
                f"no row has a column {name!r}; they have {', '.join(map(repr, header))[:1000]}",
                field=argument,
            )


def _unite(header: Iterable[str], seen: Iterable[Columns]) -> Columns:
    """Return what became of the columns of all rows."""
    recognized: dict[str, str] = {}
    answers: dict[str, str] = {}
    for columns in seen:
        recognized |= columns.recognized
        answers |= columns.answers
    used = {*recognized, *answers}
    ignored = tuple(
        title.strip() for title in header if title.strip() not in used and title.strip()
    )
    return Columns(recognized=recognized, answers=answers, ignored=ignored)


def _read_given_row(
    number: int,
    row: object,
    *,
    columns: Mapping[str, str],
    answers: Mapping[str, str],
    seen: dict[tuple[str, ...], Columns],
) -> Entry | None:
    if isinstance(row, Person):
        return check_person(number, row, {})
    if not isinstance(row, Mapping):
        return Entry(number=number, problem="it is neither a Person nor a mapping")
    mapping = cast("Mapping[object, object]", row)
    cells = {str(name): str(cell) for name, cell in mapping.items() if cell is not None}
    if not any(cell.strip() for cell in cells.values()):
        return None  # an empty line of a table
    header = tuple(cells)
    try:
        columns_read = seen.get(header) or recognize(
            header,
            columns=_select_present(columns, cells),
            answers=_select_present(answers, cells),
            name="the row",
        )
    except InvalidRequest as error:
        return Entry(number=number, problem=error.message)
    seen[header] = columns_read
    person, answered = columns_read.values([*cells.values()])
    return read_entry(number, person, answered, surname_first=columns_read.surname_first)


def _select_present(names: Mapping[str, str], cells: Mapping[str, str]) -> dict[str, str]:
    keys = {normalize_name(name) for name in cells}
    return {name: target for name, target in names.items() if normalize_name(name) in keys}

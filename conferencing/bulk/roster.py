"""Read people from CSV files, workbooks or rows of the application. A bad row affects no other."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any, Final, cast

from attrs import evolve, field, frozen

from conferencing.client.base import check_iterable, check_mapping, check_path
from conferencing.errors import InvalidRequest
from conferencing.extras import library
from conferencing.model import Person
from conferencing.model.emails import email_key

__all__ = ["Entry", "Roster", "Source", "read_roster", "sample_roster"]

HEADERS: Final[Mapping[str, str]] = {
    "email": "email", "e-mail": "email", "mail": "email", "e-mail address": "email",
    "email address": "email",
    "first_name": "first_name", "first name": "first_name", "firstname": "first_name",
    "last_name": "last_name", "last name": "last_name", "lastname": "last_name",
    "surname": "last_name", "name": "name", "full name": "name",
}  # fmt: skip
_WORKBOOKS: Final = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})

Source = str | os.PathLike[str] | Iterable[Person | Mapping[str, Any]]
"""A list of people: the path of a file, or an iterable of `Person` values and mappings."""


@frozen(kw_only=True)
class Entry:
    """One row: its number (for a file, its line), and the person or the problem.

    `key` is the `email_key` of the address. `fields` are answers to the registration form.
    """

    number: int
    person: Person | None = None
    problem: str | None = None
    key: str = field(default="", repr=False)
    fields: Mapping[str, str] = field(factory=dict[str, str], repr=False)


@frozen(kw_only=True)
class Roster:
    """The rows of a list in their order, and the columns that are not used."""

    entries: tuple[Entry, ...]
    ignored: tuple[str, ...] = ()

    @property
    def people(self) -> tuple[Person, ...]:
        """The people of the valid rows."""
        return tuple(entry.person for entry in self.entries if entry.person is not None)

    @property
    def bad(self) -> tuple[Entry, ...]:
        """The rows with a problem."""
        return tuple(entry for entry in self.entries if entry.problem is not None)


def read_roster(source: Source, fields: Mapping[str, str] | None = None) -> Roster:
    """Read people: `email`, and `first_name` and `last_name` or `name`, in columns of any order.

    A CSV file is in UTF-8 with commas, semicolons or tabs; of a workbook (.xlsx, .xls, .ods) the
    first sheet is read. `fields` maps further columns to keys of the registration form. The syntax
    of addresses is checked, without network access. Raises `InvalidRequest` if the file is not
    such a table, and `ConfigurationError` if a library that it needs is not installed.
    """
    answers = _answer_columns(check_mapping("fields", fields))
    ignored: tuple[str, ...] = ()
    rows: Iterable[tuple[int, object]]
    if isinstance(source, str | os.PathLike):
        path = check_path("people", source)
        table = _read_workbook(path) if path.suffix.lower() in _WORKBOOKS else _read_csv(path)
        (_, header), *lines = table or [(1, [])]
        _check_header(header, path)
        ignored = _unused_columns(header, answers)
        rows = [(number, dict(zip(header, cells, strict=False))) for number, cells in lines]
    else:
        rows = enumerate(check_iterable("people", source), 1)
    return Roster(entries=tuple(_entries(rows, answers)), ignored=ignored)


def sample_roster() -> Roster:
    """Return the sample list that comes with the package, for demonstrations."""
    text = (files("conferencing.bulk") / "roster.csv").read_text("utf-8")
    (_, header), *lines = _parse_csv(text, "the roster")
    rows = [(number, dict(zip(header, cells, strict=False))) for number, cells in lines]
    return Roster(entries=tuple(_entries(rows, {})))


# -------------------------------------------------------------------------------------- the tables


def _read_csv(path: Path) -> list[tuple[int, list[str]]]:
    try:
        return _parse_csv(path.read_text("utf-8-sig"), path)
    except UnicodeDecodeError as error:
        raise InvalidRequest(
            f"{path} cannot be read: it is not UTF-8; save it as 'CSV UTF-8'", field="people"
        ) from error
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror}", field="people") from error


def _parse_csv(text: str, name: object) -> list[tuple[int, list[str]]]:
    """Return the rows, each with the number of the line on which it starts."""
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        raise InvalidRequest(
            f"{name} cannot be read: line {reader.line_num}: {error}", field="people"
        ) from error
    return rows


def _read_workbook(path: Path) -> list[tuple[int, list[str]]]:
    calamine = library("python_calamine", extra="excel", purpose=f"reading the workbook {path}")
    try:
        sheet: Any = calamine.load_workbook(str(path)).get_sheet_by_index(0)
        rows: list[list[Any]] = sheet.to_python()  # without the empty rows at the top
    except (OSError, calamine.CalamineError) as error:
        raise InvalidRequest(f"{path} cannot be read: {error}", field="people") from error
    first = (sheet.start or (0, 0))[0] + 1
    return [(line, [_cell_text(cell) for cell in row]) for line, row in enumerate(rows, first)]


def _cell_text(value: object) -> str:
    whole = isinstance(value, float) and value.is_integer()
    return str(int(cast("float", value))) if whole else str(value)


def _check_header(header: list[str], path: Path) -> None:
    if "email" not in {HEADERS.get(column.strip().lower()) for column in header}:
        raise InvalidRequest(f"{path} has no column named email in its first line", field="people")


def _answer_columns(fields: Mapping[Any, Any]) -> dict[str, str]:
    if not all(isinstance(part, str) for pair in fields.items() for part in pair):
        raise InvalidRequest(
            "fields must map names of columns to keys, both strings", field="fields"
        )
    return {column.strip().lower(): key for column, key in fields.items()}


def _unused_columns(header: list[str], answers: Mapping[str, str]) -> tuple[str, ...]:
    used = {"", *HEADERS, *answers}
    return tuple(column.strip() for column in header if column.strip().lower() not in used)


# ---------------------------------------------------------------------------------------- the rows


def _entries(rows: Iterable[tuple[int, Any]], answers: Mapping[str, str]) -> Iterator[Entry]:
    seen: dict[str, int] = {}
    for number, row in rows:
        entry = _entry(number, row, answers)
        if entry is None:
            continue
        first = seen.setdefault(entry.key, number) if entry.key else number
        if first != number:
            entry = evolve(entry, problem=f"row {first} has the same address", person=None)
        yield entry


def _entry(number: int, row: Any, answers: Mapping[str, str]) -> Entry | None:
    if isinstance(row, Person):
        return _check_person(number, row, {})
    if not isinstance(row, Mapping):
        return Entry(number=number, problem="the row is neither a Person nor a mapping")
    cells = {
        str(name).strip().lower(): str(cell).strip()
        for name, cell in cast("Mapping[object, object]", row).items()
        if cell is not None and str(cell).strip()
    }
    if not cells:
        return None  # an empty line of a table
    values = {HEADERS[name]: cell for name, cell in cells.items() if name in HEADERS}
    fields = {answers[name]: cell for name, cell in cells.items() if name in answers}
    return _check_person(number, Person(**_split_name(values)), fields)


def _check_person(number: int, person: Person, fields: Mapping[str, str]) -> Entry:
    if not person.email:
        return Entry(number=number, problem="the row has no e-mail address")
    validator = library("email_validator", extra="bulk", purpose="checking e-mail addresses")
    try:
        checked = validator.validate_email(str(person.email), check_deliverability=False)
    except validator.EmailNotValidError as error:
        return Entry(number=number, problem=f"{person.email!r} is not an e-mail address: {error}")
    person = evolve(person, email=checked.normalized)
    return Entry(number=number, person=person, key=email_key(checked.normalized), fields=fields)


def _split_name(values: dict[str, str]) -> dict[str, str]:
    """Split a full name at the last blank, for vendors that require first and last name."""
    first, blank, last = values.get("name", "").rpartition(" ")
    return ({"first_name": first, "last_name": last} if blank else {}) | values

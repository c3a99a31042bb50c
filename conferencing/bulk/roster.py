"""Reading people from CSV, Excel or the application's own rows: a bad row stops no other."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any, Final, cast

from attrs import evolve, field, frozen

from conferencing.errors import ConfigurationError, InvalidRequest
from conferencing.model import Person
from conferencing.model.emails import email_key

__all__ = ["Entry", "Roster", "Source", "email_key", "read_roster", "sample_roster"]

HEADERS: Final[Mapping[str, str]] = {
    "email": "email", "e-mail": "email", "mail": "email", "e-mail address": "email",
    "email address": "email",
    "first_name": "first_name", "first name": "first_name", "firstname": "first_name",
    "last_name": "last_name", "last name": "last_name", "lastname": "last_name",
    "surname": "last_name", "name": "name", "full name": "name",
}  # fmt: skip
_BOOKS: Final = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})

Source = str | os.PathLike[str] | Iterable[Person | Mapping[str, Any]]
"""Where people come from: a file's path, or persons and mappings of their fields."""


@frozen(kw_only=True)
class Entry:
    """Hold one row: its number (in a file, its line), and a person or what is wrong with it.

    `key` is the address in the form in which it is compared. `fields` are answers of the
    registration form.
    """

    number: int
    person: Person | None = None
    problem: str | None = None
    key: str = field(default="", repr=False)
    fields: Mapping[str, str] = field(factory=dict[str, str], repr=False)


@frozen(kw_only=True)
class Roster:
    """Hold the rows of a list in their order, and the columns that nobody asked for."""

    entries: tuple[Entry, ...]
    ignored: tuple[str, ...] = ()

    @property
    def people(self) -> tuple[Person, ...]:
        """The people of the good rows."""
        return tuple(entry.person for entry in self.entries if entry.person is not None)

    @property
    def bad(self) -> tuple[Entry, ...]:
        """The rows with a problem."""
        return tuple(entry for entry in self.entries if entry.problem is not None)


def read_roster(source: Source, fields: Mapping[str, str] | None = None) -> Roster:
    """Read people: `email`, and `first_name` and `last_name` or `name`, in columns of any order.

    A CSV file is in UTF-8 with commas, semicolons or tabs; of a workbook (.xlsx, .xls, .ods) the
    first sheet counts. `fields` names further columns and the keys of the registration form that
    they answer. Addresses are checked as they are written, without asking the network. Raises
    `InvalidRequest` for a file that is no such table, and `ConfigurationError` if a library for it
    is not installed.
    """
    answers = {column.strip().lower(): key for column, key in (fields or {}).items()}
    if not isinstance(source, str | os.PathLike):
        rows = _given(source)
        ignored: tuple[str, ...] = ()
    else:
        path = Path(source)
        table = _book(path) if path.suffix.lower() in _BOOKS else _csv(path)
        (_, head), *rest = table or [(1, [])]
        ignored = _unknown(head, answers)
        _check_head(head, path)
        rows = [(number, dict(zip(head, cells, strict=False))) for number, cells in rest]
    return Roster(entries=tuple(_entries(rows, answers)), ignored=ignored)


def sample_roster() -> Roster:
    """Return the small roster that comes with the package, for demonstrations."""
    text = (files("conferencing.bulk") / "roster.csv").read_text("utf-8")
    (_, head), *rest = _csv_rows(text, "the roster")
    rows = [(number, dict(zip(head, cells, strict=False))) for number, cells in rest]
    return Roster(entries=tuple(_entries(rows, {})))


# -------------------------------------------------------------------------------------- the tables


def _given(source: Iterable[Person | Mapping[str, Any]]) -> list[tuple[int, Any]]:
    return [(number, one) for number, one in enumerate(source, 1)]


def _csv(path: Path) -> list[tuple[int, list[str]]]:
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        reason = error.strerror
    except UnicodeDecodeError:
        reason = "it is not UTF-8; save it as 'CSV UTF-8'"
    else:
        return _csv_rows(text, path)
    raise InvalidRequest(f"{path} cannot be read: {reason}", field="people")


def _csv_rows(text: str, name: object) -> list[tuple[int, list[str]]]:
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    found: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            found.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        fault = f"{name} cannot be read: line {reader.line_num}: {error}"
    else:
        return found
    raise InvalidRequest(fault, field="people")


def _book(path: Path) -> list[tuple[int, list[str]]]:
    try:
        calamine: Any = import_module("python_calamine")
    except ImportError:
        calamine = None
    if calamine is None:
        raise ConfigurationError(
            f"{path} is a workbook; to read it: python -m pip install 'conferencing[excel]'"
        )
    try:
        sheet: Any = calamine.load_workbook(str(path)).get_sheet_by_index(0)
        rows: list[list[Any]] = sheet.to_python()  # from the first row that is not empty
    except (OSError, calamine.CalamineError) as error:
        fault = f"{path} cannot be read: {error}"
    else:
        first = (sheet.start or (0, 0))[0] + 1
        return [(line, [_cell(one) for one in row]) for line, row in enumerate(rows, first)]
    raise InvalidRequest(fault, field="people")


def _cell(value: object) -> str:
    whole = isinstance(value, float) and value.is_integer()
    return str(int(cast("float", value))) if whole else str(value)


def _check_head(head: list[str], path: Path) -> None:
    if "email" not in {HEADERS.get(one.strip().lower()) for one in head}:
        raise InvalidRequest(f"{path} has no column named email in its first line", field="people")


def _unknown(head: list[str], answers: Mapping[str, str]) -> tuple[str, ...]:
    known = HEADERS.keys() | answers.keys()
    return tuple(one.strip() for one in head if one.strip() and one.strip().lower() not in known)


# ---------------------------------------------------------------------------------------- the rows


def _entries(rows: Iterable[tuple[int, Any]], answers: Mapping[str, str]) -> Iterator[Entry]:
    seen: dict[str, int] = {}
    for number, row in rows:
        entry = _entry(number, row, answers)
        if entry is None:
            continue
        first = seen.setdefault(entry.key, number) if entry.key else number
        if first != number:
            entry = evolve(entry, problem=f"row {first} has this address already", person=None)
        yield entry


def _entry(number: int, row: Any, answers: Mapping[str, str]) -> Entry | None:
    if isinstance(row, Person):
        return _checked(number, row, {})
    if not isinstance(row, Mapping):
        return Entry(number=number, problem="it is neither a Person nor a mapping")
    cells = {
        str(name).strip().lower(): str(cell).strip()
        for name, cell in cast("Mapping[object, object]", row).items()
        if cell is not None and str(cell).strip()
    }
    if not cells:
        return None  # an empty line of a table
    values = {HEADERS[name]: cell for name, cell in cells.items() if name in HEADERS}
    given = {answers[name]: cell for name, cell in cells.items() if name in answers}
    return _checked(number, Person(**_names(values)), given)


def _checked(number: int, person: Person, fields: Mapping[str, str]) -> Entry:
    if not person.email:
        return Entry(number=number, problem="it has no e-mail address")
    validator = _validator()
    try:
        checked = validator.validate_email(person.email, check_deliverability=False)
    except validator.EmailNotValidError as error:
        return Entry(number=number, problem=f"{person.email!r} is no e-mail address: {error}")
    person = evolve(person, email=checked.normalized)
    return Entry(number=number, person=person, key=email_key(checked.normalized), fields=fields)


def _validator() -> Any:
    try:
        return import_module("email_validator")
    except ImportError:
        pass
    raise ConfigurationError("to check addresses: python -m pip install 'conferencing[bulk]'")


def _names(values: dict[str, str]) -> dict[str, str]:
    """Tell first and last name apart at the last blank: some vendors register nobody without."""
    first, blank, last = values.get("name", "").rpartition(" ")
    return ({"first_name": first, "last_name": last} if blank else {}) | values

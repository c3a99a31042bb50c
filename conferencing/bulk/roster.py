"""Read people from CSV, Excel or the application's own rows: a bad row stops no other."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from importlib.resources import files
from typing import Any, Final, cast

from attrs import evolve, field, frozen

from conferencing.client.base import check_iterable, check_mapping, check_path
from conferencing.errors import InvalidRequest
from conferencing.model import Person
from conferencing.model.emails import email_key, parse_address

from .columns import Columns, find_field, normalize_name, recognize
from .tables import Table, read_table

__all__ = ["Columns", "Entry", "Roster", "Source", "read_roster", "sample_roster"]

Source = str | os.PathLike[str] | Iterable[Person | Mapping[str, Any]]
"""Where people come from: a file's path, or persons and mappings of their fields."""

_LONGEST: Final = 300
"""The longest name: anything longer is another column, or a quote that is never closed."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@frozen(kw_only=True)
class Entry:
    """One row: its number (in a file, its line), and a person or what is wrong with it.

    `key` is the address in the form in which it is compared. `fields` are answers of the
    registration form. `email` is the address as it was written. `same_as` is the number of an
    earlier row with the same address; `conflict` says that it names another person.
    """

    number: int
    person: Person | None = None
    problem: str | None = None
    key: str = field(default="", repr=False)
    fields: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    email: str | None = field(default=None, repr=False)
    same_as: int | None = None
    conflict: bool = False


@frozen(kw_only=True)
class Roster:
    """The rows of a list in their order, and what became of its columns."""

    entries: tuple[Entry, ...]
    columns: Columns = field(factory=Columns)
    header_line: int | None = None
    sheet: str | None = None

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
    one. Of a workbook (.xlsx, .xls, .ods) the first sheet with a header is read, or the `sheet` that
    is named. Column names are recognized in eleven languages; `columns` maps others to `email`,
    `first_name`, `last_name` or `name`, and `fields` maps columns to keys of the registration form.
    `header_line` says where the header is, if it is not the first line.

    Raises `InvalidRequest` with file and line for a malformed table, and `ConfigurationError` if a
    library for it is not installed. A bad row becomes an `Entry` with a `problem`.
    """
    columns, fields = check_mapping("columns", columns), check_mapping("fields", fields)
    if not isinstance(source, str | os.PathLike):
        return _read_given(check_iterable("people", source), columns, fields)
    path = check_path("people", source)
    wanted = {normalize_name(name) for name in (*columns, *fields)}
    table = read_table(
        path,
        is_known=lambda name: normalize_name(name) in wanted or find_field(name) is not None,
        header_line=header_line,
        sheet=sheet,
        encoding=encoding,
    )
    return _read_rows(table, recognize(table.header, columns=columns, answers=fields, name=path))


def sample_roster() -> Roster:
    """Return the small roster that comes with the package, for demonstrations."""
    with_path = files("conferencing.bulk") / "roster.csv"
    rows = [line.split(",") for line in with_path.read_text("utf-8").splitlines()]
    header, *people = rows
    columns = recognize(header, name="the roster")
    given = [(number, *columns.values(cells)) for number, cells in enumerate(people, 2)]
    return Roster(entries=tuple(_mark_repeats(_entries(given))), columns=columns)


def _read_rows(table: Table, columns: Columns) -> Roster:
    rows = ((row.line, *columns.values(row.cells)) for row in table.rows)
    return Roster(
        entries=tuple(_mark_repeats(_entries(rows))),
        columns=columns,
        header_line=table.header_line,
        sheet=table.sheet,
    )


def _read_given(
    source: Iterable[Person | Mapping[str, Any]],
    columns: Mapping[str, str],
    answers: Mapping[str, str],
) -> Roster:
    """Read rows of the application, whose keys may differ from row to row."""
    read = partial(_read_given_row, columns=columns, answers=answers)
    entries = (read(number, row) for number, row in enumerate(source, 1))
    return Roster(entries=tuple(_mark_repeats(entry for entry in entries if entry is not None)))


def _read_given_row(
    number: int, row: object, *, columns: Mapping[str, str], answers: Mapping[str, str]
) -> Entry | None:
    if isinstance(row, Person):
        return _check(number, row, {})
    if not isinstance(row, Mapping):
        return Entry(number=number, problem="it is neither a Person nor a mapping")
    mapping = cast("Mapping[object, object]", row)
    cells = {str(name): str(cell) for name, cell in mapping.items() if cell is not None}
    if not any(cell.strip() for cell in cells.values()):
        return None  # an empty line of a table
    try:
        read = recognize(
            [*cells], columns=_present(columns, cells), answers=_present(answers, cells)
        )
    except InvalidRequest as error:
        return Entry(number=number, problem=error.message)
    person, given = read.values([*cells.values()])
    return _entry(number, person, given)


def _present(names: Mapping[str, str], cells: Mapping[str, str]) -> dict[str, str]:
    keys = {normalize_name(name) for name in cells}
    return {name: target for name, target in names.items() if normalize_name(name) in keys}


# ---------------------------------------------------------------------------------------- the rows


def _entries(rows: Iterable[tuple[int, dict[str, str], dict[str, str]]]) -> Iterator[Entry]:
    for number, person, answers in rows:
        if person or answers:  # else a line of a table without anything in a used column
            yield _entry(number, person, answers)


def _entry(number: int, person: dict[str, str], answers: Mapping[str, str]) -> Entry:
    try:
        return _check(number, Person(**_split_name(person)), answers)
    except InvalidRequest as error:
        return Entry(number=number, email=person.get("email"), problem=error.message)


def _check(number: int, person: Person, answers: Mapping[str, str]) -> Entry:
    if not person.email:
        return Entry(number=number, problem="it has no e-mail address")
    for name in (person.first_name, person.last_name, person.name, *answers.values()):
        if name and _CONTROL.search(name):
            return Entry(
                number=number,
                email=person.email,
                problem=f"{name!r} holds a line break or another control character",
            )
    if any(
        len(name or "") > _LONGEST for name in (person.first_name, person.last_name, person.name)
    ):
        return Entry(
            number=number,
            email=person.email,
            problem=f"the name has more than {_LONGEST} characters",
        )
    try:
        name, email = parse_address(person.email)
    except InvalidRequest as error:
        return Entry(number=number, email=person.email, problem=error.message)
    if name and not (person.first_name or person.last_name or person.name):
        person = Person(email=email, **_split_name({"name": name}))
    return Entry(
        number=number,
        person=evolve(person, email=email),
        key=email_key(email),
        fields=dict(answers),
        email=person.email,
    )


def _split_name(values: dict[str, str]) -> dict[str, str]:
    """Add first and last name to a full name: some vendors register nobody without.

    "Lee, Ann" is last and first name; otherwise the last name is what follows the last space.
    Raises `InvalidRequest` for a name with several commas, which may be either.
    """
    full = values.get("name", "")
    if not full or values.get("first_name") or values.get("last_name"):
        return values
    last, *rest = [part.strip() for part in full.split(",")]
    if len(rest) > 1:
        raise InvalidRequest(
            f"the name {full!r} has several commas; give first and last name in columns of their"
            " own",
            field="name",
        )
    if rest:
        return {**values, "first_name": rest[0], "last_name": last, "name": f"{rest[0]} {last}"}
    first, space, last = full.rpartition(" ")
    return {**values, "first_name": first, "last_name": last} if space else values


def _mark_repeats(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Mark rows whose address an earlier row has, and say where they name another person."""
    first: dict[str, Entry] = {}
    for entry in entries:
        earlier = first.setdefault(entry.key, entry) if entry.key else entry
        if earlier is entry:
            yield entry
            continue
        names = [_compare_name(row.person) for row in (earlier, entry)]
        conflict = bool(names[0] and names[1] and names[0] != names[1])
        problem = f"row {earlier.number} has this address already"
        if conflict and earlier.person and entry.person:
            problem += (
                f", for {earlier.person.display_name}; {entry.person.display_name} needs an address"
                " of their own"
            )
        yield evolve(entry, person=None, problem=problem, same_as=earlier.number, conflict=conflict)


def _compare_name(person: Person | None) -> str:
    return normalize_name((person.display_name if person else None) or "")

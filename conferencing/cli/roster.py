"""Reading people from a CSV file: what is bad is named by its line, and the others go on."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any

from attrs import frozen
from email_validator import EmailNotValidError, validate_email

from conferencing.errors import InvalidRequest
from conferencing.model import Person

__all__ = ["BadRow", "Roster", "read_roster"]

HEADERS = {
    "email": "email", "e-mail": "email", "mail": "email",
    "first_name": "first_name", "first name": "first_name", "firstname": "first_name",
    "last_name": "last_name", "last name": "last_name", "lastname": "last_name",
    "surname": "last_name", "name": "name",
}  # fmt: skip


@frozen
class BadRow:
    """Say which line is left out, and why."""

    line: int
    reason: str


@frozen
class Roster:
    """Hold the people of a file, and its bad rows."""

    people: tuple[Person, ...]
    bad: tuple[BadRow, ...]


def read_roster(path: Path | None = None) -> Roster:
    """Read a CSV file in UTF-8 with a header: `email`, and `first_name`, `last_name` or `name`.

    Commas, semicolons and tabs may part the columns. Without a path, it is the small roster that
    comes with the package. Raises `InvalidRequest` for a file that is no such table.
    """
    text = _text(path)
    first_line = text.partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    names = [HEADERS.get(one.strip().lower(), "") for one in next(rows, list[str]())]
    if "email" not in names:
        where = path or "the roster"
        raise InvalidRequest(f"{where} has no column named email in its first line", field="roster")
    try:
        found = list(_read(rows, names, set()))
    except csv.Error as error:
        fault = str(error)
    else:
        return Roster(
            tuple(one for _, one in found if isinstance(one, Person)),
            tuple(BadRow(line, one) for line, one in found if isinstance(one, str)),
        )
    raise InvalidRequest(f"{path} cannot be read: line {rows.line_num}: {fault}", field="roster")


def _text(path: Path | None) -> str:
    try:
        if path is None:
            return (files("conferencing.cli") / "roster.csv").read_text("utf-8")
        return path.read_text("utf-8-sig")
    except OSError as error:
        reason = error.strerror
    except UnicodeDecodeError:
        reason = "it is not UTF-8; save it as 'CSV UTF-8'"
    raise InvalidRequest(f"{path} cannot be read: {reason}", field="roster")


def _read(rows: Any, names: list[str], seen: set[str]) -> Iterator[tuple[int, Person | str]]:
    line = rows.line_num + 1
    for cells in rows:
        line, first = rows.line_num + 1, line
        if not any(cell.strip() for cell in cells):
            continue
        values = {
            name: cell.strip()
            for name, cell in zip(names, cells, strict=False)
            if name and cell.strip()
        }
        yield first, _person(values, seen)


def _person(values: dict[str, str], seen: set[str]) -> Person | str:
    email = values.get("email")
    if not email:
        return "it has no e-mail address"
    try:
        checked = validate_email(email, check_deliverability=False)
    except EmailNotValidError as error:
        return f"{email!r} is no e-mail address: {error}"
    if checked.normalized.casefold() in seen:
        return f"{email} stands above already"
    seen.add(checked.normalized.casefold())
    return Person(**_names(values) | {"email": checked.normalized})


def _names(values: dict[str, str]) -> dict[str, str]:
    """Tell first and last name apart at the last blank: some vendors register nobody without."""
    first, blank, last = values.get("name", "").rpartition(" ")
    return ({"first_name": first, "last_name": last} if blank else {}) | values

"""Reading people from a CSV file: what is bad is named by its line, and the others go on."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path

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
    rows = csv.reader(text.splitlines(), delimiter=delimiter)
    names = [HEADERS.get(one.strip().lower(), "") for one in next(rows, list[str]())]
    if "email" not in names:
        where = path or "the roster"
        raise InvalidRequest(f"{where} has no column named email in its first line", field="roster")
    people: list[Person] = []
    bad: list[BadRow] = []
    for line, found in _read(rows, names, set()):
        if isinstance(found, Person):
            people.append(found)
        else:
            bad.append(BadRow(line, found))
    return Roster(tuple(people), tuple(bad))


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


def _read(
    rows: Iterable[list[str]], names: list[str], seen: set[str]
) -> Iterator[tuple[int, Person | str]]:
    for line, cells in enumerate(rows, 2):
        if not any(cell.strip() for cell in cells):
            continue
        values = {
            name: cell.strip()
            for name, cell in zip(names, cells, strict=False)
            if name and cell.strip()
        }
        yield line, _person(values, seen)


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
    return Person(**values | {"email": checked.normalized})

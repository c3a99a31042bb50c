"""The entries of a list: a person, or what is wrong with a row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from attrs import evolve, field, frozen

from conferencing.errors import InvalidRequest
from conferencing.model import Person
from conferencing.model.drafts import complete_person
from conferencing.model.emails import email_key
from conferencing.model.names import same_words, split_name

__all__ = ["Entry", "check_person", "mark_repeats", "read_entry"]

_LONGEST: Final = 300
"""The longest name: anything longer is another column, or a quote that is never closed."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ERRORS: Final = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
)
"""What a spreadsheet shows in place of a value."""


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


def read_entry(
    number: int, person: dict[str, str], answers: Mapping[str, str], *, surname_first: bool
) -> Entry:
    try:
        if surname_first and not _CONTROL.search(person.get("name", "")):
            person = _turn_name(person)
        return check_person(number, Person(**person), answers)
    except InvalidRequest as error:
        return Entry(number=number, email=person.get("email"), problem=error.message)


def _turn_name(person: dict[str, str]) -> dict[str, str]:
    """Return a person's fields with a full name whose surname is written first in usual order."""
    if "name" not in person or "first_name" in person or "last_name" in person:
        return person
    full = split_name(person["name"], surname_first=True)
    parts = {"name": full.name, "first_name": full.first, "last_name": full.last}
    return person | {key: part for key, part in parts.items() if part}


def check_person(number: int, person: Person, answers: Mapping[str, str]) -> Entry:
    """Return the entry of a person; of one who cannot be registered, with the problem."""
    problem = _find_fault(person, answers)
    if problem is not None:
        return Entry(number=number, email=person.email, problem=problem)
    try:
        complete = complete_person(person)
    except InvalidRequest as error:
        return Entry(number=number, email=person.email, problem=error.message)
    return Entry(
        number=number,
        person=complete,
        key=email_key(complete.email or ""),
        fields=dict(answers),
        email=person.email,
    )


def _find_fault(person: Person, answers: Mapping[str, str]) -> str | None:
    if not person.email:
        return "it has no e-mail address"
    names = [name for name in (person.first_name, person.last_name, person.name) if name]
    for text in (*names, *answers.values()):
        if _CONTROL.search(text):
            return f"{text!r} holds a line break or another control character"
        if text in _ERRORS:
            return f"{text} is an error of a spreadsheet and not a value"
    if any(len(name) > _LONGEST for name in names):
        return f"the name has more than {_LONGEST} characters"
    return None


# --------------------------------------------------------------------------- repeated addresses


def mark_repeats(entries: Iterable[Entry], *, unit: str) -> Iterator[Entry]:
    """Mark rows with the address of an earlier row; as a conflict, if they name another person.

    `unit` is what their numbers count: lines of a file, or rows.
    """
    first: dict[str, Entry] = {}
    for entry in entries:
        earlier = first.setdefault(entry.key, entry) if entry.key else entry
        yield entry if earlier is entry else _mark_repeat(entry, earlier, unit)


def _mark_repeat(entry: Entry, earlier: Entry, unit: str) -> Entry:
    names = [row.person.display_name or "" if row.person else "" for row in (earlier, entry)]
    conflict = all(names) and not same_words(*names)
    problem = f"{unit} {earlier.number} has this address already"
    if conflict:
        problem += f", for {names[0]}; {names[1]} needs an address of their own"
    return evolve(entry, person=None, problem=problem, same_as=earlier.number, conflict=conflict)

"""Which column of a list is which field of a person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from attrs import field, frozen

from conferencing.errors import InvalidRequest

from .column_names import AMBIGUOUS, NAMES, REQUIRED_MARKS

__all__ = ["FIELDS", "Columns", "find_field", "find_fields", "normalize_name", "recognize"]

FIELDS: Final = ("email", "first_name", "last_name", "name")

FALLBACK_EMAIL: Final = "fallback_email"
SURNAME_FIRST: Final = "surname_first"

_LETTERS: Final = str.maketrans(
    {"ł": "l", "đ": "dj", "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ı": "i", "ё": "е", "ъ": ""}
)
_BRACKETS: Final = re.compile(r"[(\[]([^()\[\]]*)[)\]][\s*:]*$")
_EXAMPLES: Final = (
    "email, e-mail address, adres e-mail, imejl, E-Mail-Adresse, adresse e-mail, correo electrónico,"
    " indirizzo e-mail, endereço de e-mail, электронная почта, електронна пошта, البريد الإلكتروني"
)


@lru_cache(2_000)
def normalize_name(name: str) -> str:
    """Return a column's name without case, marks, punctuation and spaces."""
    folded = name.casefold().translate(_LETTERS)
    decomposed = unicodedata.normalize("NFKD", folded)
    return "".join(sign for sign in decomposed if sign.isalnum())


def _split_names(names: str) -> list[str]:
    return [normalize_name(name) for name in re.split(r"[|\n]", names) if name.strip()]


_BY_NAME: Final = {name: target for target, names in NAMES.items() for name in _split_names(names)}
_REQUIRED: Final = frozenset(_split_names(REQUIRED_MARKS))


@frozen(kw_only=True)
class Columns:
    """How the columns of a list are used.

    `recognized` are the columns that are fields of a person, by their name in the list, `answers`
    those that answer the registration form, by its key, and `ignored` all others.
    """

    recognized: Mapping[str, str] = field(factory=dict[str, str])
    answers: Mapping[str, str] = field(factory=dict[str, str])
    ignored: tuple[str, ...] = ()
    surname_first: bool = field(default=False, repr=False)
    targets: tuple[tuple[str, str] | None, ...] = field(default=(), repr=False)

    def values(self, cells: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
        """Return the person's fields and the answers of one row, without empty cells."""
        person: dict[str, str] = {}
        answers: dict[str, str] = {}
        for target, cell in zip(self.targets, cells, strict=False):
            if target is not None and cell.strip():
                kind, key = target
                (person if kind == "person" else answers)[key] = cell.strip()
        return person, answers


# --------------------------------------------------------------------------------- single columns


def find_field(name: str, others: Iterable[str] = ()) -> str | None:
    """Return the field that a column's name means, beside the other columns; None if unknown.

    Beside `FIELDS`, it may be `surname_first`, a full name of that order, or `fallback_email`, an
    address if no other column is.
    """
    key = _key(name)
    beside = {_key(other) for other in others}
    if key == "name" and "vorname" in beside:
        return "last_name"  # German lists: "Name" and "Vorname"
    if key not in AMBIGUOUS:
        return _BY_NAME.get(key)
    meanings, fields = AMBIGUOUS[key], {_BY_NAME.get(other) for other in beside}
    return next((target for other, target in meanings.items() if other in fields), meanings[""])


def find_fields(header: Sequence[str], columns: Mapping[str, str] | None = None) -> set[str]:
    """Return the fields that the columns of a header mean, those named in `columns` included."""
    named = {normalize_name(name): target for name, target in (columns or {}).items()}
    fields = {named.get(normalize_name(title)) or find_field(title, header) for title in header}
    if FALLBACK_EMAIL in fields:
        fields.add("email")
    return {target for target in fields if target is not None}


def _key(name: str) -> str:
    """Return a normalized name without "(required)", which forms add."""
    brackets = _BRACKETS.search(name)
    if brackets and normalize_name(brackets[1]) in _REQUIRED:
        name = name[: brackets.start()]
    return normalize_name(name)


# ------------------------------------------------------------------------------------- all columns


def recognize(
    header: Sequence[str],
    *,
    columns: Mapping[str, str] | None = None,
    answers: Mapping[str, str] | None = None,
    name: object = "the list",
) -> Columns:
    """Return the use of each column. `columns` maps names to fields, before the built-in names.

    `answers` maps names to keys of the registration form. Raises `InvalidRequest` where no column is
    the address, where two columns are the same field, and for a name that the header does not have.
    """
    named = _match_names(header, columns or {}, name, "columns")
    keys = _match_names(header, answers or {}, name, "fields")
    for number in named.keys() & keys.keys():
        raise InvalidRequest(
            f"{header[number].strip()!r} is in columns= and in fields=; keep one of them",
            field="columns",
        )
    meanings = _find_meanings(header, named, keys)
    targets = [_to_target(meaning, keys.get(number)) for number, meaning in enumerate(meanings)]
    _refuse_twins(header, targets, name)
    _refuse_unclear_name(header, targets, named, name)
    if ("person", "email") not in targets:
        raise _without_addresses(header, name)
    return Columns(
        recognized=_pick(header, targets, "person"),
        answers=_pick(header, targets, "answer"),
        ignored=tuple(
            title.strip()
            for title, target in zip(header, targets, strict=True)
            if target is None and title.strip()
        ),
        surname_first=SURNAME_FIRST in meanings,
        targets=tuple(targets),
    )


def _to_target(meaning: str | None, key: str | None) -> tuple[str, str] | None:
    if key is not None:
        return ("answer", key)
    plain = _plain(meaning)
    return None if plain is None else ("person", plain)


def _find_meanings(
    header: Sequence[str], named: Mapping[int, str], keys: Mapping[int, str]
) -> list[str | None]:
    """Return the field of each column; a column that was named goes before one that is known."""
    meanings = [
        None if number in named or number in keys else find_field(title, header)
        for number, title in enumerate(header)
    ]
    taken = set(named.values())
    if "email" not in taken and "email" not in meanings and meanings.count(FALLBACK_EMAIL) == 1:
        meanings[meanings.index(FALLBACK_EMAIL)] = "email"
    usable = [
        None if target == FALLBACK_EMAIL or _plain(target) in taken else target
        for target in meanings
    ]
    return [named.get(number, target) for number, target in enumerate(usable)]


def _plain(target: str | None) -> str | None:
    return "name" if target == SURNAME_FIRST else target


def _match_names(
    header: Sequence[str], wanted: Mapping[str, str], name: object, argument: str
) -> dict[int, str]:
    """Return what is wanted of each column, by its number."""
    matched: dict[int, str] = {}
    for title, target in wanted.items():
        if argument == "columns" and target not in FIELDS:
            raise InvalidRequest(
                f"columns maps {title!r} to {target!r}; it must be one of {', '.join(FIELDS)}",
                field="columns",
            )
        number = _find_column(header, title, name, argument)
        if number in matched:
            raise InvalidRequest(
                f"{argument} names the column {header[number].strip()!r} of {name} twice",
                field=argument,
            )
        matched[number] = target
    return matched


def _find_column(header: Sequence[str], title: str, name: object, argument: str) -> int:
    exact = [number for number, other in enumerate(header) if other.strip() == title.strip()]
    key = normalize_name(title)
    alike = [number for number, other in enumerate(header) if normalize_name(other) == key]
    numbers = exact if len(exact) == 1 else alike
    if not numbers:
        raise InvalidRequest(
            f"{name} has no column {title!r}; it has {_list(header)}", field=argument
        )
    if len(numbers) > 1:
        raise InvalidRequest(
            f"{name} has {len(numbers)} columns {title!r}; rename all but one in the list",
            field=argument,
        )
    return numbers[0]


# ---------------------------------------------------------------------------------------- refusals


def _without_addresses(header: Sequence[str], name: object) -> InvalidRequest:
    if any("@" in title for title in header):
        return InvalidRequest(
            f"{name} has no header, and so no column of e-mail addresses is known: its first line"
            f" is {_list(header)}; put a line such as email,first_name,last_name before it",
            field="people",
        )
    unknown = [title.strip() for title in header if title.strip() and not find_field(title)]
    example = unknown[0] if unknown else "Address"
    return InvalidRequest(
        f"{name} has no column of e-mail addresses; it has {_list(header)}. Accepted are {_EXAMPLES}"
        f" and similar names; or name yours: columns={{{example!r}: 'email'}}",
        field="columns",
    )


def _refuse_twins(
    header: Sequence[str], targets: Sequence[tuple[str, str] | None], name: object
) -> None:
    seen: dict[tuple[str, str], str] = {}
    for title, target in zip(header, targets, strict=True):
        if target is None:
            continue
        if target in seen:
            remedy = "rename or remove one"
            if normalize_name(title) != normalize_name(seen[target]):
                remedy += f", or name the right one: columns={{{title.strip()!r}: {target[1]!r}}}"
            raise InvalidRequest(
                f"two columns of {name} are both read as {target[1]}: {seen[target]!r} and"
                f" {title.strip()!r}; {remedy}",
                field="columns",
            )
        seen[target] = title.strip()


def _refuse_unclear_name(
    header: Sequence[str],
    targets: Sequence[tuple[str, str] | None],
    named: Mapping[int, str],
    name: object,
) -> None:
    """Refuse "Name" beside "First name": in many lists it is the last name."""
    titles = {target[1]: title for title, target in zip(header, targets, strict=True) if target}
    if "first_name" not in titles or "last_name" in titles or "name" not in titles:
        return
    title = titles["name"].strip()
    literal = title == "name" and titles["first_name"].strip() == "first_name"
    if literal or _key(title) != "name" or "name" in named.values():
        return
    raise InvalidRequest(
        f"{name}: {title!r} beside {titles['first_name'].strip()!r} is the last name or the full"
        f" name; say which: columns={{{title!r}: 'last_name'}} or columns={{{title!r}: 'name'}}",
        field="columns",
    )


def _pick(
    header: Sequence[str], targets: Sequence[tuple[str, str] | None], kind: str
) -> dict[str, str]:
    pairs = zip(header, targets, strict=True)
    return {title.strip(): target[1] for title, target in pairs if target and target[0] == kind}


def _list(header: Sequence[str]) -> str:
    titles = ", ".join(repr(title.strip()) for title in header if title.strip())
    return titles[:1000] or "no columns"

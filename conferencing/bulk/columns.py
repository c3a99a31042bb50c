"""Which column of a list is which field: the names that people and services give to columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import field, frozen

from conferencing.errors import InvalidRequest

__all__ = ["FIELDS", "Columns", "find_field", "normalize_name", "recognize"]

FIELDS: Final = ("email", "first_name", "last_name", "name")

# Compared without case, marks, punctuation and spaces. Sources: the exports of ClickMeeting, Zoom,
# Teams, GoTo Webinar, Eventbrite, Google Forms and Mailchimp, and the forms of the languages of our
# vendors' customers.
_NAMES: Final[Mapping[str, str]] = {
    "email": """
        email | e-mail | mail | email address | e-mail address | mail address | user email
        attendee email | participant email | registrant email | ticket email | primary email
        email primary | buyer email | your email | contact email | work email | business email
        participant id upn | upn
        adres e-mail | adres email | e-mail uczestnika | poczta | poczta elektroniczna | adres
        e-mail adresa | imejl | imejl adresa | elektronska pošta | adresa e-pošte | mejl
        имејл | имејл адреса | мејл | електронска пошта | е-пошта | адреса е-поште
        e-mail-adresse | mailadresse | e-mail adresse | emailadresse
        adresse e-mail | adresse mail | adresse électronique | courriel | adresse courriel | mél
        correo | correo electrónico | dirección de correo | dirección de correo electrónico
        dirección de email
        indirizzo e-mail | indirizzo email | posta elettronica | indirizzo di posta elettronica
        endereço de e-mail | endereço de email | correio eletrónico | correio eletrônico
        البريد الإلكتروني | البريد الالكتروني | الايميل | الإيميل | بريد إلكتروني
        عنوان البريد الإلكتروني
        электронная почта | эл. почта | почта | адрес электронной почты | имейл | емейл
        електронна пошта | ел. пошта | пошта | адреса електронної пошти | імейл
    """,
    "first_name": """
        first name | given name | forename | first | attendee first name | participant first name
        imię | imiona
        ime | име
        vorname
        prénom
        nombre | nombre de pila | primer nombre
        nome di battesimo
        primeiro nome | nome próprio
        الاسم الأول | الاسم الاول
        имя
        ім'я
    """,
    "last_name": """
        last name | surname | family name | last | attendee last name | participant last name
        nazwisko
        prezime | презиме
        nachname | familienname | zuname
        nom de famille
        apellido | apellidos
        cognome
        apelido | sobrenome | último nome
        اسم العائلة | الاسم الأخير | الاسم الاخير | اللقب
        фамилия
        прізвище
    """,
    "name": """
        name | full name | display name | attendee | attendee name | participant | participant name
        name original name | user name original name | your name | contact name
        imię i nazwisko | nazwisko i imię | uczestnik
        ime i prezime | име и презиме
        vollständiger name | vor- und nachname | teilnehmer
        nom complet | nom et prénom | prénom et nom | participant
        nombre completo | nombre y apellidos | nombre y apellido
        nome completo | nome e cognome | cognome e nome | nome e sobrenome
        الاسم | الاسم الكامل | الاسم بالكامل
        фио | имя и фамилия | фамилия и имя | полное имя
        піб | ім'я та прізвище | повне ім'я
    """,
}
_AMBIGUOUS: Final[Mapping[str, Mapping[str, str]]] = {
    # "Nom" is the last name beside "Prénom", and "Nome" the first one beside "Cognome".
    "nom": {"first_name": "last_name", "": "name"},
    "nome": {"last_name": "first_name", "": "name"},
}
_LETTERS: Final = str.maketrans(
    {"ł": "l", "đ": "dj", "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ı": "i", "ё": "е", "ъ": ""}
)


def normalize_name(name: str) -> str:
    """Return a column's name without case, marks, punctuation and spaces."""
    folded = name.casefold().translate(_LETTERS)
    decomposed = unicodedata.normalize("NFKD", folded)
    return "".join(sign for sign in decomposed if sign.isalnum())


def _by_name() -> dict[str, str]:
    return {
        normalize_name(name): target
        for target, names in _NAMES.items()
        for name in re.split(r"[|\n]", names)
        if name.strip()
    }


_BY_NAME: Final = _by_name()


@frozen(kw_only=True)
class Columns:
    """What became of the columns of a list.

    `recognized` are the columns that are fields of a person, by their name in the file, `answers`
    those that answer the registration form, and `ignored` all others.
    """

    recognized: Mapping[str, str] = field(factory=dict[str, str])
    answers: Mapping[str, str] = field(factory=dict[str, str])
    ignored: tuple[str, ...] = ()
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


def find_field(name: str, others: Iterable[str] = ()) -> str | None:
    """Return the field that a column's name means, beside the other columns; None if unknown."""
    key = normalize_name(name)
    if key in _AMBIGUOUS:
        meanings = _AMBIGUOUS[key]
        beside = {_BY_NAME.get(normalize_name(other)) for other in others}
        return next((target for other, target in meanings.items() if other in beside), meanings[""])
    return _BY_NAME.get(key)


def recognize(
    header: Sequence[str],
    *,
    columns: Mapping[str, str] | None = None,
    answers: Mapping[str, str] | None = None,
    name: object = "the list",
) -> Columns:
    """Return which column is which. `columns` maps names to fields, and goes before the known ones.

    `answers` maps names to keys of the registration form. Raises `InvalidRequest` where no column is
    the address, where two columns are the same field, and for a name that the header does not have.
    """
    named = _match_names(header, columns or {}, name, "column")
    given = _match_names(header, answers or {}, name, "field")
    targets: list[tuple[str, str] | None] = []
    for number, title in enumerate(header):
        if number in named:
            targets.append(("person", named[number]))
        elif number in given:
            targets.append(("answer", given[number]))
        else:
            known = find_field(title, header)
            taken = known in named.values()  # a column that was named goes before a known one
            targets.append(None if known is None or taken else ("person", known))
    _refuse_twins(header, targets, name)
    found = {target[1] for target in targets if target is not None and target[0] == "person"}
    if "email" not in found:
        raise InvalidRequest(
            f"{name} has no column of e-mail addresses; it has {_list(header)}. Name it, for example"
            f" columns={{{(header[0] if header else 'Address')!r}: 'email'}}",
            field="people",
        )
    return Columns(
        recognized=_pick(header, targets, "person"),
        answers=_pick(header, targets, "answer"),
        ignored=tuple(
            title.strip()
            for title, target in zip(header, targets, strict=True)
            if target is None and title.strip()
        ),
        targets=tuple(targets),
    )


def _match_names(
    header: Sequence[str], wanted: Mapping[str, str], name: object, argument: str
) -> dict[int, str]:
    keys = [normalize_name(title) for title in header]
    matched: dict[int, str] = {}
    for title, target in wanted.items():
        if argument == "column" and target not in FIELDS:
            raise InvalidRequest(
                f"columns maps {title!r} to {target!r}; it must be one of {', '.join(FIELDS)}",
                field="columns",
            )
        if normalize_name(title) not in keys:
            raise InvalidRequest(
                f"{name} has no column {title!r}; it has {_list(header)}", field="columns"
            )
        matched[keys.index(normalize_name(title))] = target
    return matched


def _refuse_twins(
    header: Sequence[str], targets: Sequence[tuple[str, str] | None], name: object
) -> None:
    seen: dict[tuple[str, str], str] = {}
    for title, target in zip(header, targets, strict=True):
        if target is None:
            continue
        if target in seen:
            raise InvalidRequest(
                f"two columns of {name} are both read as {target[1]}: {seen[target]!r} and"
                f" {title.strip()!r}; remove one, or name the right one with columns=",
                field="people",
            )
        seen[target] = title.strip()


def _pick(
    header: Sequence[str], targets: Sequence[tuple[str, str] | None], kind: str
) -> dict[str, str]:
    pairs = zip(header, targets, strict=True)
    return {title.strip(): target[1] for title, target in pairs if target and target[0] == kind}


def _list(header: Sequence[str]) -> str:
    return ", ".join(repr(title.strip()) for title in header if title.strip()) or "no columns"

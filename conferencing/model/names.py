"""Split a full name into first and last name, where its form leaves no doubt."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from conferencing.errors import InvalidRequest

__all__ = ["FullName", "have_common_word", "same_words", "split_name"]

_SUFFIXES: Final = frozenset(
    {"jr", "sr", "ii", "iii", "iv", "phd", "md", "mba", "msc", "bsc", "ma", "ba", "bs", "ms", "mph",
     "jd", "rn", "cpa", "pe", "esq", "dds", "dphil", "edd", "llm", "inc", "llc", "ltd", "gmbh"}
)  # fmt: skip
"""What follows a comma and is not a first name: "Ann Lee, PhD"."""

# Russian, Ukrainian and other East Slavic patronymics: "Иванов Иван Иванович".
_PATRONYMIC: Final = re.compile(r"\w{2,}(ич|вна|чна)", re.IGNORECASE)
_WORD: Final = re.compile(r"\w+")


@frozen
class FullName:
    """A full name as it is displayed; the parts are None where its form leaves doubt."""

    name: str
    first: str | None = None
    last: str | None = None


def split_name(text: str, *, surname_first: bool = False) -> FullName:
    """Return the parts of a full name.

    "Lee, Ann" is last and first name. Without a comma, the last word is the last name. With
    `surname_first`, as in a column "Nazwisko i imię" or "ФИО", the first of two words is, and the
    first of three if the third is a patronymic. Nothing is split if the name is one word, has
    brackets, or begins with a word in capitals ("LEE Ann", which may also be initials). Raises
    `InvalidRequest` for any other comma, and for more words with `surname_first`.
    """
    if "," in text:
        return _split_at_comma(text)
    words = text.split()
    if surname_first:
        return _split_surname_first(text, words)
    if len(words) < 2 or "(" in text or _begins_with_capitals(words):  # noqa: PLR2004
        return FullName(text)
    return FullName(text, " ".join(words[:-1]), words[-1])


def _split_at_comma(text: str) -> FullName:
    last, *rest = [part.strip() for part in text.split(",")]
    suffix = rest[0].replace(".", "").casefold() if rest else ""
    if len(rest) > 1 or not (last and rest[0]) or suffix in _SUFFIXES:
        raise _unclear(text)
    return FullName(f"{rest[0]} {last}", rest[0], last)


def _split_surname_first(text: str, words: list[str]) -> FullName:
    has_patronymic = len(words) == 3 and _PATRONYMIC.fullmatch(words[2])  # noqa: PLR2004
    if len(words) < 2:  # noqa: PLR2004
        return FullName(text)
    if len(words) > 2 and not has_patronymic:  # noqa: PLR2004
        raise _unclear(text)
    last, first = words[0], " ".join(words[1:])
    return FullName(f"{first} {last}", first, last)


def _unclear(text: str) -> InvalidRequest:
    return InvalidRequest(
        f"the name {text!r} can be read in several ways; write it as 'Lee, Ann', or give first and"
        " last name in columns of their own",
        field="name",
    )


def _begins_with_capitals(words: list[str]) -> bool:
    return len(words[0]) > 1 and words[0].isupper() and not words[-1].isupper()


def same_words(first: str, second: str) -> bool:
    """Return whether two names consist of the same words, in any order and case."""
    return _words(first) == _words(second)


def have_common_word(first: str, second: str) -> bool:
    """Return whether two names have a word in common, or one of them has no words."""
    words, others = _words(first), _words(second)
    return not (words and others) or any(word in others for word in words)


def _words(name: str) -> list[str]:
    return sorted(_WORD.findall(name.casefold()))

"""The words of a report, and how it writes times, numbers and shares, in one of its languages.

Each language is one file in `words/`. What is shown is rounded down, so that no figure appears that
was not reached.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final

from attrs import frozen

from conferencing.errors import InvalidRequest
from conferencing.formatting import UNKNOWN, format_percent, format_time
from conferencing.model import Role

__all__ = ["LANGUAGES"]

_MINUTE: Final = timedelta(minutes=1)
_SECOND: Final = timedelta(seconds=1)


# The rules of the Unicode CLDR for whole numbers.
def _english(number: int) -> str:
    return "one" if number == 1 else "other"


def _polish(number: int) -> str:
    if number == 1:
        return "one"
    return "few" if number % 10 in {2, 3, 4} and number % 100 not in {12, 13, 14} else "many"


def _serbian(number: int) -> str:
    if number % 10 == 1 and number % 100 != 11:  # noqa: PLR2004
        return "one"
    return "few" if number % 10 in {2, 3, 4} and number % 100 not in {12, 13, 14} else "other"


def _arabic(number: int) -> str:
    exact = {0: "zero", 1: "one", 2: "two"}
    rest = number % 100
    return exact.get(number) or ("few" if 3 <= rest <= 10 else "many" if rest > 10 else "other")  # noqa: PLR2004


LANGUAGES: Final[Mapping[str, Callable[[int], str]]] = {
    "en": _english,
    "pl": _polish,
    "sr": _serbian,
    "de": _english,
    "ar": _arabic,
}
"""The languages of reports, each with the rule that selects the plural form of a number."""


@frozen(kw_only=True)
class Language:
    """One language. Times are written as they are: convert them to the reader's zone first."""

    settings: Mapping[str, Any]
    texts: Mapping[str, str]
    counts: Mapping[str, Mapping[str, str]]
    plural: Callable[[int], str]

    @property
    def tag(self) -> str:
        """The language as HTML and PDF name it."""
        return str(self.settings["tag"])

    @property
    def is_right_to_left(self) -> bool:
        """Whether lines run from right to left."""
        return bool(self.settings["direction"] == "rtl")

    def text(self, key: str, /, **values: str) -> str:
        """Return a text with the values in its fields."""
        return self.texts[key].format_map(values)

    def count(self, key: str, number: int) -> str:
        """Return a number and its noun: 1 person, 2,000 people."""
        forms = self.counts[key]
        return forms[self.plural(number)].format(n=self.number(number))

    def number(self, number: int | None) -> str:
        """Return a whole number with separators of thousands, or a dash for None."""
        return UNKNOWN if number is None else self._group(number)

    def number_or_unknown(self, number: int | None) -> str:
        """Return a whole number, or a word for None."""
        return self.text("unknown") if number is None else self._group(number)

    def decision(self, value: bool | None) -> str:
        """Return yes, no, or a dash for None."""
        return UNKNOWN if value is None else self.text("yes" if value else "no")

    def role(self, role: Role) -> str:
        """Return the name of a role."""
        return self.text(f"role_{role}")

    def join(self, parts: Sequence[str]) -> str:
        """Return a list with commas."""
        return str(self.settings["comma"]).join(parts)

    def date(self, at: datetime) -> str:
        """Return the date: 1 October 2026."""
        return self._format_date("date", self.settings["months"], at)

    def day(self, at: datetime) -> str:
        """Return day and month as one word: 1 Oct."""
        return self._format_date("day", self.settings["short_months"], at).replace(" ", "\u00a0")

    def time(self, at: datetime | None, *, with_day: bool = False) -> str:
        """Return the time of day to the minute: 10:02, or 1 Oct 10:02."""
        if at is None:
            return UNKNOWN
        return f"{self.day(at)} {format_time(at)}" if with_day else format_time(at)

    def moment(self, at: datetime | None) -> str:
        """Return date and time of day: 1 October 2026, 10:02."""
        return UNKNOWN if at is None else self.join([self.date(at), format_time(at)])

    def percent(self, share: float | None) -> str:
        """Return a share as whole percent, rounded down: 79 % for 0.799."""
        return format_percent(share).replace(" ", "\u00a0")

    def minutes(self, duration: timedelta | None) -> str:
        """Return whole minutes, rounded down: 47; `<1` for less than one, but not for none."""
        if duration is None:
            return UNKNOWN
        return "<1" if timedelta() < duration < _MINUTE else self._group(duration // _MINUTE)

    def duration(self, duration: timedelta | None) -> str:
        """Return hours and minutes, or seconds if it is short, rounded down: 1 h 30 min, 45 s."""
        if duration is None:
            return UNKNOWN
        if timedelta() < duration < _MINUTE:
            return self._unit("seconds", duration // _SECOND)
        hours, minutes = divmod(duration // _MINUTE, 60)
        parts = [
            self._unit("hours", hours) if hours else "",
            self._unit("minutes", minutes) if minutes or not hours else "",
        ]
        return " ".join(filter(None, parts))

    def threshold(self, at_least: float | timedelta) -> str:
        """Return a threshold exactly: 80 %, 33.3 %, 45 min, 90 s."""
        if isinstance(at_least, timedelta):
            exact = at_least % _MINUTE == timedelta()
            return self.duration(at_least) if exact else self._unit("seconds", at_least // _SECOND)
        return f"{Decimal(repr(at_least)) * 100:f}".rstrip("0").rstrip(".") + "\u00a0%"

    def _group(self, number: int) -> str:
        return f"{number:,}".replace(",", self.settings["thousands"])

    def _unit(self, unit: str, number: int) -> str:
        return str(self.settings[unit]).format(n=self._group(number)).replace(" ", "\u00a0")

    def _format_date(self, form: str, months: Sequence[str], at: datetime) -> str:
        text = str(self.settings[form])
        return text.format(day=at.day, month=months[at.month - 1], year=at.year)


def load_language(name: str) -> Language:
    """Return a language by its code, such as `pl` or `pl-PL`. Raises `InvalidRequest`."""
    code, _, rest = name.replace("_", "-").lower().partition("-")
    if code not in LANGUAGES or rest == "cyrl":  # Serbian is in the Latin alphabet
        raise InvalidRequest(
            f"language is {name!r}; it must be one of {', '.join(LANGUAGES)}", field="language"
        )
    return _read_language(code)


@cache
def _read_language(code: str) -> Language:
    text = files(__package__ or "").joinpath("words", f"{code}.toml").read_text("utf-8")
    words = tomllib.loads(text)
    return Language(
        settings=words["language"],
        texts=words["text"],
        counts=words["count"],
        plural=LANGUAGES[code],
    )

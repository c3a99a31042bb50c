"""What all values share: a short repr without personal data, and exact arithmetic of instants."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from html import escape
from typing import Any, ClassVar, Final, TypeVar, cast

from attrs import Attribute, fields

from conferencing.errors import InvalidRequest

from .secret import Secret

__all__ = [
    "Record",
    "check_names",
    "drop_placeholder",
    "elapsed",
    "parse_enum",
    "suggest",
    "to_optional_secret",
    "to_secret",
    "to_utc",
]

E = TypeVar("E", bound=StrEnum)

_NOT_SHOWN: Final = frozenset({"native", "join_url", "url", "code"})

_CUTOFF: Final = 0.65
"""How similar a word must be to be suggested, 0 to 1: retry and retries, not created_at and rate."""

_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)


class Record:
    """Base with a repr of the `_shown` fields only: short, without personal data or secrets."""

    __slots__ = ()
    _shown: ClassVar[tuple[str, ...]] = ("id",)

    def __repr__(self) -> str:
        values = ((name, getattr(self, name)) for name in self._shown)
        inside = ", ".join(f"{name}={_brief(value)}" for name, value in values if value is not None)
        return f"{type(self).__name__}({inside})"

    def _repr_html_(self) -> str:
        """Return a table of the fields that are set, for notebooks; without links and `native`."""
        attributes = cast("tuple[Attribute[Any], ...]", fields(cast("Any", type(self))))
        values = {attribute.alias: getattr(self, attribute.name) for attribute in attributes}
        cells = "".join(
            f"<tr><th>{escape(str(name))}</th><td>{escape(value if isinstance(value, str) else _brief(value))}</td></tr>"
            for name, value in values.items()
            if name not in _NOT_SHOWN and value not in (None, "", (), {})
        )
        return f"<table><caption>{type(self).__name__}</caption>{cells}</table>"


def _brief(value: object) -> str:
    return str(value) if isinstance(value, StrEnum | datetime | timedelta) else repr(value)


def parse_enum(enum: type[E], name: str, value: str) -> E:
    """Return the member with this value. Raises `InvalidRequest` with the valid ones."""
    valid = [member.value for member in enum if member.value != "unknown"]
    if value not in valid:
        raise InvalidRequest(
            f"{name} is {value!r}; it must be one of {', '.join(valid)}", field=name
        )
    return enum(value)


def suggest(word: str, valid: Iterable[str]) -> str:
    """Return ` (did you mean …?)` with the most similar valid word, or an empty string."""
    from difflib import get_close_matches  # noqa: PLC0415 - most words are right

    close = get_close_matches(word, list(valid), 1, cutoff=_CUTOFF)
    return f" (did you mean {close[0]!r}?)" if close else ""


def check_names(what: str, names: Iterable[str], valid: Collection[str]) -> None:
    """Raise `InvalidRequest` for the first name that `what` does not have, with those that it has."""
    for name in names:
        if name not in valid:
            raise InvalidRequest(
                f"{what} has no argument {name!r}{suggest(name, valid)}; it has {', '.join(valid)}",
                field=name,
            )


def elapsed(since: datetime, until: datetime) -> timedelta:
    """Return the time between two aware datetimes.

    Python subtracts wall clocks within one zone, and `astimezone` overflows near the years 1 and
    9999, which vendors send as placeholders.
    """
    wall = until.replace(tzinfo=None) - since.replace(tzinfo=None)
    return wall - (_offset(until) - _offset(since))


def drop_placeholder(moment: datetime | None) -> datetime | None:
    """Return the moment, or None for one in the years 1 and 9999, by which vendors mean "unknown"."""
    return None if moment is None or moment.year in {1, 9999} else moment


def to_utc(moment: datetime) -> datetime:
    """Return the same instant in UTC, or the nearest one that a datetime can hold."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return _FIRST if moment.year == 1 else _LAST


def _offset(moment: datetime) -> timedelta:
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("the datetime has no time zone")
    return offset


def to_optional_secret(value: str | Secret | None) -> Secret | None:
    return None if value is None else to_secret(value)


def to_secret(value: str | Secret) -> Secret:
    return value if isinstance(value, Secret) else Secret(value)

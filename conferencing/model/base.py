"""What all values share: a short repr without personal data, and exact arithmetic of instants."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Final, TypeVar

from conferencing.errors import InvalidRequest

from .secret import Secret

__all__ = [
    "Record",
    "drop_placeholder",
    "elapsed",
    "parse_enum",
    "to_optional_secret",
    "to_secret",
    "to_utc",
]

E = TypeVar("E", bound=StrEnum)

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

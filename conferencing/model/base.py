"""What all values of the model share: a short repr without personal data, and exact time differences."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from .secret import Secret

__all__ = ["Record", "elapsed", "to_secret"]


class Record:
    """Give a repr of the `_shown` fields alone: short, and without personal data or secrets."""

    __slots__ = ()
    _shown: ClassVar[tuple[str, ...]] = ("id",)

    def __repr__(self) -> str:
        known = ((name, getattr(self, name)) for name in self._shown)
        inside = ", ".join(f"{name}={_brief(value)}" for name, value in known if value is not None)
        return f"{type(self).__name__}({inside})"


def _brief(value: object) -> str:
    return str(value) if isinstance(value, StrEnum | datetime | timedelta) else repr(value)


def elapsed(since: datetime, until: datetime) -> timedelta:
    """Return the time between two instants. Within one zone, Python would subtract wall clocks."""
    return until.astimezone(UTC) - since.astimezone(UTC)


def to_secret(value: str | Secret) -> Secret:
    return value if isinstance(value, Secret) else Secret(value)

"""Whether a value that was read is one that was sent: nothing invented, nothing coerced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, Final
from urllib.parse import unquote

import orjson
from attrs import fields, has
from junk import Junk, meanings, scalars

from conferencing import Secret

__all__ = ["Known", "Named", "leaves"]

Named = tuple[str, str, Any]
"""The name of a field, the type of its value, and the value."""

COUNTED: Final = frozenset({"people"})
"""Fields that are counted and not read."""

UNREAD: Final = frozenset({"native", "personal", "precision"})


def leaves(model: Any, name: str = "") -> Iterator[Named]:
    """Give each value of a model that was read from somewhere, with its field."""
    if isinstance(model, Secret):
        model = model.reveal()
    if isinstance(model, dict):
        model = list(model.values())
    if isinstance(model, list | tuple):
        for one in model:
            yield from leaves(one, name)
    elif has(type(model)):
        for part in _read(type(model)):
            yield from leaves(getattr(model, part), part)
    elif not (model is None or isinstance(model, Enum | timedelta) or name in COUNTED):
        yield name, "datetime" if isinstance(model, datetime) else type(model).__name__, model


@cache
def _read(kind: type) -> list[str]:
    return [one.name for one in fields(kind) if one.name not in UNREAD]


class Known:
    """Hold what may be read from replies as they should be, and from what is known beforehand."""

    def __init__(self, result: Any, bodies: Sequence[bytes]) -> None:
        values = [one for body in bodies if body for one in scalars(orjson.loads(body))]
        told = [*leaves(result)]
        self.result = result
        self._meant = {leaf for one in values for leaf in meanings(one)}
        self._meant |= {(kind, value) for _, kind, value in told}
        self._ids = {str(one) for one in values if type(one) is int}
        self._ids |= {
            unquote(part) for _, kind, it in told if kind == "str" for part in it.split(":")
        }
        self._ids.add("-")  # stands in an id for what the vendor does not tell

    def explains(self, leaf: Named, junk: Sequence[Junk]) -> bool:
        """Return whether a value comes from the replies, or from what was put into one."""
        name, kind, value = leaf
        if (kind, value) in self._meant or leaf == (name, "str", ""):  # not told, and so empty
            return True
        if any(one.wild or (kind, value) in one.suggest for one in junk):
            return True
        if kind != "str":
            return False
        if name == "_url":  # one that is told, and something that was told added to it
            return any(self._is_part(part, junk) for part in _tails(value))
        return _is_id(name) and any(
            all(self._is_part(part, junk) for part in parts) for parts in _splits(value)
        )

    def _is_part(self, quoted: str, junk: Sequence[Junk]) -> bool:
        """Return whether a part of an id was sent; numbers may be ids."""
        part = unquote(quoted)
        if part in self._ids or ("str", part) in self._meant:
            return True
        return any(part in one.ids or ("str", part) in one.suggest for one in junk)


def _splits(packed: str) -> Iterator[list[str]]:
    """Give the ways to take a packed id apart; its last part may have the mark itself."""
    parts = packed.split(":")
    for count in range(len(parts)):
        yield [*parts[:count], ":".join(parts[count:])]


def _tails(url: str) -> Iterator[str]:
    for mark in ("?l=", "/"):
        yield url.partition(mark)[2]
        yield url.rpartition(mark)[2]


def _is_id(name: str) -> bool:
    return name == "id" or name.endswith("_id")

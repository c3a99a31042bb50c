"""Check that the values of a model were in the replies: none is made up, and none converted."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum
from functools import lru_cache
from typing import Any, Final, cast
from urllib.parse import unquote

from attrs import fields, has

from conferencing.model import JoinLink
from conferencing.model.secret import Secret

from .expect import type_of
from .mutation import leaves
from .packed import separator_of

__all__ = ["Evidence", "ModelValue", "less_known", "links_of", "model_values"]

ModelValue = tuple[str, str, Any]
"""The name of a field, the type of its value, and the value."""

COUNTED: Final = frozenset({"people"})
"""Fields that adapters may count instead of reading them."""

NOT_READ: Final = frozenset({"native", "personal", "precision", "permanent", "existed", "default"})
"""Fields that adapters may set by themselves."""

LONGEST_EPOCH: Final = 12
"""Digits of an instant as seconds since 1970, at most."""


def model_values(model: Any, name: str = "") -> Iterator[ModelValue]:
    """Yield each value of a model that was read from somewhere, with its field.

    Enumerations and durations are left out: they are derived from what was read.
    """
    if isinstance(model, Secret):
        model = model.reveal()
    if isinstance(model, Mapping):
        model = list(cast("Mapping[str, Any]", model).values())
    if isinstance(model, list | tuple):
        for item in cast("Sequence[Any]", model):
            yield from model_values(item, name)
    elif has(type_of(model)):
        for each in fields(type_of(model)):
            if each.name not in NOT_READ:
                yield from model_values(getattr(model, each.name), each.name)
    elif not (model is None or isinstance(model, Enum | timedelta) or name in COUNTED):
        yield name, "datetime" if isinstance(model, datetime) else type_of(model).__name__, model


def links_of(model: Any) -> Iterator[str]:
    """Yield the links into rooms that a result holds."""
    if isinstance(model, JoinLink):
        yield model.url
    elif isinstance(model, list | tuple):
        for item in cast("Sequence[Any]", model):
            yield from links_of(item)
    elif has(type_of(model)):
        for each in fields(type_of(model)):
            value = getattr(model, each.name)
            if each.name == "join_url" and value is not None:
                yield value
            yield from links_of(value)


def less_known(actual: Any, wanted: Any, place: str = "") -> Iterator[str]:
    """Yield where `actual` differs from `wanted` in more than knowing less.

    A value may be unknown instead: None, an empty text, or `UNKNOWN`. Items of a list may be
    missing, or stand apart that usually are one, with ids of their own; each has to match one that
    is usually there.
    """
    actual, wanted = _plain(actual), _plain(wanted)
    if actual == wanted or actual in (None, "", "unknown") or isinstance(actual, Enum | bool):
        return
    if isinstance(actual, list | tuple) and isinstance(wanted, list | tuple):
        items, others = cast("Sequence[Any]", actual), cast("Sequence[Any]", wanted)
        yield from _less_known_items(items, others, place)
    elif isinstance(actual, Mapping) and isinstance(wanted, Mapping):
        for key, part in cast("Mapping[object, Any]", actual).items():
            other = cast("Mapping[object, Any]", wanted).get(key)
            yield from less_known(part, other, f"{place}[{key!r}]")
    elif _is_model_of(model := cast("Any", actual), wanted):
        for name in {each.name for each in fields(type_of(wanted))} - NOT_READ - COUNTED - {"id"}:
            parts: tuple[Any, Any] = getattr(model, name), getattr(wanted, name)
            yield from less_known(*parts, f"{place}.{name}")
    else:
        yield f"{place}: expected {wanted!r} or unknown, got {actual!r}"


def _is_model_of(actual: object, wanted: object) -> bool:
    return has(type_of(actual)) and type_of(actual) is type_of(wanted)


def _plain(value: Any) -> Any:
    return value.reveal() if isinstance(value, Secret) else value


def _less_known_items(actual: Sequence[Any], wanted: Sequence[Any], place: str) -> Iterator[str]:
    for number, part in enumerate(actual):
        faults = [list(less_known(part, other, f"{place}[{number}]")) for other in wanted]
        if all(faults):
            yield from min(faults, key=len, default=[f"{place}[{number}] is not expected"])


class Evidence:
    """What may be read: values in the replies, and those that were known beforehand.

    `baseline` is the result of the unchanged replies, whose bodies `parse` reads.
    """

    def __init__(
        self, baseline: Any, bodies: Iterable[bytes], parse: Callable[[bytes], Any] = json.loads
    ) -> None:
        values = [value for body in bodies if body for value in _scalars(parse(body))]
        read = list(model_values(baseline))
        self._meanings = _meanings_of(values) | {(kind, value) for _, kind, value in read}
        self._ids = {str(value) for value in values if type_of(value) is int}
        texts = [value for _, kind, value in read if kind == "str"]
        self._ids |= {unquote(part) for text in texts for part in text.split(separator_of(text))}
        self._ids |= {"-", *map(str, range(1, 10))}  # made by adapters: unknown, or an index

    def find_unexplained(self, model: Any, values: Sequence[Any]) -> list[ModelValue]:
        """Return the values of a model that were in no reply, given those put into one."""
        scalars = [scalar for value in values for scalar in _scalars(value)]
        meanings = self._meanings | _meanings_of(scalars)
        ids = self._ids | {str(scalar) for scalar in scalars if type_of(scalar) is int}
        return [each for each in model_values(model) if not _is_explained(each, meanings, ids)]


def _is_explained(value: ModelValue, meanings: set[tuple[str, Any]], ids: set[str]) -> bool:
    name, kind, actual = value
    if (kind, actual) in meanings or value == (name, "str", ""):  # not reported, and so empty
        return True
    if kind != "str":
        return False
    if name == "_url":  # something that was sent, with something else that was sent added to it
        return any(_is_part(part, meanings, ids) for part in _tails(actual))
    is_id = name == "id" or name.endswith("_id")
    return is_id and any(
        all(_is_part(part, meanings, ids) for part in parts) for parts in _splits(actual)
    )


def _is_part(quoted: str, meanings: set[tuple[str, Any]], ids: set[str]) -> bool:
    part = unquote(quoted)
    return part in ids or ("str", part) in meanings


def _splits(packed: str) -> Iterator[list[str]]:
    """Yield the ways to split a packed id; its last part may contain the separator itself."""
    separator = separator_of(packed)
    parts = packed.split(separator)
    for count in range(len(parts)):
        yield [*parts[:count], separator.join(parts[count:])]


def _tails(url: str) -> Iterator[str]:
    for separator in ("?l=", "/"):
        yield url.partition(separator)[2]
        yield url.rpartition(separator)[2]


# ----------------------------------------------------------------------------------------- meanings


def _scalars(value: Any) -> Iterator[Any]:
    """Yield the values in a document; a key may be somebody's id, and a text may hold JSON."""
    for place, leaf in leaves(value):
        yield leaf
        yield from (key for key in place if isinstance(key, str))
        if isinstance(leaf, str) and leaf.startswith("{"):
            try:
                yield from _scalars(json.loads(leaf))
            except (ValueError, RecursionError):
                continue


def _meanings_of(values: Iterable[Any]) -> set[tuple[str, Any]]:
    return {meaning for value in values for meaning in _meanings(value)}


def _meanings(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what a value may be read as, with its type.

    A boolean may be reported as its opposite, as 0 or 1, or as a text. A whole number may be its
    digits, a time a text or the seconds or milliseconds since 1970.
    """
    if isinstance(value, bool):
        yield from (("bool", True), ("bool", False))
    elif isinstance(value, int | float):
        yield type(value).__name__, value
        if value in {0, 1}:
            yield from (("bool", True), ("bool", False))
        yield from _instants(value)
    elif isinstance(value, str):
        yield from _meanings_of_text(value)


@lru_cache(maxsize=2048)  # the same replies are read again for each change of one of their values
def _meanings_of_text(value: str) -> tuple[tuple[str, Any], ...]:
    return tuple(_read_text(value))


def _read_text(value: str) -> Iterator[tuple[str, Any]]:
    yield from (("str", value), ("str", html.unescape(value)))
    yield "str", re.sub(r"\s", "", value)  # a vendor that puts spaces into its links
    yield from (("str", part.strip()) for part in value.split(","))
    if value.lower() in {"0", "1", "true", "false"}:
        yield from (("bool", True), ("bool", False))
    if value.isascii() and value.isdigit() and len(value) <= 18:  # noqa: PLR2004
        yield "int", int(value)
        yield from _instants(int(value))
    expiry = value.rpartition("e=")[2]
    if expiry.isascii() and expiry.isdigit() and len(expiry) < LONGEST_EPOCH:
        yield from _instants(int(expiry))
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        yield "datetime", moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _instants(value: float) -> Iterator[tuple[str, Any]]:
    for unit in (1, 1000):
        try:
            yield "datetime", datetime.fromtimestamp(value / unit, UTC)
        except (ValueError, OverflowError, OSError):
            continue

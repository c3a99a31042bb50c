"""Models, results and errors as plain data for programs: dictionaries, and JSON text.

The form is described for users in `docs/json.md`. Secrets and links show as `***` unless the caller
asks for them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Hashable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from os import PathLike, fspath
from typing import Any, Final, cast
from zoneinfo import ZoneInfo

from attrs import Attribute, fields, has
from cattrs import Converter

from conferencing.accounts.settings import SecretText
from conferencing.errors import ConferencingError, InvalidRequest
from conferencing.model.people import EntryRule
from conferencing.model.secret import MASK, Secret

__all__ = ["to_dict", "to_json"]

_LINKS: Final = frozenset({"join_url", "native"})
"""Fields with addresses that let somebody into a room although they are not of type `Secret`."""

_ADDRESS: Final = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]*://[^\s\"'<>]+")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def to_dict(value: object, *, secrets: bool = False) -> Any:
    """Return a model, a result or an error as dictionaries, lists, strings, numbers and None.

    Models become dictionaries of their fields and properties, lists and other collections become
    lists. Times are ISO 8601 strings, with the name of their zone beside them in `timezone`;
    durations are seconds. Secrets, links, and addresses in `native` are `***` unless `secrets` is
    set. Raises `InvalidRequest` for a value of any other type, such as a listing that has not been
    collected.
    """
    return _converter(secrets=secrets).unstructure(value)


def to_json(value: object, *, secrets: bool = False, indent: int | None = None) -> str:
    """Return what `to_dict` returns as JSON text; with `indent`, over several lines.

    Raises `InvalidRequest` like `to_dict`, and for numbers that JSON does not have.
    """
    data = to_dict(value, secrets=secrets)
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False, indent=indent)
    except ValueError as error:
        raise InvalidRequest(f"this cannot be written as JSON: {error}") from error
    # Half a character, as in a name from a damaged file, cannot be encoded but can be escaped.
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


# ------------------------------------------------------------------------------- one value of each


@cache
def _converter(*, secrets: bool) -> Converter:
    """Return a converter whose hooks are chosen by the type of the value, not of the field."""
    converter = Converter()

    def convert(value: object) -> Any:
        return converter.unstructure(value, type(value))

    hooks: list[tuple[Callable[[Any], bool], Callable[[Any], Any]]] = [
        (_is_a(object), _refuse),  # the last hook that fits is used
        (_is_a(PathLike), fspath),
        (_is_a(type(None), bool, int, float, str), lambda value: value),
        (_is_a(Mapping), lambda value: {_key(key): convert(part) for key, part in value.items()}),
        (_is_a(list, tuple), lambda value: [convert(part) for part in cast("list[object]", value)]),
        (_is_a(set, frozenset), lambda value: sorted((convert(part) for part in value), key=str)),
        (_is_a(date), lambda value: value.isoformat()),
        (_is_a(timedelta), lambda value: value.total_seconds()),
        (_is_a(ZoneInfo), lambda value: value.key),
        (_is_a(Secret), lambda value: value.reveal() if secrets else MASK),
        (has, lambda value: _model(value, convert, secrets=secrets)),
        (_is_a(SecretText), lambda value: value.text if secrets else MASK),
        (_is_a(ConferencingError), lambda value: convert(value.to_dict())),
    ]
    for fits, hook in hooks:
        converter.register_unstructure_hook_func(fits, hook)
    converter.register_unstructure_hook(StrEnum, lambda member: member.value)
    converter.register_unstructure_hook(
        bytes, _refuse
    )  # both have hooks in cattrs, which come first
    return converter


def _is_a(*kinds: type) -> Callable[[Any], bool]:
    return lambda kind: isinstance(kind, type) and issubclass(kind, kinds)


def _refuse(value: object) -> Any:
    raise InvalidRequest(
        f"{type(value).__name__} cannot be written as plain data; pass models, errors, collections"
        " of them, or a listing that is collected",
        field="value",
    )


def _key(key: object) -> str:
    return str(key.value if isinstance(key, StrEnum) else key)


def _hide_addresses(value: Any) -> Any:
    """Mask addresses at any depth: a vendor's mapping has links under names of its own."""
    match value:
        case str():
            return _ADDRESS.sub(MASK, value)
        case dict():
            return {
                name: _hide_addresses(part) for name, part in cast("dict[str, Any]", value).items()
            }
        case list():
            return [_hide_addresses(part) for part in cast("list[object]", value)]
        case _:
            return value


# ---------------------------------------------------------------------------------------- models


def _model(value: Any, convert: Callable[[object], Any], *, secrets: bool) -> dict[str, Any]:
    """Return the fields and properties of an attrs value; an entry rule also has its `kind`."""
    parts = {
        name: getattr(value, attribute)
        for name, attribute in _names(cast("Hashable", type(value))).items()
    }
    kind = {"kind": value.kind.value} if isinstance(value, EntryRule) else {}
    plain = {name: convert(part) for name, part in parts.items()}
    hidden = {} if secrets else {name: _hide_addresses(plain[name]) for name in _LINKS & {*plain}}
    return kind | plain | hidden | _zones(parts)


@cache
def _names(kind: Hashable) -> Mapping[str, str]:
    """Return the names of a class in plain data, each with its attribute.

    The property `person` is left out: it only repeats the fields of the value.
    """
    attributes = cast("tuple[Attribute[Any], ...]", fields(cast("Any", kind)))
    names = {attribute.alias or attribute.name: attribute.name for attribute in attributes}
    computed = (
        name
        for base in reversed(cast("type", kind).__mro__)
        for name, member in vars(base).items()
        if isinstance(member, property) and not name.startswith("_") and name != "person"
    )
    return names | {name: name for name in computed if name not in names}


def _zones(parts: Mapping[str, object]) -> dict[str, str]:
    """Return the names of the zones that the times of a value have, as far as `timezone` lacks them.

    ISO 8601 has offsets only, and without the zone nobody can add a week.
    """
    named = {
        name: part.tzinfo.key
        for name, part in parts.items()
        if isinstance(part, datetime) and isinstance(part.tzinfo, ZoneInfo) and part.tzinfo.key
    }
    planned = parts.get("timezone") or next(iter(named.values()), None)
    zone = planned.key if isinstance(planned, ZoneInfo) else cast("str | None", planned)
    others = {f"{name}_timezone": key for name, key in named.items() if key != zone}
    return ({"timezone": zone} if zone else {}) | others

"""Readers made for one class each: strict, and without a call per field where its type is plain.

They are for replies that are as they should be. What they refuse is read again by the slow way,
which says where it is wrong; so nothing here explains itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin

from attrs import NOTHING, Attribute, Factory, fields, resolve_types

from conferencing.model.fast import only_kept

__all__ = ["compiled"]

Hook = Callable[[Any, Any], Any]

_PLAIN = {str: "str", int: "int", bool: "bool"}

Shortcuts = Mapping[Any, str]
"""Of a type with a reader of its own: by which test (`{0}` is the value) a value has to go to it."""


class NotAsExpected(ValueError):
    """Say that the slow way has to look at this."""


def compiled(
    kind: type, hook_of: Callable[[Any], Hook], shortcuts: Shortcuts = MappingProxyType({})
) -> Hook | None:
    """Return a reader of JSON objects into an attrs class, or None for a class beyond its means.

    `hook_of` gives the reader of any other type, `shortcuts` tell when it need not be asked.
    """
    resolve_types(kind)
    known = cast("tuple[Attribute[Any], ...]", fields(kind))
    if any(one.kw_only or not one.init or isinstance(one.default, _FACTORY) for one in known):
        return None
    scope: dict[str, Any] = {
        "kind": kind,
        "new": object.__new__,
        "fromisoformat": datetime.fromisoformat,
        "NotAsExpected": NotAsExpected,
        "UTC": UTC,
    }
    lines = [
        line
        for place, one in enumerate(known)
        for line in _field(place, one, scope, hook_of, shortcuts)
    ]
    body = "\n    ".join(
        [
            "if value.__class__ is not dict:",
            "    raise NotAsExpected",
            "get = value.get",
            *lines,
            *_made(kind, known),
        ]
    )
    source = f"def read(value, _):\n    {body}\n"
    exec(compile(source, f"<reader of {kind.__name__}>", "exec"), scope)  # noqa: S102 - as attrs does
    return cast("Hook", scope["read"])


_FACTORY: Any = Factory  # a class, whatever its stub says


def _made(kind: type, known: tuple[Attribute[Any], ...]) -> Iterator[str]:
    """Make the instance: field by field where its class does no more than that."""
    setting: Any = kind.__setattr__
    if only_kept(kind) and setting is object.__setattr__:
        yield "row = new(kind)"
        yield from (f"row.{one.name} = v{place}" for place, one in enumerate(known))
        yield "return row"
    else:
        yield f"return kind({', '.join(f'v{place}' for place in range(len(known)))})"


def _field(
    place: int,
    one: Attribute[Any],
    scope: dict[str, Any],
    hook_of: Callable[[Any], Hook],
    shortcuts: Shortcuts,
) -> Iterator[str]:
    name, value = one.name, f"v{place}"
    optional, kind = _optional(one.type)
    if one.default is NOTHING:
        yield f"{value} = value[{name!r}]"
    elif one.default is None:
        yield f"{value} = get({name!r})"
    else:
        scope[f"d{place}"] = one.default
        yield f"{value} = get({name!r}, d{place})"
    known = f"{value} is not None" if optional else "True"
    if kind in _PLAIN:
        yield f"if {value}.__class__ is not {_PLAIN[kind]} and {known}:"
        yield "    raise NotAsExpected"
    elif kind is datetime:
        yield f"if {known}:"
        yield f"    {value} = fromisoformat({value})"
        yield f"    if {value}.tzinfo is not UTC:"  # which is what `Z` gives, and always an instant
        yield f"        if {value}.tzinfo is None:"
        yield "            raise NotAsExpected"
        yield f"        if not 1 < {value}.year < 9999:"  # at the ends of time not all is one
        yield f"            {value}.astimezone(UTC)"
    else:
        scope[f"h{place}"], scope[f"t{place}"] = hook_of(kind), kind
        test = shortcuts.get(kind, "True").format(value)
        yield f"if ({test}) and {known}:"
        yield f"    {value} = h{place}({value}, t{place})"


def _optional(kind: Any) -> tuple[bool, Any]:
    """Return whether None is a value of the type, and the type without it."""
    if get_origin(kind) not in {Union, UnionType}:
        return False, kind
    others = [one for one in get_args(kind) if one is not NoneType]
    return (True, others[0]) if len(others) == 1 else (False, kind)

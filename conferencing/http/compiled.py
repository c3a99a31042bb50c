"""Readers made for one class each: strict, and without a call per field where its type is plain.

They are for replies that are as they should be. What they refuse is read again by the slow way,
which says where it is wrong; so nothing here explains itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin

from attrs import NOTHING, Attribute, Factory, fields, resolve_types

__all__ = ["compiled"]

Hook = Callable[[Any, Any], Any]

_PLAIN = {str: "str", int: "int", bool: "bool"}


class NotAsExpected(ValueError):
    """Say that the slow way has to look at this."""


def compiled(kind: type, hook_of: Callable[[Any], Hook]) -> Hook | None:
    """Return a reader of JSON objects into an attrs class, or None for a class beyond its means.

    `hook_of` gives the reader of any other type.
    """
    resolve_types(kind)
    known = cast("tuple[Attribute[Any], ...]", fields(kind))
    if any(one.kw_only or not one.init or isinstance(one.default, _FACTORY) for one in known):
        return None
    scope: dict[str, Any] = {
        "kind": kind,
        "fromisoformat": datetime.fromisoformat,
        "NotAsExpected": NotAsExpected,
        "UTC": UTC,
    }
    lines = [line for place, one in enumerate(known) for line in _field(place, one, scope, hook_of)]
    names = ", ".join(f"v{place}" for place in range(len(known)))
    body = "\n    ".join(
        ["if value.__class__ is not dict:", "    raise NotAsExpected", "get = value.get", *lines]
    )
    source = f"def read(value, _):\n    {body}\n    return kind({names})\n"
    exec(compile(source, f"<reader of {kind.__name__}>", "exec"), scope)  # noqa: S102 - as attrs does
    return cast("Hook", scope["read"])


_FACTORY: Any = Factory  # a class, whatever its stub says


def _field(
    place: int, one: Attribute[Any], scope: dict[str, Any], hook_of: Callable[[Any], Hook]
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
    guard = f"if {value} is not None" if optional else "if True"
    if kind in _PLAIN:
        spare = f" and {value} is not None" if optional else ""
        yield f"if {value}.__class__ is not {_PLAIN[kind]}{spare}:"
        yield "    raise NotAsExpected"
    elif kind is datetime:
        yield f"{guard}:"
        yield f"    {value} = fromisoformat({value})"
        yield f"    if {value}.tzinfo is None:"
        yield "        raise NotAsExpected"
        yield f"    if not 1 < {value}.year < 9999:"  # at the ends of time not all is an instant
        yield f"        {value}.astimezone(UTC)"
    else:
        scope[f"h{place}"], scope[f"t{place}"] = hook_of(kind), kind
        yield f"{guard}:"
        yield f"    {value} = h{place}({value}, t{place})"


def _optional(kind: Any) -> tuple[bool, Any]:
    """Return whether None is a value of the type, and the type without it."""
    if get_origin(kind) not in {Union, UnionType}:
        return False, kind
    others = [one for one in get_args(kind) if one is not NoneType]
    return (True, others[0]) if len(others) == 1 else (False, kind)

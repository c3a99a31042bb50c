"""Construct many frozen values quickly: the same values as their classes make, in less time.

A frozen class sets each field around its own `__setattr__`. The constructor fills an instance of a
subclass that is not frozen, and then gives it the frozen class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, ParamSpec, TypeVar, cast

from attrs import NOTHING, Attribute, Factory, fields

__all__ = ["fast_constructor"]

P = ParamSpec("P")
T = TypeVar("T")

_FACTORY: Any = Factory  # a class, whatever its stub says
_OPEN: Final = {
    "__slots__": (),  # the same layout, or the class could not be changed
    "__init__": object.__init__,
    "__setattr__": object.__setattr__,
    "__delattr__": object.__delattr__,  # with one of both missing, Python sets fields slowly
}
_BUSY: Final = frozenset({"__attrs_pre_init__", "__attrs_post_init__", "__attrs_init__"})


def fast_constructor(kind: Callable[P, T]) -> Callable[P, T]:
    """Return a function with the arguments of a frozen attrs class that constructs the same value.

    Raises `TypeError` for a class without slots, and for one that does more than store its fields:
    with validators, converters, or methods that attrs calls when an instance is made.
    """
    attributes = _attributes_of(kind)
    if not is_plain(kind):
        raise TypeError(f"{kind!r} does more than store its fields")
    scope: dict[str, Any] = {
        "_kind": kind,
        "_Open": type("Open", (cast("Any", kind),), _OPEN),
        "_nothing": NOTHING,
    }
    body = ["_self = _Open()", *_write_assignments(attributes, scope)]
    body += ["_self.__class__ = _kind", "return _self"]
    source = f"def make({_write_parameters(attributes, scope)}):\n    " + "\n    ".join(body)
    exec(compile(source, f"<constructor of {kind!r}>", "exec"), scope)  # noqa: S102 - as attrs does
    return cast("Callable[P, T]", scope["make"])


def is_plain(kind: Callable[..., Any]) -> bool:
    """Return whether an attrs class has slots, and does no more than store its fields in them."""
    has_slots = "__slots__" in vars(kind) and not _BUSY & {*dir(kind)}
    return has_slots and all(map(_is_stored_unchanged, _attributes_of(kind)))


def _attributes_of(kind: Callable[..., Any]) -> tuple[Attribute[Any], ...]:
    return cast("tuple[Attribute[Any], ...]", fields(cast("Any", kind)))


def _is_stored_unchanged(attribute: Any) -> bool:
    default: Any = attribute.default
    uses_self = isinstance(default, _FACTORY) and default.takes_self
    calls = attribute.validator or attribute.converter or uses_self
    return bool(attribute.init and not calls)


def _write_assignments(
    attributes: Iterable[Attribute[Any]], scope: dict[str, Any]
) -> Iterator[str]:
    for attribute in attributes:
        default: Any = attribute.default
        if isinstance(default, _FACTORY):
            scope[f"_make_{attribute.alias}"] = default.factory
            yield f"if {attribute.alias} is _nothing: {attribute.alias} = _make_{attribute.alias}()"
        yield f"_self.{attribute.name} = {attribute.alias}"


def _write_parameters(attributes: Iterable[Attribute[Any]], scope: dict[str, Any]) -> str:
    """Return the parameters, those without a default first; they may also be passed by position."""
    parameters: list[str] = []
    for attribute in sorted(attributes, key=lambda attribute: attribute.default is not NOTHING):
        default: Any = attribute.default
        name = f"_default_{attribute.alias}"
        scope[name] = NOTHING if isinstance(default, _FACTORY) else default
        alias = str(attribute.alias)
        parameters.append(alias if default is NOTHING else f"{alias}={name}")
    return ", ".join(parameters)

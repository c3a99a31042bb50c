"""Make many frozen values quickly: the same values as their classes make, in less time.

A frozen class has to go round its own lock for each field it sets. A maker fills an instance of an
open class with the same fields, and locks it by giving it its real class.
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
    "__delattr__": object.__delattr__,  # both, or Python takes the long way round
}
_BUSY: Final = frozenset({"__attrs_pre_init__", "__attrs_post_init__", "__attrs_init__"})


def fast_constructor(kind: Callable[P, T]) -> Callable[P, T]:
    """Return a function that takes what a frozen attrs class takes, and makes the same of it.

    Arguments by keyword are quicker here where they may also be given by place; so they may.
    Raises `TypeError` for a class without slots, and for one that does more than keep its fields:
    with validators, converters, or methods that attrs calls when an instance is made.
    """
    known = cast("tuple[Attribute[Any], ...]", fields(cast("Any", kind)))
    if not only_kept(kind):
        raise TypeError(f"{kind!r} does more than keep its fields")
    scope: dict[str, Any] = {
        "_kind": kind,
        "_Open": type("Open", (cast("Any", kind),), _OPEN),
        "_nothing": NOTHING,
    }
    lines = ["_self = _Open()", *_filled(known, scope), "_self.__class__ = _kind", "return _self"]
    source = f"def make({_parameters(known, scope)}):\n    " + "\n    ".join(lines)
    exec(compile(source, f"<maker of {kind!r}>", "exec"), scope)  # noqa: S102 - as attrs does
    return cast("Callable[P, T]", scope["make"])


def only_kept(kind: Callable[..., Any]) -> bool:
    """Return whether an attrs class has slots, and does no more than to keep its fields there."""
    known = cast("tuple[Attribute[Any], ...]", fields(cast("Any", kind)))
    plain = "__slots__" in vars(kind) and not _BUSY & {*dir(kind)}
    return plain and all(map(_is_kept, known))


def _is_kept(one: Attribute[Any]) -> bool:
    kept: Any = one
    made_of_itself = isinstance(kept.default, _FACTORY) and kept.default.takes_self
    return one.init and kept.validator is None and kept.converter is None and not made_of_itself


def _filled(known: Iterable[Attribute[Any]], scope: dict[str, Any]) -> Iterator[str]:
    for one in known:
        default: Any = one.default
        if isinstance(default, _FACTORY):
            scope[f"_make_{one.alias}"] = default.factory
            yield f"if {one.alias} is _nothing: {one.alias} = _make_{one.alias}()"
        yield f"_self.{one.name} = {one.alias}"


def _parameters(known: Iterable[Attribute[Any]], scope: dict[str, Any]) -> str:
    told: list[str] = []
    for one in sorted(known, key=lambda one: one.default is not NOTHING):
        name = f"_default_{one.alias}"
        scope[name] = NOTHING if isinstance(one.default, _FACTORY) else one.default
        told.append(str(one.alias) if one.default is NOTHING else f"{one.alias}={name}")
    return ", ".join(told)

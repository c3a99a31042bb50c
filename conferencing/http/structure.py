"""Strict reading of a vendor's JSON into typed values: a wrong type is an error, never a guess.

Where a vendor really writes one thing in several types, the field says so by a named reader: `Id`,
`LaxBool`, `LaxInt`, `UTCText`, `LooseInstant`. Unknown fields are passed over, unknown words of an enumeration with an
`UNKNOWN` member become that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache, cached_property
from types import GenericAlias
from typing import Any, Final, NewType, TypeVar, get_args, get_origin

from attrs import has
from cattrs import Converter, transform_error
from cattrs.cols import list_structure_factory
from cattrs.gen import (
    make_dict_structure_fn,
    mapping_structure_factory,  # pyright: ignore[reportUnknownVariableType]
)
from cattrs.v import format_exception

from conferencing.errors import MalformedResponse
from conferencing.model.native import Native

from .compiled import compiled

__all__ = ["Id", "LaxBool", "LaxInt", "LooseInstant", "UTCText", "Wire", "php_map"]

T = TypeVar("T")

Id = NewType("Id", str)
"""An id: a text, or a number taken as text."""

LaxBool = NewType("LaxBool", bool)
"""A truth: `true`, `1` or `"1"`, and their opposites."""

LaxInt = NewType("LaxInt", int)
"""A number, or the text of one."""

UTCText = NewType("UTCText", datetime)
"""An instant written `2026-10-01 08:00:00` and meant as UTC."""

LooseInstant = NewType("LooseInstant", datetime)
"""An instant in ISO 8601; one without an offset is meant as UTC."""

_KINDS: Final[Mapping[type, str]] = {
    type(None): "null",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
}
_FLAGS: Final = {"1": True, "0": False, "true": True, "false": False}


class Mismatch(ValueError):
    """Say what was expected and what came."""

    def __init__(self, expected: str, value: object) -> None:
        super().__init__(f"expected {expected}, got {_kind(value)}")


class Wire:
    """Read one vendor's JSON. Make one per adapter; it costs nothing until it is used."""

    def __init__(self, configure: Callable[[Converter], None] = lambda _: None) -> None:
        self._configure = configure
        self._hooks: dict[Any, Callable[[Any, Any], Any]] = {}

    def read(self, payload: object, into: type[T]) -> T:
        """Return the payload as an `into`. Raises `MalformedResponse` with the path at fault."""
        try:
            found: T = self._hook(into)(payload, into)
            return found  # noqa: TRY300 - what is refused is explained below
        except Exception:  # noqa: BLE001, S110 - whatever it was, the slow reading says where
            pass
        raise self._refusal(payload, into)

    def rows(
        self, payload: object, into: type[T], secret: frozenset[str] = frozenset()
    ) -> Iterator[tuple[T, Native]]:
        """Give each row of a list as an `into`, with its `native`. Raises `MalformedResponse`.

        None is read before it is asked for, and none is kept: there may be many.
        """
        listed: Any = payload
        if isinstance(payload, list):
            read = self._hook(into)
            try:
                for raw, native in zip(listed, Native.each(listed, secret), strict=True):
                    yield read(raw, into), native
            except Exception:  # noqa: BLE001, S110 - as in `read`
                pass
            else:
                return
        raise self._refusal(listed, GenericAlias(list, (into,)))

    def _hook(self, into: Any) -> Callable[[Any, Any], Any]:
        found = self._hooks.get(into)
        if found is None:
            found = self._hooks[into] = self._fast.get_structure_hook(into)
        return found

    def _refusal(self, payload: object, into: Any) -> MalformedResponse:
        problem, path = self._problem(payload, into)
        return MalformedResponse(f"the reply is not as documented: {problem} at {path}", path=path)

    def _problem(self, payload: object, into: Any) -> tuple[str, str]:
        try:
            self._detailed.structure(payload, into)
        except Exception as error:  # noqa: BLE001
            first = transform_error(error, format_exception=_explained)[0]
            problem, _, path = first.rpartition(" @ ")
            return problem, path
        return "it reads only the second time", "$"

    @cached_property
    def _fast(self) -> Converter:
        return _strict(self._configure, detailed=False)

    @cached_property
    def _detailed(self) -> Converter:
        return _strict(self._configure, detailed=True)


def _strict(configure: Callable[[Converter], None], *, detailed: bool) -> Converter:
    converter = Converter(detailed_validation=detailed)
    for kind, reader in _READERS.items():
        converter.register_structure_hook(kind, reader)
    converter.register_structure_hook_factory(_is_list, _list)
    converter.register_structure_hook_factory(_is_tuple, _tuple)
    converter.register_structure_hook_factory(_is_mapping, _mapping)
    converter.register_structure_hook_factory(has, _object if detailed else _quick)
    configure(converter)
    return converter


def _text(value: Any, _: Any = None) -> str:
    if value.__class__ is str:
        return value
    raise Mismatch("text", value)


def _number(value: Any, _: Any = None) -> int:
    if value.__class__ is int:
        return value
    raise Mismatch("a whole number", value)


def _decimal(value: Any, _: Any = None) -> float:
    if value.__class__ is float or value.__class__ is int:
        return float(value)
    raise Mismatch("a number", value)


def _truth(value: Any, _: Any = None) -> bool:
    if value is True or value is False:
        return value
    raise Mismatch("true or false", value)


def _instant(value: Any, _: Any = None) -> datetime:
    if value.__class__ is str:
        try:
            instant = datetime.fromisoformat(value)
            instant.astimezone(UTC)
        except (ValueError, OverflowError):
            instant = None
        if instant is not None and instant.tzinfo is not None:
            return instant
    raise Mismatch("a time in ISO 8601 with its offset", value)


def _id(value: Any, _: Any = None) -> Id:
    if value.__class__ is int or (value.__class__ is str and value):
        return Id(str(value))
    raise Mismatch("an id", value)


def _flag(value: Any, _: Any = None) -> LaxBool:
    truth = _FLAGS.get(str(value).lower()) if value.__class__ in {str, int, bool} else None
    if truth is None:
        raise Mismatch("true or false, 1 or 0", value)
    return LaxBool(truth)


def _whole(value: Any, _: Any = None) -> LaxInt:
    if value.__class__ is int:
        return LaxInt(value)
    if value.__class__ is str and value.isascii() and value.isdigit() and len(value) <= 18:  # noqa: PLR2004
        return LaxInt(int(value))
    raise Mismatch("a whole number or its text", value)


def _utc_text(value: Any, _: Any = None) -> UTCText:
    try:
        return UTCText(datetime.strptime(_text(value), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC))
    except ValueError:
        raise Mismatch("a time as YYYY-MM-DD HH:MM:SS", value) from None


def _loose_instant(value: Any, _: Any = None) -> LooseInstant:
    try:
        instant = datetime.fromisoformat(_text(value))
    except ValueError:
        raise Mismatch("a time in ISO 8601", value) from None
    return LooseInstant(instant if instant.tzinfo else instant.replace(tzinfo=UTC))


@cache
def _words(kind: type[StrEnum]) -> dict[str, StrEnum]:
    return {member.value: member for member in kind}


def _enum(value: Any, kind: type[StrEnum]) -> StrEnum:
    words = _words(kind)
    member = words.get(_text(value), words.get("unknown"))
    if member is None:
        raise Mismatch(f"one of {', '.join(words)}", value)
    return member


_READERS: Final[Mapping[Any, Callable[[Any, Any], Any]]] = {
    str: _text,
    int: _number,
    float: _decimal,
    bool: _truth,
    datetime: _instant,
    Id: _id,
    LaxBool: _flag,
    LaxInt: _whole,
    UTCText: _utc_text,
    LooseInstant: _loose_instant,
    StrEnum: _enum,
}


_SHORTCUTS: Final[Mapping[Any, str]] = {
    Id: "{0}.__class__ is not str or not {0}",
    LaxBool: "{0} is not True and {0} is not False",
    LaxInt: "{0}.__class__ is not int",
}


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is list


def _list(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    return _only(list, "a list", list_structure_factory(kind, converter))


def _is_tuple(kind: Any) -> bool:
    return get_origin(kind) is tuple and get_args(kind)[-1] is ...


def _tuple(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    of_list = GenericAlias(list, get_args(kind)[:1])
    read = _list(of_list, converter)
    return lambda value, _: tuple(read(value, of_list))


def _is_mapping(kind: Any) -> bool:
    return get_origin(kind) is dict


def _mapping(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    return _only(dict, "an object", mapping_structure_factory(kind, converter))


def _object(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    return _only(dict, "an object", make_dict_structure_fn(kind, converter))


def _quick(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    return compiled(kind, converter.get_structure_hook, _SHORTCUTS) or _object(kind, converter)


def php_map(converter: Converter, kind: type[Any]) -> None:
    """Let a class also be read from `[]`, as which PHP writes a map that is empty."""
    structure = (_object if converter.detailed_validation else _quick)(kind, converter)

    def read(value: Any, into: Any) -> Any:
        return structure({} if value == [] else value, into)

    converter.register_structure_hook(kind, read)


def _only(
    shape: type, expected: str, structure: Callable[[Any, Any], Any]
) -> Callable[[Any, Any], Any]:
    def read(value: Any, into: Any) -> Any:
        if value.__class__ is not shape:
            raise Mismatch(expected, value)
        return structure(value, into)

    return read


def _kind(value: object) -> str:
    if isinstance(value, str):
        return "text" if value else "an empty text"
    return _KINDS.get(type(value), type(value).__name__)


def _explained(error: BaseException, kind: type | None) -> str:
    return str(error) if isinstance(error, Mismatch) else format_exception(error, kind)

"""Write the model's values for people, without links and passcodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta, tzinfo
from types import NoneType
from typing import Any, Final, cast

from attrs import NOTHING, Attribute, AttrsInstance, fields, has

from conferencing.formatting import clean_line, format_short_duration, format_size
from conferencing.model import Anyone, EntryRule, File, Passcode, Person, PersonalToken, SignIn
from conferencing.model.base import Record
from conferencing.model.secret import Secret

__all__ = ["count_people", "flatten", "format_value", "set_fields"]

HIDDEN: Final = frozenset({"native", "join_link", "join_url", "code", "_url"})
"""Fields that admit to a room, and the vendor's own mapping, which may hold the same."""


# ------------------------------------------------------------------------------- what would be sent


def set_fields(value: object) -> Any:
    """Return the parts of an argument that are set, at any depth; secrets show as `***`."""
    match value:
        case Mapping():
            mapping = cast("Mapping[str, object]", value)
            return {str(name): set_fields(part) for name, part in mapping.items()}
        case list() | tuple():
            return [set_fields(part) for part in cast("Sequence[object]", value)]
        case _ if has(type(value)):
            kind = {"kind": value.kind} if isinstance(value, EntryRule) else {}
            return kind | {name: set_fields(part) for name, part in _changed_fields(value)}
        case Secret():
            return str(value)
        case _:
            return value


def _changed_fields(value: Any) -> Iterator[tuple[str, object]]:
    for attribute in _attributes(value):
        part = getattr(value, attribute.name)
        if isinstance(value, Record) and attribute.name in HIDDEN:
            continue
        if part not in (None, "", (), {}) and part != _default(attribute):
            yield attribute.name.removeprefix("_"), part


def _attributes(value: object) -> tuple[Attribute[Any], ...]:
    return cast("tuple[Attribute[Any], ...]", fields(cast("type[AttrsInstance]", type(value))))


def _default(attribute: Any) -> object:
    return None if attribute.default is NOTHING else attribute.default


# --------------------------------------------------------------------------------------- for people


def format_value(value: object, zone: tzinfo | None = None, *, with_offset: bool = True) -> str:
    """Return a value on one line: times in the zone, durations like 1h30m.

    Without offset, a time still has one in the hour that a clock change repeats.
    """
    if isinstance(value, list | tuple):
        parts = cast("Iterable[object]", value)
        return ", ".join(format_value(part, zone, with_offset=with_offset) for part in parts)
    if isinstance(value, datetime):
        with suppress(OverflowError):  # a placeholder at an end of the calendar stays as it is
            value = value.astimezone(zone)
        return _format_time(value, with_offset=with_offset)
    write = _WRITERS.get(type(value), str)
    return clean_line(write(value))


def _format_time(time: datetime, *, with_offset: bool) -> str:
    is_repeated = time.replace(fold=0).utcoffset() != time.replace(fold=1).utcoffset()
    if with_offset or is_repeated:
        return time.isoformat(sep=" ", timespec="minutes")
    return f"{time:%Y-%m-%d %H:%M}"


def _format_file(file: File) -> str:
    size = None if file.size is None else format_size(file.size)
    return " ".join(filter(None, (file.media_type, size))) or "a file"


_WRITERS: Final[Mapping[type, Callable[[Any], str]]] = {
    NoneType: lambda _: "",
    bool: lambda value: "yes" if value else "no",
    timedelta: format_short_duration,
    File: _format_file,
    Person: lambda person: person.display_name or person.email or "",
    Anyone: lambda rule: rule.kind,
    Passcode: lambda rule: rule.kind,
    PersonalToken: lambda rule: rule.kind,
    SignIn: lambda rule: f"{rule.kind} at {rule.identity}",
}


def _public_fields(value: Any) -> Iterator[tuple[str, object]]:
    for attribute in _attributes(value):
        if attribute.name not in HIDDEN:
            yield attribute.name, getattr(value, attribute.name)


def count_people(number: int) -> str:
    """Return a number of people in words: 1 person, 2 people."""
    return f"{number:,} {'person' if number == 1 else 'people'}"


def flatten(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Yield the parts of a value that are set, with dotted names for nested ones."""
    if isinstance(value, Mapping):
        pairs: Iterable[tuple[Any, object]] = cast("Mapping[str, object]", value).items()
    elif _has_parts(value):
        pairs = _public_fields(value)
    elif isinstance(value, list | tuple) and _is_nested(cast("Sequence[object]", value)):
        pairs = enumerate(cast("Sequence[object]", value), 1)
    else:
        if value not in (None, "", ()):
            yield name, value
        return
    for part_name, part in pairs:
        yield from flatten(part, f"{name}.{part_name}" if name else str(part_name))


def _is_nested(values: Sequence[object]) -> bool:
    return any(isinstance(value, Mapping) or _has_parts(value) for value in values)


def _has_parts(value: object) -> bool:
    return has(type(value)) and type(value) not in _WRITERS

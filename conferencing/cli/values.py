"""The model's values as data for programs and as texts for people: without links and passcodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from types import NoneType
from typing import Any, Final, cast

from attrs import NOTHING, Attribute, AttrsInstance, fields, has

from conferencing.model import Anyone, EntryRule, File, Passcode, Person, PersonalToken, SignIn
from conferencing.model.base import Record
from conferencing.model.secret import Secret

__all__ = ["clean", "flat", "said", "text", "told"]

HIDDEN: Final = frozenset({"native", "join_link", "join_url", "code", "_url"})
"""What lets somebody in, and the vendor's own mapping, which may hold the same."""

MEGABYTE: Final = 1_000_000

_CONTROLS: Final = (*range(0x20), *range(0x7F, 0xA0))
_TURNS: Final = (*range(0x2028, 0x202F), *range(0x2066, 0x206A))  # lines, and the way letters run
_UNSEEN: Final = dict.fromkeys((*_CONTROLS, *_TURNS), "\N{REPLACEMENT CHARACTER}") | dict.fromkeys(
    map(ord, "\t\n\r"), " "
)


def clean(words: str) -> str:
    """Return the text on one line, without what a terminal or a reader of tables would obey.

    Names are hostile input: escape sequences, line breaks and marks that turn the direction go.
    """
    return words.translate(_UNSEEN)


# ------------------------------------------------------------------------------------- for programs


def told(value: object) -> Any:
    """Return the value as data: lengths in seconds, and nothing in it that lets anybody in."""
    match value:
        case timedelta():
            return value.total_seconds()
        case Secret():
            return str(value)
        case Mapping():
            mapping = cast("Mapping[str, object]", value)
            return {str(name): told(one) for name, one in mapping.items()}
        case list() | tuple():
            return [told(one) for one in cast("Sequence[object]", value)]
        case _ if has(type(value)):
            kind = {"kind": value.kind} if isinstance(value, EntryRule) else {}
            return kind | {name: told(one) for name, one in _fields(value)}
        case _:
            return value


def _fields(value: Any) -> Iterator[tuple[str, object]]:
    for one in _attributes(value):
        if one.name not in HIDDEN:
            yield one.name, getattr(value, one.name)


def _attributes(value: object) -> tuple[Attribute[Any], ...]:
    return cast("tuple[Attribute[Any], ...]", fields(cast("type[AttrsInstance]", type(value))))


# ------------------------------------------------------------------------------- what would be sent


def said(value: object) -> Any:
    """Return what of an argument was said, at any depth; secrets show as `***`."""
    match value:
        case Mapping():
            mapping = cast("Mapping[str, object]", value)
            return {str(name): said(one) for name, one in mapping.items()}
        case list() | tuple():
            return [said(one) for one in cast("Sequence[object]", value)]
        case _ if has(type(value)):
            kind = {"kind": value.kind} if isinstance(value, EntryRule) else {}
            return kind | {name: said(one) for name, one in _said_fields(value)}
        case Secret():
            return str(value)
        case _:
            return value


def _said_fields(value: Any) -> Iterator[tuple[str, object]]:
    for one in _attributes(value):
        given = getattr(value, one.name)
        if isinstance(value, Record) and one.name in HIDDEN:
            continue
        if given not in (None, "", (), {}) and given != _default(one):
            yield one.name.removeprefix("_"), given


def _default(attribute: Any) -> object:
    return None if attribute.default is NOTHING else attribute.default


# --------------------------------------------------------------------------------------- for people


def text(value: object, zone: tzinfo | None = None) -> str:
    """Return the value for people: times in the zone with their offset, lengths like 1h30m."""
    if isinstance(value, list | tuple):
        return ", ".join(text(one, zone) for one in cast("Iterable[object]", value))
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(sep=" ", timespec="minutes")
    write = _WRITERS.get(type(value), str)
    return clean(write(value))


def _length(length: timedelta) -> str:
    minutes, seconds = divmod(round(length.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "m"), (seconds, "s"))
    return "".join(f"{number}{unit}" for number, unit in parts if number) or "0m"


def _file(file: File) -> str:
    return " ".join(filter(None, (file.media_type, _size(file.size)))) or "a file"


def _size(size: int | None) -> str:
    if size is None:
        return ""
    return f"{size / MEGABYTE:.1f} MB" if size >= MEGABYTE else f"{size / 1000:.1f} kB"


_WRITERS: Final[Mapping[type, Callable[[Any], str]]] = {
    NoneType: lambda _: "",
    bool: lambda value: "yes" if value else "no",
    timedelta: _length,
    File: _file,
    Person: lambda person: person.display_name or person.email or "",
    Anyone: lambda rule: rule.kind,
    Passcode: lambda rule: rule.kind,
    PersonalToken: lambda rule: rule.kind,
    SignIn: lambda rule: f"{rule.kind} at {rule.identity}",
}


def flat(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Give the parts of a value that are known, nested ones under names with dots."""
    if isinstance(value, Mapping):
        pairs: Iterable[tuple[Any, object]] = cast("Mapping[str, object]", value).items()
    elif _has_parts(value):
        pairs = _fields(value)
    elif isinstance(value, list | tuple) and _nested(cast("Sequence[object]", value)):
        pairs = [(place, one) for place, one in enumerate(cast("Sequence[object]", value), 1)]
    else:
        if value not in (None, "", ()):
            yield name, value
        return
    for part, one in pairs:
        yield from flat(one, f"{name}.{part}" if name else str(part))


def _nested(values: Sequence[object]) -> bool:
    return any(isinstance(one, Mapping) or _has_parts(one) for one in values)


def _has_parts(value: object) -> bool:
    return has(type(value)) and type(value) not in _WRITERS

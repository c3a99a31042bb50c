"""Changed JSON replies: single values replaced or removed, and random changes that repeat by seed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from random import Random
from typing import Any, Final, cast

from attrs import frozen

__all__ = [
    "JUNK",
    "Change",
    "Place",
    "add_keys",
    "change_bytes",
    "format_place",
    "leaves",
    "mutate",
    "remove",
    "replace",
]

Place = tuple[str | int, ...]
"""Keys and indexes that lead to a value in a JSON document."""


def leaves(document: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield each value of a document that is neither an object nor a list, with its place."""
    if isinstance(document, dict):
        for name, part in cast("Mapping[str, Any]", document).items():
            yield from leaves(part, (*place, name))
    elif isinstance(document, list):
        for index, part in enumerate(cast("Sequence[Any]", document)):
            yield from leaves(part, (*place, index))
    else:
        yield place, document


def replace(document: Any, place: Place, value: Any) -> Any:
    """Return a copy of the document with another value at a place."""
    if not place:
        return value
    key, *rest = place
    copy: Any = document.copy()
    copy[key] = replace(copy[key], tuple(rest), value)
    return copy


def remove(document: Any, place: Place) -> Any:
    """Return a copy of the document without the key at a place."""
    key, *rest = place
    copy: Any = document.copy()
    if rest:
        copy[key] = remove(copy[key], tuple(rest))
    else:
        del copy[key]
    return copy


def add_keys(document: Any) -> Any:
    """Return a copy of the document in which every object has one more key."""
    if isinstance(document, dict):
        items = cast("Mapping[str, Any]", document).items()
        return {name: add_keys(part) for name, part in items} | {"brand_new": {"deep": [1]}}
    if isinstance(document, list):
        return [add_keys(part) for part in cast("Sequence[Any]", document)]
    return document


def format_place(place: Place) -> str:
    """Return a place as errors write it: `$.rooms[0].id`."""
    return "$" + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place)


# ------------------------------------------------------------------------------------------- random

JUNK: Final[tuple[Any, ...]] = (
    None, True, False, 0, 1, -1, 2, 5, 10**15, 2**53 + 1, 0.5, 1.0, -0.0, 1e308, "", " ", "1",
    "0", "-1", "1.0", "null", "None", "٣", "²", "true", "True", "no", "x" * 300, "\u202ex",
    "2026-10-01T10:00:00+02:00", "2026-10-01 10:00:00", "2026-13-01T00:00:00Z",
    "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "20261001", "2026-10-01",
    "Fri, 02 Oct 2026 08:30:00 GMT", "https://[bad/?e=²", "https://a/?e=99999999999",
    "&#x110000; &lt;", "a\x00b", "a b", "../../x", '{"a":[]}', [], [[]], {}, [None], [5], ["x"],
    {"token": "X"}, {"url": "https://a/?b"}, {"status": True}, {"status": False},
    {"id": 1, "uid": "1", "name": "x", "status": "active"}, {"setting": "record", "value": 1},
)  # fmt: skip
"""Values that a vendor might send in place of what is documented."""

RAW: Final = ("NaN", "-Infinity", "1e999", "9" * 400, '"\\ud800"', "[" * 2000, "01", "-")
"""Texts in place of a value that are not, or hardly, JSON."""

MARK: Final = "raw-value-mark"
NEW_KEY: Final = "zzz"
SPLINTERS: Final = (b"NaN", b"[[[[", b'"', b"\\ud800", b"\xff", b"}", b"1e999", b",")


@frozen
class Change:
    """A changed body and the values that were put into it; `opaque` if these are unknown."""

    body: bytes
    values: tuple[Any, ...] = ()
    opaque: bool = False


def mutate(body: bytes, random: Random) -> Change:
    """Change a JSON body once to three times at random places; one in twenty by single bytes.

    A body that is not JSON is always changed by single bytes.
    """
    document = None if random.random() < 0.05 else _parse_body(body)  # noqa: PLR2004
    if document is None:
        return Change(change_bytes(body, random), opaque=True)
    values: list[Any] = []
    for _ in range(random.randint(1, 3)):
        document = _change(document, random, values)
    text = json.dumps(document)
    for value in values:
        if isinstance(value, _Raw):
            text = text.replace(f'"{MARK}{value.number}"', value.text)
    return Change(text.encode(), tuple(map(_parse, values)))


def _parse_body(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _parse(value: Any) -> Any:
    """Return what a raw text may be read as; None if it is not JSON."""
    if not isinstance(value, _Raw):
        return value
    try:
        return json.loads(value.text)
    except (ValueError, RecursionError):
        return None


@frozen
class _Raw:
    text: str
    number: int


def _change(document: Any, random: Random, values: list[Any]) -> Any:
    holder, key = _random_place(document, random)
    if holder is None:
        return _draw(random, values)
    choice = random.randrange(7)
    if choice == 0:
        del holder[key]
    elif choice == 1:
        holder[key] = [holder[key]]
    elif choice == 2 and isinstance(holder, dict):  # noqa: PLR2004
        values.append(NEW_KEY)  # with some vendors, keys are ids
        holder[NEW_KEY] = _draw(random, values)
    elif choice == 2:  # noqa: PLR2004
        holder.append(deepcopy(holder[key]))
    else:
        holder[key] = _draw(random, values)
    return document


def _draw(random: Random, values: list[Any]) -> Any:
    if random.random() < 0.15:  # noqa: PLR2004
        raw = _Raw(random.choice(RAW), len(values))
        values.append(raw)
        return f"{MARK}{raw.number}"
    value = deepcopy(random.choice(JUNK))
    values.append(value)
    return value


def _random_place(document: Any, random: Random) -> tuple[Any, Any]:
    """Return a container and a key in it, most often a deep one."""
    holder, key, here = None, None, document
    while isinstance(here, dict | list) and here:
        holder = cast("Any", here)
        key = (
            random.choice(list(holder)) if isinstance(here, dict) else random.randrange(len(holder))
        )
        here = holder[key]
        if random.random() < 0.1:  # noqa: PLR2004
            break
    return holder, key


def change_bytes(body: bytes, random: Random) -> bytes:
    """Return the body cut, or with single bytes changed."""
    data = bytearray(body)
    for _ in range(random.randint(1, 3)):
        place = random.randrange(len(data) + 1)
        choice = random.randrange(4)
        if choice == 0:
            del data[place:]
        elif choice == 1:
            data[place : place + 1] = random.randbytes(1)
        elif choice == 2:  # noqa: PLR2004
            del data[place : place + random.randint(1, 9)]
        else:
            data[place:place] = random.choice(SPLINTERS)
    return bytes(data)

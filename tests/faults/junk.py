"""What a vendor might send in place of a value, what may be made of it, and how it gets there."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from random import Random
from typing import Any, Final, Self

import orjson
from attrs import field, frozen

__all__ = ["JUNK", "Junk", "Leaf", "meanings", "mutated", "scalars"]

Leaf = tuple[str, Any]
"""A value with the name of its type."""


@frozen
class Junk:
    """A value to put somewhere. `meant` is what may be read from it, `ids` as an id only."""

    value: Any
    suggest: frozenset[Leaf] = field(factory=frozenset[Leaf], repr=False)
    ids: frozenset[str] = field(factory=frozenset[str], repr=False)
    wild: bool = False

    @classmethod
    def of(cls, value: Any) -> Self:
        """Return a value with all that it may mean."""
        plain = [] if isinstance(value, orjson.Fragment) else [*scalars(value)]
        suggest = frozenset(leaf for one in plain for leaf in meanings(one))
        return cls(value, suggest, frozenset(str(one) for one in plain if type(one) is int))

    @classmethod
    def anything(cls) -> Self:
        """Return what explains all values: bytes were changed, and nobody knows which."""
        return cls(None, wild=True)


def scalars(value: Any) -> Iterator[Any]:
    """Give all values in a document that are neither object nor list."""
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from scalars(part)
    else:
        yield value


def meanings(value: Any) -> Iterator[Leaf]:
    """Give what a value may be read as, by the readers that adapters name for their fields.

    A truth may be told as its opposite; a flag is a truth, 1 or 0, or the text of one; a whole
    number may come as its digits, a time as text or as seconds or milliseconds since 1970.
    """
    if isinstance(value, bool):
        yield from (("bool", True), ("bool", False))
    elif isinstance(value, int | float):
        yield from _numbers(value)
    elif isinstance(value, str):
        yield from _texts(value)


def _numbers(value: float) -> Iterator[Leaf]:
    yield type(value).__name__, value
    yield "float", float(value)
    if type(value) is int and value in {0, 1}:
        yield from (("bool", True), ("bool", False))
    yield from _instants(value)


def _texts(value: str) -> Iterator[Leaf]:
    yield from (("str", value), ("str", html.unescape(value)))
    yield "str", re.sub(r"\s", "", value)  # one vendor's links come with blanks in them
    if value.lower() in {"0", "1", "true", "false"}:
        yield from (("bool", True), ("bool", False))
    if value.isascii() and value.isdigit() and len(value) <= 18:
        yield "int", int(value)
        yield from _instants(int(value))
    stamp = value.rpartition("e=")[2]
    if stamp.isascii() and stamp.isdigit() and len(stamp) < 12:
        yield from _instants(int(stamp))
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return
    yield "datetime", moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _instants(value: float) -> Iterator[Leaf]:
    for seconds in (value, value / 1000):
        try:
            yield "datetime", datetime.fromtimestamp(seconds, UTC)
        except (ValueError, OverflowError, OSError):
            continue


_raw: Final = (b"NaN", b"-Infinity", b"1e999", b"9" * 400, b'"\\ud800"', b"[" * 2000, b"01", b"-")

JUNK: Final = tuple(
    Junk.of(value)
    for value in (
        None, True, False, 0, 1, -1, 2, 5, 10**15, 2**53 + 1, 0.5, 1.0, -0.0, 1e308, "", " ", "1",
        "0", "-1", "1.0", "null", "None", "٣", "²", "true", "True", "no", "x" * 300, "‮x",
        "2026-10-01T10:00:00+02:00", "2026-10-01 10:00:00", "2026-13-01T00:00:00Z",
        "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "20261001", "2026-10-01",
        "https://[bad/?e=²", "https://a/?e=99999999999", "&#x110000; &lt;", "a\x00b", "../../x",
        [], [[]], {}, [None], [5], ["x"], {"token": "X"}, {"status": True}, {"status": False},
        {"id": 1, "uid": "1", "name": "x", "status": "active"}, {"setting": "record", "value": 1},
        *map(orjson.Fragment, _raw),
    )
)  # fmt: skip

NAME: Final = Junk.of("zzz")


# ------------------------------------------------------------------------------------- the mutator

BYTES: Final = 0.05
"""How many of the bodies are changed by bytes instead of values."""

SPLINTERS: Final = (b"NaN", b"[[[[", b'"', b"\\ud800", b"\xff", b"}", b"1e999", b",")


def mutated(body: bytes, random: Random) -> tuple[bytes, list[Junk]]:
    """Return a body with one to three changes, and what was put into it."""
    if random.random() < BYTES:
        return _splintered(body, random), [Junk.anything()]
    payload = orjson.loads(body)
    put: list[Junk] = []
    for _ in range(max(1, int(random.random() * 5) - 1)):
        payload = _changed(payload, random, put)
    return orjson.dumps(payload), put


def _changed(payload: Any, random: Random, put: list[Junk]) -> Any:
    """Drop, wrap, add or replace something somewhere, at any depth."""
    holder, key = _place(payload, random)
    if holder is None or random.random() < 0.01:
        return _drawn(random, put)
    change = random.random()
    if change < 0.15:
        del holder[key]
    elif change < 0.22:
        holder[key] = [holder[key]]
    elif change < 0.3 and isinstance(holder, dict):
        put.append(NAME)  # names are ids with some vendors
        holder[NAME.value] = _drawn(random, put)
    elif change < 0.3:
        holder.append(_drawn(random, put))
    else:
        holder[key] = _drawn(random, put)
    return payload


def _drawn(random: Random, put: list[Junk]) -> Any:
    junk = JUNK[int(random.random() * len(JUNK))]  # `choice` would take a tenth of all time
    put.append(junk)
    return deepcopy(junk.value) if isinstance(junk.value, dict | list) else junk.value


def _place(payload: Any, random: Random) -> tuple[Any, Any]:
    """Return a container and a key in it, most often a deep one."""
    holder, key, here = None, None, payload
    while isinstance(here, dict | list) and here:
        holder = here
        place = int(random.random() * len(here))
        key = [*here][place] if here.__class__ is dict else place
        here = here[key]
        if random.random() < 0.1:
            break
    return holder, key


def _splintered(body: bytes, random: Random) -> bytes:
    raw = bytearray(body)
    for _ in range(random.randint(1, 3)):
        place = random.randrange(len(raw) + 1)
        change = random.randrange(4)
        if change == 0:
            del raw[place:]
        elif change == 1:
            raw[place : place + 1] = random.randbytes(1)
        elif change == 2:
            del raw[place : place + random.randint(1, 9)]
        else:
            raw[place:place] = random.choice(SPLINTERS)
    return bytes(raw)

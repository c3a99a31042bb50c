"""However a reply is mutated, it is read into what it says or refused with a path; no value of the
model is one that the vendor did not send.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum
from functools import cache
from random import Random
from typing import Any
from urllib.parse import unquote

from attrs import fields, has
from hypothesis import given, settings
from hypothesis import strategies as st

from conferencing import MalformedResponse, Secret

JUNK: list[Any] = [
    None, True, False, 0, 1, -1, 2, 10**15, 10**30, 0.5, 1e308, "", "1", "0", "null", "٣", "²",
    "true", "2026-10-01T10:00:00.000Z", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59",
    "https://[bad/?e=²", "a b", "a\x00b", [], [[]], {}, {"url": "https://a/?b"}, [5], ["x"],
    "Fri, 02 Oct 2026 08:30:00 GMT", "Fri, 02 Oct 99999999999 08:30:00 GMT", '{"a":[]}', "1750153684",
    {"setting": "record", "value": True}, {"room_id": 1, "status": "active", "meeting_id": "1"},
]  # fmt: skip
REFUSED = object()
SEEDS = 30
MUTATIONS = 80


@settings(max_examples=SEEDS, deadline=None, database=None)
@given(seed=st.integers(0, 2**32))
def test_mutated_reply_is_read_truly_or_refused(decoder: Any, seed: int) -> None:
    random, whole = Random(seed), json.dumps(decoder.payload)
    for _ in range(MUTATIONS):
        payload = mutated(json.loads(whole), random)
        body = json.dumps(payload)
        model = outcome(decoder, body)
        assert model is REFUSED or not invented(model, sources(payload)), body


def outcome(decoder: Any, body: str) -> Any:
    """Return the model, or that it was refused as it should be; anything else is raised."""
    try:
        return decoder.read(body.encode())
    except MalformedResponse as error:
        place = error.path or ""
    return REFUSED if place.startswith("$") else None


# --------------------------------------------------------------------------------------- helpers


def mutated(payload: Any, random: Random) -> Any:
    """Drop, swap, add, nest or repeat something, once to four times."""
    for _ in range(random.randint(1, 4)):
        holder = random.choice([*holders(payload)] or [[payload]])
        if not holder:
            continue
        key = random.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        change = random.randrange(6)
        if change == 0:
            del holder[key]
        elif change == 1:
            holder[key] = [deepcopy(holder[key])]
        elif change == 2 and isinstance(holder, dict):
            holder[f"new {random.random()}"] = deepcopy(random.choice(JUNK))
        elif change == 3 and isinstance(holder, list):
            holder.append(deepcopy(holder[key]))
        else:
            holder[key] = deepcopy(random.choice(JUNK))
    return payload


def holders(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for part in value.values() if isinstance(value, dict) else value:
            yield from holders(part)


SAID = {"r", "s", "n", "text/html", *map(str, range(1, 10))}
"""What the caller said, or the adapter says by itself: places in a list, too."""


def invented(model: Any, known: set[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return the values that were not sent; an opaque id may have several that were."""
    return [one for one in leaves(model) if one not in known and not packed(one, known)]


def packed(leaf: tuple[str, Any], known: set[tuple[str, Any]]) -> bool:
    kind, value = leaf
    if kind != "str":
        return False
    parts = [unquote(part) for part in value.split(":")]
    return all(one in SAID or ("str", one) in known for one in parts)


def leaves(model: Any) -> Iterator[tuple[str, Any]]:
    """Give each value of a model with its type, but for what was not read at all."""
    if isinstance(model, Secret):
        model = model.reveal()
    if isinstance(model, dict):
        model = list(model.values())
    if isinstance(model, list | tuple):
        for one in model:
            yield from leaves(one)
    elif has(type(model)):
        for name in shown(type(model)):
            yield from leaves(getattr(model, name))
    elif isinstance(model, datetime):
        yield "datetime", model.isoformat()
    elif isinstance(model, str) and not model:
        return  # what has no name has an empty one
    elif not (model is None or isinstance(model, Enum | timedelta)):
        yield type(model).__name__, model


@cache
def shown(kind: type) -> list[str]:
    own = {"native", "personal", "permanent", "person"}
    return [one.name for one in fields(kind) if one.name not in own]


def sources(payload: Any) -> set[tuple[str, Any]]:
    """Return each value that a model may have from this payload, with the type it may have."""
    found: set[tuple[str, Any]] = set()
    for value in scalars(payload):
        if isinstance(value, bool):
            found |= {("bool", value), ("bool", not value)}  # a lock that is on forbids something
        elif isinstance(value, int):
            found |= {("int", value), ("str", str(value))} | moments(str(value))
        elif isinstance(value, str):
            found |= texts(value)
    return found


def texts(value: str) -> set[tuple[str, Any]]:
    found = {("str", value), ("str", re.sub(r"[ \t\r\n\f\v]", "", value))} | moments(value)
    found |= {("str", part.strip()) for part in value.split(",")}
    if value.isascii() and value.isdigit():
        found.add(("int", int(value)))
    try:
        inner: Any = json.loads(value)
    except ValueError:
        return found
    return found | (sources(inner) if isinstance(inner, dict) else set())


def moments(value: str) -> set[tuple[str, Any]]:
    found: set[tuple[str, Any]] = set()
    if value.isascii() and value.isdigit() and len(value) < 12:
        found.add(("datetime", datetime.fromtimestamp(int(value), UTC).isoformat()))
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        whole = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        found |= set(leaves(whole))
    return found


def scalars(value: Any) -> Iterator[Any]:
    """Give what is in it; a key of an object may be somebody's id."""
    if isinstance(value, dict):
        yield from value
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from scalars(part)
    else:
        yield value

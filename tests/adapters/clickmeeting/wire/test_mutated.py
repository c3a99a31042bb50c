"""However a reply is mutated, it is read into what it says or refused with a path; no value of the
model is one that the vendor did not send.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
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
    "true", "2026-10-01T10:00:00+02:00", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59",
    "https://[bad/?e=²", "https://a/?e=99999999999", "&#x110000; &lt;", "a\x00b", [], [[]], {},
    {"token": "X"}, {"id": 1, "uid": "1", "name": "x", "status": "active"}, [5], ["x"],
]  # fmt: skip
REFUSED = object()
SEEDS = 50
MUTATIONS = 100


@settings(max_examples=SEEDS, deadline=None, database=None)
@given(seed=st.integers(0, 2**32))
def test_five_thousand_mutations_are_read_truly_or_refused(decoder: Any, seed: int) -> None:
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


SESSION = "1:2"
SAID = {"1", "2", "en", "a@b.c", "pdf", "video/mp4", "application/pdf", "-"}
"""What the caller said, or the adapter says by itself."""


def invented(model: Any, known: set[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return the values that were not sent; an opaque id may have several that were."""
    return [one for one in leaves(model) if one not in known and not packed(one, known)]


def packed(leaf: tuple[str, Any], known: set[tuple[str, Any]]) -> bool:
    kind, value = leaf
    if kind != "str":
        return False
    parts = [unquote(part) for part in value.split(":")]
    own = value.removeprefix(f"{SESSION}:")  # the id of a feedback is that of its session and more
    return ("str", own) in known or all(one in SAID or ("str", one) in known for one in parts)


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
    elif not (model is None or isinstance(model, Enum | timedelta)):
        yield type(model).__name__, model


@cache
def shown(kind: type) -> list[str]:
    return [one.name for one in fields(kind) if one.name not in {"native", "personal"}]


def sources(payload: Any) -> set[tuple[str, Any]]:
    """Return each value that a model may have from this payload, with the type it may have."""
    found: set[tuple[str, Any]] = set()
    for value in scalars(payload):
        if isinstance(value, bool):
            found.add(("bool", value))
        elif isinstance(value, int):
            found |= {("int", value), ("str", str(value))}
            found |= {("bool", bool(value))} if value in {0, 1} else set()
        elif isinstance(value, str):
            found |= texts(value)
    return found


def texts(value: str) -> set[tuple[str, Any]]:
    found: set[tuple[str, Any]] = {("str", value), ("str", html.unescape(value))}
    if value in {"0", "1", "true", "false"}:
        found.add(("bool", value in {"1", "true"}))
    if value.isascii() and value.isdigit():
        found.add(("int", int(value)))
    stamp = value.rpartition("e=")[2]
    if stamp.isascii() and stamp.isdigit() and len(stamp) < 12:
        found.add(("datetime", datetime.fromtimestamp(int(stamp), UTC).isoformat()))
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return found
    whole = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return found | {("datetime", whole.isoformat())}


def scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from scalars(part)
    else:
        yield value

"""Replies of the wrong kind are refused with the place; a reply that is mutated at random is read into
what it says, or refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from datetime import datetime, timedelta
from enum import Enum
from random import Random
from typing import Any

import msgspec
import pytest
from attrs import fields, has
from hypothesis import given, settings
from hypothesis import strategies as st

from conferencing import MalformedResponse, Secret
from conferencing.http import Token

BODIES = [
    b"null", b"true", b"0", b"1.5", b"[null]", b"[5]", b"[[]]", b'"text"', b"", b"NaN",
    b"<html><body>Sign in</body></html>", b"\xff\xfe{\x00}\x00", b'{"code":' * 200_000,
    b"[" * 200_000 + b"]" * 200_000,
]  # fmt: skip


def test_body_of_another_kind_is_refused_with_place_and_start(decoder: Any) -> None:
    for body in (*BODIES, b"{}", b'{"0":1}' if isinstance(decoder.payload, list) else b"[]"):
        with pytest.raises(MalformedResponse) as caught:
            decoder.read(body)
        assert caught.value.path.startswith("$"), body[:20]
        assert caught.value.status == 200
        assert len(caught.value.body) <= 200


def test_truncated_body_is_refused(decoder: Any) -> None:
    body = json.dumps(decoder.payload).encode()
    decoder.read(body)
    for end in range(len(body)):
        with pytest.raises(MalformedResponse):
            decoder.read(body[:end])


# ------------------------------------------------------------------------------- required fields

REQUIRED = {
    "room": ["code"],
    "rooms": ["0.code"],
    "usage": ["0.id"],
    "sessions": ["0.id"],
    "feedback": ["0.id"],
    "template": ["id"],
    "templates": ["0.id"],
    "tenants": ["0.id", "0.code"],
    "token": ["access_token", "expires_at"],
}


def test_missing_required_field_is_named(decoder: Any) -> None:
    for place in REQUIRED[decoder.name]:
        with pytest.raises(MalformedResponse) as caught:
            decoder.read(json.dumps(changed(decoder.payload, place)).encode())
        assert caught.value.path == written(place)


def test_unknown_field_is_ignored(decoder: Any) -> None:
    whole = decoder.read(json.dumps(decoder.payload).encode())
    first = decoder.payload[0] if isinstance(decoder.payload, list) else decoder.payload
    more = first | {"brandNew": {"deep": [1]}}
    body = json.dumps([more] if isinstance(decoder.payload, list) else more)
    assert decoder.read(body.encode()) == whole


# ------------------------------------------------------------------------------------ at random

JUNK: list[Any] = [
    None, True, False, 0, 1, -1, 10**15, 10**30, 0.5, 1e308, "", "1", "null", "٣", "a\x00b",
    "2026-10-01T10:00:00.1234567+02:00", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59",
    "https://[bad/?e=²", "Guest", "passcode", [], [[]], {}, {"provider": "Google"}, [5], ["x"],
]  # fmt: skip


@settings(max_examples=50, deadline=None, database=None)
@given(seed=st.integers(0, 2**32))
def test_mutated_reply_is_read_truly_or_refused(decoder: Any, seed: int) -> None:
    random, whole = Random(seed), json.dumps(decoder.payload)
    for _ in range(100):
        body = json.dumps(mutated(json.loads(whole), random))
        model, place = outcome(decoder, body)
        assert place.startswith("$"), body
        assert set(leaves(model)) <= set(sources(json.loads(body))), body


def outcome(decoder: Any, body: str) -> tuple[Any, str]:
    """Return the model, or the place at which it was refused."""
    try:
        return decoder.read(body.encode()), "$"
    except MalformedResponse as error:
        return None, error.path or ""


def mutated(payload: Any, random: Random) -> Any:
    """Drop, swap, nest, repeat or replace something, once to four times."""
    for _ in range(random.randint(1, 4)):
        holder = random.choice([*holders(payload)] or [[payload]])
        if not holder:
            continue
        key = random.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        change = random.randrange(5)
        if change == 0:
            del holder[key]
        elif change == 1:
            holder[key] = [deepcopy(holder[key])]
        elif change == 2 and isinstance(holder, list):
            holder.append(deepcopy(holder[key]))
        else:
            holder[key] = deepcopy(random.choice(JUNK))
    return payload


def holders(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        yield value
        for part in value.values() if isinstance(value, dict) else value:
            yield from holders(part)


def leaves(model: Any) -> Iterator[Any]:
    """Yield each text, number and instant of a model, but for what was not read at all."""
    if isinstance(model, Token):
        yield model.value.reveal()
    elif isinstance(model, Secret):
        yield model.reveal()
    elif isinstance(model, list | tuple):
        for one in model:
            yield from leaves(one)
    elif has(type(model)):
        for one in fields(type(model)):
            if one.name not in {"native", "default", "expires_at"}:
                yield from leaves(getattr(model, one.name))
    elif isinstance(model, timedelta):
        yield model.total_seconds()
    elif not (model is None or model == "" or isinstance(model, Enum)):
        yield model


def sources(payload: Any) -> Iterator[Any]:
    """Yield all that a model may have from this payload."""
    for value in payload.values() if isinstance(payload, dict) else payload:
        if isinstance(value, dict | list):
            yield from sources(value)
            continue
        yield value
        if isinstance(value, int | float):
            yield str(value)
            yield value * 60.0
            yield float(value)
        if isinstance(value, str):
            with suppress(msgspec.ValidationError):  # rounds what `fromisoformat` cuts off
                yield msgspec.convert(value, datetime)


# --------------------------------------------------------------------------------------- helpers


def changed(payload: Any, place: str, *value: Any) -> Any:
    """Return a copy with one place set to a value, or dropped if none is given."""
    whole = deepcopy(payload)
    *path, last = [int(one) if one.isdigit() else one for one in place.split(".")]
    holder = whole
    for one in path:
        holder = holder[one]
    if value:
        holder[last] = value[0]
    else:
        del holder[last]
    return whole


def written(place: str) -> str:
    """Return a place as errors write it: `$[0].id`."""
    parts = place.split(".")
    return "$" + "".join(f"[{one}]" if one.isdigit() else f".{one}" for one in parts)

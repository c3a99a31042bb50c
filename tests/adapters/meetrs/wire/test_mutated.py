"""Replies of a wrong kind and values of a wrong type are refused with their place, field by field;
what is mutated at random is read into what it says, or refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime, timedelta
from enum import Enum
from random import Random
from typing import Any

import pytest
from attrs import fields, has
from hypothesis import given, settings
from hypothesis import strategies as st

from conferencing import MalformedResponse, Secret

BODIES = [
    b"null", b"true", b"0", b"1.5", b"[null]", b"[5]", b"[[]]", b'"text"', b"", b"NaN",
    b"<html><body>Sign in</body></html>", b"\xff\xfe{\x00}\x00", b'{"code":' * 200_000,
    b"[" * 200_000 + b"]" * 200_000,
]  # fmt: skip


def test_a_body_of_another_kind_is_told_with_its_place_and_start(decoder: Any) -> None:
    for body in (*BODIES, b"{}", b'{"0":1}' if isinstance(decoder.payload, list) else b"[]"):
        with pytest.raises(MalformedResponse) as caught:
            decoder.read(body)
        assert caught.value.path.startswith("$"), body[:20]
        assert caught.value.status == 200
        assert len(caught.value.body) <= 200


def test_a_body_that_is_cut_anywhere_is_never_read(decoder: Any) -> None:
    body = json.dumps(decoder.payload).encode()
    decoder.read(body)
    for end in range(len(body)):
        with pytest.raises(MalformedResponse):
            decoder.read(body[:end])


# ------------------------------------------------------------------------------ field after field

NO_TEXT: list[Any] = [5, 1.5, True, [], {}, ["x"]]
NO_ID: list[Any] = [None, True, 1.5, "", [], {}]
NO_NUMBER: list[Any] = ["5", "", 1.5, 1.0, True, [], {}]
NO_TRUTH: list[Any] = ["true", "", 0, 1, [], {}]
NO_TIME: list[Any] = [
    0, True, [], "", "soon", "2026-10-01", "2026-10-01T10:00:00", "2026-13-01T10:00:00Z",
]  # fmt: skip
NO_OBJECT: list[Any] = [5, "x", True, ["x"]]
NO_LIST: list[Any] = [5, "x", True, {}]
ROOM: dict[str, list[Any]] = {
    "code": [None, *NO_TEXT],
    "joinUrl": [None, *NO_TEXT],
    "title": NO_TEXT,
    "description": NO_TEXT,
    "createdAt": NO_TIME,
    "schedulingInfo": NO_OBJECT,
    "schedulingInfo.duration": NO_NUMBER,
    "participants": NO_LIST,
    "participants.0": [None, *NO_OBJECT],
    "participants.0.user": NO_OBJECT,
    "participants.0.role": NO_TEXT,
    "participants.1.accessRules": NO_LIST,
    "participants.1.accessRules.0.provider": [None, *NO_TEXT],
    "participants.1.accessRules.0.condition": NO_TEXT,
    "participants.2.accessRole": NO_OBJECT,
    "participants.2.accessRole.provider": [None, *NO_TEXT],
}
USAGE: dict[str, list[Any]] = {
    "0.id": NO_ID,
    "0.code": NO_TEXT,
    "0.title": NO_TEXT,
    "0.participants": NO_NUMBER,
    "0.createdAt": NO_TIME,
    "0.startedAt": NO_TIME,
    "0.endedAt": NO_TIME,
    "0.totalDurationInSeconds": NO_NUMBER,
    "0.billableDurationInSeconds": NO_NUMBER,
    "0.isFree": NO_TRUTH,
    "0.isSubscriptionCovered": NO_TRUTH,
}
TEMPLATE: dict[str, list[Any]] = {
    "id": NO_ID, "name": NO_TEXT, "description": NO_TEXT, "isDefault": NO_TRUTH,
}  # fmt: skip
FIELDS: dict[str, dict[str, list[Any]]] = {
    "room": ROOM,
    "rooms": {f"0.{name}": wrong for name, wrong in ROOM.items()},
    "usage": USAGE,
    "sessions": USAGE,
    "feedback": {
        "0.id": NO_ID,
        "0.rating": NO_NUMBER,
        "0.text": NO_TEXT,
        "0.resourceId": NO_TEXT,
        "0.resourceType": NO_NUMBER,
        "0.timestamp": NO_TIME,
    },
    "template": TEMPLATE,
    "templates": {f"0.{name}": wrong for name, wrong in TEMPLATE.items()},
    "tenants": {"0.id": NO_ID, "0.code": [None, *NO_TEXT], "0.name": NO_TEXT},
    "token": {
        "access_token": [None, *NO_TEXT],
        "expires_at": [None, "1595422620", True, [], {}],
    },
}
NEEDED = {
    "room": ["code", "joinUrl"],
    "rooms": ["0.code", "0.joinUrl"],
    "usage": ["0.id"],
    "sessions": ["0.id"],
    "feedback": ["0.id"],
    "template": ["id"],
    "templates": ["0.id"],
    "tenants": ["0.id", "0.code"],
    "token": ["access_token", "expires_at"],
}


def test_a_value_of_a_wrong_type_is_never_bent_into_the_right_one(decoder: Any) -> None:
    for place, values in FIELDS[decoder.name].items():
        for wrong in values:
            payload = changed(decoder.payload, place, wrong)
            with pytest.raises(MalformedResponse) as caught:
                decoder.read(json.dumps(payload).encode())
            assert caught.value.path.startswith(written(place)), (place, wrong)


def test_a_field_that_is_needed_is_named_if_it_is_missing(decoder: Any) -> None:
    for place in NEEDED[decoder.name]:
        with pytest.raises(MalformedResponse) as caught:
            decoder.read(json.dumps(changed(decoder.payload, place)).encode())
        assert caught.value.path == written(place)


def test_what_is_not_needed_may_be_missing_and_what_nobody_knows_is_passed_over(
    decoder: Any,
) -> None:
    for place in FIELDS[decoder.name].keys() - set(NEEDED[decoder.name]):
        if not place.endswith("provider"):
            decoder.read(json.dumps(changed(decoder.payload, place)).encode())
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
def test_five_thousand_mutations_are_read_truly_or_refused(decoder: Any, seed: int) -> None:
    random, whole = Random(seed), json.dumps(decoder.payload)
    for _ in range(100):
        body = json.dumps(mutated(json.loads(whole), random))
        model, place = outcome(decoder, body)
        assert place.startswith("$"), body
        assert set(leaves(model)) <= set(said(json.loads(body))), body


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
    """Give each text, number and instant of a model, but for what was not read at all."""
    if isinstance(model, Secret):
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


def said(payload: Any) -> Iterator[Any]:
    """Give all that a model may have from this payload."""
    for value in payload.values() if isinstance(payload, dict) else payload:
        if isinstance(value, dict | list):
            yield from said(value)
            continue
        yield value
        if isinstance(value, int | float):
            yield str(value)
            yield value * 60.0
        if isinstance(value, str):
            try:
                yield datetime.fromisoformat(value)
            except ValueError:
                continue


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

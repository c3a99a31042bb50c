"""Strict reading: every reader against every JSON type, errors with their path, never a guess."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from random import Random
from typing import Any

import pytest
from attrs import field, frozen
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, override
from hypothesis import given, settings
from hypothesis import strategies as st

from conferencing import MalformedResponse
from conferencing.http import Id, LaxBool, LaxInt, LooseInstant, UTCText, Wire, php_map


class Shade(StrEnum):
    OPEN = "open"
    UNKNOWN = "unknown"


class Verb(StrEnum):
    GO = "go"
    STOP = "stop"


NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)
REFUSED = object()

#                 null  true  false  0  1  1.5  ""  "1"  "x"  []  {}
VALUES: list[Any] = [None, True, False, 0, 1, 1.5, "", "1", "x", [], {}]
X = REFUSED
TABLE: dict[Any, list[Any]] = {
    str: [X, X, X, X, X, X, "", "1", "x", X, X],
    int: [X, X, X, 0, 1, X, X, X, X, X, X],
    float: [X, X, X, 0.0, 1.0, 1.5, X, X, X, X, X],
    bool: [X, True, False, X, X, X, X, X, X, X, X],
    Id: [X, X, X, "0", "1", X, X, "1", "x", X, X],
    LaxBool: [X, True, False, False, True, X, X, True, X, X, X],
    LaxInt: [X, X, X, 0, 1, X, X, 1, X, X, X],
    datetime: [X] * 11,
    UTCText: [X] * 11,
    LooseInstant: [X] * 11,
    Shade: [X, X, X, X, X, X, Shade.UNKNOWN, Shade.UNKNOWN, Shade.UNKNOWN, X, X],
    Verb: [X] * 11,
    list[int]: [X, X, X, X, X, X, X, X, X, [], X],
    dict[str, int]: [X, X, X, X, X, X, X, X, X, X, {}],
    tuple[str, ...]: [X, X, X, X, X, X, X, X, X, (), X],
    int | None: [None, X, X, 0, 1, X, X, X, X, X, X],
    str | None: [None, X, X, X, X, X, "", "1", "x", X, X],
}


@pytest.mark.parametrize("kind", TABLE, ids=str)
def test_each_reader_takes_its_own_type_and_refuses_the_others(kind: Any) -> None:
    got = [_read(value, kind) for value in VALUES]
    assert [repr(one) for one in got] == [repr(one) for one in TABLE[kind]]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (datetime, "2026-10-01T12:00:00Z", NOON),
        (datetime, "2026-10-01T14:00:00.000000+02:00", NOON),
        (datetime, "2026-10-01T12:00:00", REFUSED),
        (datetime, "2026-13-01T12:00:00Z", REFUSED),
        (datetime, 1790856000, REFUSED),
        (UTCText, "2026-10-01 12:00:00", NOON),
        (UTCText, "2026-10-01T12:00:00", REFUSED),
        (UTCText, "2026-10-01 12:00:00+02:00", REFUSED),
        (UTCText, "0000-00-00 00:00:00", REFUSED),
        (LooseInstant, "2026-10-01T12:00:00", NOON),
        (LooseInstant, "2026-10-01T14:00:00+02:00", NOON),
        (LooseInstant, "2026-10-01", NOON.replace(hour=0)),
        (LooseInstant, "soon", REFUSED),
        (LaxBool, "TRUE", True),
        (LaxBool, "false", False),
        (LaxBool, 2, REFUSED),
        (LaxBool, "yes", REFUSED),
        (LaxInt, "007", 7),
        (LaxInt, "-1", REFUSED),
        (LaxInt, "1.0", REFUSED),
        (LaxInt, "٣", REFUSED),
        (LaxInt, "9" * 5000, REFUSED),
        (Shade, "open", Shade.OPEN),
        (Shade, "OPEN", Shade.UNKNOWN),
        (Verb, "go", Verb.GO),
        (float, 10**400, REFUSED),
    ],
)
def test_named_readers_take_what_they_name(kind: Any, value: object, expected: object) -> None:
    assert _read(value, kind) == expected


@frozen
class Mail:
    address: str
    read: LaxBool


@frozen
class Room:
    id: Id
    name: str
    starts_at: datetime
    shade: Shade
    size: int
    share: float | None = None
    mails: list[Mail] = field(factory=list)
    extra: dict[str, int] = field(factory=dict)


GOOD: dict[str, Any] = {
    "id": 7,
    "name": "x",
    "starts_at": "2026-10-01T12:00:00Z",
    "shade": "zz_new",
    "size": 3,
    "mails": [{"address": "a@example.com", "read": "1"}, {"address": "b", "read": 0}],
    "extra": {"a": 1},
}
WIRE = Wire()


def test_unknown_words_and_unknown_fields_do_no_harm() -> None:
    room = WIRE.read(GOOD | {"new_field": [None]}, Room)
    assert (room.shade, room.id, room.share) == (Shade.UNKNOWN, "7", None)
    assert room.mails == [Mail("a@example.com", LaxBool(True)), Mail("b", LaxBool(False))]


@pytest.mark.parametrize(
    ("change", "path", "told"),
    [
        ({"starts_at": 5}, "$[1].starts_at", "got a number"),
        ({"name": None}, "$[1].name", "expected text, got null"),
        ({"size": "3"}, "$[1].size", "expected a whole number, got text"),
        ({"size": True}, "$[1].size", "got true or false"),
        ({"mails": {}}, "$[1].mails", "expected a list, got an object"),
        ({"mails": [GOOD["mails"][0], None]}, "$[1].mails[1]", "expected an object, got null"),
        ({"mails": [{"address": "", "read": "y"}]}, "$[1].mails[0].read", "true or false, 1 or 0"),
        ({"mails": [{"address": "x"}]}, "$[1].mails[0]", "read"),
        ({"extra": {"k": "canary"}}, "$[1].extra['k']", "got text"),
        ({"extra": []}, "$[1].extra", "expected an object, got a list"),
    ],
)
def test_the_error_names_the_place_and_never_the_value(
    change: dict[str, Any], path: str, told: str
) -> None:
    with pytest.raises(MalformedResponse) as caught:
        WIRE.read([GOOD, GOOD | change], list[Room])
    error = caught.value
    assert (error.path or "").startswith(path)
    assert told in error.message
    assert path in error.message
    assert "canary" not in error.message
    assert error.__cause__ is error.__context__ is None


@pytest.mark.parametrize("name", ["id", "name", "starts_at", "shade", "size"])
def test_a_missing_field_is_named(name: str) -> None:
    with pytest.raises(MalformedResponse, match=name):
        WIRE.read({key: value for key, value in GOOD.items() if key != name}, Room)


@pytest.mark.parametrize("payload", [None, [], "text", 1, True, 1.5, [GOOD]])
def test_something_else_where_an_object_is_due_is_an_error_at_the_root(payload: object) -> None:
    with pytest.raises(MalformedResponse) as caught:
        WIRE.read(payload, Room)
    assert caught.value.path == "$"
    assert "expected an object" in caught.value.message


def test_php_may_write_an_empty_map_as_a_list_where_that_is_said() -> None:
    @frozen
    class Settings:
        chat: LaxBool | None = None

    wire = Wire(lambda converter: php_map(converter, Settings))
    assert wire.read([], Settings) == Settings()
    assert wire.read({"chat": "1"}, Settings) == Settings(LaxBool(True))
    for payload in ([1], None, "", {"chat": []}):
        with pytest.raises(MalformedResponse):
            wire.read(payload, Settings)


def test_an_adapter_can_rename_what_its_vendor_names_otherwise() -> None:
    def configure(converter: Converter) -> None:
        rename = make_dict_structure_fn(Mail, converter, address=override(rename="eMail"))
        converter.register_structure_hook(Mail, rename)

    assert Wire(configure).read({"eMail": "a", "read": 1}, Mail).address == "a"


@frozen
class Node:
    children: list[Node]


def test_a_reply_as_deep_as_can_be_read_is_still_a_typed_error() -> None:
    payload: Any = {"children": None}
    for _ in range(900):
        payload = {"children": [payload]}
    with pytest.raises(MalformedResponse):
        WIRE.read(payload, Node)


@frozen
class Scalars:
    t: str
    i: int
    f: float
    b: bool
    l: list[str | None]  # noqa: E741
    m: dict[str, bool]


SCALAR = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


@settings(max_examples=500, deadline=None)
@given(
    st.fixed_dictionaries(
        {
            "t": st.text() | SCALAR,
            "i": st.integers() | SCALAR,
            "f": st.floats(allow_nan=False) | SCALAR,
            "b": st.booleans() | SCALAR,
            "l": st.lists(st.text() | SCALAR, max_size=3) | SCALAR,
            "m": st.dictionaries(st.text(), st.booleans() | SCALAR, max_size=3) | SCALAR,
        }
    )
)
def test_no_value_is_ever_coerced(payload: dict[str, Any]) -> None:
    read = _read(payload, Scalars)
    if read is not REFUSED:
        for name in ("t", "i", "b", "l", "m"):
            assert repr(getattr(read, name)) == repr(payload[name])
        assert (read.f, type(payload["f"]) in {int, float}) == (payload["f"], True)


def test_ten_thousand_mutated_replies_are_read_or_typed_errors() -> None:
    random = Random(20261001)
    outcomes = [_read(_mutated(GOOD, random), Room) is REFUSED for _ in range(10_000)]
    assert 2_000 < sum(outcomes) < 9_500


def _read(value: object, kind: Any) -> Any:
    try:
        return WIRE.read(value, kind)
    except MalformedResponse:
        return REFUSED


JUNK: list[Any] = [
    None, True, 0, -1, 2**63, 1e308, 0.5, "", "0", "٣", "\x00", "9" * 400, [], {}, [[]], [None],
    {"": {}}, "2026-10-01", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59",
]  # fmt: skip


def _mutated(sample: Any, random: Random) -> Any:
    """Return a copy with one to three of its values replaced, dropped, doubled or renamed."""
    copy = json.loads(json.dumps(sample))
    for _ in range(random.randint(1, 3)):
        place, key = random.choice([*_places(copy)])
        deed = random.randint(0, 3)
        if deed == 0 and isinstance(place, dict):
            place[str(random.choice(JUNK))] = place.pop(key)
        elif deed == 1:
            del place[key]
        else:
            place[key] = random.choice([*JUNK, [place[key]], {"x": place[key]}])
        if not copy:
            return copy
    return copy


def _places(value: Any) -> Any:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)

"""Replies as rows: strict where it matters, lenient where a value is optional, and bounded."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import define
from hypothesis import given
from hypothesis import strategies as st

from conferencing import MalformedResponse
from conferencing.http import (
    Aware,
    Decoder,
    Id,
    LaxBool,
    LaxInt,
    Reply,
    VendorEnum,
    to_bool,
    to_duration,
    to_int,
)
from conferencing.http.decoding import MAX_ODD_ROWS
from conferencing.http.reply import MAX_FAILURE, MAX_VALUES
from conferencing.model.native import Native

WIRE = Decoder(secret=frozenset({"pin"}))


class Color(VendorEnum):
    RED = "red"
    UNKNOWN = "unknown"


@define
class SettingsRow:
    chat: bool | None = None


@define
class RoomRow:
    id: Id
    name: str
    size: LaxInt | None = None
    open: LaxBool | None = None
    starts_at: Aware | None = None
    color: Color | None = None
    settings: SettingsRow | None = None
    tags: list[str] | None = None
    rules: list[SettingsRow] | None = None
    extras: SettingsRow | list[str] | None = None


@define
class FailureRow:
    code: int | None = None
    message: str | None = None


GOOD: dict[str, Any] = {"id": 7, "name": "Launch"}


def reply(value: object, status: int = 200) -> Reply:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return Reply(status, {}, body)


def read(value: object) -> RoomRow:
    return WIRE.read(reply(value), RoomRow)


def pair(row: RoomRow, native: Native) -> tuple[RoomRow, Native]:
    return row, native


def names(answer: Reply, at: str = "") -> list[str]:
    return WIRE.records(answer, RoomRow, lambda row, _: row.name, at)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("id", 7, 7),
        ("id", "x1", "x1"),
        ("size", "250", "250"),
        ("size", 250, 250),
        ("open", True, True),
        ("open", 1, 1),
        ("open", "0", "0"),
        ("starts_at", "2026-10-01T10:00:00Z", datetime(2026, 10, 1, 10, tzinfo=UTC)),
        ("color", "red", Color.RED),
        ("color", "mauve", Color.UNKNOWN),
        ("settings", {"chat": False}, SettingsRow(chat=False)),
    ],
)
def test_value_of_a_documented_type_is_read(field: str, value: object, expected: object) -> None:
    assert getattr(read(GOOD | {field: value}), field) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), (0, False), ("1", True), ("true", True), ("false", False), (None, None)],
)
def test_lax_bool_becomes_bool(value: Any, expected: bool | None) -> None:
    assert to_bool(value) is expected


@pytest.mark.parametrize(("value", "expected"), [(3, 3), ("12", 12), (None, None)])
def test_lax_int_becomes_int(value: Any, expected: int | None) -> None:
    assert to_int(value) == expected


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("size", "many"),
        ("size", 1.5),
        ("size", True),
        ("size", "9" * 19),
        ("open", "perhaps"),
        ("open", 2),
        ("starts_at", "2026-10-01T10:00:00"),
        ("starts_at", 1790842200),
        ("color", 3),
        ("settings", []),
        ("tags", ["a", 1]),
    ],
)
def test_odd_optional_value_is_none_and_kept(field: str, value: object) -> None:
    row, native = WIRE.record(reply(GOOD | {field: value}), RoomRow, pair)
    assert getattr(row, field) is None
    assert (row.id, row.name) == (7, "Launch")
    assert native[field] == value


def test_odd_nested_value_is_none() -> None:
    row = read(GOOD | {"settings": {"chat": "yes"}, "size": 3})
    assert row.settings == SettingsRow(chat=None)
    assert row.size == 3


def test_odd_value_in_optional_list_keeps_the_list() -> None:
    row = read(GOOD | {"rules": [{"chat": "yes"}, {"chat": True}]})
    assert row.rules == [SettingsRow(chat=None), SettingsRow(chat=True)]


def test_odd_value_in_object_or_list_keeps_the_object() -> None:
    assert read(GOOD | {"extras": {"chat": "yes"}}).extras == SettingsRow(chat=None)
    assert read(GOOD | {"extras": ["a"], "size": 1.5}).extras == ["a"]


@pytest.mark.parametrize(
    ("change", "path", "problem"),
    [
        ({"id": None}, "$.id", "got `null`"),
        ({"id": ""}, "$.id", "length >= 1"),
        ({"id": True}, "$.id", "got `bool`"),
        ({"name": 3}, "$.name", "expected `str`, got `int`"),
    ],
)
def test_odd_required_value_raises_with_its_path(
    change: dict[str, Any], path: str, problem: str
) -> None:
    with pytest.raises(MalformedResponse, match="not as documented") as caught:
        read(GOOD | change)
    assert caught.value.path == path
    assert problem in str(caught.value)


def test_missing_required_field_raises() -> None:
    with pytest.raises(MalformedResponse, match=r"a required field is missing at \$\.name"):
        read({"id": 7})


@pytest.mark.parametrize("value", [None, [], "text", 1, True, 1.5, [GOOD]])
def test_anything_but_an_object_raises(value: object) -> None:
    with pytest.raises(MalformedResponse) as caught:
        read(value)
    assert caught.value.path == "$"


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{", b"NaN", b'{"id": NaN}', b"\xff", b"[" * 5000, b'{"id":1}x']
)
def test_body_that_is_not_json_raises(body: bytes) -> None:
    with pytest.raises(MalformedResponse, match="expected JSON"):
        read(body)


def test_value_below_a_path_is_read() -> None:
    answer = reply({"data": {"room": GOOD}, "ok": True})
    row, native = WIRE.record(answer, RoomRow, pair, at="data.room")
    assert (row.name, native["name"]) == ("Launch", "Launch")


@pytest.mark.parametrize(
    ("value", "path"),
    [({}, "$.data"), ({"data": {}}, "$.data.rooms"), ({"data": None}, "$.data"), ([], "$")],
)
def test_missing_list_raises_and_is_never_empty(value: object, path: str) -> None:
    with pytest.raises(MalformedResponse) as caught:
        names(reply(value), at="data.rooms")
    assert caught.value.path == path


def test_rows_carry_their_own_native() -> None:
    rows = [GOOD | {"id": number, "pin": f"p{number}", "extra": [number]} for number in range(20)]
    records = WIRE.records(reply({"rooms": rows}), RoomRow, pair, at="rooms")
    assert [row.id for row, _ in records] == [*range(20)]
    for number, (_, native) in enumerate(records):
        assert native["extra"] == [number]
        assert native["pin"].reveal() == f"p{number}"
        assert f"p{number}" not in repr(native)


def test_odd_row_is_left_out_and_reported() -> None:
    answer = reply([GOOD, {"id": 8}, GOOD | {"name": "Review"}, "row"])
    assert names(answer) == ["Launch", "Review"]
    assert [problem.rpartition(" at ")[2] for problem in answer.problems] == ["$[1].name", "$[3]"]


def test_list_of_odd_rows_only_raises() -> None:
    with pytest.raises(MalformedResponse) as caught:
        names(reply([{"id": 8}, {"id": 9}]))
    assert caught.value.path == "$[0].name"


def test_too_many_odd_rows_raise() -> None:
    with pytest.raises(MalformedResponse):
        names(reply([GOOD, *({"id": 8} for _ in range(MAX_ODD_ROWS + 1))]))


@pytest.mark.parametrize("odd", ["", "x" * 4097, None, 1.5])
def test_row_without_a_usable_id_is_left_out(odd: object) -> None:
    rows = reply([GOOD, {**GOOD, "id": odd}, {**GOOD, "id": "x" * 4096}])
    read_rows = WIRE.records(rows, RoomRow, lambda row, _: str(row.id))
    assert read_rows == ["7", "x" * 4096]
    (problem,) = rows.problems
    assert "$[1].id" in problem


def test_row_that_cannot_be_built_is_left_out() -> None:
    def build(row: RoomRow, _: Native) -> timedelta:
        return timedelta(days=to_int(row.size) or 0)

    answer = reply([GOOD | {"size": 1}, GOOD | {"size": 10**17}])
    assert WIRE.records(answer, RoomRow, build) == [timedelta(days=1)]
    assert answer.problems == ["the reply is not as documented: OverflowError at $[1]"]


def test_parsed_rows_are_converted_alike() -> None:
    answer = reply({"rooms": {"a": GOOD, "b": {"id": 1}}})
    rows = [*answer.json()["rooms"].values()]
    assert WIRE.convert(answer, rows, RoomRow, lambda row, _: row.name, "rooms") == ["Launch"]
    assert len(answer.problems) == 1


def test_reply_with_too_many_values_raises() -> None:
    body = b"[" + b"{}," * MAX_VALUES + b"{}]"
    with pytest.raises(MalformedResponse, match="more than 150000 values"):
        names(reply(body))
    with pytest.raises(MalformedResponse, match="more than 150000 values"):
        reply(body).json()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"code": 404, "message": "no"}', FailureRow(404, "no")),
        (b'{"code": "x", "message": ["no"]}', FailureRow()),
        (b' {"other": 1}', FailureRow()),
        (b'"denied"', "denied"),
        (b"[]", None),
        (b"{", None),
        (b"", None),
        (b"\xff{}", None),
        (b'{"message": "' + b"x" * MAX_FAILURE + b'"}', None),
    ],
)
def test_peek_accepts_any_body(body: bytes, expected: object) -> None:
    assert WIRE.peek(reply(body), FailureRow) == expected


@define
class Scalars:
    text: str
    number: int
    decimal: float
    truth: bool


KINDS = {"text": str, "number": int, "decimal": (int, float), "truth": bool}
scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(
    allow_nan=False, allow_infinity=False
) | st.text(max_size=5)  # fmt: skip


@given(st.fixed_dictionaries(dict.fromkeys(KINDS, scalars)))
def test_required_value_is_never_coerced(value: dict[str, Any]) -> None:
    right = all(
        isinstance(part, KINDS[name]) and (name == "truth" or not isinstance(part, bool))
        for name, part in value.items()
    )
    try:
        row = WIRE.read(reply(value), Scalars)
    except MalformedResponse:
        assert not right
    else:
        assert {name: getattr(row, name) for name in KINDS} == value
        # JSON has one kind of number: 1.0 may be a whole number, and 1 a decimal.
        assert right or isinstance(value["number"], float)


@given(st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_any_json_is_read_or_refused(value: object) -> None:
    for read_value in (read, lambda value: names(reply(value))):
        with suppress(MalformedResponse):  # and no other exception
            read_value(value)


@pytest.mark.parametrize(
    ("count", "length"),
    [
        (None, None),
        (0, timedelta()),
        ("90", timedelta(minutes=90)),
        (1.5, timedelta(seconds=90)),
        (10**17, None),
        (1e308, None),
        (-1e308, None),
        ("9" * 18, None),
    ],
)
def test_length_is_read_or_unknown(count: float | str | None, length: timedelta | None) -> None:
    assert to_duration(count, timedelta(minutes=1)) == length

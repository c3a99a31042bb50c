"""Typed reading of parameters: what each reader accepts, and how it refuses the rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from conferencing.sandbox.kit import Fields, Refusal, read_json_object, read_query

READERS: dict[str, Callable[[Fields], Any]] = {
    "text": lambda fields: fields.text("x"),
    "number": lambda fields: fields.number("x"),
    "flag": lambda fields: fields.flag("x"),
    "choice": lambda fields: fields.choice("x", ("red", "Blue")),
    "time": lambda fields: fields.time("x"),
    "child": lambda fields: dict(fields.child("x")),
    "children": lambda fields: [dict(row) for row in fields.children("x")],
    "texts": lambda fields: fields.texts("x"),
}
EMPTY = {"child": {}, "children": [], "texts": []}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("values", [{}, {"x": None}])
def test_absent_parameter_is_none(reader, values) -> None:
    assert READERS[reader](Fields(values)) == EMPTY.get(reader)


@pytest.mark.parametrize(
    ("reader", "value", "expected"),
    [
        ("text", "a", "a"),
        ("text", "", ""),
        ("number", 5, 5),
        ("number", -1, -1),
        ("flag", True, True),
        ("flag", False, False),
        ("choice", "red", "red"),
        ("time", "2026-10-01T08:00:00Z", datetime(2026, 10, 1, 8, tzinfo=UTC)),
        ("time", "2026-10-01 08:00+02:00",
         datetime(2026, 10, 1, 8, tzinfo=timezone(timedelta(hours=2)))),
        ("child", {"a": 1}, {"a": 1}),
        ("children", [{"a": 1}, {}], [{"a": 1}, {}]),
        ("texts", ["a", "b"], ["a", "b"]),
    ],
)  # fmt: skip
def test_reader_returns_its_type(reader, value, expected) -> None:
    assert READERS[reader](Fields({"x": value})) == expected


@pytest.mark.parametrize(
    ("reader", "value", "message"),
    [
        ("text", 5, "must be a string"),
        ("text", ["a"], "must be a string"),
        ("number", "5", "must be a whole number"),
        ("number", True, "must be a whole number"),
        ("number", 1.0, "must be a whole number"),
        ("flag", 1, "must be true or false"),
        ("flag", "true", "must be true or false"),
        ("choice", "green", "must be one of red, Blue"),
        ("choice", "blue", "must be one of red, Blue"),
        ("time", "2026-10-01T08:00:00", "must be a time in ISO 8601 with an offset"),
        ("time", "tomorrow", "must be a time in ISO 8601 with an offset"),
        ("time", 5, "must be a time in ISO 8601 with an offset"),
        ("child", [], "must be an object"),
        ("children", {}, "must be a list of objects"),
        ("children", ["a"], "must be a list of objects"),
        ("texts", "a", "must be a list of strings"),
        ("texts", [1], "must be a list of strings"),
    ],
)
def test_other_types_are_refused(reader, value, message) -> None:
    with pytest.raises(Refusal) as caught:
        READERS[reader](Fields({"x": value}, status=422))
    (problem,) = caught.value.problems
    assert caught.value.status == 422
    assert (problem.field, problem.message, problem.code) == ("x", message, "invalid")


@pytest.mark.parametrize(
    ("reader", "value", "expected"),
    [
        ("number", "5", 5),
        ("number", 5, 5),
        ("flag", "1", True),
        ("flag", "FALSE", False),
        ("flag", True, True),
        ("children", {"0": {"a": "1"}, "7": {}}, [{"a": "1"}, {}]),
        ("texts", {"0": "a", "1": "b"}, ["a", "b"]),
    ],
)
def test_from_text_reads_forms(reader, value, expected) -> None:
    assert READERS[reader](Fields({"x": value}, from_text=True)) == expected


@pytest.mark.parametrize(("reader", "value"), [("number", "-1"), ("number", "²"), ("flag", "yes")])
def test_from_text_refuses_other_words(reader, value) -> None:
    with pytest.raises(Refusal):
        READERS[reader](Fields({"x": value}, from_text=True))


@pytest.mark.parametrize(
    ("low", "high", "message"),
    [(6, None, "from 6"), (None, 4, "to 4"), (1, 4, "from 1 to 4"), (6, 9, "from 6 to 9")],
)
def test_number_out_of_bounds_is_refused(low, high, message) -> None:
    with pytest.raises(Refusal, match=message):
        Fields({"x": 5}).number("x", low, high)


def test_choice_in_any_case_returns_the_vendors() -> None:
    assert Fields({"x": "BLUE"}).choice("x", ("red", "Blue"), any_case=True) == "Blue"


def test_time_without_offset_is_in_the_zone() -> None:
    warsaw = ZoneInfo("Europe/Warsaw")
    moment = Fields({"x": "2026-10-01 10:00"}).time("x", warsaw)
    assert moment == datetime(2026, 10, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize("value", [None, "", "  ", [], {}])
def test_required_refuses_blank_values(value) -> None:
    with pytest.raises(Refusal) as caught:
        Fields({"x": value, "z": 0}, where="room.").require("x", "y", "z")
    assert [str(problem) for problem in caught.value.problems] == [
        "room.x is required",
        "room.y is required",
    ]
    assert {problem.code for problem in caught.value.problems} == {"required"}


def test_only_ignores_unknown_unless_strict() -> None:
    values = {"x": 1, "y": 2, "inner": {"z": 3}}
    Fields(values).only("x")
    strict = Fields(values, strict=True)
    with pytest.raises(Refusal) as caught:
        strict.only("x", "inner")
    assert caught.value.message == "y is not known"
    with pytest.raises(Refusal, match=r"inner\.z is not known"):
        strict.child("inner").only()


def test_nested_names_have_their_path() -> None:
    fields = Fields({"people": [{}, {"user": {"name": 5}}]})
    with pytest.raises(Refusal, match=r"people\[1\]\.user\.name must be a string"):
        fields.children("people")[1].child("user").text("name")


def test_check_collects_all_problems() -> None:
    fields = Fields({"a": 5, "b": "x", "d": 1}, strict=True)
    with pytest.raises(Refusal) as caught:
        fields.check({"a": Fields.text, "b": Fields.number, "c": Fields.text}, "c")
    assert [str(problem) for problem in caught.value.problems] == [
        "c is required",
        "d is not known",
        "a must be a string",
        "b must be a whole number",
    ]
    Fields({"a": "x"}).check({"a": Fields.text, "b": Fields.text}, "a")


def test_query_keeps_the_last_value() -> None:
    assert read_query("a=1&b=&a=2&c=%C5%BC") == {"a": "2", "b": "", "c": "ż"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"5", b"null", b"\xff"])
def test_other_json_bodies_are_refused(body) -> None:
    with pytest.raises(Refusal, match="the body must be a JSON object") as caught:
        read_json_object(body)
    assert caught.value.status == 400
    assert read_json_object(b'{"a": 1}') == {"a": 1}

"""Requests as values: any argument leaves the shape of the path alone and is encoded exactly."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conferencing import InvalidRequest, Secret, Sent
from conferencing.http import (
    DELETE,
    GET,
    PATCH,
    POST,
    PUT,
    Effect,
    Request,
    Upload,
    deep_merge,
    pack_id,
    raw_query,
    unpack_id,
    without_none,
)
from conferencing.http.request import MAX_TEXT, build_raw

CANARY = "canary-passcode-55d1"

HOSTILE = ["a/b", "../x", "a/../../b", "%2e%2e", "%2F", "?a=1", "#top", "a\r\nX-Evil: 1", "\x00",
           "łódź", "\ud800", "a b", ";v=1", "&", "\\", "٣", "http://evil.example/"]  # fmt: skip


@pytest.mark.parametrize(
    "request_", [GET("/rooms/{room}", room="a" * 2**15), GET("/rooms", query={"q": "%" * 11_000})]
)
def test_address_too_long_to_send_raises(request_: Request) -> None:
    with pytest.raises(InvalidRequest, match="at most 32,768 are sent") as caught:
        request_.encode()
    assert caught.value.sent is Sent.NO


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_id_stays_in_its_segment(value: str) -> None:
    path = GET("/rooms/{room}/tokens", room=value).path
    assert path.count("/") == 3
    assert path.isascii()
    assert not set(path) & set(" ?#\\\r\n\x00")
    if value != "\ud800":
        assert unquote(path.split("/")[2]) == value


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_value_that_is_not_an_id_is_refused(value: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        GET("/rooms/{room}", room=value)
    assert caught.value.field == "room"


@given(st.text(min_size=1).filter(lambda text: text not in {".", ".."}), st.text(min_size=1))
def test_ids_never_change_the_number_of_segments(first: str, second: str) -> None:
    path = GET("/v1/{a}/x/{b}", a=first, b="x" + second).encode().target
    assert len(path.split("/")) == 5
    assert not {".", "..", ""} & set(path.split("/")[1:])
    assert not set("?#") & set(path)


REFUSED = ["", "rooms", "http://evil.example/", "/../admin", "/rooms/..", "/rooms/./1", "/a?b=1",
           "/a#b", "/a\\..\\b", "/%2e%2e/admin", "/rooms/%2E%2e", "/rooms/.%2e/x"]  # fmt: skip


@pytest.mark.parametrize("path", [*REFUSED, "/\ud800"])
def test_raw_path_that_climbs_is_refused(path: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        build_raw("GET", path)
    assert caught.value.field == "path"


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/", "/"),
        ("/rooms/7", "/rooms/7"),
        ("/rooms/7/", "/rooms/7/"),
        ("/rooms/a%2Fb", "/rooms/a%2Fb"),
        ("/rooms/…", "/rooms/%E2%80%A6"),
        ("/a b\r\n", "/a%20b%0D%0A"),
        ("//evil.example/x", "//evil.example/x"),
        ("/v1.2/..x/x..", "/v1.2/..x/x.."),
    ],
)
def test_raw_path_is_sent_as_written(path: str, target: str) -> None:
    assert build_raw("get", path).encode().target == target


@pytest.mark.parametrize("method", ["", "GET /x", "G\r\nET", "ĞET"])
def test_raw_method_must_be_a_word(method: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        build_raw(method, "/x")
    assert caught.value.field == "method"


@pytest.mark.parametrize(
    ("request_", "effect"),
    [
        (GET("/x"), Effect.READ),
        (POST("/x"), Effect.CREATE),
        (PUT("/x"), Effect.IDEMPOTENT),
        (PATCH("/x"), Effect.CREATE),
        (DELETE("/x"), Effect.IDEMPOTENT),
        (GET("/end", effect=Effect.IDEMPOTENT), Effect.IDEMPOTENT),
        (POST("/search", effect=Effect.READ), Effect.READ),
        (build_raw("head", "/x"), Effect.READ),
        (build_raw("DELETE", "/x"), Effect.IDEMPOTENT),
        (build_raw("POST", "/x"), Effect.CREATE),
        (build_raw("PATCH", "/x"), Effect.CREATE),
        (build_raw("PURGE", "/x"), Effect.CREATE),
        (build_raw("POST", "/x", effect=Effect.NOTIFY), Effect.NOTIFY),
    ],
)
def test_verb_only_suggests_the_effect(request_: Request, effect: Effect) -> None:
    assert request_.effect is effect


FIELDS = [
    ({"a": "b c&d=é"}, [("a", "b c&d=é")]),
    ({"a": 1, "b": True, "c": False}, [("a", "1"), ("b", "1"), ("c", "0")]),
    ({"a": {"b": {"c": 1}}}, [("a[b][c]", "1")]),
    ({"a": [{"email": "x"}, {"email": "y"}]}, [("a[0][email]", "x"), ("a[1][email]", "y")]),
    ({"a": [[1, 2], (3,)]}, [("a[0][0]", "1"), ("a[0][1]", "2"), ("a[1][0]", "3")]),
    ({"a": [], "b": {}, "c": ""}, [("c", "")]),
    ({"pass": Secret(CANARY)}, [("pass", CANARY)]),
]


@pytest.mark.parametrize(("fields", "expected"), FIELDS)
def test_fields_are_written_as_php_reads_them(
    fields: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    form = POST("/x", form=fields).encode()
    assert parse_qsl((form.body or b"").decode(), keep_blank_values=True) == expected
    assert form.media_type == "application/x-www-form-urlencoded"
    _, _, query = GET("/x", query=fields).encode().target.partition("?")
    assert parse_qsl(query, keep_blank_values=True) == expected
    assert "+" not in query


@pytest.mark.parametrize("value", [None, 1.5, object(), b"x", {"deep": [None]}, "\ud800"])
@pytest.mark.parametrize("place", ["form", "query"])
def test_impossible_form_value_names_its_key(place: str, value: object) -> None:
    with pytest.raises(InvalidRequest) as caught:
        POST("/x", **{place: {"name": value}}).encode()
    assert (caught.value.field or "").startswith("name")


def test_json_body_is_compact_utf8() -> None:
    request = POST("/x", json={"name": "łódź 🎉", "in": [Secret(CANARY), 1.5, None, True]})
    sent = request.encode()
    assert sent.body is not None
    assert json.loads(sent.body) == {"name": "łódź 🎉", "in": [CANARY, 1.5, None, True]}
    assert "łódź 🎉".encode() in sent.body
    assert b": " not in sent.body
    assert sent.media_type == "application/json"


LOOP: list[Any] = []
LOOP.append(LOOP)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), "\ud800", {(1, 2): 3}, {1, 2}, b"x", LOOP]
)
def test_impossible_json_is_refused_unsent(value: object) -> None:
    with pytest.raises(InvalidRequest):
        POST("/x", json={"value": value}).encode()


def test_refused_request_was_never_sent() -> None:
    with pytest.raises(InvalidRequest) as caught:
        GET("/rooms/{room}", room="..")
    assert caught.value.sent is Sent.NO


def test_request_repr_shows_the_template_only() -> None:
    request = POST(
        "/rooms/{room}",
        room=CANARY,
        query={"q": CANARY},
        form={"f": Secret(CANARY)},
        json={"j": CANARY},
        files={"part": Upload(filename="a.pdf", content=CANARY.encode())},
        headers={"X-Token": CANARY},
    )
    for shown in (repr(request), repr(request.encode()), f"{request}", str(request.encode())):
        assert CANARY not in shown
        assert "/rooms/{room}" in shown


def test_all_secrets_of_a_request_are_found() -> None:
    a, b, c = Secret("a"), Secret("b"), Secret("c")
    request = POST("/x", query={"q": a}, form={"deep": [{"x": b}]}, json=[(c, 1)])
    assert set(request.secrets) == {a, b, c}


def test_native_fields_are_merged_deeply() -> None:
    ours = {"name": "x", "settings": {"lobby": 1, "chat": 1}, "tags": [1]}
    native = {"settings": {"chat": 0, "new": 2}, "tags": [2], "extra": {"y": 1}}
    assert deep_merge(ours, native) == {
        "name": "x",
        "settings": {"lobby": 1, "chat": 0, "new": 2},
        "tags": [2],
        "extra": {"y": 1},
    }
    assert ours["settings"] == {"lobby": 1, "chat": 1}


def test_without_none_keeps_all_but_none() -> None:
    assert without_none(a=None, b=0, c="", d=False, e=[]) == {"b": 0, "c": "", "d": False, "e": []}


PART = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(st.lists(PART | st.integers(), min_size=1, max_size=4))
def test_packed_ids_come_apart_again(parts: list[str | int]) -> None:
    assert unpack_id(pack_id(*parts), len(parts)) == [str(part) for part in parts]


@pytest.mark.parametrize("packed", ["", "7", "7:", ":7", "7:8:9", "::"])
def test_packed_id_of_another_kind_is_refused(packed: str) -> None:
    with pytest.raises(InvalidRequest, match="room") as caught:
        unpack_id(packed, 2, "room")
    assert caught.value.field == "room"


@pytest.mark.parametrize(
    ("url", "query"),
    [
        ("https://meet.example/r?password=ab&x=1", "password=ab&x=1"),
        ("https://meet.example/r?a=b?c#part", "a=b?c"),
        ("https://meet.example/r#part?a=b", ""),
        ("https://meet.example/r?", ""),
        ("https://[broken/r?a=b", "a=b"),  # urllib raises for this one
        ("", ""),
    ],
)
def test_query_of_a_malformed_url_is_found(url: str, query: str) -> None:
    assert raw_query(url) == query


@pytest.mark.parametrize("wrap", [str, Secret])
@pytest.mark.parametrize("kind", ["json", "form"])
def test_text_that_is_too_long_is_refused(kind: Any, wrap: Any) -> None:
    request = POST("/x", **{kind: {"people": [{"note": wrap("x" * (MAX_TEXT + 1))}]}})
    with pytest.raises(InvalidRequest, match="2,097,153 characters") as caught:
        request.encode()
    assert caught.value.sent is Sent.NO
    assert len(str(caught.value)) < 200
    assert caught.value.field == ("note" if kind == "json" else "people[0][note]")


def test_longest_text_is_sent() -> None:
    assert len(POST("/x", json="x" * MAX_TEXT).encode().body or b"") == MAX_TEXT + 2

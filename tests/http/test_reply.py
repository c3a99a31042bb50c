"""Replies: strict JSON that reads the same with and without orjson, and error texts that tell no
values.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conferencing import MalformedResponse, Secret
from conferencing.http import Reply
from conferencing.http.reply import read_json, read_plainly, start_of

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)

REFUSED = [
    b"", b" \n", b"{", b"{} x", b"{}{}", b"{}\x00", b"[1,]", b'{"a":1,}', b"{'a':1}", b"// c\n1",
    b"NaN", b"[Infinity]", b"-Infinity", b"1e999", b"-1e999", b"9" * 5000, b"-" + b"9" * 400,
    b"\xef\xbb\xbf{}", "{}".encode("utf-16"), "{}".encode("utf-32"), b'"\xff"', b'"\xed\xa0\x80"',
    b'"\\ud800"', b'{"\\udc00":1}', b'"\\udc00\\ud800"', b'"\\ud83d\\u0041"', b'"\x01"', b'"a\tb"',
    b"01", b"1.", b".5", b"+1", b"1e", b"True", b"<html></html>", b"\x0c1", b"\xc2\xa01",
    b"[" * 200_000 + b"]" * 200_000, b'{"a":' * 5000 + b"1" + b"}" * 5000,
]  # fmt: skip

READ = [
    (b"null", None),
    (b' {"a" : 1,"a":2}\n', {"a": 2}),
    (str(2**63 - 1).encode(), 2**63 - 1),
    (str(2**63).encode(), 2**63),
    (str(2**64 - 1).encode(), 2**64 - 1),
    (str(2**64).encode(), float(2**64)),
    (str(-(2**63)).encode(), -(2**63)),
    (str(-(2**63) - 1).encode(), float(-(2**63) - 1)),
    (b"9" * 300, float("9" * 300)),
    (b"-0", 0),
    (b"-0.0", -0.0),
    (b"1E+2", 100.0),
    (b"1e-999", 0.0),
    (b'"\\ud83d\\ude00 \xf0\x9f\x98\x80 \\u0000 \\/"', "😀 😀 \x00 /"),
    (b'["[[[[", "\\"[[{{"]', ["[[[[", '"[[{{']),
    (b"[" * 500 + b"]" * 500, ...),
]


@pytest.mark.parametrize("read", [read_json, read_plainly])
def test_bytes_that_are_no_strict_json_are_refused(read: Any) -> None:
    for body in REFUSED:
        with pytest.raises((ValueError, RecursionError)):
            pytest.fail(f"{body[:40]!r} was read as {read(body)!r:.40}")


@pytest.mark.parametrize("read", [read_json, read_plainly])
@pytest.mark.parametrize(("body", "expected"), READ)
def test_awkward_json_is_read_to_value_and_type(read: Any, body: bytes, expected: object) -> None:
    value = read(body)
    if expected is not ...:
        assert repr(value) == repr(expected)


@settings(max_examples=400, deadline=None)
@given(JSON, st.booleans())
def test_both_readers_read_the_same(value: Any, ascii_only: bool) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    assert _outcome(read_json, body) == _outcome(read_plainly, body)


@settings(max_examples=400, deadline=None)
@given(st.binary() | st.text('{}[]":,\\eE+-.0123456789untfalsrudDc \n').map(str.encode))
def test_both_readers_refuse_the_same(body: bytes) -> None:
    assert _outcome(read_json, body) == _outcome(read_plainly, body)


@pytest.mark.parametrize("depth", [500, 800, 1025, 1500])
def test_both_readers_have_one_limit_of_depth(depth: int) -> None:
    body = b"[" * depth + b"]" * depth
    assert _outcome(read_json, body, type) == _outcome(read_plainly, body, type)


CANARIES = st.sampled_from(["canary-STRING-1", 'canary "quoted" STRING-1', "canary\\STRING-1"])
NUMBERS = st.sampled_from([8675309, -8675309, 8675309.5, 8.675309e45])


@settings(max_examples=400, deadline=None)
@given(
    st.recursive(
        CANARIES | NUMBERS | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("abc:"), inner),
    ),
    st.sampled_from([None, 1]),
    st.integers(0, 60),
)
def test_no_string_and_no_number_of_a_json_body_shows(
    value: Any, indent: int | None, cut: int
) -> None:
    text = json.dumps(value, indent=indent)
    shown = start_of(text[: len(text) - cut].encode())
    assert "STRING" not in shown
    assert "8675309" not in shown
    assert "8.675" not in shown


@pytest.mark.parametrize(
    "body",
    [
        b'\xef\xbb\xbf{"pin": "canary"}',
        b')]}\',\n{"pin": "canary"}',
        b'{"a": "x\\\ny", "pin": "canary"}',
        b'{"pin": "canary\\',
        b'{"pin": "canary' + b"y" * 784 + b'\\"z"}',
        b'callback({"pin": "canary"})',
    ],
)
def test_no_value_of_broken_json_shows(body: bytes) -> None:
    assert "canary" not in start_of(body)


def test_of_html_the_start_shows_so_that_one_sees_who_answered() -> None:
    page = b"<html><title>502 Bad Gateway</title>" + b"x" * 5000
    assert start_of(page).startswith("<html><title>502 Bad Gateway</title>")
    assert len(start_of(page)) == 200


def test_the_names_in_a_json_body_show_so_that_one_sees_what_answered() -> None:
    assert '"errors"' in start_of(b'{"errors": [{"message": "x"}], "code": 7}')


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"\xff\xfe"])
def test_a_body_that_is_no_json_is_a_typed_error_with_path_and_status(body: bytes) -> None:
    with pytest.raises(MalformedResponse) as caught:
        Reply(201, {}, body).json()
    assert (caught.value.path, caught.value.status) == ("$", 201)
    assert caught.value.__cause__ is caught.value.__context__ is None


@pytest.mark.parametrize("place", [0, 50, 190, 195, 199])
def test_a_secret_of_the_request_does_not_show_even_where_the_text_is_cut(place: int) -> None:
    canary = "canary-PASSCODE"
    reply = Reply(500, {}, f"<p>{'x' * place}{canary}".encode(), lambda: (Secret(canary),))
    assert "cana" not in reply.start()
    assert "canary" not in repr(reply)


def _outcome(read: Any, body: bytes, show: Any = repr) -> str:
    try:
        return f"read {show(read(body))}"
    except (ValueError, RecursionError):
        return "refused"

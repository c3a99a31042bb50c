"""Replies: strict JSON, and error texts that show no values and no secrets."""

from __future__ import annotations

import html
import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conferencing import MalformedResponse, Secret
from conferencing.http import Reply


def parse(body: bytes) -> Any:
    return Reply(200, {}, body).json()


def start_of(body: bytes) -> str:
    return Reply(200, {}, body).start()


REFUSED = [
    b"", b" \n", b"{", b"{} x", b"{}{}", b"{}\x00", b"[1,]", b'{"a":1,}', b"{'a':1}", b"// c\n1",
    b"NaN", b"[Infinity]", b"-Infinity", b"1e999", b"-1e999", b"9" * 5000,
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
    (str(2**64).encode(), 2**64),
    (str(-(2**63)).encode(), -(2**63)),
    (str(-(2**63) - 1).encode(), -(2**63) - 1),
    (b"9" * 300, 10**300 - 1),
    (b"-0", 0),
    (b"-0.0", -0.0),
    (b"1E+2", 100.0),
    (b"1e-999", 0.0),
    (b'"\\ud83d\\ude00 \xf0\x9f\x98\x80 \\u0000 \\/"', "😀 😀 \x00 /"),
    (b'["[[[[", "\\"[[{{"]', ["[[[[", '"[[{{']),
    (b"[" * 500 + b"]" * 500, ...),
    (b'{"id": 1, "id": 2}', {"id": 2}),
]


@pytest.mark.parametrize("body", REFUSED, ids=range(len(REFUSED)))
def test_body_that_is_not_strict_json_raises(body) -> None:
    with pytest.raises(MalformedResponse):
        parse(body)


@pytest.mark.parametrize(("body", "expected"), READ, ids=range(len(READ)))
def test_awkward_json_keeps_value_and_type(body, expected) -> None:
    value = parse(body)
    if expected is not ...:
        assert repr(value) == repr(expected)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    ),
    st.booleans(),
)
def test_any_json_value_is_read_back(value, ascii_only) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only)
    assert parse(body.encode()) == value


@given(st.binary() | st.text('{}[]":,\\eE+-.0123456789untfalsrudDc \n').map(str.encode))
def test_any_bytes_are_read_or_refused(body) -> None:
    try:
        value = parse(body)
    except MalformedResponse:
        return
    assert json.loads(body) == value


CANARIES = st.sampled_from(["canary-STRING-1", 'canary "quoted" STRING-1', "canary\\STRING-1"])
NUMBERS = st.sampled_from([8675309, -8675309, 8675309.5, 8.675309e45])


@given(
    st.recursive(
        CANARIES | NUMBERS | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("abc:"), inner),
    ),
    st.sampled_from([None, 1]),
    st.integers(0, 60),
)
def test_no_json_value_shows(value, indent, cut) -> None:
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
def test_no_value_of_broken_json_shows(body) -> None:
    assert "canary" not in start_of(body)


def test_start_of_html_shows() -> None:
    page = b"<html><title>502 Bad Gateway</title>" + b"x" * 5000
    assert start_of(page).startswith("<html><title>502 Bad Gateway</title>")
    assert len(start_of(page)) == 200


def test_names_in_a_json_body_show() -> None:
    assert '"errors"' in start_of(b'{"errors": [{"message": "x"}], "code": 7}')


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"\xff\xfe"])
def test_body_without_json_has_path_and_status(body) -> None:
    with pytest.raises(MalformedResponse) as caught:
        Reply(201, {}, body).json()
    assert (caught.value.path, caught.value.status) == ("$", 201)
    assert caught.value.__cause__ is caught.value.__context__ is None


@pytest.mark.parametrize("place", [0, 50, 190, 195, 199])
def test_secret_is_masked_where_text_is_cut(place) -> None:
    canary = "canary-PASSCODE"
    reply = Reply(500, {}, f"<p>{'x' * place}{canary}".encode(), lambda: (Secret(canary),))
    assert "cana" not in reply.start()
    assert "canary" not in repr(reply)


@pytest.mark.parametrize("secret", ['p&ss/w\u00f6rd "7"+<x>', "plain-secret", "a" * 700])
@pytest.mark.parametrize(
    "escape",
    [
        str,
        json.dumps,
        lambda text: json.dumps(text, ensure_ascii=False),
        lambda text: json.dumps(text).replace("/", "\\/"),
        html.escape,
        quote,
        lambda text: quote(text, safe=""),
        quote_plus,
    ],
)
def test_secret_is_masked_however_it_is_escaped(secret, escape) -> None:
    body = f"<p>{escape(secret)} was refused</p>".encode()
    answer = Reply(400, {}, body, lambda: [Secret(secret)])
    start = answer.start()
    assert start.startswith("<p>")
    assert secret[:12] not in start
    assert quote_plus(secret)[:12] not in start
    assert html.escape(secret)[:12] not in start

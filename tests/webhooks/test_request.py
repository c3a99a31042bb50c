"""Requests as frameworks pass them: headers in any form, raw bytes, limits, typed JSON."""

from __future__ import annotations

from typing import Any

import pytest
from multidict import CIMultiDict

from conferencing import InvalidRequest, WebhookMalformed, WebhookTooLarge
from conferencing.webhooks.request import WebhookRequest, build_request


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Signature": "abc"},
        {"x-signature": " abc "},
        [("X-SIGNATURE", "abc")],
        [(b"x-signature", b"abc")],
        CIMultiDict({"X-Signature": "abc"}),
        iter([("X-Signature", "abc")]),
    ],
    ids=lambda headers: type(headers).__name__,
)
def test_header_is_found_in_any_form(headers: Any) -> None:
    request = build_request(headers, b"")
    assert request.header("x-Signature") == "abc"
    assert request.header("X-Other") is None


@pytest.mark.parametrize(
    "headers",
    [
        [("X-Signature", "a"), ("x-signature", "b")],
        {"X-Signature": "a", "x-signature": "b"},
        CIMultiDict([("X-Signature", "a"), ("X-Signature", "a")]),
    ],
    ids=lambda headers: type(headers).__name__,
)
def test_repeated_header_is_malformed(headers: Any) -> None:
    request = build_request(headers, b"")
    with pytest.raises(WebhookMalformed, match="X-Signature is there 2 times"):
        request.header("X-Signature")


@pytest.mark.parametrize("headers", [None, 7, ["x"], [("a",)], [("a", 1)], {"a": None}, {1: "a"}])
def test_headers_of_a_wrong_type_are_refused(headers: Any) -> None:
    with pytest.raises(InvalidRequest, match="headers must be"):
        build_request(headers, b"")


@pytest.mark.parametrize("body", ["{}", None, {}, bytearray(b"{}"), 7])
def test_body_that_is_not_bytes_is_refused(body: Any) -> None:
    with pytest.raises(InvalidRequest, match="raw bytes of the request"):
        build_request({}, body)


def test_query_that_is_not_text_is_refused() -> None:
    query: Any = b"a=1"
    with pytest.raises(InvalidRequest, match="query is bytes"):
        build_request({}, b"", query)


def test_body_of_ten_megabytes_is_too_large() -> None:
    with pytest.raises(WebhookTooLarge, match="1048576 bytes") as caught:
        build_request({}, b"x" * 10_000_000)
    assert caught.value.answer_status == 413
    assert build_request({}, b"x" * 1024 * 1024).body


def test_repr_shows_no_content() -> None:
    request = build_request({"a": "SECRET"}, b"SECRET", "token=SECRET")
    assert "SECRET" not in repr(request)


# The vector of the notes on Teams, section 18.
TEAMS = "validationToken=Validation%3a+Testing+client%3a+a%2bb%2fc%3d%3cb%3e"


def test_parameter_is_decoded() -> None:
    request = build_request({}, b"", TEAMS)
    assert request.parameter("validationToken") == "Validation: Testing client: a+b/c=<b>"
    assert request.parameter("other") is None


@pytest.mark.parametrize("query", ["a=1&a=2", "a=1&" * 101])
def test_ambiguous_query_is_malformed(query: str) -> None:
    with pytest.raises(WebhookMalformed):
        build_request({}, b"", query).parameter("a")


@pytest.mark.parametrize(
    ("body", "path", "text"),
    [
        (b"", "$", "it is not JSON at"),
        (b"{", "$", "it is not JSON"),
        (b'{"a": SECRET}', "$", "it is not JSON"),
        (b"\xff\xfe", "$", "it is not JSON"),
        (b"[1]", "$", "expected `object`, got `array`"),
        (b'{"a": ["SECRET"]}', "$[...]", "expected `int`, got `array`"),
        (b"[" * 100_000, "$", "nested too deeply"),
    ],
    ids=["empty", "cut", "word", "bytes", "array", "inner", "deep"],
)
def test_other_json_is_malformed(body: bytes, path: str, text: str) -> None:
    into: Any = object if text == "nested too deeply" else dict[str, int]
    with pytest.raises(WebhookMalformed) as caught:
        WebhookRequest(headers={}, body=body).json(into)
    assert (caught.value.path, caught.value.answer_status) == (path, 400)
    assert text in str(caught.value)
    assert "SECRET" not in str(caught.value)
    assert caught.value.__context__ is None

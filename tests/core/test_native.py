"""`native`: the vendor's mapping, parsed lazily from the bytes of its page."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from conferencing import MalformedResponse, Secret, SecretUnavailable, Sent
from conferencing.model.native import Native, Page

SECRET = frozenset({"pin"})
ROWS = [{"id": number, "pin": f"p{number}", "more": {"a": [number]}} for number in range(300)]


def natives(payload: object, *path: str | int, count: int = 300) -> list[Native]:
    page = Page(json.dumps(payload).encode(), SECRET)
    return [native for _, native in zip(range(count), Native.each(page, path), strict=False)]


@pytest.mark.parametrize(
    ("payload", "path"),
    [(ROWS, ()), ({"data": ROWS}, ("data",)), ({"a": {"b": ROWS}}, ("a", "b"))],
)
def test_row_of_a_page_equals_its_mapping(payload, path) -> None:
    for native, row in zip(natives(payload, *path), ROWS, strict=True):
        assert dict(native) == row | {"pin": Secret(row["pin"])}
        assert (len(native), list(native)) == (3, ["id", "pin", "more"])


def test_single_value_of_a_page_equals_its_mapping() -> None:
    page = Page(json.dumps({"room": ROWS[0], "ok": True}).encode(), SECRET)
    assert dict(Native.at(page, ("room",))) == dict(Native(ROWS[0], SECRET))
    assert Native.at(page, ())["ok"] is True


def test_value_that_is_not_an_object_is_empty() -> None:
    page = Page(b'{"url": "https://x.example"}', SECRET)
    assert dict(Native.at(page, ("url",))) == {}


def test_repr_shows_nothing_and_parses_nothing() -> None:
    native = Native.at(Page(b"not even JSON", SECRET), ())
    assert repr(native) == "<native>"


def test_secret_is_concealed_at_any_depth() -> None:
    native = Native({"pin": {"inner": ["x", 1, True, None]}, "plain": [{"pin": "y"}]}, SECRET)
    assert native["pin"] == {"inner": [Secret("x"), Secret("1"), True, None]}
    assert native["plain"] == [{"pin": Secret("y")}]


@pytest.mark.parametrize("kept", [True, False])
def test_pickled_record_needs_no_page(kept) -> None:
    native = Native(ROWS[7], SECRET) if kept else natives(ROWS)[7]
    copy: Any = pickle.loads(pickle.dumps(native))
    assert (copy["id"], copy["more"]) == (7, {"a": [7]})
    with pytest.raises(SecretUnavailable, match="pickled"):
        copy["pin"].reveal()


@pytest.mark.parametrize(
    ("note", "problem"),
    [(b'"\xff"', "invalid UTF-8"), (b"9" * 5000, "out of range"), (b"1e999", "out of range")],
)
def test_field_that_cannot_be_read_is_typed_error(note, problem) -> None:
    native = Native.at(Page(b'{"id": 1, "note": %s}' % note, SECRET, 200, 3), ())
    with pytest.raises(MalformedResponse, match=problem) as caught:
        dict(native)
    assert (caught.value.status, caught.value.attempts) == (200, 3)
    assert caught.value.sent is Sent.YES

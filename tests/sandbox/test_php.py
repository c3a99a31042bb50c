"""Reading parameters as PHP does: a table of PHP's behaviour, and our own writing read back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conferencing.http.request import flatten
from conferencing.sandbox.php import PartFile, read_parameters

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", {}),
        ("a=1", {"a": "1"}),
        ("a", {"a": ""}),
        ("a=", {"a": ""}),
        ("=1", {}),
        ("&&a=1&", {"a": "1"}),
        ("a=1&a=2", {"a": "2"}),
        ("a=b+c%20d%2Be", {"a": "b c d+e"}),
        ("a=1;b=2", {"a": "1;b=2"}),
        ("a=%C5%BC", {"a": "ż"}),
        ("A=1&a=2", {"A": "1", "a": "2"}),
        ("a[b]=1", {"a": {"b": "1"}}),
        ("a%5Bb%5D=1", {"a": {"b": "1"}}),
        ("a[b][c]=1&a[b][d]=2", {"a": {"b": {"c": "1", "d": "2"}}}),
        ("a[]=1&a[]=2", {"a": {"0": "1", "1": "2"}}),
        ("a[5]=x&a[]=y", {"a": {"5": "x", "6": "y"}}),
        ("a[]=x&a[k]=y&a[]=z", {"a": {"0": "x", "k": "y", "1": "z"}}),
        ("a[2]=x&a[0]=y&a[]=z", {"a": {"2": "x", "0": "y", "3": "z"}}),
        ("a[][b]=1&a[][b]=2", {"a": {"0": {"b": "1"}, "1": {"b": "2"}}}),
        ("a[][b]=1&a[][c]=2", {"a": {"0": {"b": "1"}, "1": {"c": "2"}}}),
        ("a[b][]=1&a[b][]=2", {"a": {"b": {"0": "1", "1": "2"}}}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("a[b]=1&a=2", {"a": "2"}),
        ("a[b]=1&a[b][c]=2", {"a": {"b": {"c": "2"}}}),
        ("a.b=1", {"a_b": "1"}),
        ("a b=1", {"a_b": "1"}),
        (" a=1", {"a": "1"}),
        ("a.b[c.d e]=1", {"a_b": {"c.d e": "1"}}),
        ("a[b=1", {"a_b": "1"}),
        ("a[b.c=1", {"a_b.c": "1"}),
        ("[a]=1", {}),
        ("a]=1", {"a]": "1"}),
        ("a[b]c=1", {"a": {"b": "1"}}),
        ("a[b]c[d]=1", {"a": {"b": "1"}}),
        ("a[b][c=1", {"a": {"b": "1"}}),
        ("a[[b]=1", {"a": {"[b": "1"}}),
        ("a[-5]=x&a[]=y", {"a": {"-5": "x", "0": "y"}}),
        ("registration[]=&registration[]=A", {"registration": {"0": "", "1": "A"}}),
        # A key counts as a number only if it is written as PHP would write that number.
        ("a[²]=x&a[]=y", {"a": {"²": "x", "0": "y"}}),
        ("a[05]=x&a[]=y", {"a": {"05": "x", "0": "y"}}),
    ],
)
def test_keys_nest_as_in_php(text, tree) -> None:
    assert read_parameters(text, "", b"") == tree
    assert read_parameters("", FORM, text.encode()) == tree
    assert read_parameters("", f"{FORM}; charset=UTF-8", text.encode()) == tree


def test_form_wins_over_query() -> None:
    tree = read_parameters("a=1&b[x]=1&b[y]=2", FORM, b"a=2&b[y]=3")
    assert tree == {"a": "2", "b": {"x": "1", "y": "3"}}


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "", "application/octet-stream"])
def test_other_bodies_have_no_parameters(kind) -> None:
    assert read_parameters("a=1", kind, b'{"b":2}') == {"a": "1"}
    assert read_parameters("a=1", kind, b"b=2") == {"a": "1"}


def test_invalid_utf8_is_replaced() -> None:
    assert read_parameters("", FORM, b"a=%FF&b=\xff") == {"a": "\ufffd", "b": "\ufffd"}


@pytest.mark.parametrize("after", ["", ";", ",", " ", "; charset=UTF-8", ", x", " x"])
def test_media_type_ends_as_in_php(after) -> None:
    assert read_parameters("", f"{FORM}{after}", b"a=1") == {"a": "1"}
    assert read_parameters("", f"{FORM.upper()}{after}", b"a=1") == {"a": "1"}
    assert read_parameters("", f"{FORM}-x{after}", b"a=1") == {}


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data; boundary=edge",
        "multipart/form-data, boundary=edge",
        "multipart/form-data boundary=edge",
        'multipart/form-data; boundary="edge"',
        "multipart/form-data; boundary=edge; charset=UTF-8",
        "multipart/form-data; boundary=edge, x",
        "multipart/form-data; charset=UTF-8; Boundary=edge",
    ],
)
def test_boundary_is_found_as_in_php(content_type) -> None:
    body = b'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--edge--\r\n'
    assert read_parameters("", content_type, body) == {"a": "1"}


@pytest.mark.parametrize("content_type", ["multipart/form-data", "multipart/form-data; boundary="])
def test_multipart_without_boundary_is_empty(content_type) -> None:
    body = b'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--edge--\r\n'
    assert read_parameters("", content_type, body) == {}


@pytest.mark.parametrize(
    ("filename", "kept"),
    [("a.png", "a.png"), ("/some/dir/a.png", "a.png"), (r"C:\\dir\\a.png", "a.png"), ("a/", "")],
)
def test_upload_loses_its_folder(filename, kept) -> None:
    disposition = f'Content-Disposition: form-data; name="uploaded"; filename="{filename}"'
    body = f"--edge\r\n{disposition}\r\n\r\nx\r\n--edge--\r\n".encode()
    tree = read_parameters("", "multipart/form-data; boundary=edge", body)
    assert tree == {"uploaded": PartFile(filename=kept, content=b"x")}


CONTENTS = [b"", b"text", bytes(range(256)) * 2, b"\r\n", b"a\r\n\r\n", b"\r", b"\n\n", b"--cut\n"]


@pytest.mark.parametrize("content", CONTENTS)
def test_uploaded_file_keeps_its_bytes(content) -> None:
    body = (
        b'--edge\r\nContent-Disposition: form-data; name="note[en]"\r\n\r\n'
        + "zażółć".encode()
        + b'\r\n--edge\r\nContent-Disposition: form-data; name="uploaded"; filename="a b.pdf"\r\n'
        b"Content-Type: application/pdf\r\n\r\n" + content + b"\r\n--edge--\r\n"
    )
    tree = read_parameters("", "multipart/form-data; boundary=edge", body)
    assert tree == {
        "note": {"en": "zażółć"},
        "uploaded": PartFile(filename="a b.pdf", content=content),
    }


# ------------------------------------------------------------------------- reading what we write


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
INNER = TEXT.filter(lambda key: key and "]" not in key and key.strip())
OUTER = INNER.filter(lambda key: not set(key) & set("[]. ") and key == key.strip())
LEAF = TEXT | st.integers(-(10**6), 10**6) | st.booleans()
TREES = st.dictionaries(
    OUTER,
    st.recursive(
        LEAF,
        lambda inside: (
            st.lists(inside, min_size=1, max_size=3)
            | st.dictionaries(INNER, inside, min_size=1, max_size=3)
        ),
        max_leaves=8,
    ),
    max_size=4,
)


@given(tree=TREES)
def test_written_form_is_read_back(tree) -> None:
    body = urlencode([*flatten(tree)])
    assert read_parameters("", FORM, body.encode()) == as_php(tree)
    assert read_parameters(body, "", b"") == as_php(tree)


@given(text=st.text(max_size=60) | st.text("ab[]=&.+ %0", max_size=40))
def test_strange_forms_are_read(text) -> None:
    def is_text_only(tree: Any) -> bool:
        if isinstance(tree, str):
            return True
        return all(isinstance(key, str) and is_text_only(part) for key, part in tree.items())

    body = text.encode("utf-8", "surrogatepass")
    assert is_text_only(read_parameters("", FORM, body))


# --------------------------------------------------------------------------------------- helpers


def as_php(value: Any) -> Any:
    """Return what PHP makes of a value: lists become maps by number, booleans 1 and 0."""
    if isinstance(value, dict):
        return {key: as_php(part) for key, part in value.items()}
    if isinstance(value, list):
        return {str(number): as_php(part) for number, part in enumerate(value)}
    return str(int(value)) if isinstance(value, bool) else str(value)

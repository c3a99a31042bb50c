"""Reading parameters as PHP does: `a[b][]=1` becomes nested. For simulators of vendors in PHP.

Checked against PHP 8.2: main/php_variables.c, main/SAPI.c and main/rfc1867.c in its sources.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, TypeAlias, cast
from urllib.parse import parse_qsl

from attrs import field, frozen

__all__ = ["PartFile", "read_parameters"]

Tree: TypeAlias = dict[str, Any]
"""Strings, files and further trees by key; PHP's numeric keys are kept as strings of digits."""


@frozen(kw_only=True)
class PartFile:
    """An uploaded file."""

    filename: str
    content: bytes = field(repr=False)


def read_parameters(query: str, content_type: str, body: bytes) -> Tree:
    """Return the parameters of query and body together; the body's value wins.

    A body that is not a form has no parameters.
    """
    tree: Tree = {}
    # PHP ends the media type at the first of these characters, not at a semicolon alone.
    media_type = re.split("[;, ]", content_type.strip(), maxsplit=1)[0].lower()
    _add(tree, parse_qsl(query, keep_blank_values=True))
    if media_type == "application/x-www-form-urlencoded":
        _add(tree, parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    elif media_type == "multipart/form-data":
        _add(tree, _parts(content_type, body))
    return tree


def _add(tree: Tree, pairs: Iterable[tuple[str, Any]]) -> None:
    for key, value in pairs:
        names = _split_key(key)
        if names:
            _put(tree, names, value)


def _split_key(key: str) -> list[str]:
    """Split `a[b][]` into a, b and an empty name; a bracket that is never closed is an underscore."""
    match = re.fullmatch(r"([^\[]+)((?:\[[^\]]*\])*)(.*)", key.lstrip(" "), re.DOTALL)
    if not match:
        return []
    head = re.sub(r"[ .]", "_", match[1])
    if not match[2]:
        return [head + match[3].replace("[", "_", 1)]
    return [head, *re.findall(r"\[([^\]]*)\]", match[2])]


def _put(tree: Tree, names: list[str], value: Any) -> None:
    *path, last = names
    for name in path:
        key = name or _next_number(tree)
        if not isinstance(tree.get(key), dict):
            tree[key] = {}
        tree = tree[key]
    tree[last or _next_number(tree)] = value


def _next_number(tree: Mapping[str, Any]) -> str:
    numbers = (int(key) for key in tree if re.fullmatch("0|[1-9][0-9]*", key))
    return str(max(numbers, default=-1) + 1)


def _parts(content_type: str, body: bytes) -> Iterable[tuple[str, Any]]:
    # PHP looks for the word anywhere behind the media type, and ends it at a comma or semicolon.
    match = re.search(r'boundary[^=]*=(?:"([^"]*)"|([^,;]*))', content_type, re.IGNORECASE)
    boundary = (match[1] or match[2] or "").strip() if match else ""
    head = f'Content-Type: multipart/form-data; boundary="{boundary}"\r\n\r\n'.encode()
    for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = cast("bytes", part.get_payload(decode=True) or b"")
        filename = part.get_filename()
        if not isinstance(name, str):
            continue
        if filename:
            # The folder is dropped: PHP keeps what follows the last slash or backslash.
            yield name, PartFile(filename=re.split(r"[/\\]", filename)[-1], content=content)
        else:
            yield name, content.decode("utf-8", "replace")

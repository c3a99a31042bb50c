"""Reading form keys as PHP does: `a[b][]=1` becomes nested. For simulators of vendors in PHP."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, cast
from urllib.parse import parse_qsl

from attrs import field, frozen

__all__ = ["PartFile", "read_parameters", "truth"]

Tree = dict[str, Any]
"""Texts, files and further trees by key; PHP's numeric keys are kept as texts of digits."""


@frozen(kw_only=True)
class PartFile:
    """Hold an uploaded file."""

    filename: str
    content: bytes = field(repr=False)


def read_parameters(query: str, media_type: str, body: bytes) -> Tree:
    """Return the union of query and body; where both have a key, the body's value counts.

    Any body that is not a form (a JSON one, say) has no parameters at all.
    """
    tree: Tree = {}
    kind = media_type.partition(";")[0].strip().lower()
    _add(tree, parse_qsl(query, keep_blank_values=True))
    if kind == "application/x-www-form-urlencoded":
        _add(tree, parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    elif kind == "multipart/form-data":
        _add(tree, _parts(media_type, body))
    return tree


def truth(value: Any) -> bool | None:
    """Return what a flag says, or None if it is no flag."""
    return {"1": True, "true": True, "0": False, "false": False}.get(str(value).lower())


def _add(tree: Tree, pairs: Iterable[tuple[str, Any]]) -> None:
    for key, value in pairs:
        names = _names(key)
        if names:
            _put(tree, names, value)


def _names(key: str) -> list[str]:
    """Split `a[b][]` into a, b and an empty name; a bracket that is not closed is no bracket."""
    found = re.fullmatch(r"([^\[]+)((?:\[[^\]]*\])*)(.*)", key.lstrip(" "), re.DOTALL)
    if not found:
        return []
    head = re.sub(r"[ .]", "_", found[1])
    if not found[2]:
        return [head + found[3].replace("[", "_", 1)]
    return [head, *re.findall(r"\[([^\]]*)\]", found[2])]


def _put(tree: Tree, names: list[str], value: Any) -> None:
    *path, last = names
    for name in path:
        key = name or _following(tree)
        if not isinstance(tree.get(key), dict):
            tree[key] = {}
        tree = tree[key]
    tree[last or _following(tree)] = value


def _following(tree: Mapping[str, Any]) -> str:
    return str(
        max((int(key) for key in tree if re.fullmatch("0|[1-9][0-9]*", key)), default=-1) + 1
    )


def _parts(media_type: str, body: bytes) -> Iterable[tuple[str, Any]]:
    head = f"Content-Type: {media_type}\r\n\r\n".encode()
    for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = cast("bytes", part.get_payload(decode=True) or b"")
        filename = part.get_filename()
        if isinstance(name, str):
            whole = content.decode("utf-8", "replace")
            yield name, PartFile(filename=filename, content=content) if filename else whole

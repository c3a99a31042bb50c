"""Adapt autodoc to this code: docstrings, signatures and annotations.

Docstrings are plain text with single backticks, and annotations use types that are imported for type
checkers only.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from enum import Enum
from importlib import import_module
from inspect import getsource
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

from sphinx.application import Sphinx

import conferencing

PUBLIC = frozenset(conferencing.__all__)
LEFT_OUT = frozenset({"__main__", "cli"})
"""Modules that are not part of the reference and need the libraries of another extra."""


# ------------------------------------------------------------------------------------- docstrings


def docstring(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Convert a docstring to reStructuredText, and list the members of an enumeration."""
    if isinstance(obj, type) and issubclass(obj, Enum):
        own = lines if "__doc__" in vars(obj) and obj.__doc__ else []
        lines[:] = [*own, "", *map(_member, obj)]
    lines[:] = [_line(line) for line in _blocks(lines)]


def _line(line: str) -> str:
    """Convert `single` backticks to code, or to a link if they hold a public name."""
    if line.startswith("    "):
        return line
    return re.sub(r"(?<!`)`([^`]+)`(?!`)", _code, line)


def _code(match: re.Match[str]) -> str:
    text = match[1]
    return f":py:obj:`~conferencing.{text}`" if text in PUBLIC else f"``{text}``"


def _blocks(lines: Iterable[str]) -> Iterator[str]:
    """Mark indented blocks as code."""
    before, inside = "", False
    for line in lines:
        indented = line.startswith("    ")
        if indented and not inside and not before:
            yield from ("::", "")
        inside = indented or (inside and not line)
        yield line
        before = line


def _member(member: Enum) -> str:
    """Return a member with its value and its comment."""
    source = getsource(type(member))
    match = re.search(rf"^    {member.name} = .+?  # (?!noqa)(.+)$", source, re.MULTILINE)
    comment = f": {match[1]}" if match else ""
    return f"- `{member.name}` = `{member.value!r}`{comment}"


# ------------------------------------------------------------------------------------- signatures


def signature(
    app: Sphinx,
    what: str,
    name: str,
    obj: Any,
    options: object,
    arguments: str | None,
    returns: str | None,
) -> tuple[str | None, str | None] | None:
    """Omit the signature of a class that users do not construct, and write `...` for factories.

    A page writes `autoclass:: Listing()` for such a class.
    """
    if what == "exception":
        return "", None
    if what == "class" and (arguments == "()" or issubclass(obj, Enum)):
        return "", None
    if what == "class" and arguments is not None:
        return re.sub(r"\bNOTHING\b|<[^<>]*>", "...", arguments).removesuffix(" -> None"), None
    return None


# ------------------------------------------------------------------------------------ annotations


def complete_annotations(app: Sphinx) -> None:
    """Execute the imports below `if TYPE_CHECKING`, so that annotations can be resolved."""
    for module in _modules():
        for block in _for_checkers(module):
            exec(compile(block, module.__file__ or "", "exec"), vars(module))  # noqa: S102


def _modules() -> Iterator[ModuleType]:
    for info in walk_packages(conferencing.__path__, "conferencing."):
        if info.name.split(".")[1] not in LEFT_OUT:
            yield import_module(info.name)


def _for_checkers(module: ModuleType) -> Iterator[ast.Module]:
    for node in ast.parse(Path(module.__file__ or "").read_bytes()).body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield ast.Module(node.body, type_ignores=[])


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the handlers."""
    app.connect("builder-inited", complete_annotations)
    app.connect("autodoc-process-docstring", docstring)
    app.connect("autodoc-process-signature", signature)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

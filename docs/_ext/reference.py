"""How the reference is read from the code: its docstrings, signatures and annotations.

The docstrings are written in plain text with single backticks, and the annotations name types that
are imported for type checkers alone.
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
"""What is no part of the reference, and needs the libraries of another extra."""


# ------------------------------------------------------------------------------------- docstrings


def docstring(
    app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]
) -> None:
    """Turn a docstring into what Sphinx reads, and list the members of an enumeration."""
    if isinstance(obj, type) and issubclass(obj, Enum):
        own = lines if "__doc__" in vars(obj) and obj.__doc__ else []
        lines[:] = [*own, "", *map(_member, obj)]
    lines[:] = [_line(line) for line in _blocks(lines)]


def _line(line: str) -> str:
    """Turn `single` backticks into code, or into a link if they hold a public name."""
    if line.startswith("    "):
        return line
    return re.sub(r"(?<!`)`([^`]+)`(?!`)", _code, line)


def _code(found: re.Match[str]) -> str:
    text = found[1]
    return f":py:obj:`~conferencing.{text}`" if text in PUBLIC else f"``{text}``"


def _blocks(lines: Iterable[str]) -> Iterator[str]:
    """Mark each indented block as code."""
    before, inside = "", False
    for line in lines:
        indented = line.startswith("    ")
        if indented and not inside and not before:
            yield from ("::", "")
        inside = indented or (inside and not line)
        yield line
        before = line


def _member(member: Enum) -> str:
    """Return a member with its value and the comment behind it."""
    source = getsource(type(member))
    found = re.search(rf"^    {member.name} = .+?  # (?!noqa)(.+)$", source, re.MULTILINE)
    comment = f": {found[1]}" if found else ""
    return f"- `{member.name}` = `{member.value!r}`{comment}"


# ------------------------------------------------------------------------------------- signatures


def signature(
    app: Sphinx,
    what: str,
    name: str,
    obj: Any,
    options: object,
    given: str | None,
    back: str | None,
) -> tuple[str | None, str | None] | None:
    """Leave out how something is made that users do not make, and write `...` for what is made.

    A page says `autoclass:: Listing()` of such a class.
    """
    if what == "exception":
        return "", None
    if what == "class" and (given == "()" or issubclass(obj, Enum)):
        return "", None
    if what == "class" and given is not None:
        return re.sub(r"\bNOTHING\b|<[^<>]*>", "...", given).removesuffix(" -> None"), None
    return None


# ------------------------------------------------------------------------------------ annotations


def complete_annotations(app: Sphinx) -> None:
    """Import what the modules import for type checkers only, so that annotations can be read."""
    for module in _modules():
        for block in _for_checkers(module):
            exec(compile(block, module.__file__ or "", "exec"), vars(module))  # noqa: S102


def _modules() -> Iterator[ModuleType]:
    for found in walk_packages(conferencing.__path__, "conferencing."):
        if found.name.split(".")[1] not in LEFT_OUT:
            yield import_module(found.name)


def _for_checkers(module: ModuleType) -> Iterator[ast.Module]:
    for node in ast.parse(Path(module.__file__ or "").read_bytes()).body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield ast.Module(node.body, type_ignores=[])


def setup(app: Sphinx) -> dict[str, bool]:
    """Bring the handlers to Sphinx."""
    app.connect("builder-inited", complete_annotations)
    app.connect("autodoc-process-docstring", docstring)
    app.connect("autodoc-process-signature", signature)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

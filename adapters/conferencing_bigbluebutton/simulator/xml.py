"""Writing XML as the server's templates do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast
from xml.sax.saxutils import escape

from conferencing.sandbox.simulator import Answer

__all__ = ["Elements", "answer_xml", "write_failure", "write_success"]

Elements = list[tuple[str, Any]]
"""Elements in order: each a name, and a text, a number, a boolean, None, or further elements."""


def answer_xml(elements: Elements, status: int = 200, *, cdata: bool = False) -> Answer:
    """Return an answer with the root `response`."""
    body = f"<response>{''.join(_write(*each, cdata=cdata) for each in elements)}</response>"
    return Answer(
        status=status,
        body=body.encode(),
        media_type="text/xml;charset=utf-8",
        headers={"Cache-Control": "no-cache"},
    )


def write_success(
    elements: Iterable[tuple[str, Any]] = (), key: str = "", text: str = ""
) -> Elements:
    """Return the elements of a success, with the two of its message where there is one."""
    message = [("messageKey", key), ("message", text)] if key else []
    return [("returncode", "SUCCESS"), *elements, *message]


def write_failure(key: str, text: str) -> Elements:
    """Return the elements of a failure."""
    return [("returncode", "FAILED"), ("messageKey", key), ("message", text)]


def _write(name: str, value: Any, *, cdata: bool) -> str:
    if isinstance(value, list):
        inside = "".join(_write(*each, cdata=cdata) for each in cast("Elements", value))
    elif isinstance(value, bool):
        inside = str(value).lower()
    else:
        inside = _write_text("" if value is None else str(value), cdata=cdata)
    return f"<{name}>{inside}</{name}>"


def _write_text(text: str, *, cdata: bool) -> str:
    if cdata and text and not text.isalnum() and "]]>" not in text:
        return f"<![CDATA[{text}]]>"
    return escape(text)

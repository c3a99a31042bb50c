"""Read text files that people made: lists, configuration files, key files.

UTF-8 with and without a byte order mark, and UTF-16 with one, are read. Any other encoding has to be
named: a code page cannot be told from another one by its bytes.
"""

from __future__ import annotations

import codecs
import locale
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from conferencing.errors import InvalidRequest

__all__ = ["decode", "detect_encoding", "read_text"]

_MARKS: Final[Mapping[bytes, str]] = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_SHOWN: Final = 40


def read_text(path: Path, encoding: str | None = None) -> str:
    """Return the text of a file without its byte order mark.

    Raises `InvalidRequest` that names the file, and for an encoding that does not fit the line and
    what its bytes would be in a code page.
    """
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise InvalidRequest(f"{path} cannot be read: {reason}", field="people") from error
    return decode(content, path, encoding)


def decode(content: bytes, name: object, encoding: str | None = None) -> str:
    """Return the text of a file's content; `name` is the file in error messages."""
    if encoding is not None:
        return _decode_as(content, name, encoding)
    marked = detect_encoding(content)
    try:
        return content.decode(marked)
    except UnicodeDecodeError as error:
        problem = _explain(content, error) if marked == "utf-8" else f"it is not {marked}"
    raise InvalidRequest(f"{name} cannot be read: {problem}", field="people")


def detect_encoding(content: bytes) -> str:
    """Return the encoding that a byte order mark names, or utf-8; it drops the mark in decoding."""
    return next((codec for mark, codec in _MARKS.items() if content.startswith(mark)), "utf-8")


def _decode_as(content: bytes, name: object, encoding: str) -> str:
    try:
        return content.decode(encoding).removeprefix("\ufeff")
    except LookupError:
        problem = f"there is no encoding {encoding!r}; examples are utf-8, utf-16, cp1250, latin-1"
    except UnicodeDecodeError as error:
        problem = f"line {_line(content, error.start)} is not {encoding}"
    raise InvalidRequest(f"{name} cannot be read: {problem}", field="encoding")


def _explain(content: bytes, error: UnicodeDecodeError) -> str:
    line = content[content.rfind(b"\n", 0, error.start) + 1 :].partition(b"\n")[0]
    examples = [
        f"{line.decode(page, 'replace').strip()[:_SHOWN]!r} in {page}" for page in _code_pages()
    ]
    return (
        f"line {_line(content, error.start)} is not UTF-8; it would be {' or '.join(examples)}."
        " Save the file as UTF-8, or name its encoding"
    )


def _code_pages() -> list[str]:
    """Return the code page of this computer, and the two most common ones of Windows."""
    own = locale.getpreferredencoding(do_setlocale=False).lower()
    pages = dict.fromkeys([own, "cp1252", "cp1250"])
    return [page for page in pages if not page.startswith(("utf", "ascii", "ansi"))][:2]


def _line(content: bytes, position: int) -> int:
    return content.count(b"\n", 0, position) + 1

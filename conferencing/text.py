"""Read text files that people made: lists, configuration files, key files.

UTF-8 with and without a byte order mark, and UTF-16 with one, are read. Any other encoding has to be
named: a code page cannot be told from another one by its bytes.
"""

from __future__ import annotations

import codecs
import locale
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from conferencing.errors import InvalidRequest

__all__ = ["decode", "decode_marked"]

_MARKS: Final[Mapping[bytes, str]] = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_MARK: Final = "\ufeff"
_SHOWN: Final = 40


def decode(content: bytes, name: object, encoding: str | None = None) -> str:
    """Return the text of a file's content; `name` is the file in error messages.

    Raises `InvalidRequest` that names the file, and for an encoding that does not fit the line and
    what its bytes would be in a code page.
    """
    if encoding is not None:
        return _decode_as(content, name, encoding)
    try:
        return decode_marked(content)
    except UnicodeDecodeError as error:
        is_utf8 = error.encoding == "utf-8"
        problem = _explain(content, error) if is_utf8 else f"it is not {error.encoding}"
    raise InvalidRequest(f"{name} cannot be read: {problem}", field="people")


def decode_marked(content: bytes) -> str:
    """Return text in UTF-8, or in the encoding that a byte order mark names, without the marks.

    There may be two: a converter that takes the mark of its input for text writes one more. Raises
    `UnicodeDecodeError`.
    """
    marked = next((codec for mark, codec in _MARKS.items() if content.startswith(mark)), "utf-8")
    return content.decode(marked).lstrip(_MARK)


def _decode_as(content: bytes, name: object, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except LookupError:
        problem = f"there is no encoding {encoding!r}; examples are utf-8, utf-16, cp1250, latin-1"
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        problem = f"line {_line(content, start)} is not {encoding}"
    else:
        return text.lstrip(_MARK)
    raise InvalidRequest(f"{name} cannot be read: {problem}", field="encoding")


def _explain(content: bytes, error: UnicodeDecodeError) -> str:
    """Return the line that is not UTF-8, and what its bytes around the fault are in code pages."""
    start = content.rfind(b"\n", 0, error.start) + 1
    line = content[start:].partition(b"\n")[0]
    begin = max(0, error.start - start - _SHOWN // 2)
    examples = _read_in_code_pages(line[begin : begin + _SHOWN])
    return (
        f"line {_line(content, error.start)} is not UTF-8; its bytes would be {examples}. Save the"
        " file as UTF-8, or name its encoding, such as cp1250"
    )


def _read_in_code_pages(part: bytes) -> str:
    """Return what bytes are in each code page that has letters for all of them."""
    readings: dict[str, str] = {}
    for page in _code_pages():
        with suppress(UnicodeDecodeError):
            text = part.decode(page).strip()
            if all(letter.isprintable() or letter == "\t" for letter in text):
                readings.setdefault(text, page)
    return ", or ".join(f"{text!r} in {page}" for text, page in readings.items()) or "none"


def _code_pages() -> list[str]:
    """Return the code page of this computer, and those of Windows for the languages of lists."""
    own = locale.getpreferredencoding(do_setlocale=False).lower()
    pages = dict.fromkeys([own, "cp1250", "cp1252", "cp1251", "cp1256"])
    return [page for page in pages if not page.startswith(("utf", "ascii", "ansi"))]


def _line(content: bytes, position: int) -> int:
    return content.count(b"\n", 0, position) + 1

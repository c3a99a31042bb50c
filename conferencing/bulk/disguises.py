"""Describe what a file is, if it is not the table that its name promises."""

from __future__ import annotations

from typing import Final

__all__ = ["describe_book", "describe_text"]

_SAVE: Final = "open it in a spreadsheet and save it as .xlsx or CSV UTF-8"
_KINDS: Final = (
    (b"%pdf", f"it is a PDF file; {_SAVE}"),
    (b"{\\rtf", f"it is an RTF document; {_SAVE}"),
    (b"begin:vcard", "it is a file of vCards; export the contacts as CSV"),
    (b"<html", f"it is an HTML page; {_SAVE}"),
    (b"<!doctype", f"it is an HTML page; {_SAVE}"),
    (b"<table", f"it is an HTML page; {_SAVE}"),
    (b"<?xml", f"it is an XML file; {_SAVE}"),
    (b'{"', "it is JSON; read it, and pass a list of mappings"),
    (b"[{", "it is JSON; read it, and pass a list of mappings"),
)
_ZIP: Final = b"pk\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


def describe_text(content: bytes) -> str | None:
    """Return what a file is that should be text and is not a table; None if it may be one."""
    start = _start(content)
    if start.startswith(_ZIP):
        return (
            "it is a workbook or another ZIP archive; rename a workbook so that its extension is"
            " .xlsx or .ods"
        )
    if start.startswith(_OLE):
        return (
            "it is an old workbook or document of Office; rename a workbook so that its extension"
            " is .xls"
        )
    kind = _find_kind(start)
    if kind is None and not content.startswith(_MARKS) and b"\x00" in content[:2000]:
        return "it is not text, or UTF-16 without a byte order mark; save it as CSV UTF-8 or .xlsx"
    return kind


def describe_book(content: bytes) -> str | None:
    """Return what a file is that could not be read as a workbook; None if that is unknown."""
    start = _start(content)
    if not start:
        return "it is empty"
    if start.startswith(_ZIP[:2]):
        return "it is damaged, or another kind of file in a ZIP archive"
    if start.startswith(_OLE):
        return "it is damaged, or protected by a password"
    kind = _find_kind(start)
    if kind is not None:
        return f"{kind} (its extension is that of a workbook)"
    printable = all(byte >= 0x20 or byte in b"\r\n\t" for byte in start)  # noqa: PLR2004
    if printable or content.startswith(_MARKS):
        return "it is a text file; rename it so that its extension is .csv"
    return None


def _start(content: bytes) -> bytes:
    return content[:512].removeprefix(b"\xef\xbb\xbf").lstrip(b" \r\n\t").lower()


def _find_kind(start: bytes) -> str | None:
    return next((kind for sign, kind in _KINDS if start.startswith(sign)), None)

"""Writing a PDF of one page of plain lines, for the reports of simulators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

__all__ = ["pdf"]


_FONTS: Final = b"/Resources << /Font << /F1 5 0 R >> >>"


def pdf(lines: Sequence[str]) -> bytes:
    """Return a PDF 1.4 file with these lines; characters beyond Latin-1 become question marks."""
    shown = "".join(f"({_escape(line)}) Tj T*\n" for line in lines)
    text = f"BT /F1 12 Tf 72 770 Td 16 TL\n{shown}ET".encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R %s >>" % _FONTS,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    body, offsets = b"%PDF-1.4\n", list[int]()
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table, len(objects) + 1, len(body))
    )


def _escape(line: str) -> str:
    return line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")

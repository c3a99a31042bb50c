"""The report as PDF, set by typst: the texts and pictures of the page, with text that can be copied."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC
from functools import cache
from importlib.resources import files
from typing import Any, Final

from conferencing.extras import import_extra

from .chart import draw_chart
from .page import build_page
from .values import AttendanceReport

__all__ = ["render_pdf"]

_WIDTH: Final = 1000
_LONG: Final = 24
_WORD: Final = re.compile(rf"\S{{{_LONG},}}")
# The first of these fonts that is installed sets the text. For letters that it lacks, typst looks
# through the others in this order and then through all fonts. The last one is built into typst.
_FONTS: Final = (
    "Noto Sans", "Segoe UI", "Helvetica Neue", "Arial", "Liberation Sans", "DejaVu Sans",
    "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC",
    "WenQuanYi Zen Hei", "Noto Color Emoji", "Libertinus Serif",
)  # fmt: skip


def render_pdf(report: AttendanceReport) -> bytes:
    """Return the report as PDF: A4 landscape, tagged for screen readers.

    Letters that no installed font has appear as empty boxes; all but the first of them can be copied.
    Raises `ConfigurationError` if the libraries of the extra `report` are not installed.
    """
    typst = _import_typst()
    page = _break_names(build_page(report)) | {
        "fonts": _list_fonts(),
        "chart": draw_chart(report, width=_WIDTH, height=150),
    }
    content: bytes = typst.compile(
        files(__package__ or "").joinpath("report.typ").read_bytes(),
        sys_inputs={"page": json.dumps(page)},
        timestamp=report.made_at.astimezone(UTC).replace(microsecond=0),
    )
    return content


def _break_names(page: dict[str, Any]) -> dict[str, Any]:
    """Return the page with names and titles as pieces between which a line may break."""
    title = page["title"]
    return page | {
        "heading": _build_text(title),
        "short": title if len(title) <= 2 * _LONG else f"{title[: 2 * _LONG]}…",
        "people": [_break_texts(person, "name", "email") for person in page["people"]],
        "no_shows": [_break_texts(person, "name", "email") for person in page["no_shows"]],
        "sessions": [_break_texts(session, "title") for session in page["sessions"]],
    }


def _break_texts(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return row | {name: _build_text(row[name]) for name in names}


def _build_text(text: str) -> dict[str, Any]:
    return {"pieces": _split(text), "rtl": _is_right_to_left(text)}


def _split(text: str) -> Sequence[str]:
    """Split words that no column is wide enough for. Nothing is inserted, so that copies are exact."""
    if not _WORD.search(text):
        return [text]
    return [piece for word in re.split(r"(?<= )", text) for piece in _split_word(word)]


def _split_word(word: str) -> Sequence[str]:
    if len(word) < _LONG:
        return [word]
    half = _LONG // 2
    return [word[start : start + half] for start in range(0, len(word), half)]


def _is_right_to_left(text: str) -> bool:
    """Return whether the first letter with a direction is written from right to left."""
    directions = (unicodedata.bidirectional(letter) for letter in text)
    strong = (direction for direction in directions if direction in {"L", "R", "AL"})
    return next(strong, "L") != "L"


def _import_typst() -> Any:
    return import_extra("typst", extra="report", purpose="write reports as PDF")


@cache
def _list_fonts() -> Sequence[str]:
    installed = set(_import_typst().Fonts().families())
    return [name for name in _FONTS if name in installed]

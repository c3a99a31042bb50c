"""The report as PDF, set by typst: the texts and pictures of the page, with text that can be copied."""

from __future__ import annotations

import json
import logging
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC
from importlib.resources import files
from typing import Any, Final

from conferencing.errors import InvalidRequest
from conferencing.extras import import_extra

from .chart import draw_chart
from .fonts import Fonts, find_missing_letters
from .language import load_language
from .limitations import build_limitation
from .page import build_page
from .values import AttendanceReport, Limitation, LimitationKind

__all__ = ["MAX_PEOPLE", "check_size", "render_pdf"]

MAX_PEOPLE: Final = 5000
"""The people and no-shows of a PDF: typst needs about 250 MB of memory for each thousand."""

_LOG: Final = logging.getLogger("conferencing.report")
_WIDTH: Final = 1000
_LONG: Final = 16
_TITLE: Final = 48
_WORD: Final = re.compile(rf"\S{{{_LONG},}}|\S@")
# The first of these fonts that is installed sets the text. For letters that it lacks, typst looks
# through the others in this order and then through all fonts. The last one is built into typst.
_FONTS: Final = (
    "Noto Sans", "Segoe UI", "Helvetica Neue", "Arial", "Liberation Sans", "DejaVu Sans",
    "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC",
    "WenQuanYi Zen Hei", "Noto Color Emoji", "Libertinus Serif",
)  # fmt: skip


def render_pdf(
    report: AttendanceReport, *, language: str = "en", system_fonts: bool = True
) -> bytes:
    """Return the report as PDF in a language: A4 landscape, tagged for screen readers.

    Letters that no font has are named among the limitations and in a logged warning; in the text,
    they appear as boxes or not at all. Without `system_fonts` only the fonts that are built into
    typst are used, which have Latin, Greek and Cyrillic letters: the PDF is the same on every machine.

    Raises `InvalidRequest` for more people than fit into memory, and `ConfigurationError` if the
    libraries of the extra `report` are not installed.
    """
    check_size(report)
    typst, words = _import_typst(), load_language(language)
    fonts = Fonts(typst, _FONTS, system_fonts=system_fonts)
    missing = find_missing_letters(json.dumps(build_page(report, words), ensure_ascii=False), fonts)
    page = _break_names(build_page(report, words, _limit_letters(missing))) | {
        "fonts": fonts.names,
        "chart": draw_chart(report, words, width=_WIDTH, height=150),
    }
    return fonts.compile(
        files(__package__ or "").joinpath("report.typ").read_bytes(),
        json.dumps(page),
        timestamp=report.made_at.astimezone(UTC).replace(microsecond=0),
    )


def check_size(report: AttendanceReport) -> None:
    """Raise `InvalidRequest` if a report has too many people for a PDF."""
    people = len(report.people) + len(report.no_shows)
    if people > MAX_PEOPLE:
        raise InvalidRequest(
            f"a PDF of {people:,} people needs more than 1 GB of memory; it can have at most"
            f" {MAX_PEOPLE:,}. Write the report as .html, which a browser prints as PDF",
            field="path",
        )


def _limit_letters(missing: str) -> Sequence[Limitation]:
    if not missing:
        return ()
    _LOG.warning("no font has these letters, which the PDF of a report lacks: %s", missing)
    return (build_limitation(LimitationKind.LETTERS_MISSING, detail=missing),)


def _break_names(page: dict[str, Any]) -> dict[str, Any]:
    """Return the page with names and titles as pieces between which a line may break."""
    title = page["title"]
    return page | {
        "heading": _build_text(title),
        "short": title if len(title) <= _TITLE else f"{title[:_TITLE]}…",
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
    return [piece for word in re.split(r"(?<= )|(?=@)", text) for piece in _split_word(word)]


def _split_word(word: str) -> Sequence[str]:
    if len(word) < _LONG:
        return [word]
    part = _LONG * 3 // 4
    return [word[start : start + part] for start in range(0, len(word), part)]


def _is_right_to_left(text: str) -> bool:
    """Return whether the first letter with a direction is written from right to left."""
    directions = (unicodedata.bidirectional(letter) for letter in text)
    strong = (direction for direction in directions if direction in {"L", "R", "AL"})
    return next(strong, "L") != "L"


def _import_typst() -> Any:
    return import_extra("typst", extra="report", purpose="write reports as PDF")

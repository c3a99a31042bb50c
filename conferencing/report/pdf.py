"""The report on paper, set by typst: the same words and pictures as the page, text to be copied."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import UTC
from functools import cache
from importlib.resources import files
from typing import Any, Final

from conferencing.extras import library

from .curve import curve_svg
from .page import page_of
from .values import AttendanceReport
from .words import right_to_left

__all__ = ["report_pdf"]

_WIDE: Final = 1000
_LONG: Final = 24
_WORD: Final = re.compile(rf"\S{{{_LONG},}}")
# The first of these that is there sets the text; for letters that it lacks, typst looks through
# the others in this order and then through every font of the machine. The last is typst's own.
_FONTS: Final = (
    "Noto Sans", "Segoe UI", "Helvetica Neue", "Arial", "Liberation Sans", "DejaVu Sans",
    "Noto Sans Arabic", "Noto Sans Hebrew", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC",
    "WenQuanYi Zen Hei", "Noto Color Emoji", "Libertinus Serif",
)  # fmt: skip


def report_pdf(report: AttendanceReport) -> bytes:
    """Return the report as PDF, A4 across, tagged for screen readers.

    Letters that no font of this machine has are drawn as empty boxes; their text can be copied all
    the same. Raises `ConfigurationError` if the libraries of the extra `report` are missing.
    """
    typst = library("typst", extra="report", purpose="a report as PDF")
    page = _set(page_of(report)) | {
        "fonts": _fonts(),
        "curve": curve_svg(report, width=_WIDE, height=150),
    }
    made: bytes = typst.compile(
        files(__package__ or "").joinpath("report.typ").read_bytes(),
        sys_inputs={"page": json.dumps(page)},
        timestamp=report.made_at.astimezone(UTC).replace(microsecond=0),
    )
    return made


def _set(page: dict[str, Any]) -> dict[str, Any]:
    """Return the page with people's own texts cut where a line may break."""
    people = [one | _texts(one, "name", "email") for one in page["people"]]
    no_shows = [one | _texts(one, "name", "email") for one in page["no_shows"]]
    sessions = [one | _texts(one, "title") for one in page["sessions"]]
    title = page["title"]
    short = title if len(title) <= 2 * _LONG else f"{title[: 2 * _LONG]}…"
    return page | {
        "heading": _text(title),
        "short": short,
        "people": people,
        "no_shows": no_shows,
        "sessions": sessions,
    }


def _texts(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: _text(row[name]) for name in names}


def _text(text: str) -> dict[str, Any]:
    return {"pieces": _pieces(text), "rtl": right_to_left(text)}


def _pieces(text: str) -> Sequence[str]:
    """Cut words that no column is wide enough for; nothing is put in, so that copies stay true."""
    if not _WORD.search(text):
        return [text]
    return [piece for word in re.split(r"(?<= )", text) for piece in _cut(word)]


def _cut(word: str) -> Sequence[str]:
    if len(word) < _LONG:
        return [word]
    half = _LONG // 2
    return [word[at : at + half] for at in range(0, len(word), half)]


@cache
def _fonts() -> Sequence[str]:
    found = set(library("typst", extra="report", purpose="a report as PDF").Fonts().families())
    return [name for name in _FONTS if name in found]

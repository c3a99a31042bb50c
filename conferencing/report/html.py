"""The report as a self-contained HTML page: no script, no link, no other file."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Final

from conferencing.extras import import_extra

from .chart import draw_chart
from .language import load_language
from .page import build_page
from .values import AttendanceReport

__all__ = ["render_html"]

_WIDTH: Final = 1000
_NARROW_WIDTH: Final = 340


def render_html(report: AttendanceReport, *, language: str = "en") -> bytes:
    """Return the report as HTML in a language. The template escapes all names.

    Raises `ConfigurationError` if the libraries of the extra `report` are not installed.
    """
    jinja = import_extra("jinja2", extra="report", purpose="write reports as HTML")
    markup = import_extra("markupsafe", extra="report", purpose="write reports as HTML").Markup
    environment = jinja.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja.StrictUndefined
    )
    words = load_language(language)
    # These alone are not escaped: the style sheet, and pictures drawn from numbers.
    style = markup(_read("report.css"))
    chart = draw_chart(report, words, width=_WIDTH)
    narrow_chart = draw_chart(report, words, width=_NARROW_WIDTH, height=150)
    html: str = environment.from_string(_read("report.html.jinja")).render(
        build_page(report, words),
        style=style,
        at=markup("<wbr>@"),
        style_hash=markup(f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}"),
        chart=chart and markup(chart),
        narrow_chart=narrow_chart and markup(narrow_chart),
    )
    return html.encode()


def _read(name: str) -> str:
    return files(__package__ or "").joinpath(name).read_text("utf-8")

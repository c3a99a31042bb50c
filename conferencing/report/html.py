"""The report as one page that needs nothing else: no script, no address, no file beside it."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Final

from conferencing.extras import library

from .curve import curve_svg
from .page import page_of
from .values import AttendanceReport

__all__ = ["report_html"]

_WIDE: Final = 1000
_NARROW: Final = 340


def report_html(report: AttendanceReport) -> str:
    """Return the report as HTML. Names are data: the template escapes all of them.

    Raises `ConfigurationError` if the libraries of the extra `report` are not installed.
    """
    jinja = library("jinja2", extra="report", purpose="a report as HTML")
    markup = library("markupsafe", extra="report", purpose="a report as HTML").Markup
    environment = jinja.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja.StrictUndefined
    )
    # The only texts that go in as they are: our own style, and pictures drawn from numbers.
    style = markup(_text("report.css"))
    curve = curve_svg(report, width=_WIDE)
    narrow = curve_svg(report, width=_NARROW, height=150)
    page: str = environment.from_string(_text("report.html.jinja")).render(
        page_of(report),
        style=style,
        at=markup("<wbr>@"),
        style_hash=markup(f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}"),
        curve=curve and markup(curve),
        curve_narrow=narrow and markup(narrow),
    )
    return page


def _text(name: str) -> str:
    return files(__package__ or "").joinpath(name).read_text("utf-8")

"""The curve of people in the room, drawn by Vega-Lite: the same picture for the page and the PDF.

Only numbers and times go into it, never a name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from conferencing.extras import library
from conferencing.model.attendance import Headcount
from conferencing.model.base import elapsed

from .timeline import Tick, Window, ticks, windows_of
from .values import AttendanceReport
from .words import day

__all__ = ["curve_svg"]

INK: Final = "#1a2130"
QUIET: Final = "#545f73"
LINE: Final = "#dfe3ea"
ACCENT: Final = "#2c56c9"

_LABEL: Final = 62  # pixels that the label of a tick needs
_NARROWEST: Final = 14
_AXIS: Final = 36
_SPACING: Final = 10
# Roles of the drawing's own parts, which no screen reader knows: who draws the picture into a page
# says in words what it shows.
_ROLES: Final = re.compile(r' (?:aria-[a-z]+|role|pointer-events)="[^"]*"')


def curve_svg(report: AttendanceReport, *, width: int, height: int = 180) -> str | None:
    """Return the curve as SVG, about `width` pixels wide, or None if nobody's times are known.

    Raises `ConfigurationError` if vl-convert is not installed.
    """
    windows = windows_of(report)
    if not report.curve or not windows:
        return None
    vega = library("vl_convert", extra="report", purpose="the curve of people in the room")
    room = width - _AXIS - _SPACING * (len(windows) - 1)
    whole = sum(window.width for window in windows)
    widths = [max(_NARROWEST, round(room * window.width / whole)) for window in windows]
    named = len(windows) > 1
    panels = [
        _panel(report, window, its, height, first=window is windows[0], named=named)
        for window, its in zip(windows, widths, strict=True)
    ]
    # Nothing in it names another address, and nothing may be fetched.
    drawn: str = vega.vegalite_to_svg(_chart(panels), allowed_base_urls=[])
    return _ROLES.sub("", drawn)


def _chart(panels: Sequence[dict[str, Any]]) -> dict[str, Any]:
    text = {"labelColor": QUIET, "titleColor": QUIET, "labelFontSize": 11, "titleFontSize": 11}
    lines = {"gridColor": LINE, "domainColor": LINE, "tickColor": LINE, "titleFontWeight": "normal"}
    return {
        "background": None,
        "padding": 2,
        "spacing": _SPACING,
        "hconcat": panels,
        "resolve": {"scale": {"y": "shared"}},
        "config": {
            "view": {"stroke": None},
            "axis": text | lines,
            "title": {"color": QUIET, "fontSize": 11, "fontWeight": "normal", "anchor": "start"},
        },
    }


def _panel(
    report: AttendanceReport, window: Window, width: int, height: int, *, first: bool, named: bool
) -> dict[str, Any]:
    marks = ticks(window, report.timezone, max(1, width // _LABEL))
    panel: dict[str, Any] = {
        "width": width,
        "height": height,
        "data": {"values": _points(report.curve, window)},
        "mark": {
            "type": "area",
            "interpolate": "step-after",
            "color": ACCENT,
            "fillOpacity": 0.18,
            "line": {"color": ACCENT, "strokeWidth": 1.5},
        },
        "encoding": {"x": _across(window, marks), "y": _up(first=first)},
    }
    if named and width > _LABEL:
        panel["title"] = day(window.start)
    return panel


def _across(window: Window, marks: Sequence[Tick]) -> dict[str, Any]:
    labels = {_minutes(tick.offset): tick.label for tick in marks}
    axis = {
        "values": list(labels),
        "labelExpr": f"{_table(labels)}[datum.value]",
        "title": None,
        "grid": False,
        "labelFlush": True,
        "labelOverlap": True,
    }
    scale = {"domain": [0, _minutes(window.length)], "nice": False}
    return {"field": "minute", "type": "quantitative", "axis": axis, "scale": scale}


def _up(*, first: bool) -> dict[str, Any]:
    counts = {"title": None, "tickMinStep": 1, "tickCount": 5, "format": ",d"}
    bare = {"title": None, "labels": False, "ticks": False}
    return {"field": "present", "type": "quantitative", "axis": counts if first else bare}


def _points(curve: Sequence[Headcount], window: Window) -> list[dict[str, float]]:
    """Return the steps of one window, from its very start to its very end."""
    inside = [step for step in curve if _within(step.at, window)]
    before = [step for step in curve if elapsed(window.start, step.at) < timedelta()]
    start = before[-1].people if before else 0
    end = inside[-1].people if inside else start
    points = [
        (0.0, start),
        *((_minutes(elapsed(window.start, one.at)), one.people) for one in inside),
    ]
    points.append((_minutes(window.length), end))
    return [{"minute": minute, "present": present} for minute, present in points]


def _within(at: datetime, window: Window) -> bool:
    return timedelta() <= elapsed(window.start, at) <= window.length


def _minutes(duration: timedelta) -> float:
    return round(duration / timedelta(minutes=1), 3)


def _table(labels: dict[float, str]) -> str:
    """Write a table in Vega's expression language, which is like JavaScript's."""
    return "{" + ",".join(f"'{_plain(key)}':'{label}'" for key, label in labels.items()) + "}"


def _plain(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".")

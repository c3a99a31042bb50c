"""The chart of people over time, drawn by Vega-Lite: the same picture in the page and the PDF.

It contains numbers and times only, never a name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from conferencing.extras import import_extra
from conferencing.model.attendance import Headcount
from conferencing.model.base import elapsed

from .language import Language
from .timeline import Tick, Window, build_ticks, build_windows
from .values import AttendanceReport

__all__ = ["draw_chart"]

QUIET: Final = "#545f73"
LINE: Final = "#dfe3ea"
ACCENT: Final = "#2c56c9"

# Widths in pixels.
_LABEL: Final = 62
_MIN_PANEL: Final = 14
_AXIS: Final = 36
_SPACING: Final = 10
# Vega's roles for parts of the drawing, which screen readers do not know. The page describes the
# whole picture in words instead.
_ROLES: Final = re.compile(r' (?:aria-[a-z]+|role|pointer-events)="[^"]*"')


def draw_chart(
    report: AttendanceReport, language: Language, *, width: int, height: int = 180
) -> str | None:
    """Return the chart as SVG, about `width` pixels wide, or None if no times are known.

    Time runs in the direction of the language.

    Raises `ConfigurationError` if vl-convert is not installed.
    """
    windows = build_windows(report)
    if not report.headcounts or not windows:
        return None
    vega = import_extra("vl_convert", extra="report", purpose="draw the chart of a report")
    available = width - _AXIS - _SPACING * (len(windows) - 1)
    total = sum(window.width for window in windows)
    panels = [
        _build_panel(
            report,
            window,
            language,
            max(_MIN_PANEL, round(available * window.width / total)),
            height,
            is_first=window is windows[0],
            has_title=len(windows) > 1,
        )
        for window in windows
    ]
    # The chart refers to no address, and nothing may be fetched.
    if language.is_right_to_left:
        panels.reverse()
    svg: str = vega.vegalite_to_svg(_build_chart(panels), allowed_base_urls=[])
    return _ROLES.sub("", svg)


def _build_chart(panels: Sequence[dict[str, Any]]) -> dict[str, Any]:
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


def _build_panel(
    report: AttendanceReport,
    window: Window,
    language: Language,
    width: int,
    height: int,
    *,
    is_first: bool,
    has_title: bool,
) -> dict[str, Any]:
    ticks = build_ticks(window, report.timezone, max(1, width // _LABEL), language)
    panel: dict[str, Any] = {
        "width": width,
        "height": height,
        "data": {"values": _build_points(report.headcounts, window)},
        "mark": {
            "type": "area",
            # Vega draws areas from left to right, also where time runs the other way.
            "interpolate": "step-before" if language.is_right_to_left else "step-after",
            "color": ACCENT,
            "fillOpacity": 0.18,
            "line": {"color": ACCENT, "strokeWidth": 1.5},
        },
        "encoding": {
            "x": _build_x(window, ticks, language),
            "y": _build_y(language, is_first=is_first),
        },
    }
    if has_title and width > _LABEL:
        panel["title"] = language.day(window.start)
    return panel


def _build_x(window: Window, ticks: Sequence[Tick], language: Language) -> dict[str, Any]:
    labels = {_minutes(tick.offset): tick.label for tick in ticks}
    axis = {
        "values": list(labels),
        "labelExpr": f"{_to_expression(labels)}[datum.value]",
        "title": None,
        "grid": False,
        "labelFlush": True,
        "labelOverlap": True,
    }
    scale = {
        "domain": [0, _minutes(window.length)],
        "nice": False,
        "reverse": language.is_right_to_left,
    }
    return {"field": "minute", "type": "quantitative", "axis": axis, "scale": scale}


def _build_y(language: Language, *, is_first: bool) -> dict[str, Any]:
    side = "right" if language.is_right_to_left else "left"
    counts = {"title": None, "tickMinStep": 1, "tickCount": 5, "format": "d", "orient": side}
    hidden = {"title": None, "labels": False, "ticks": False}
    return {"field": "people", "type": "quantitative", "axis": counts if is_first else hidden}


def _build_points(headcounts: Sequence[Headcount], window: Window) -> list[dict[str, float]]:
    """Return the headcounts of one window, from its start to its end."""
    inside = [count for count in headcounts if _is_within(count.at, window)]
    before = [count for count in headcounts if elapsed(window.start, count.at) < timedelta()]
    start = before[-1].people if before else 0
    end = inside[-1].people if inside else start
    points = [
        (0.0, start),
        *((_minutes(elapsed(window.start, count.at)), count.people) for count in inside),
        (_minutes(window.length), end),
    ]
    return [{"minute": minute, "people": people} for minute, people in points]


def _is_within(at: datetime, window: Window) -> bool:
    return timedelta() <= elapsed(window.start, at) <= window.length


def _minutes(duration: timedelta) -> float:
    return round(duration / timedelta(minutes=1), 3)


def _to_expression(labels: dict[float, str]) -> str:
    """Return the mapping as an object of Vega's expression language, a subset of JavaScript."""
    return "{" + ",".join(f"'{_to_key(key)}':'{label}'" for key, label in labels.items()) + "}"


def _to_key(number: float) -> str:
    return f"{number:.3f}".rstrip("0").rstrip(".")

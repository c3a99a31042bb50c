"""The attendance report: who was there and who was not, as facts, and as files that people open.

    report = await collect_report(conference, room)
    write_report(report, "report.html")  # .pdf .csv .xlsx .json .parquet

Nothing is loaded until a name is touched.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .collect import collect_report
    from .facts import build_report
    from .values import AttendanceReport, Attendee, Gap, GapKind, Stay, Summary
    from .write import FORMATS, write_report

__all__ = [
    "FORMATS",
    "AttendanceReport",
    "Attendee",
    "Gap",
    "GapKind",
    "Stay",
    "Summary",
    "build_report",
    "collect_report",
    "write_report",
]

_HOME = {
    "collect": "collect_report",
    "facts": "build_report",
    "values": "AttendanceReport Attendee Gap GapKind Stay Summary",
    "write": "FORMATS write_report",
}
_MODULE = {name: module for module, names in _HOME.items() for name in names.split()}


if not TYPE_CHECKING:  # a checker that saw it would take any name for right

    def __getattr__(name: str) -> Any:
        if name not in _MODULE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_MODULE[name]}"), name)

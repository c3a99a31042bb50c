"""The report as an Excel workbook: a sheet for each table, and no cell that is a formula."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen

from conferencing.extras import import_extra
from conferencing.formatting import clean_line

from .tables import build_rows
from .values import AttendanceReport

__all__ = ["render_xlsx"]

_MOMENT: Final = {"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"}
_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_MAX_WIDTH: Final = 48
_MAX_TEXT: Final = 32_767  # characters in a cell of Excel

Cell = str | float | datetime | None


@frozen
class Sheet:
    """A table with its title. `percent` are the headers of columns with fractions."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    percent: frozenset[str] = frozenset()


def render_xlsx(report: AttendanceReport) -> bytes:
    """Return a workbook with the summary, the people, their segments, the sessions and headcounts.

    Times are real Excel times in the report's zone, which the headers name, since Excel has no
    zones. Durations are minutes. Raises `ConfigurationError` if xlsxwriter is not installed.
    """
    xlsxwriter = import_extra("xlsxwriter", extra="excel", purpose="write reports as workbooks")
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, _OPTIONS)
    book.set_properties({"title": clean_line(report.title), "created": _to_local(report.made_at)})
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    formats = {"moment": book.add_format(_MOMENT), "percent": book.add_format({"num_format": "0%"})}
    for sheet in _build_sheets(report):
        _write_sheet(book.add_worksheet(sheet.title), sheet, head, formats)
    book.close()
    return target.getvalue()


def _build_sheets(report: AttendanceReport) -> Sequence[Sheet]:
    zone = report.timezone.key
    headcounts = [(headcount.at, headcount.people) for headcount in report.headcounts]
    return (
        _build_summary(report, zone),
        _build_people(report, zone),
        _build_segments(report, zone),
        _build_sessions(report, zone),
        Sheet("People over time", (f"From ({zone})", "People"), headcounts),
    )


def _build_summary(report: AttendanceReport, zone: str) -> Sheet:
    summary, peak = report.summary, report.summary.peak
    rows: list[tuple[str, Cell]] = [
        ("Room", report.title),
        ("Provider", report.provider),
        (f"Made at ({zone})", report.made_at),
        ("Registered", _number_or_unknown(summary.registered)),
        ("Attended", _number_or_unknown(summary.attended)),
        ("Attended and registered", _number_or_unknown(summary.attended_registered)),
        ("No-shows", _number_or_unknown(summary.no_shows)),
        ("Median time present (minutes)", _to_minutes(summary.median)),
        ("Average time present (minutes)", _to_minutes(summary.mean)),
        ("People whose time present is known", summary.timed),
        ("Most at one time", peak.people if peak else None),
        (f"Most at one time, first at ({zone})", peak.at if peak else None),
        *(("Limitation", limitation.text) for limitation in report.limitations),
    ]
    return Sheet("Summary", ("Item", "Value"), rows)


def _build_people(report: AttendanceReport, zone: str) -> Sheet:
    headers = (
        "Status", "Name", "E-mail", "Role", f"Joined ({zone})", f"Left ({zone})", "Joins",
        "Minutes", "Share", "Registration", f"Registered ({zone})", "Matched by", "Merged by",
    )  # fmt: skip
    rows = [
        (
            row.status, row.name, row.email, row.role.value, row.joined_at, row.left_at,
            len(row.segments), row.minutes, row.share, row.participant_id,
            row.registered_at and row.registered_at.astimezone(report.timezone),
            row.matched_by, row.merged_by,
        )
        for row in build_rows(report)
    ]  # fmt: skip
    return Sheet("People", headers, rows, frozenset({"Share"}))


def _build_segments(report: AttendanceReport, zone: str) -> Sheet:
    rows = [
        (person.name, person.email, segment.session_id, segment.joined_at, segment.left_at)
        for person in report.people
        for segment in person.segments
    ]
    headers = ("Name", "E-mail", "Session", f"Joined ({zone})", f"Left ({zone})")
    return Sheet("Segments", headers, rows)


def _build_sessions(report: AttendanceReport, zone: str) -> Sheet:
    headers = (
        "Session", "Title", f"Started ({zone})", f"Ended ({zone})", "Minutes",
        "People counted by the provider", "Most at one time, by the provider",
    )  # fmt: skip
    rows = [
        (
            session.id, session.title, session.started_at, session.ended_at,
            _to_minutes(session.duration), session.people, session.peak,
        )
        for session in report.sessions
    ]  # fmt: skip
    return Sheet("Sessions", headers, rows)


def _write_sheet(page: Any, sheet: Sheet, head: Any, formats: dict[str, Any]) -> None:
    page.freeze_panes(1, 0)
    for column, header in enumerate(sheet.headers):
        page.write_string(0, column, header, head)
        page.set_column(column, column, _find_width(header, [row[column] for row in sheet.rows]))
    for number, row in enumerate(sheet.rows, 1):
        for column, value in enumerate(row):
            share = sheet.headers[column] in sheet.percent
            _write_cell(page, number, column, value, formats, share=share)
    if sheet.rows:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.headers) - 1)


def _write_cell(
    page: Any, row: int, column: int, value: Cell, formats: dict[str, Any], *, share: bool
) -> None:
    if isinstance(value, datetime):
        page.write_datetime(row, column, _to_local(value), formats["moment"])
    elif isinstance(value, str):
        page.write_string(row, column, clean_line(value)[:_MAX_TEXT])
    elif value is not None:
        page.write_number(row, column, value, formats["percent"] if share else None)


def _find_width(header: str, values: Sequence[Cell]) -> int:
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    has_moment = any(isinstance(value, datetime) for value in values)
    moment = len("2026-10-01 10:00:00") if has_moment else 0
    return min(_MAX_WIDTH, max(10, longest, moment, len(header) * 2 // 3) + 2)


def _number_or_unknown(number: int | None) -> Cell:
    return "unknown" if number is None else number


def _to_minutes(duration: timedelta | None) -> float | None:
    return None if duration is None else duration / timedelta(minutes=1)


def _to_local(at: datetime) -> datetime:
    return at.replace(tzinfo=None)

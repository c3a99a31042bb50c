"""The report as an Excel workbook: a sheet for each table, and no cell that is a formula."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from attrs import frozen

from conferencing.extras import library

from .tables import lines_of
from .values import AttendanceReport
from .words import printable

__all__ = ["report_xlsx"]

_DATED: Final = {"num_format": "yyyy-mm-dd hh:mm:ss", "align": "left"}
_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_WIDEST: Final = 48
_LONGEST: Final = 32_767  # what a cell of Excel holds

SecretText = str | float | datetime | None


@frozen
class Sheet:
    """Hold a table under its name. `formats` are of whole columns, by their header."""

    name: str
    headers: Sequence[str]
    rows: Sequence[Sequence[SecretText]]
    percent: frozenset[str] = frozenset()


def report_xlsx(report: AttendanceReport) -> bytes:
    """Return a workbook with the summary, the people, their stays, the no-shows and the curve.

    Times are real ones, on the clock of the report's zone, which the headers name: Excel knows no
    zones. Lengths are numbers of minutes. Raises `ConfigurationError` if xlsxwriter is missing.
    """
    writer = library("xlsxwriter", extra="excel", purpose="a report as a workbook")
    target = io.BytesIO()
    book = writer.Workbook(target, _OPTIONS)
    book.set_properties({"title": printable(report.title), "created": _local(report.made_at)})
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    formats = {"moment": book.add_format(_DATED), "percent": book.add_format({"num_format": "0%"})}
    for sheet in _sheets(report):
        _write(book.add_worksheet(sheet.name), sheet, head, formats)
    book.close()
    return target.getvalue()


def _sheets(report: AttendanceReport) -> Sequence[Sheet]:
    zone = report.timezone.key
    curve = [(step.at, step.people) for step in report.curve]
    return (
        _summary(report, zone),
        _people(report, zone),
        _stays(report, zone),
        _sessions(report, zone),
        Sheet("Curve", (f"From ({zone})", "People"), curve),
    )


def _summary(report: AttendanceReport, zone: str) -> Sheet:
    summary = report.summary
    rows: list[tuple[str, SecretText]] = [
        ("Room", report.title),
        ("Provider", report.provider),
        (f"Made at ({zone})", report.made_at),
        ("Registered", _known(summary.registered)),
        ("Came", _known(summary.came)),
        ("Came and registered", _known(summary.expected)),
        ("No-shows", _known(summary.no_shows)),
        ("Median time present (minutes)", _minutes(summary.median)),
        ("Average time present (minutes)", _minutes(summary.mean)),
        ("People whose time present is known", summary.timed),
        ("Most at one time", summary.peak.people if summary.peak else None),
        (f"Most at one time, first at ({zone})", summary.peak.at if summary.peak else None),
        *(("Cannot be known", gap.text) for gap in report.gaps),
    ]
    return Sheet("Summary", ("What", "Value"), rows)


def _people(report: AttendanceReport, zone: str) -> Sheet:
    headers = (
        "Status", "Name", "E-mail", "Role", f"Joined ({zone})", f"Left ({zone})", "Stays",
        "Minutes", "Share", "Registration", f"Registered ({zone})", "Matched by", "Merged by",
    )  # fmt: skip
    rows = [
        (
            one.status, one.name, one.email, one.role.value, one.joined_at, one.left_at,
            len(one.stays), one.minutes, one.share, one.participant_id,
            one.registered_at and one.registered_at.astimezone(report.timezone),
            one.matched_by, one.merged_by,
        )
        for one in lines_of(report)
    ]  # fmt: skip
    return Sheet("People", headers, rows, frozenset({"Share"}))


def _stays(report: AttendanceReport, zone: str) -> Sheet:
    rows = [
        (one.name, one.email, stay.session_id, stay.joined_at, stay.left_at)
        for one in report.people
        for stay in one.stays
    ]
    headers = ("Name", "E-mail", "Session", f"Joined ({zone})", f"Left ({zone})")
    return Sheet("Stays", headers, rows)


def _sessions(report: AttendanceReport, zone: str) -> Sheet:
    headers = (
        "Session", "Title", f"Started ({zone})", f"Ended ({zone})", "Minutes",
        "People counted by the provider", "Most at one time, by the provider",
    )  # fmt: skip
    rows = [
        (
            one.id,
            one.title,
            one.started_at,
            one.ended_at,
            _minutes(one.duration),
            one.people,
            one.peak,
        )
        for one in report.sessions
    ]
    return Sheet("Sessions", headers, rows)


def _write(page: Any, sheet: Sheet, head: Any, formats: dict[str, Any]) -> None:
    page.freeze_panes(1, 0)
    for column, header in enumerate(sheet.headers):
        page.write_string(0, column, header, head)
        page.set_column(column, column, _width(header, [row[column] for row in sheet.rows]))
    for number, row in enumerate(sheet.rows, 1):
        for column, value in enumerate(row):
            share = sheet.headers[column] in sheet.percent
            _put(page, number, column, value, formats, share=share)
    if sheet.rows:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.headers) - 1)


def _put(
    page: Any, row: int, column: int, value: SecretText, formats: dict[str, Any], *, share: bool
) -> None:
    if isinstance(value, datetime):
        page.write_datetime(row, column, _local(value), formats["moment"])
    elif isinstance(value, str):
        page.write_string(row, column, printable(value)[:_LONGEST])
    elif value is not None:
        page.write_number(row, column, value, formats["percent"] if share else None)


def _width(header: str, values: Sequence[SecretText]) -> int:
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    moment = len("2026-10-01 10:00:00") if any(isinstance(one, datetime) for one in values) else 0
    return min(_WIDEST, max(10, longest, moment, len(header) * 2 // 3) + 2)


def _known(number: int | None) -> SecretText:
    return "unknown" if number is None else number


def _minutes(duration: timedelta | None) -> float | None:
    return None if duration is None else duration / timedelta(minutes=1)


def _local(at: datetime) -> datetime:
    return at.replace(tzinfo=None)

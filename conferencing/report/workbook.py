"""The report as an Excel workbook: a sheet for each table, and no cell that is a formula."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from conferencing.extras import import_extra
from conferencing.formatting import clean_line

from .cells import translate_cells
from .language import Language, load_language
from .limitations import describe_limitation
from .rows import COLUMNS, PersonRow, build_rows, label_column, round_minutes, round_share
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

_MOMENTS: Final = frozenset({"joined_at", "left_at", "registered_at"})
_PERCENT: Final = frozenset({"share", "known_share"})

Cell = str | float | Decimal | datetime | None


@frozen
class Sheet:
    """A table with its title. `percent` and `words` are columns of fractions and of our own words."""

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    percent: frozenset[int] = frozenset()
    words: frozenset[int] = frozenset()


def render_xlsx(report: AttendanceReport, *, language: str = "en") -> bytes:
    """Return a workbook with the summary, the people, their segments, the sessions and headcounts.

    Times are real Excel times in the report's zone, which the headers name, since Excel has no
    zones. Durations are minutes; they and shares are rounded down. Raises `ConfigurationError` if
    xlsxwriter is not installed.
    """
    xlsxwriter = import_extra("xlsxwriter", extra="excel", purpose="write reports as workbooks")
    words = load_language(language)
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, _OPTIONS)
    book.set_properties({"title": clean_line(report.title), "created": _to_local(report.made_at)})
    order = {"reading_order": 2} if words.is_right_to_left else {}  # of words, not of names
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"} | order)
    formats = {
        "moment": book.add_format(_MOMENT),
        "percent": book.add_format({"num_format": "0.00%"}),  # a format of 0% would round up
        "words": book.add_format(order),
    }
    for sheet in _build_sheets(report, words):
        page = book.add_worksheet(sheet.title)
        if words.is_right_to_left:
            page.right_to_left()
        _write_sheet(page, sheet, head, formats)
    book.close()
    return target.getvalue()


def _build_sheets(report: AttendanceReport, language: Language) -> Sequence[Sheet]:
    counts = [(headcount.at, headcount.people) for headcount in report.headcounts]
    headers = (_in_zone("from", report, language), language.text("attendees"))
    return (
        _build_summary(report, language),
        _build_people(report, language),
        _build_segments(report, language),
        _build_sessions(report, language),
        Sheet(language.text("counts"), headers, counts),
    )


def _build_summary(report: AttendanceReport, language: Language) -> Sheet:
    summary, peak = report.summary, report.summary.peak
    figures: list[tuple[str, Cell]] = [
        (language.text("room"), report.title),
        (language.text("provider"), report.provider),
        (_in_zone("made_at", report, language), report.made_at),
        (language.text("registered"), _number_or_unknown(summary.registered, language)),
        (language.text("attended"), _number_or_unknown(summary.attended, language)),
        (
            language.text("attended_registered"),
            _number_or_unknown(summary.attended_registered, language),
        ),
        (language.text("no_shows"), _number_or_unknown(summary.no_shows, language)),
        (language.text("staff"), summary.staff),
        *_build_reached(report, language),
        (language.text("median_minutes"), round_minutes(summary.median)),
        (language.text("mean_minutes"), round_minutes(summary.mean)),
        (language.text("timed"), summary.timed),
        (language.text("most"), peak.people if peak else None),
        (_in_zone("most_at", report, language), peak.at if peak else None),
    ]
    limitations = [
        (language.text("limitation"), describe_limitation(limitation, language))
        for limitation in report.limitations
    ]
    headers = (language.text("item"), language.text("value"))
    rows = [*figures, *limitations]
    return Sheet(language.text("summary"), headers, rows, words=frozenset({0, 1}))


def _build_reached(report: AttendanceReport, language: Language) -> list[tuple[str, Cell]]:
    if report.at_least is None:
        return []
    label = language.text("reached", threshold=language.threshold(report.at_least))
    return [(label, _number_or_unknown(report.summary.reached, language))]


def _build_people(report: AttendanceReport, language: Language) -> Sheet:
    names = [
        name
        for name in COLUMNS
        if name != "segments" and (name != "reached" or report.at_least is not None)
    ]
    headers = [_label(name, report, language) for name in names]
    rows = [_build_row(row, names, report, language) for row in build_rows(report)]
    percent = frozenset(place for place, name in enumerate(names) if name in _PERCENT)
    return Sheet(language.text("people"), headers, rows, percent)


def _label(name: str, report: AttendanceReport, language: Language) -> str:
    label = label_column(name, report, language)
    if name not in _MOMENTS:
        return label
    return language.text("in_zone", name=label, zone=report.timezone.key)


def _build_row(
    row: PersonRow, names: Sequence[str], report: AttendanceReport, language: Language
) -> Sequence[Cell]:
    cells: dict[str, Cell] = {
        **{name: getattr(row, name) for name in names},
        "late_by_minutes": round_minutes(row.late_by),
        "left_early_by_minutes": round_minutes(row.left_early_by),
        "minutes": round_minutes(row.duration),
        "known_minutes": round_minutes(row.known_duration),
        "share": round_share(row.share),
        "known_share": round_share(row.known_share),
        "registered_at": row.registered_at and row.registered_at.astimezone(report.timezone),
        **translate_cells(row, language),
    }
    return [cells[name] for name in names]


def _build_segments(report: AttendanceReport, language: Language) -> Sheet:
    rows = [
        (person.name, person.email, segment.session_id, segment.joined_at, segment.left_at)
        for person in report.people
        for segment in person.segments
    ]
    headers = (
        *(language.text(key) for key in ("name", "email", "session")),
        *(_in_zone(key, report, language) for key in ("joined", "left")),
    )
    return Sheet(language.text("segments"), headers, rows)


def _build_sessions(report: AttendanceReport, language: Language) -> Sheet:
    headers = (
        *(language.text(key) for key in ("session", "title")),
        *(_in_zone(key, report, language) for key in ("started", "ended")),
        *(language.text(key) for key in ("duration_minutes", "session_count", "session_peak")),
    )
    rows = [
        (
            session.id, session.title, session.started_at, session.ended_at,
            round_minutes(session.duration), session.people, session.peak,
        )
        for session in report.sessions
    ]  # fmt: skip
    return Sheet(language.text("sessions"), headers, rows)


def _in_zone(key: str, report: AttendanceReport, language: Language) -> str:
    return language.text("in_zone", name=language.text(key), zone=report.timezone.key)


def _write_sheet(page: Any, sheet: Sheet, head: Any, formats: dict[str, Any]) -> None:
    page.freeze_panes(1, 0)
    for column, header in enumerate(sheet.headers):
        page.write_string(0, column, header, head)
        page.set_column(column, column, _find_width(header, [row[column] for row in sheet.rows]))
    for number, row in enumerate(sheet.rows, 1):
        for column, value in enumerate(row):
            form = _choose_format(sheet, column, value)
            _write_cell(page, number, column, value, formats.get(form))
    if sheet.rows:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.headers) - 1)


def _choose_format(sheet: Sheet, column: int, value: Cell) -> str:
    if isinstance(value, datetime):
        return "moment"
    if column in sheet.percent:
        return "percent"
    return "words" if column in sheet.words and isinstance(value, str) else ""


def _write_cell(page: Any, row: int, column: int, value: Cell, form: Any) -> None:
    if isinstance(value, datetime):
        page.write_datetime(row, column, _to_local(value), form)
    elif isinstance(value, str):
        page.write_string(row, column, clean_line(value)[:_MAX_TEXT], form)
    elif value is not None:
        page.write_number(row, column, value, form)


def _find_width(header: str, values: Sequence[Cell]) -> int:
    longest = max((len(value) for value in values if isinstance(value, str)), default=0)
    has_moment = any(isinstance(value, datetime) for value in values)
    moment = len("2026-10-01 10:00:00") if has_moment else 0
    return min(_MAX_WIDTH, max(10, longest, moment, len(header) * 2 // 3) + 2)


def _number_or_unknown(number: int | None, language: Language) -> Cell:
    return language.text("unknown") if number is None else number


def _to_local(at: datetime) -> datetime:
    return at.replace(tzinfo=None)

"""The report as CSV: one row per person, for programs and for spreadsheets.

CSV is read everywhere, but has no types: whether `10.5` is a number depends on the settings of who
opens it, so a dialect writes what a spreadsheet of a country expects. Names are hostile: a cell that
a spreadsheet would take for a formula is made harmless.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from attrs import frozen

from conferencing.errors import InvalidRequest
from conferencing.formatting import clean_line

from .cells import translate_cells
from .language import Language, load_language
from .rows import COLUMNS, PersonRow, build_rows, label_column, round_minutes, round_share
from .values import AttendanceReport, SessionSegment

__all__ = ["CSV_DIALECTS"]

# The last four characters are the full-width forms of the first four, which spreadsheets in some
# languages accept. Cells also begin after a semicolon or a tab, where these separate lists.
_FORMULA: Final = re.compile(r"(^|[;\t])(\s*)(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")


@frozen
class CsvDialect:
    """The separator of cells, the decimal mark, the encoding, and the end of lines."""

    separator: str = ","
    decimal: str = "."
    encoding: str = "utf-8-sig"  # with the byte order mark by which Excel recognizes UTF-8
    line_end: str = "\r\n"


_COMMA: Final = CsvDialect(separator=";", decimal=",")

CSV_DIALECTS: Final[Mapping[str, CsvDialect]] = {
    "excel": CsvDialect(),
    "excel-pl": _COMMA,
    "excel-sr": _COMMA,
    "excel-de": _COMMA,
    "unix": CsvDialect(encoding="utf-8", line_end="\n"),
}
"""The forms of CSV: for Excel with the settings of a country, or plain for programs."""


def render_csv(
    report: AttendanceReport, *, language: str | None = None, dialect: str = "excel"
) -> bytes:
    """Return one row per person. Without a language, headings are names for programs.

    Times are in ISO 8601 with their offset. Segments are ISO 8601 intervals in one cell. Minutes
    and shares are rounded down. Raises `InvalidRequest` for an unknown language or dialect.
    """
    form = find_dialect(dialect)
    words = None if language is None else load_language(language)
    text = io.StringIO(newline="")
    writer = csv.writer(
        text, delimiter=form.separator, lineterminator=form.line_end, quoting=csv.QUOTE_ALL
    )
    names = [name for name in COLUMNS if _is_shown(name, report, words)]
    writer.writerow(names if words is None else [label_column(n, report, words) for n in names])
    for row in build_rows(report):
        cells = _build_cells(row, words)
        writer.writerow(_to_cell(cells[name], form) for name in names)
    return text.getvalue().encode(form.encoding)


def find_dialect(name: str) -> CsvDialect:
    """Return a dialect by its name. Raises `InvalidRequest` with the names there are."""
    if name not in CSV_DIALECTS:
        raise InvalidRequest(
            f"csv_dialect is {name!r}; it must be one of {', '.join(CSV_DIALECTS)}",
            field="csv_dialect",
        )
    return CSV_DIALECTS[name]


def _is_shown(name: str, report: AttendanceReport, language: Language | None) -> bool:
    """Return whether a column is in the table: for programs, the columns are always the same."""
    return language is None or name != "reached" or report.at_least is not None


def _build_cells(row: PersonRow, language: Language | None) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in COLUMNS},
        "late_by_minutes": round_minutes(row.late_by),
        "left_early_by_minutes": round_minutes(row.left_early_by),
        "minutes": round_minutes(row.duration),
        "known_minutes": round_minutes(row.known_duration),
        "share": round_share(row.share),
        "known_share": round_share(row.known_share),
        "reached": None if row.reached is None else str(row.reached).lower(),
        "segments": "; ".join(map(_to_interval, row.segments)),
        **({} if language is None else translate_cells(row, language)),
    }


def _to_interval(segment: SessionSegment) -> str:
    """Return an interval of ISO 8601; two dots mean an unknown end (ISO 8601-2)."""
    end = segment.left_at.isoformat() if segment.left_at else ".."
    return f"{segment.joined_at.isoformat()}/{end}"


def _to_cell(value: str | int | Decimal | datetime | None, form: CsvDialect) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return _to_number(value).replace(".", form.decimal)
    return escape_formula(value) if isinstance(value, str) else str(value)


def _to_number(value: Decimal) -> str:
    """Return a number without an exponent and without zeros at its end: 60, 47.75."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def escape_formula(text: str) -> str:
    """Return the text with an apostrophe before anything that a spreadsheet takes for a formula."""
    return _FORMULA.sub(r"\1'\2", clean_line(text))

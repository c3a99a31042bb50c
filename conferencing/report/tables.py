"""The report as tables for programs and spreadsheets: CSV and Parquet, and all of it as JSON.

CSV is read everywhere, but has no types. Parquet has them, with time zones, and is what data frames
and warehouses load; JSON has the whole report. Names are hostile: in CSV, a cell that a spreadsheet
would take for a formula is made harmless. JSON keeps every name exactly, and Parquet all that UTF-8
can hold.
"""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import datetime, timedelta
from typing import Any, Final, cast

from attrs import frozen

from conferencing.extras import import_extra
from conferencing.formatting import clean_line
from conferencing.model import Participant, Role, Session
from conferencing.model.attendance import Headcount
from conferencing.serialization import to_dict

from .values import AttendanceReport, Attendee, SessionSegment

__all__ = ["SCHEMA", "build_rows", "render_csv", "render_json", "render_parquet"]

SCHEMA: Final = "conferencing/attendance-report/1"
"""The format of the JSON. The number grows when a reader of the old format would misread the new."""

ATTENDED: Final = "attended"
NO_SHOW: Final = "no-show"

# The last four characters are the full-width forms of the first four, which spreadsheets in some
# languages accept. Cells also begin after a semicolon or a tab, where these separate lists.
_FORMULA: Final = re.compile(r"(^|[;\t])(\s*)(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")


@frozen(kw_only=True)
class PersonRow:
    """The row of one person who attended, or of a no-show."""

    status: str
    name: str | None
    email: str | None
    role: Role
    joined_at: datetime | None = None
    left_at: datetime | None = None
    duration: timedelta | None = None
    share: float | None = None
    segments: tuple[SessionSegment, ...] = ()
    participant_id: str | None = None
    registered_at: datetime | None = None
    matched_by: str | None = None
    merged_by: str | None = None

    @property
    def minutes(self) -> float | None:
        """The time present."""
        return None if self.duration is None else self.duration / timedelta(minutes=1)


_COLUMNS: Final = (
    "status", "name", "email", "role", "joined_at", "left_at", "minutes", "share", "segments",
    "participant_id", "registered_at", "matched_by", "merged_by",
)  # fmt: skip


def build_rows(report: AttendanceReport) -> list[PersonRow]:
    """Return a row for everybody who attended, then for everybody who did not show up."""
    return [*map(_build_row, report.people), *map(_build_no_show_row, report.no_shows)]


def _build_row(person: Attendee) -> PersonRow:
    return PersonRow(
        status=ATTENDED,
        name=person.name,
        email=person.email,
        role=person.role,
        joined_at=person.joined_at,
        left_at=person.left_at,
        duration=person.duration,
        share=person.share,
        segments=person.segments,
        participant_id=person.participant_id,
        matched_by=person.matched_by,
        merged_by=", ".join(person.merged_by) or None,
    )


def _build_no_show_row(person: Participant) -> PersonRow:
    return PersonRow(
        status=NO_SHOW,
        name=person.display_name,
        email=person.email,
        role=person.role,
        participant_id=person.id,
        registered_at=person.registered_at,
    )


# -------------------------------------------------------------------------------------------- CSV


def render_csv(report: AttendanceReport) -> bytes:
    """Return one row per person, in UTF-8 with the byte order mark that Excel needs.

    Times are in ISO 8601 with their offset. Segments are ISO 8601 intervals in one cell.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(_COLUMNS)
    for row in build_rows(report):
        cells = {name: getattr(row, name) for name in _COLUMNS} | {
            "minutes": None if row.minutes is None else round(row.minutes, 3),
            "share": None if row.share is None else round(row.share, 4),
            "segments": "; ".join(map(_to_interval, row.segments)),
        }
        writer.writerow(_to_cell(value) for value in cells.values())
    return text.getvalue().encode("utf-8-sig")


def _to_interval(segment: SessionSegment) -> str:
    """Return an interval of ISO 8601; two dots mean an unknown end (ISO 8601-2)."""
    end = segment.left_at.isoformat() if segment.left_at else ".."
    return f"{segment.joined_at.isoformat()}/{end}"


def _to_cell(value: str | float | datetime | None) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    return escape_formula(value) if isinstance(value, str) else str(value)


def escape_formula(text: str) -> str:
    """Return the text with an apostrophe before anything that a spreadsheet takes for a formula."""
    return _FORMULA.sub(r"\1'\2", clean_line(text))


# ---------------------------------------------------------------------------------------- Parquet


def render_parquet(report: AttendanceReport) -> bytes:
    """Return one row per person in typed columns; the metadata of the file has the summary.

    Raises `ConfigurationError` if pyarrow is not installed.
    """
    arrow = import_extra("pyarrow", extra="arrow", purpose="write reports as Parquet")
    parquet = import_extra("pyarrow.parquet", extra="arrow", purpose="write reports as Parquet")
    people = {"people", "no_shows"}
    head = {name: value for name, value in _to_dict(report).items() if name not in people}
    columns = _typed_columns(arrow, report.timezone.key)
    schema = arrow.schema(columns, metadata={SCHEMA: json.dumps(head)})
    rows = [_to_typed_row(row) for row in build_rows(report)]
    target = arrow.BufferOutputStream()
    parquet.write_table(arrow.Table.from_pylist(rows, schema=schema), target)
    content: bytes = target.getvalue().to_pybytes()
    return content


def _to_typed_row(row: PersonRow) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in _COLUMNS}
    return {
        name: _replace_surrogates(value) if isinstance(value, str) else value
        for name, value in values.items()
    } | {"segments": [_to_typed_segment(segment) for segment in row.segments]}


def _to_typed_segment(segment: SessionSegment) -> dict[str, Any]:
    return {
        "session_id": _replace_surrogates(segment.session_id),
        "joined_at": segment.joined_at,
        "left_at": segment.left_at,
    }


def _replace_surrogates(text: str) -> str:
    """Return text that UTF-8 can hold, with a replacement character for each lone surrogate."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _typed_columns(arrow: Any, zone: str) -> list[tuple[str, Any]]:
    text, number, moment = arrow.string(), arrow.float64(), arrow.timestamp("us", tz=zone)
    segment = arrow.struct([("session_id", text), ("joined_at", moment), ("left_at", moment)])
    types = {
        "joined_at": moment,
        "left_at": moment,
        "registered_at": moment,
        "minutes": number,
        "share": number,
        "segments": arrow.list_(segment),
    }
    return [(name, types.get(name, text)) for name in _COLUMNS]


# ------------------------------------------------------------------------------------------- JSON


def render_json(report: AttendanceReport) -> bytes:
    """Return the whole report: times in ISO 8601, durations in seconds."""
    document = {"schema": SCHEMA, "report": _to_dict(report)}
    return json.dumps(document, indent=1).encode("ascii")


def _to_dict(report: AttendanceReport) -> dict[str, Any]:
    summary = report.summary
    contents = {
        "room": {"id": report.room.id, "name": report.room.name},
        "provider": report.provider,
        "account": report.account,
        "timezone": report.timezone.key,
        "made_at": report.made_at,
        "summary": {
            "registered": summary.registered,
            "attended": summary.attended,
            "attended_registered": summary.attended_registered,
            "no_shows": summary.no_shows,
            "timed": summary.timed,
            "mean_seconds": summary.mean,
            "median_seconds": summary.median,
            "peak": summary.peak and _headcount_to_dict(summary.peak),
        },
        "sessions": [_session_to_dict(session) for session in report.sessions],
        "people": [_attendee_to_dict(person) for person in report.people],
        "no_shows": [_participant_to_dict(person) for person in report.no_shows],
        "headcounts": [_headcount_to_dict(headcount) for headcount in report.headcounts],
        "limitations": [
            {"kind": limitation.kind.value, "text": limitation.text}
            for limitation in report.limitations
        ],
    }
    return cast("dict[str, Any]", to_dict(contents))


def _session_to_dict(session: Session) -> dict[str, Any]:
    return {
        "id": session.id,
        "title": session.title,
        "status": session.status.value,
        "started_at": session.started_at,
        "ended_at": session.ended_at,
        "people_by_provider": session.people,
        "peak_by_provider": session.peak,
    }


def _attendee_to_dict(person: Attendee) -> dict[str, Any]:
    return {
        "name": person.name,
        "email": person.email,
        "role": person.role.value,
        "session_ids": list(person.session_ids),
        "joined_at": person.joined_at,
        "left_at": person.left_at,
        "seconds": person.duration,
        "share": person.share,
        "segments": [_segment_to_dict(segment) for segment in person.segments],
        "participant_id": person.participant_id,
        "matched_by": person.matched_by,
        "merged_by": list(person.merged_by),
    }


def _segment_to_dict(segment: SessionSegment) -> dict[str, Any]:
    return {
        "session_id": segment.session_id,
        "joined_at": segment.joined_at,
        "left_at": segment.left_at,
    }


def _participant_to_dict(person: Participant) -> dict[str, Any]:
    return {
        "name": person.display_name,
        "email": person.email,
        "participant_id": person.id,
        "registered_at": person.registered_at,
    }


def _headcount_to_dict(headcount: Headcount) -> dict[str, Any]:
    return {"at": headcount.at, "people": headcount.people}
